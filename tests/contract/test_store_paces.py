"""One pace for all processes: two `Calls` on one store, against a server that allows five calls a second. Time is virtual."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from drempel.domain.failures import Failure
from drempel.engine.calls import Calls, credential_target
from drempel.engine.limits import Limits
from drempel.engine.ports import CallClass, CallFailed
from drempel.engine.waiting_line import Rank, Urgency
from tests.clock import ManualClock
from tests.conftest import NOON
from tests.databases import Place
from tests.simulation.world import Silent
from tests.virtual import Counting, SleepersClock, played

TARGET = credential_target(1, integration="doors")


class Server:
    def __init__(self, clock: ManualClock, *, allowed: int | None) -> None:
        self.clock, self.allowed = clock, allowed
        self.second, self.seen = -1.0, 0
        self.well: list[tuple[float, str]] = []
        self.refused = 0

    async def call(self, who: str) -> None:
        now = self.clock.monotonic()
        if now - self.second >= 1.0:
            self.second, self.seen = now, 0
        self.seen += 1
        if self.allowed is not None and self.seen > self.allowed:
            self.refused += 1
            raise CallFailed(CallClass.RETRY_LATER, Failure("resivo.busy", {"detail": "429"}), retry_after=timedelta(seconds=1))
        self.well.append((now, who))


def calls_of(store: Counting, clock: ManualClock) -> Calls:
    return Calls(store=store, clock=clock, limits=Limits(), watcher=Silent())  # type: ignore[arg-type]  # counts what is asked


async def until_done(calls: Calls, clock: ManualClock, call: Callable[[], Awaitable[None]]) -> None:
    """As a booking does that is given back and comes again."""
    while True:
        try:
            return await calls.make(TARGET, "any", call)
        except CallFailed as held:
            await clock.sleep(held.retry_after.total_seconds() if held.retry_after else 1.0)


@pytest.fixture
async def opened(sqlite_place: Place) -> AsyncIterator[tuple[SleepersClock, Counting]]:
    clock = SleepersClock(NOON)
    store = await sqlite_place.open(clock)
    yield clock, Counting(store)
    await store.close()


@pytest.fixture
async def both(place: Place) -> AsyncIterator[tuple[SleepersClock, list[Counting]]]:
    clock = SleepersClock(NOON)
    stores = [await place.open(clock) for _ in range(2)]
    yield clock, [Counting(store) for store in stores]
    for store in stores:
        await store.close()


async def test_two_processes_keep_one_pace_and_come_back_to_full_speed(both: tuple[SleepersClock, list[Counting]]) -> None:
    clock, stores = both
    first, second = (calls_of(store, clock) for store in stores)
    server = Server(clock, allowed=5)

    async def all_at_once(count: int) -> None:
        async with asyncio.TaskGroup() as group:
            for who, calls in (("first", first), ("second", second)):
                for _ in range(count):
                    group.create_task(until_done(calls, clock, lambda who=who: server.call(who)))  # type: ignore[misc]

    began = clock.monotonic()
    await played(clock, stores, all_at_once(50))
    assert clock.monotonic() - began < 30, "20 s is the least"
    assert server.refused < 100 - 5 + 10, "all but five of those that were sent at once, and few later"
    half = len(server.well) // 2
    assert {who for _, who in server.well[:half]} == {"first", "second"}, "both come to their turn"
    assert sum(store.asked["take_places"] for store in stores) < 100, "several places are asked for at once"

    server.allowed = None
    clock.advance(30)
    began = clock.monotonic()
    while await stores[0].pauses():
        await played(clock, stores, all_at_once(25))
        assert clock.monotonic() - began < 60, "nothing is held back for ever"
    await first.make(TARGET, "any", lambda: server.call("first"))
    clock.advance(2)
    before, asked = clock.monotonic(), stores[0].asked.total()
    for _ in range(10):
        await first.make(TARGET, "any", lambda: server.call("first"))
    assert clock.monotonic() == before, "nobody waits"
    assert stores[0].asked.total() - asked == 1, "the one look of each second, and nothing else"


async def test_the_first_pace_goes_by_the_process_of_which_most_went_well(both: tuple[SleepersClock, list[Counting]]) -> None:
    _, (first, second) = both
    for store, well in ((first, 0), (second, 5)):
        await store.slow_down(TARGET.throttle, code="resivo.busy", detail="", retry_after=timedelta(seconds=1), well_lately=well)
    places = await first.take_places(TARGET.throttle, count=1, went_well=0)
    assert places.apart == timedelta(seconds=1.1) / 5


async def test_the_most_urgent_gets_the_next_place_and_nobody_is_passed_for_ever(
    opened: tuple[SleepersClock, Counting],
) -> None:
    clock, store = opened
    calls = calls_of(store, clock)
    server = Server(clock, allowed=None)
    await store.slow_down(TARGET.throttle, code="resivo.busy", detail="", retry_after=timedelta(), well_lately=5)

    async def stand(name: str, rank: Rank, days: int) -> None:
        own = calls.ordered_by(lambda: Urgency(rank, NOON + timedelta(days=days)))
        await own.make(TARGET, "any", lambda: server.call(name))

    async def all_at_once() -> None:
        await stand("who finds out", Rank.LATER, 30)
        async with asyncio.TaskGroup() as group:
            group.create_task(stand("far", Rank.LATER, 30))
            for number in range(9):
                group.create_task(stand(f"near {9 - number}", Rank.LATER, 9 - number))
            group.create_task(stand("soon", Rank.STARTS_SOON, 0))
            group.create_task(stand("running", Rank.ENDS_RUNNING_ACCESS, 9))

    await played(clock, [store], all_at_once())
    order = [who for _, who in server.well]
    assert order[1:4] == ["running", "soon", "near 1"]
    assert order.index("far") == 7, "the eighth place"
    assert order[8:] == ["near 5", "near 6", "near 7", "near 8", "near 9"]


async def test_who_would_wait_too_long_is_told_at_once_and_takes_no_place_from_others(
    opened: tuple[SleepersClock, Counting],
) -> None:
    clock, store = opened
    calls = calls_of(store, clock)
    server = Server(clock, allowed=None)
    await store.slow_down(TARGET.throttle, code="resivo.busy", detail="", retry_after=timedelta(seconds=60), well_lately=5)
    waits: list[timedelta | None] = []

    async def ask() -> None:
        for _ in range(5):
            try:
                await calls.make(TARGET, "any", lambda: server.call("one"))
            except CallFailed as held:
                waits.append(held.retry_after)

    await played(clock, [store], ask())
    assert waits == [timedelta(seconds=60)] * 5
    assert store.asked["take_places"] == 1
