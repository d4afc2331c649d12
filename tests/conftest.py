"""Databases for every test that needs one. A test that asks for `place` or `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drempel.adapters.store import SqlStore
from tests.clock import ManualClock
from tests.databases import Place, create_all_for_tests, empty_tables, make_database, make_fast, postgresql_server

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A server of this test process; the address of its first database."""
    with postgresql_server() as url:
        asyncio.run(make_fast(url))
        yield url


@pytest.fixture(scope="session")
def postgresql_tables(postgresql: str) -> str:
    """The address of a database with the tables, shared by the tests of this process one after the other."""

    async def make() -> str:
        url = await make_database(postgresql, "drempel")
        store = await Place(url).open(ManualClock(NOON))
        await store.close()
        return url

    return asyncio.run(make())


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "tables.db"
    create_all_for_tests(path)
    return path


@pytest.fixture
def sqlite_place(sqlite_tables: Path, tmp_path: Path) -> Place:
    path = tmp_path / "drempel.db"
    shutil.copy(sqlite_tables, path)
    return Place(f"sqlite:///{path}")


@pytest.fixture
async def postgresql_place(postgresql_tables: str) -> Place:
    await empty_tables(postgresql_tables)
    return Place(postgresql_tables)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(f"{request.param}_place")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def store(place: Place, clock: ManualClock) -> AsyncIterator[SqlStore]:
    opened = await place.open(clock)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_place: Place, clock: ManualClock) -> AsyncIterator[SqlStore]:
    """For what is the same code on both databases, and has many cases."""
    opened = await sqlite_place.open(clock)
    yield opened
    await opened.close()
