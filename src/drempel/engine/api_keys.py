"""Keys for REST: shown once, kept as a hash. The key itself is long and random, so a plain hash is enough and fast."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from drempel.engine.records import ApiKey, ApiScope, Records
from drempel.engine.trail import Actor, TrailEntry

__all__ = ["KEY_PREFIX", "ApiKeys", "KeyRefused", "is_use_to_note", "key_hash"]

KEY_PREFIX: Final = "drk_"
"""What every key begins with, so that one that leaks is recognized for what it is."""
KEY_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
USE_NOTED_EACH: Final = timedelta(minutes=10)
"""A key that is used all the time costs a write so often."""


class KeyRefused(Exception):
    """No key of this name is made. `code` says why: `name.odd` or `name.taken`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ApiKeys:
    """The keys, in the hands of people: the same for the command line and the pages."""

    def __init__(self, records: Records, *, draw: Callable[[], str]) -> None:
        self._records = records
        self._draw = draw

    async def all(self) -> list[ApiKey]:
        """Those in use and those that were revoked, in the order in which they were made."""
        return await self._records.api_keys()

    async def add(self, name: str, scope: ApiScope, *, actor: Actor) -> str:
        """A new key, which is kept nowhere. Raises `KeyRefused`."""
        if KEY_NAME.fullmatch(name) is None:
            raise KeyRefused("name.odd")
        key = KEY_PREFIX + self._draw()
        entry = TrailEntry(actor=actor, type="api_key.add", about=name, after=scope.value)
        if not await self._records.add_api_key(name, scope, key_hash(key), entries=(entry,)):
            raise KeyRefused("name.taken")
        return key

    async def revoke(self, name: str, *, actor: Actor) -> bool:
        """It stops working at once; whether a key in use was called so."""
        if name not in {key.name for key in await self.all()}:
            return False  # also what no database takes
        return await self._records.revoke_api_key(name, entries=(TrailEntry(actor=actor, type="api_key.revoke", about=name),))


def key_hash(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def is_use_to_note(key: ApiKey, *, now: datetime) -> bool:
    """Whether a use now is written down, or was lately. The database's clock may be some seconds ahead of ours."""
    return key.used_at is None or abs(now - key.used_at) >= USE_NOTED_EACH
