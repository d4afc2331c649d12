"""Which database this is: markers, and how a restored or second database is noticed.

A marker in a display name proves that a set is ours. Two databases with one marker would take each other's sets for their own late twins, and a
database that was put back to yesterday would give out numbers that are in use already. So such a database draws a new marker and keeps the
former ones as its own. A marker too many does no harm, so every doubt is settled by drawing one.

How doubt is found:

- SQLite: a small file beside the database holds an instance id and counts the starts; the database holds the same. A copy that was carried to
  another folder finds no file or another's; a database that was put back finds a file that counts further than itself. The database counts
  first, so after a crash between the two it is ahead by one: that is fine, and so is equality. A copy of the whole folder, file included, or
  a database put back to a moment since its last start, cannot be told from the original in this way.
- PostgreSQL: system identifier (drawn by initdb), timeline (raised when a standby is promoted or a server is restored to a point in time) and the
  database's own number. A dump that is loaded elsewhere, a restored server and a promoted standby that may lack the last commits differ in one
  of them.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import markers, meta
from drempel.adapters.store.work import Work
from drempel.domain.access import Marker

__all__ = ["Identity"]

MARKER_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
MARKER_CHARACTERS: Final = 8
IDENTITY: Final = "identity"
INSTANCE_ID_BYTES: Final = 16


class Identity:
    """Markers, and the doubts that draw new ones."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work
        self._marker: Marker | None = None
        self._connects_seen = 0

    async def marker(self) -> Marker:
        """Kept in memory; read again, and on PostgreSQL checked again, when the writer had to connect anew (a standby may have taken over)."""
        connects = self._database.writer_connects
        if self._marker is None or connects != self._connects_seen:
            if self._database.is_postgresql:
                await self.claim(None)
            async with self._database.reading() as connection:
                self._marker = await _markers(connection)
            self._connects_seen = self._database.writer_connects
        return self._marker

    async def draw(self) -> Marker:
        """A new marker; the old one is kept as a former one."""

        async def carry_out(connection: AsyncConnection) -> Marker:
            return await self._draw(connection)

        self._marker = await self._work.alone(carry_out)
        return self._marker

    async def claim(self, file: Path | None) -> bool:
        """Say which database this is, at each start; whether a new marker was drawn. `file` lies in DATA_DIR; without one SQLite cannot tell."""
        if file is None and not self._database.is_postgresql:
            return False
        seen = _read(file) if file is not None and not self._database.is_postgresql else {}

        async def carry_out(connection: AsyncConnection) -> tuple[bool, dict[str, Any]]:
            stored = (
                await connection.execute(select(meta.c.value).where(meta.c.name == IDENTITY).with_for_update())
            ).scalar_one()
            known: dict[str, Any] = json.loads(stored)
            if self._database.is_postgresql:
                today = await _postgresql_identity(connection)
                doubt = bool(known) and today != known
            else:
                doubt = bool(known) and not _is_same(known, seen)
                instance = known["instance"] if known and not doubt else secrets.token_hex(INSTANCE_ID_BYTES)
                today = {"instance": instance, "starts": known.get("starts", 0) + 1}
            if doubt:
                await self._draw(connection)
            if today != known:
                await connection.execute(update(meta).where(meta.c.name == IDENTITY).values(value=json.dumps(today)))
            return doubt, today

        drawn, today = await self._work.alone(carry_out)
        if file is not None and not self._database.is_postgresql:
            _write(file, today)
        if drawn:
            self._marker = None
        return drawn

    async def _draw(self, connection: AsyncConnection) -> Marker:
        marker = new_marker()
        now = await self._database.time.read(connection)
        await connection.execute(markers.insert().values(marker=marker, drawn_at=now))
        return await _markers(connection)


def new_marker() -> str:
    return "".join(secrets.choice(MARKER_ALPHABET) for _ in range(MARKER_CHARACTERS))


async def _markers(connection: AsyncConnection) -> Marker:
    drawn = (await connection.execute(select(markers.c.marker).order_by(markers.c.id))).scalars().all()
    return Marker(current=drawn[-1], former=frozenset(drawn[:-1]))


async def _postgresql_identity(connection: AsyncConnection) -> dict[str, Any]:
    oid = (await connection.execute(text("SELECT oid::bigint FROM pg_database WHERE datname = current_database()"))).scalar_one()
    try:
        async with connection.begin_nested():
            row = (
                await connection.execute(
                    # Not pg_control_checkpoint(): after a promotion it names the old timeline until the next checkpoint.
                    text(
                        "SELECT system_identifier, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline FROM pg_control_system()"
                    )
                )
            ).one()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        # This role may not ask. A dump that is loaded elsewhere is still noticed by the number of the database.
        return {"database": oid}
    return {"database": oid, "system": row.system_identifier, "timeline": row.timeline}


def _is_same(known: dict[str, Any], seen: dict[str, Any]) -> bool:
    return seen.get("instance") == known["instance"] and known["starts"] - seen.get("starts", 0) in {0, 1}


def _read(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text("ascii"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) and isinstance(read.get("starts"), int) else {}


def _write(file: Path, identity: dict[str, Any]) -> None:
    """Whole or not at all: a torn file would look like another database's."""
    draft = file.with_name(f".{file.name}.new")
    with draft.open("w", encoding="ascii") as opened:
        json.dump(identity, opened)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
