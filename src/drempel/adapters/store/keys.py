"""API keys and hook tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.secrets import Keyring
from drempel.adapters.store.database import Database
from drempel.adapters.store.hook_rows import put_hook_token
from drempel.adapters.store.tables import api_keys, hook_tokens, sources
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.engine.records import ApiKey, ApiScope, HookToken
from drempel.engine.trail import TrailEntry

__all__ = ["Keys"]


class Keys:
    """Who may speak to us."""

    def __init__(self, database: Database, *, keyring: Keyring, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._keyring = keyring
        self._work = work

    # --- REST

    async def add(self, name: str, scope: ApiScope, key_hash: str, entries: Sequence[TrailEntry]) -> bool:
        values = {"name": name, "scope": scope.value, "key_hash": key_hash, "created_at": self._time.sql}
        added = self._database.insert(api_keys).values(**values).on_conflict_do_nothing().returning(api_keys.c.id)

        async def carry_out(connection: AsyncConnection) -> bool:
            if (await connection.execute(added, self._time.params())).first() is None:
                return False
            await put_entries(connection, self._time, *entries)
            return True

        return await self._work.alone(carry_out)

    async def all(self) -> list[ApiKey]:
        async with self._database.reading() as connection:
            found = (await connection.execute(select(api_keys).order_by(api_keys.c.id))).all()
        return [_key_of(row) for row in found]

    async def revoke(self, name: str, entries: Sequence[TrailEntry]) -> bool:
        in_use = and_(api_keys.c.name == name, api_keys.c.revoked_at.is_(None))

        async def carry_out(connection: AsyncConnection) -> bool:
            revoked = update(api_keys).where(in_use).values(revoked_at=self._time.sql)
            if (await connection.execute(revoked, self._time.params())).rowcount != 1:
                return False
            await put_entries(connection, self._time, *entries)
            return True

        return await self._work.alone(carry_out)

    async def note_use(self, key_hash: str) -> None:
        used = update(api_keys).where(api_keys.c.key_hash == key_hash).values(used_at=self._time.sql)

        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(used, self._time.params())

        await self._work.alone(carry_out)

    async def of_hash(self, key_hash: str) -> ApiKey | None:
        known = select(api_keys).where(api_keys.c.key_hash == key_hash, api_keys.c.revoked_at.is_(None))
        row = await self._database.glance(lambda on: on.execute(known).first())
        return _key_of(row) if row is not None else None

    # --- hooks

    async def hook_tokens(self, source: str) -> list[HookToken]:
        valid = or_(hook_tokens.c.valid_until.is_(None), hook_tokens.c.valid_until > self._time.sql)
        known = (
            select(hook_tokens)
            .select_from(sources)
            .join(hook_tokens, and_(hook_tokens.c.source == sources.c.name, valid), isouter=True)
            .where(sources.c.name == source)
            .order_by(hook_tokens.c.id.desc())
        )
        found = await self._database.glance(lambda on: on.execute(known, self._time.params()).all())
        if not found:
            raise KeyError(source)
        # A source without a valid token is one row without one.
        return [HookToken(token=self._opened(row), valid_until=row.valid_until) for row in found if row.id is not None]

    async def rotate_hook_token(
        self, source: str, *, new_token: str, old_valid_until: datetime, entries: Sequence[TrailEntry]
    ) -> None:
        """Raises `KeyError` for an unknown source. No older one lasts longer than `old_valid_until`."""

        async def carry_out(connection: AsyncConnection) -> None:
            known = select(sources.c.name).where(sources.c.name == source).with_for_update()
            if (await connection.execute(known)).first() is None:
                raise KeyError(source)
            of_source: ColumnElement[bool] = hook_tokens.c.source == source
            over = delete(hook_tokens).where(of_source, hook_tokens.c.valid_until <= self._time.sql)
            await connection.execute(over, self._time.params())
            lasts = or_(hook_tokens.c.valid_until.is_(None), hook_tokens.c.valid_until > old_valid_until)
            old = update(hook_tokens).where(of_source, lasts)
            await connection.execute(old.values(valid_until=old_valid_until))
            await put_hook_token(connection, self._keyring, source, new_token)
            await put_entries(connection, self._time, *entries)

        await self._work.alone(carry_out)

    def _opened(self, row: Row[tuple[object, ...]]) -> str:
        return self._keyring.decrypt(row.token, table="hook_tokens", row=row.id, field="token")


def _key_of(row: Any) -> ApiKey:
    return ApiKey(
        name=row.name,
        scope=ApiScope(row.scope),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
