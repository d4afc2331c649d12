"""What only PostgreSQL has: its own clock, NOTIFY; and the plans of the hot statements on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from drempel.adapters.secrets import Keyring
from drempel.adapters.store import SqlStore, open_store
from drempel.engine.ports import Change
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP, claim_one, finish, ids
from tests.databases import LEASE, Place

WAITING = 20_000


@pytest.fixture
async def skewed(postgresql_place: Place, clock: ManualClock) -> AsyncIterator[SqlStore]:
    """On the database's clock; its own machine's clock is wrong by weeks."""
    opened = await postgresql_place.open(clock, database_now=True)
    await opened.write_setup(SETUP)
    yield opened
    await opened.close()


async def test_time_is_the_databases(skewed: SqlStore, postgresql_place: Place, clock: ManualClock) -> None:
    other = await postgresql_place.open(ManualClock(clock.now() + timedelta(days=400)), database_now=True)
    now = await skewed.now()
    assert abs(now - clock.now()) > timedelta(days=1)
    await skewed.hint("club", "1")
    claim = await claim_one(other)
    assert now <= claim.lease.now <= await skewed.now()
    assert now <= (claim.record.next_at or now) <= claim.lease.now
    assert await ids(skewed) == []
    await other.commit(claim.lease, claim.record, Change(), renew=True)
    await other.renew(claim.lease)
    assert await ids(skewed) == []
    await finish(other, claim, next_at=claim.lease.now + timedelta(microseconds=1))
    assert await ids(skewed) == ["1"]
    assert await skewed.take_chore("poll", every=HOUR)
    assert not await other.take_chore("poll", every=HOUR)
    await other.close()


async def test_sqlite_has_no_clock_of_its_own(sqlite_place: Place, clock: ManualClock) -> None:
    with pytest.raises(ValueError, match="no clock"):
        await sqlite_place.open(clock, database_now=True)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
async def test_an_address_that_cannot_be_used_is_refused_with_a_remedy(url: str, clock: ManualClock) -> None:
    with pytest.raises(ValueError, match=r"Write "):
        await open_store(url, keyring=Keyring("x"), clock=clock, lease=LEASE)


# ----------------------------------------------------------------------------------------------------------------------- listen


async def test_workers_elsewhere_hear_of_what_becomes_due_even_after_a_lost_connection(
    postgresql_place: Place, skewed: SqlStore, clock: ManualClock
) -> None:
    worker = await postgresql_place.open(clock)
    heard = asyncio.Event()
    listening = asyncio.create_task(worker.listen(heard.set))

    async def hears() -> None:
        await asyncio.wait_for(heard.wait(), 60)
        heard.clear()

    await hears()  # connected
    await skewed.hint("club", "1")
    await hears()
    await skewed.order_revoke("club", "1")
    await hears()
    server = await asyncpg.connect(postgresql_place.url)
    await server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'drempel listening'"
    )
    await hears()  # connected again
    await skewed.wake("club", ["2"])
    await hears()
    listening.cancel()
    await asyncio.wait([listening])
    await server.close()
    await worker.close()


async def test_on_sqlite_there_is_nothing_to_hear(sqlite_store: SqlStore) -> None:
    await sqlite_store.listen(lambda: None)


# ------------------------------------------------------------------------------------------------------------------------ plans


async def _many_waiting(store: SqlStore) -> None:
    later = int((await store.now() + timedelta(days=30)).timestamp() * 1_000_000)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {WAITING})"
    rows = f"{numbers} SELECT 'club', 'w' || i, {later} + i, '20', 'granted' FROM n"
    async with store._database.writer.begin() as connection:
        await connection.exec_driver_sql(f"INSERT INTO bookings (source, booking_id, next_at, status, state) {rows}")


async def test_waiting_bookings_cost_a_claim_nothing_on_postgresql(skewed: SqlStore) -> None:
    await _many_waiting(skewed)
    await skewed.hint("club", "due")
    claim = skewed._work._transaction._statements.claim.compile(dialect=skewed._database.writer.dialect)
    async with skewed._database.writer.connect() as connection:
        # Before anybody has analyzed the table, and after.
        for prepare in (None, "ANALYZE bookings"):
            if prepare is not None:
                await connection.exec_driver_sql(prepare)
            lines = (await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {claim}", (64,))).scalars().all()
            await connection.rollback()
            plan = "\n".join(lines)
            assert "ix_bookings_due" in plan, plan
            assert "Seq Scan" not in plan, plan
            assert "Rows Removed by Filter" not in plan.split("integrations")[0].split("SubPlan")[0], plan
    assert await ids(skewed) == ["due"]


async def test_waiting_bookings_cost_a_claim_nothing_on_sqlite(sqlite_store: SqlStore, clock: ManualClock) -> None:
    store = sqlite_store
    await store.write_setup(SETUP)
    await _many_waiting(store)
    await store.hint("club", "due")
    claim = store._work._transaction._statements.claim
    async with store._database.reading() as connection:
        compiled = claim.compile(dialect=store._database.writer.dialect)
        values = [7 for _ in compiled.positiontup or ()]
        rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(values))).all()
    plan = [row.detail for row in rows]
    assert any("SEARCH bookings USING INDEX ix_bookings_due (next_at<?)" in line for line in plan), plan
    assert any("SEARCH bookings USING INTEGER PRIMARY KEY" in line for line in plan), plan
    assert not any(line.startswith("SCAN bookings") for line in plan), plan
    assert await ids(store) == ["due"]
