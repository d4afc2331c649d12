"""The store, opened: all that most commands need."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from drempel.adapters.clock import SystemClock
from drempel.adapters.secret_key_file import KeyFileError, read_or_make_key
from drempel.adapters.secrets import Keyring, WrongSecretKey
from drempel.adapters.store import SchemaNotCurrent, SqlStore, open_store
from drempel.adapters.store.person_rows import PersonRows
from drempel.adapters.store.trail_rows import TrailRows
from drempel.engine.ports import Clock
from drempel.settings import Refused, Settings

__all__ = ["Opened", "open_records"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An open store. `records` and `store` are the same object, seen from the people's and the engine's side."""

    settings: Settings
    store: SqlStore
    records: SqlStore
    keyring: Keyring
    clock: Clock

    @property
    def people(self) -> PersonRows:
        return self.store.people

    @property
    def trail(self) -> TrailRows:
        return self.store.trail


@contextlib.asynccontextmanager
async def open_records(settings: Settings, *, any_schema: bool = False, clock: Clock | None = None) -> AsyncIterator[Opened]:
    """The store, opened. An empty database gets its schema; an older SQLite file is migrated. Raises `Refused` with a sentence.

    `any_schema`: for the commands that look at the schema themselves. `clock`: another than the machine's.
    """
    clock = clock or SystemClock()
    path = settings.sqlite_path
    try:
        secret_key = settings.secret_key or read_or_make_key(settings.data_dir, database_file=path)
        if path is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # For this account alone from its first byte on; SQLite gives its side files the same mode.
            path.touch(mode=0o600, exist_ok=True)
        keyring = Keyring(secret_key)
        store = await open_store(
            settings.database_url,
            keyring=keyring,
            clock=clock,
            lease=timedelta(seconds=settings.lease_seconds),
            migrate_older=path is not None,
            any_schema=any_schema,
        )
    except (KeyFileError, WrongSecretKey, SchemaNotCurrent, ValueError) as error:
        raise Refused(str(error)) from error
    except (OSError, DBAPIError) as error:
        raise Refused(_unreachable(settings, error)) from error
    try:
        yield Opened(settings=settings, store=store, records=store, keyring=keyring, clock=clock)
    finally:
        await store.close()


def _unreachable(settings: Settings, error: BaseException) -> str:
    where = "The PostgreSQL database" if settings.sqlite_path is None else f"The database file {settings.sqlite_path}"
    kind = type(error.__cause__ or error).__name__
    return f"{where} cannot be used ({kind}). Check that it is there, that this account may use it, and DREMPEL_DATABASE_URL."
