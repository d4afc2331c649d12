"""The root of the secrets at rest: made at the first start, checked at each, renewed on request."""

from __future__ import annotations

import base64
import secrets
from typing import Any, Final

from sqlalchemy import Column, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.secrets import FINGERPRINT_KEY_BYTES, Keyring
from drempel.adapters.store.database import Database
from drempel.adapters.store.identity import IDENTITY, new_marker
from drempel.adapters.store.setups import SETUP_VERSION
from drempel.adapters.store.tables import connections, hook_tokens, markers, meta, sources
from drempel.adapters.store.work import Work

__all__ = ["Vault"]

FINGERPRINT_KEY: Final = "fingerprint_key"
_SEALED: Final[tuple[tuple[Table, Column[Any], Column[str]], ...]] = (
    (sources, sources.c.name, sources.c.password),
    (connections, connections.c.id, connections.c.client_secret),
    (hook_tokens, hook_tokens.c.id, hook_tokens.c.token),
)
"""Every encrypted column with the key of its row; the fingerprint key stands apart."""


class Vault:
    """The database's own keys and its first rows."""

    def __init__(self, database: Database, *, keyring: Keyring, work: Work) -> None:
        self._database = database
        self._keyring = keyring
        self._work = work

    async def open(self) -> None:
        """Make the first rows if they are missing. Raises `WrongSecretKey` if the stored ones cannot be read.

        The fingerprint key doubles as the check of SECRET_KEY: without it nothing works anyway.
        """
        async with self._database.reading() as connection:
            stored = await _fingerprint_key(connection)
        if stored is None:
            stored = await self._work.alone(self._make_first_rows)
        self._keyring.use_fingerprint_key(base64.b64decode(self._opened(stored)))

    async def rotate(self) -> int:
        """Encrypt everything anew under the first key; how many secrets were not under it yet. Raises `WrongSecretKey`."""

        async def carry_out(connection: AsyncConnection) -> int:
            count = 0
            for table, key, column in _SEALED:
                found = (await connection.execute(select(key, column).with_for_update())).all()
                for row_key, sealed in found:
                    plain = self._keyring.decrypt(sealed, table=table.name, row=row_key, field=column.name)
                    if not self._keyring.is_under_first(sealed):
                        again = self._keyring.encrypt(plain, table=table.name, row=row_key, field=column.name)
                        await connection.execute(update(table).where(key == row_key).values({column: again}))
                        count += 1
            stored = await _fingerprint_key(connection)
            assert stored is not None
            plain = self._opened(stored)
            if not self._keyring.is_under_first(stored):
                sealed = self._sealed(plain)
                await connection.execute(update(meta).where(meta.c.name == FINGERPRINT_KEY).values(value=sealed))
                count += 1
            return count

        return await self._work.alone(carry_out)

    async def _make_first_rows(self, connection: AsyncConnection) -> str:
        """Two processes may come here at once on PostgreSQL: the first one's fingerprint key counts, and he draws the marker."""
        key = self._sealed(base64.b64encode(secrets.token_bytes(FINGERPRINT_KEY_BYTES)).decode())
        rows = [{"name": SETUP_VERSION, "value": "1"}, {"name": IDENTITY, "value": "{}"}]
        await connection.execute(self._database.insert(meta).on_conflict_do_nothing(), rows)
        mine = self._database.insert(meta).values(name=FINGERPRINT_KEY, value=key).on_conflict_do_nothing().returning(meta.c.name)
        if (await connection.execute(mine)).first() is not None:
            now = await self._database.time.read(connection)
            await connection.execute(markers.insert().values(marker=new_marker(), drawn_at=now))
        stored = await _fingerprint_key(connection)
        assert stored is not None
        return stored

    def _sealed(self, plain: str) -> str:
        return self._keyring.encrypt(plain, table="meta", row=FINGERPRINT_KEY, field="value")

    def _opened(self, sealed: str) -> str:
        return self._keyring.decrypt(sealed, table="meta", row=FINGERPRINT_KEY, field="value")


async def _fingerprint_key(connection: AsyncConnection) -> str | None:
    return (await connection.execute(select(meta.c.value).where(meta.c.name == FINGERPRINT_KEY))).scalar_one_or_none()
