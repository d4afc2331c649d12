"""The sum of the migrations is what the code declares, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, select, text

from drempel.adapters.store import SchemaNotCurrent, SchemaState
from drempel.adapters.store.database import Database, open_database
from drempel.adapters.store.rows import set_values
from drempel.adapters.store.schema import _revisions, config, ensure_schema, migrate, schema_state
from drempel.adapters.store.tables import metadata, sets, sources
from tests.clock import ManualClock
from tests.contract.store_kit import live_set
from tests.databases import Place, create_all_for_tests, make_database

FACTS = '"facts": {"object_id": "81", "start": 0, "end": 9, "email": "", "mobile": null, "default_country": ""}'
DETAILS = (
    f'{{{FACTS}, "look_at": null, "looks": 0, "ever_unknown": false, "watch_step": 0, "watch_at": null, "dropped_ids": [], '
    '"revoke_reason": "", "right_ended_at": null}'
).replace(":", "\\:")
INTENT = '{"component_ids": [], "component_names": [], "recipients": "r", "maybe_dropped": [], "adds_dropped": false}'.replace(
    ":", "\\:"
)
OF_THE_FIRST_SCHEMA = (
    "INSERT INTO sources (name, kind, base_url, username, password, time_zone, poll_seconds) VALUES ('club', 'ireserve', '', '', '', 'UTC', 0)",
    "INSERT INTO bookings (id, source, booking_id) VALUES (7, 'club', '1')",
    (
        "INSERT INTO sets (booking_key, number, integration, connection_id, policy_version, display_name, site_id, valid_from, valid_to, intent, "
        f"state, authorization_id, maybe_sent, details) VALUES (7, 1, 'doors', 1, 1, 'n', 's', 0, 9, '{INTENT}', 'live', 'id-1', false, '{DETAILS}')"
    ),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'empty.db'}")
    return Place(asyncio.run(make_database(request.getfixturevalue("postgresql"), "migrations")))


@pytest.fixture
async def database(empty: Place, clock: ManualClock) -> AsyncIterator[Database]:
    opened = open_database(empty.url, clock=clock, database_now=None)
    yield opened
    await opened.close()


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return compare_metadata(context, metadata)


async def test_the_sum_of_the_migrations_is_what_is_declared(database: Database) -> None:
    assert await ensure_schema(database) is SchemaState.CURRENT
    async with database.reading() as connection:
        assert await connection.run_sync(_differences) == []


def test_the_files_are_named_by_their_revisions_in_order() -> None:
    walked = ScriptDirectory.from_config(config()).walk_revisions()
    assert _revisions() == tuple(script.revision for script in walked)


async def test_an_empty_database_gets_its_schema_once(database: Database) -> None:
    assert await schema_state(database) is SchemaState.EMPTY
    assert await ensure_schema(database) is SchemaState.CURRENT
    assert await schema_state(database) is SchemaState.CURRENT
    assert await ensure_schema(database) is SchemaState.CURRENT
    assert await migrate(database) is SchemaState.CURRENT


@pytest.mark.parametrize(
    ("revision", "state", "remedy"),
    [("zzzz", SchemaState.NEWER, "later version"), (None, SchemaState.OLDER, "drempel migrate")],
)
async def test_a_schema_of_another_version_is_left_alone(
    database: Database, empty: Place, clock: ManualClock, revision: str | None, state: SchemaState, remedy: str
) -> None:
    await ensure_schema(database)
    change = "DELETE FROM alembic_version" if revision is None else f"UPDATE alembic_version SET version_num = '{revision}'"
    async with database.writer.begin() as connection:
        await connection.execute(text(change))
    assert await schema_state(database) is state
    assert await ensure_schema(database) is state
    with pytest.raises(SchemaNotCurrent, match=remedy):
        await empty.open(clock)


async def test_what_the_first_schema_holds_is_read_by_this_version(database: Database, empty: Place, clock: ManualClock) -> None:
    async with database.writer.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "0001"))
        for statement in OF_THE_FIRST_SCHEMA:
            await connection.execute(text(statement))
    assert await schema_state(database) is SchemaState.OLDER
    assert await migrate(database) is SchemaState.CURRENT
    store = await empty.open(clock)
    try:
        view = await store.booking("club", "1")
    finally:
        await store.close()
    (old,) = view.sets
    assert (view.record.told_at, view.record.not_ready, view.record.warned) == (None, "", "")
    assert (old.authorization_id, old.sent_at, old.exposure, old.read_back) == ("id-1", None, None, None)


async def test_texts_of_others_in_the_booking_field_are_forgotten(database: Database) -> None:
    async with database.writer.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "0001"))
        await connection.execute(text(OF_THE_FIRST_SCHEMA[0]))
        written = '{"custom05"\\: ["id-1 id-2", "id-1"], "custom06"\\: ["id-1", "call Ada"]}'
        columns = "source, booking_id, field_written, field_seen, overwrite_value"
        await connection.execute(text(f"INSERT INTO bookings ({columns}) VALUES ('club', '1', '{written}', 'Ada', 'Ada')"))
    assert await migrate(database) is SchemaState.CURRENT
    async with database.reading() as connection:
        kept = (await connection.execute(text("SELECT field_written, field_seen, overwrite_value FROM bookings"))).one()
    assert tuple(kept) == ('{"custom05": ["id-1 id-2", "id-1"]}', None, None)


async def test_a_migration_that_fails_leaves_nothing_behind(database: Database) -> None:
    async with database.writer.begin() as connection:
        await connection.execute(text("CREATE TABLE sets (x INTEGER)"))
    with pytest.raises(Exception, match="sets"):
        await migrate(database)
    async with database.reading() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["sets"]


async def test_sets_of_before_say_their_doors_after_the_migration(database: Database, clock: ManualClock) -> None:
    start = clock.now()
    made = replace(live_set(1, start=start), dropped_ids=frozenset({"c2"}))
    values = set_values(made)
    async with database.writer.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "0001"))
        club = {"name": "club", "kind": "ireserve", "base_url": "", "username": "", "password": "", "time_zone": "UTC"}
        await connection.execute(sources.insert().values(poll_seconds=0, **club))
        await connection.execute(text("INSERT INTO bookings (id, source, booking_id) VALUES (1, 'club', '1')"))
        old = sets.insert().values(booking_key=1, **{name: value for name, value in values.items() if name != "doors"})
        await connection.execute(old)
    assert await migrate(database) is SchemaState.CURRENT
    async with database.reading() as connection:
        assert (await connection.execute(select(sets.c.doors))).scalars().all() == [values["doors"]]


def test_the_short_way_of_the_tests_makes_the_same_tables(tmp_path: Path, sqlite_tables: Path) -> None:
    create_all_for_tests(tmp_path / "tables.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'tables.db'}")
    with engine.connect() as connection:
        assert _differences(connection) == []
    engine.dispose()
