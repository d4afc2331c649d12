"""The provider allows five calls a second, and far more is due at once: who comes first, and what is wasted. Time is virtual."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.world import BEGIN
from tests.virtual import Counting, SleepersClock, played

MINUTE = timedelta(minutes=1)
RUNNING, FAR, SERVED = 10, 120, 30
LIMIT = 5


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(tmp_path, clock=SleepersClock(BEGIN)) as made:
        made.world.store = Counting(made.world.store)
        made.crew = made.world.crew()
        yield made


async def passed(stage: Stage, doing: Awaitable[None]) -> None:
    await played(stage.world.clock, [stage.store], doing, advance=stage.world.advance)


async def work_until(stage: Stage, is_done: Callable[[], bool]) -> None:
    """As `Worker.run` does, but by virtual time."""

    await passed(stage, _claim_until(stage, is_done))


async def _claim_until(stage: Stage, is_done: Callable[[], bool]) -> None:
    worker = stage.crew.worker
    while not is_done():
        await worker._claim(64 - len(worker._active))
        await stage.world.clock.sleep(0.1)


def seconds(stage: Stage, began: datetime, operation: str) -> list[float]:
    """When calls of this operation went well."""
    return [(call.at - began).total_seconds() for call in stage.resivo.calls.of(operation) if call.status in {200, 201, 204}]


async def a_backlog(stage: Stage, *, read_before: bool) -> tuple[str, datetime]:
    """Cancellations of running access, far bookings, and in the middle of them one that starts in two minutes; and when the limit began."""
    running = [stage.book(start=BEGIN - HOUR, hours=6) for _ in range(RUNNING)]
    await stage.world.deliver_all()
    await work_until(stage, lambda: all(stage.live(booking) for booking in running))
    for number in range(FAR):
        if number == FAR // 2:
            imminent = stage.book(start=BEGIN + 2 * MINUTE)
        stage.book(start=BEGIN + timedelta(days=1 + number % 20))
        if number % (FAR // RUNNING) == 0:
            stage.ireserve.set_status(running[number * RUNNING // FAR], "70")
    await stage.world.deliver_all()
    if read_before:
        # Resivo is down, and every booking is tried once.
        outage = stage.resivo.faults.add(operation="*", kind="refuse", times=None)
        reads = stage.ireserve.calls.counts["read_booking"]
        await work_until(stage, lambda: stage.ireserve.calls.counts["read_booking"] - reads > FAR + RUNNING)
        await passed(stage, stage.world.clock.sleep(3))
        assert outage
        stage.resivo.faults.clear()
    stage.resivo.calls.clear()
    stage.ireserve.calls.clear()
    stage.resivo.quirks.calls_per_second = LIMIT
    return imminent, stage.world.clock.now()


async def test_after_an_outage_running_access_ends_first_and_then_the_booking_that_starts_in_two_minutes_is_served(stage: Stage):
    imminent, began = await a_backlog(stage, read_before=True)
    await work_until(stage, lambda: len(seconds(stage, began, "create_remote_access")) >= SERVED)
    revokes, creates = (seconds(stage, began, name) for name in ("revoke_authorization", "create_remote_access"))
    (first,) = stage.live(imminent)
    assert (first.created_at - began).total_seconds() == creates[0], "the first that is created"
    assert len(revokes) == RUNNING
    assert max(*revokes, creates[0]) < 10, "two calls each: 4 s is the least"
    made = [call for call in stage.resivo.calls.calls if call.operation != "token"]
    well = [call for call in made if call.status != 429]
    assert len(well) / (well[-1].at - began).total_seconds() > 0.75 * LIMIT, "no place is wasted"
    assert len(made) - len(well) < 64 + 0.1 * len(well), "beyond those that were sent before the limit was known"
    assert stage.ireserve.calls.counts["read_booking"] < 64 + 2 * (RUNNING + SERVED), "what waits is not read again and again"


async def test_of_bookings_that_were_never_read_the_imminent_one_is_found_among_all(stage: Stage):
    imminent, began = await a_backlog(stage, read_before=False)
    await work_until(stage, lambda: bool(stage.live(imminent)))
    assert stage.world.clock.now() - began < timedelta(seconds=20), "each is looked at once, and that goes fast"
    assert stage.ireserve.calls.counts["read_booking"] < 2 * FAR


async def test_a_far_booking_comes_to_its_turn_though_nearer_ones_never_end(stage: Stage):
    stage.resivo.quirks.calls_per_second = LIMIT
    for number in range(2 * LIMIT):
        stage.book(start=BEGIN + timedelta(days=1, minutes=number))
    far = stage.book(start=BEGIN + timedelta(days=90))

    async def book_as_many_as_are_allowed() -> None:
        while not stage.live(far):
            stage.book(start=BEGIN + timedelta(days=1))
            await stage.world.deliver_all()
            await stage.world.clock.sleep(1 / LIMIT)

    async def both() -> None:
        feeding = asyncio.create_task(book_as_many_as_are_allowed())
        await _claim_until(stage, lambda: bool(stage.live(far)))
        await feeding

    await passed(stage, both())
    assert stage.world.clock.now() - BEGIN < timedelta(seconds=60)
