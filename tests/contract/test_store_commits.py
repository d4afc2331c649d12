"""Writes that share commits, and transactions that are cut."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from drempel.adapters.secrets import Keyring
from drempel.adapters.store import SqlStore, open_store
from drempel.domain.events import Event
from drempel.engine.ports import BookingRecord, Change, LeaseLost
from tests.clock import ManualClock
from tests.conftest import NOON
from tests.contract.store_kit import SETUP, a_set, claim_one, finish, ids
from tests.databases import Place
from tests.simulation.inline_sqlite import Disk, connect_inline

TOO_LARGE = 2**70
"""Fits in no column of either database: found only when the statement is sent."""


@pytest.fixture
async def store(store: SqlStore) -> SqlStore:
    await store.write_setup(SETUP)
    return store


@contextmanager
def counted_commits(store: SqlStore) -> Iterator[list[int]]:
    seen: list[int] = []

    def commit(_connection: object) -> None:
        seen.append(1)

    engine = store._database.writer.sync_engine
    event.listen(engine, "commit", commit)
    yield seen
    event.remove(engine, "commit", commit)


async def test_what_arrives_during_a_commit_shares_the_next(store: SqlStore) -> None:
    with counted_commits(store) as commits:
        await asyncio.gather(*(store.hint("club", str(n)) for n in range(100)))
    assert len(commits) <= 2
    assert len(await ids(store)) == 100


async def test_a_hint_returns_only_after_its_commit(store: SqlStore, place: Place, clock: ManualClock) -> None:
    other = await place.open(clock)
    await store.hint("club", "1")
    assert (await other.booking("club", "1")).record.hinted
    await other.close()


async def test_a_bad_write_hurts_nobody_but_its_author(store: SqlStore, clock: ManualClock) -> None:
    await store.wake("club", ["1", "2", "3"])
    claims = await store.claim(limit=3)
    claims[1].record.tries = TOO_LARGE
    results = await asyncio.gather(
        *(finish(store, claim, status="20") for claim in claims), store.hint("club", "4"), return_exceptions=True
    )
    assert [isinstance(result, Exception) for result in results] == [False, True, False, False]
    assert not isinstance(results[1], LeaseLost)
    assert [(await store.booking("club", str(n))).record.status for n in (1, 2, 3)] == ["20", None, "20"]
    assert await ids(store) == ["4"]
    claims[1].record.tries = 0
    await finish(store, claims[1], status="20")


async def test_a_step_is_written_whole_or_not_at_all(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    good, bad = a_set(1, start=clock.now()), a_set(2, start=clock.now(), policy_version=TOO_LARGE)
    told = Event(at=clock.now(), type="access.intended")
    claim.record.last_number = 2
    with pytest.raises(Exception, match=r"."):
        await store.commit(claim.lease, claim.record, Change(sets=[good, bad], events=[told]))
    seen = await store.booking("club", "1")
    assert (seen.sets, seen.history, seen.record.last_number) == ((), (), 0)
    await store.commit(claim.lease, claim.record, Change(sets=[good], events=[told]))
    seen = await store.booking("club", "1")
    assert (seen.sets, seen.history, seen.record.last_number) == ((good,), (told,), 2)


async def test_what_is_changed_after_the_call_is_not_written(store: SqlStore) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    claim.record.status = "20"
    completing = asyncio.create_task(store.complete(claim.lease, claim.record, Change()))
    await asyncio.sleep(0)
    claim.record.status = "30"
    await completing
    assert (await store.booking("club", "1")).record.status == "20"


async def test_a_caller_that_gives_up_does_not_disturb_the_others(store: SqlStore) -> None:
    for waits in range(6):
        tasks = [asyncio.create_task(store.hint("club", f"{waits}-{n}")) for n in range(5)]
        for _ in range(waits):
            await asyncio.sleep(0)
        tasks[2].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(result, BaseException) for result in results] == [False, False, True, False, False]
    await store.hint("club", "after")
    assert len(await ids(store)) >= 25


async def test_a_transaction_runs_to_its_end_though_its_caller_gave_up(store: SqlStore) -> None:
    for waits in range(1, 6):
        await store.hint("club", "1")
        await finish(store, await claim_one(store), withheld=False)
        ordering = asyncio.create_task(store.order_revoke("club", "1"))
        for _ in range(waits * 2):
            await asyncio.sleep(0)
        ordering.cancel()
        await asyncio.wait([ordering])
        await store.hint("club", "2")
        # Takes the same way as the order, so it is done after it.
        await store.set_paused("doors", paused=False)
        withheld = (await store.booking("club", "1")).record.withheld
        told = len((await store.booking("club", "1")).history)
        assert told == 0 or withheld, "all of it or nothing"
        for claim in await store.claim(limit=5):
            await finish(store, claim)


async def test_two_processes_that_write_crosswise_do_not_stand_in_each_others_way(
    store: SqlStore, place: Place, clock: ManualClock
) -> None:
    other = await place.open(clock)
    names = [str(n) for n in range(12)]
    await store.wake("club", names)

    async def work(one: SqlStore, order: list[str]) -> None:
        for _ in range(8):
            claims = await one.claim(limit=6)
            await asyncio.gather(
                *(one.hint("club", name) for name in order),
                *(one.commit(claim.lease, claim.record, Change(), renew=True) for claim in claims),
                one.wake("club", order),
            )
            await asyncio.gather(*(finish(one, claim) for claim in claims))

    await asyncio.gather(work(store, names), work(other, names[::-1]))
    assert sorted(await ids(store)) == sorted(names)
    await other.close()


# ------------------------------------------------------------------------------------------------------------- a lost connection


async def test_an_idle_connection_that_was_lost_is_not_noticed(postgresql_place: Place, clock: ManualClock) -> None:
    store = await postgresql_place.open(clock)
    await store.write_setup(SETUP)
    await store.hint("club", "1")
    server = await asyncpg.connect(postgresql_place.url)
    await _end(server, "TRUE")
    await store.hint("club", "2")
    assert await store.set_paused("doors", paused=True)
    await _end(server, "TRUE")
    assert await store.set_paused("doors", paused=False)
    assert (await store.booking("club", "2")).record.hinted
    await server.close()
    await store.close()


async def test_a_connection_lost_in_a_transaction_is_told_and_nothing_is_half_done(
    postgresql_place: Place, clock: ManualClock
) -> None:
    store = await postgresql_place.open(clock)
    await store.write_setup(SETUP)
    await store.wake("club", ["1", "2"])
    claims = await store.claim(limit=2)
    server = await asyncpg.connect(postgresql_place.url)
    holder = await asyncpg.connect(postgresql_place.url)
    await holder.execute("BEGIN")
    # The rows of bookings can be locked and not be written: the events of the same transactions are already sent by then.
    await holder.execute("LOCK TABLE bookings IN SHARE MODE")
    told = Event(at=clock.now(), type="booking.read")
    writing = [
        store.complete(claim.lease, BookingRecord(source="club", booking_id="1"), Change(events=[told])) for claim in claims
    ]
    doing = asyncio.gather(*writing, store.hint("club", "3"), return_exceptions=True)
    while not doing.done():
        await _end(server, "wait_event_type = 'Lock'")
    assert all(isinstance(result, Exception) and not isinstance(result, LeaseLost) for result in await doing)
    await holder.execute("ROLLBACK")
    seen = await store.booking("club", "1")
    assert seen.history == ()
    await asyncio.gather(*(finish(store, claim, status="20") for claim in claims))
    assert await ids(store) == []
    clock.advance(timedelta(days=1))
    assert await ids(store) == []
    for connection in (server, holder):
        await connection.close()
    await store.close()


async def _end(server: asyncpg.Connection, which: str) -> None:
    await server.execute(
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'drempel' AND {which}"
    )


async def test_a_file_that_another_process_writes_to_holds_up_nobody_else(sqlite_place: Place, clock: ManualClock) -> None:
    store = await sqlite_place.open(clock)
    await store.write_setup(SETUP)
    other = sqlite3.connect(sqlite_place.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    hint = asyncio.create_task(store.hint("club", "1"))
    for _ in range(20):
        assert await store.setup_version() > 0
    assert not hint.done()
    other.execute("COMMIT")
    other.close()
    await hint
    assert await ids(store) == ["1"]
    await store.close()


class TickingClock(ManualClock):
    """On which every question costs a second."""

    def monotonic(self) -> float:
        self.advance(timedelta(seconds=1))
        return super().monotonic()


async def test_claims_that_take_long_are_claims_like_any_other(place: Place) -> None:
    store = await place.open(TickingClock(NOON))
    await store.write_setup(SETUP)
    await store.wake("club", [str(number) for number in range(200)])
    claims = [claim for _ in range(4) for claim in await store.claim(limit=50)]
    assert len({claim.record.booking_id for claim in claims}) == 200
    await store.close()


async def test_a_commit_that_failed_is_told_and_leaves_no_transaction_open(tmp_path: Path, clock: ManualClock) -> None:
    path, disk = tmp_path / "full.sqlite", Disk()
    keyring, lease = Keyring("a secret key for tests only"), timedelta(seconds=30)
    url = f"sqlite:///{path}"
    store = await open_store(url, keyring=keyring, clock=clock, lease=lease, sqlite_connect=connect_inline(path, disk))
    await store.write_setup(SETUP)
    disk.failing = 1
    with pytest.raises(OperationalError, match="full"):
        await store.hint("club", "1")
    # Somebody else's turn, at once: the lock on the file is gone with what was not written.
    with sqlite3.connect(path, timeout=0) as other:
        assert other.execute("UPDATE bookings SET tries = 0").rowcount == 0
    await store.hint("club", "2")
    assert await ids(store) == ["2"]
    await store.close()
