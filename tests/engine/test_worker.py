"""How many bookings a worker takes in hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from drempel.engine.targets import source_target
from drempel.engine.worker import IN_HAND_FOR_EACH_CALL, Worker
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN

CONCURRENCY = 2


@contextlib.asynccontextmanager
async def calls_under_way(stage: Stage, count: int) -> AsyncIterator[None]:
    answered = asyncio.Event()
    calls = stage.crew.tools.calls
    out = [asyncio.create_task(calls.make(source_target("club"), "read_booking", answered.wait)) for _ in range(count)]
    while calls.under_way < count:
        await asyncio.sleep(0)
    yield
    answered.set()
    await asyncio.gather(*out)


class SlowToComplete:
    """A store that finishes no booking until it is told to go on."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.waiting = 0
        self.go_on = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def complete(self, *what: Any, **more: Any) -> Any:
        self.waiting += 1
        await self.go_on.wait()
        return await self._store.complete(*what, **more)


async def rounds(worker: Worker, count: int) -> int:
    """So many rounds, none of which waits; how many bookings are in hand then."""
    over = asyncio.create_task(asyncio.sleep(0, result=True))
    await over
    for _ in range(count):
        await worker._round(over)
    return len(worker._active)


async def finished(worker: Worker) -> None:
    while await worker.run_once():
        pass


@pytest.fixture
def worker(stage: Stage) -> Worker:
    return Worker(stage.crew.tools, concurrency=CONCURRENCY)


async def test_with_as_many_calls_under_way_as_wanted_no_booking_is_taken_in_hand(stage: Stage, worker: Worker):
    booking = stage.book()
    await stage.world.deliver_all()
    async with calls_under_way(stage, CONCURRENCY):
        assert await rounds(worker, 2) == 0
    await finished(worker)
    assert stage.live(booking)


async def test_a_call_that_failed_is_under_way_no_more(stage: Stage, worker: Worker):
    stage.ireserve.faults.add(operation="read_booking", kind="refuse", times=1)
    stage.book()
    await stage.world.deliver_all()
    await worker.run_once()
    assert stage.crew.tools.calls.under_way == 0


async def test_bookings_that_wait_for_the_store_leave_room_for_others_though_not_without_end(stage: Stage):
    in_hand_max = CONCURRENCY * IN_HAND_FOR_EACH_CALL
    bookings = [stage.book(start=BEGIN + number * HOUR) for number in range(1, in_hand_max + 3)]
    await stage.world.deliver_all()
    store = SlowToComplete(stage.store)
    worker = Worker(replace(stage.crew.tools, store=store), concurrency=CONCURRENCY)
    while store.waiting < in_hand_max:
        await rounds(worker, 1)
    assert await rounds(worker, 2) == in_hand_max
    store.go_on.set()
    await finished(worker)
    assert all(stage.live(booking) for booking in bookings)
