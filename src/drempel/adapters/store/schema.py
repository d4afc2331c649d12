"""The schema's history: Alembic, run in this process over the same engine as everything else."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from drempel.adapters.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["SchemaState", "ensure_schema", "migrate", "schema_state"]

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_CURRENT: Final = text("SELECT version_num FROM alembic_version")
LOCK_NUMBER: Final = 0x64_72_65_6D
"""Two processes that find an empty PostgreSQL at once take turns under this advisory lock ("drem")."""


class SchemaState(StrEnum):
    """How the database's tables relate to those that this version of Drempel works on."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    """Made by a later version of Drempel: not to be touched by this one."""


async def schema_state(database: Database) -> SchemaState:
    async with database.reading() as connection:
        return await connection.run_sync(_state)


async def ensure_schema(database: Database) -> SchemaState:
    """Make the tables if there are none; the state after that."""
    state = await schema_state(database)
    return await migrate(database) if state is SchemaState.EMPTY else state


async def migrate(database: Database) -> SchemaState:
    """Bring an empty or older schema up to date, all or nothing; the state after that."""
    async with database.writer.begin() as connection:
        if database.is_postgresql:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
        state = await connection.run_sync(_state)
        if state in {SchemaState.EMPTY, SchemaState.OLDER}:
            await connection.run_sync(_upgrade)
        return await connection.run_sync(_state)


def config(connection: Connection | None = None) -> Config:
    """Alembic's view of this package; `connection` carries the migration out."""
    from alembic.config import Config  # noqa: PLC0415  # takes longer to import than most commands to run; needed only where tables change

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # see above

    command.upgrade(config(connection), "head")


def _state(connection: Connection) -> SchemaState:
    tables = inspect(connection)
    current = connection.execute(_CURRENT).scalars().first() if tables.has_table("alembic_version") else None
    if current is None:
        return SchemaState.OLDER if tables.has_table("bookings") else SchemaState.EMPTY
    if current == _revisions()[0]:
        return SchemaState.CURRENT
    return SchemaState.OLDER if current in _revisions() else SchemaState.NEWER


@cache
def _revisions() -> tuple[str, ...]:
    """Every revision of this package, newest first: each file is named by its revision, in the order of their numbers."""
    return tuple(sorted((file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*_*.py")), reverse=True))
