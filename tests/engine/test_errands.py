"""Long work that goes on while a page reloads itself: one of a kind, bounded, and its end is told whatever it is."""

from __future__ import annotations

import asyncio
from typing import Any

from drempel.engine.errands import ERRANDS_MAX, Errand, ErrandEnd, Errands
from tests.clock import ManualClock


def errands(clock: ManualClock, faults: list[Exception] | None = None, **more: Any) -> Errands:
    return Errands(clock, on_fault=(faults if faults is not None else []).append, **more)


async def test_what_it_found_is_there_once_it_is_done(clock: ManualClock) -> None:
    every = errands(clock)

    async def work(errand: Errand) -> str:
        errand.progress(1, 2)
        return "found"

    errand = every.start("audit", work)
    assert errand.under_way
    await every.give(errand, seconds=10)
    assert (errand.end, errand.result, errand.done, errand.total) == (ErrandEnd.DONE, "found", 1, 2)
    assert every.of("audit") is errand
    every.drop("audit")
    assert every.of("audit") is None


async def test_who_orders_it_twice_gets_the_one_that_is_under_way(clock: ManualClock) -> None:
    every, go = errands(clock), asyncio.Event()

    async def work(_: Errand) -> None:
        await go.wait()

    first = every.start("audit", work)
    assert every.start("audit", work) is first
    every.drop("audit")
    assert every.of("audit") is first
    go.set()
    await every.give(first, seconds=10)
    assert every.start("audit", work) is not first
    await every.close()


async def test_it_ends_when_its_time_is_over(clock: ManualClock) -> None:
    every = errands(clock, seconds_max=0.0)

    async def work(_: Errand) -> None:
        await asyncio.Event().wait()

    errand = every.start("audit", work)
    await every.give(errand, seconds=10)
    assert errand.end is ErrandEnd.TOO_LATE


async def test_a_fault_is_told_and_is_the_end(clock: ManualClock) -> None:
    faults: list[Exception] = []
    every = errands(clock, faults)

    async def work(_: Errand) -> None:
        raise LookupError

    errand = every.start("audit", work)
    await every.give(errand, seconds=10)
    assert errand.end is ErrandEnd.FAULT
    assert [type(fault) for fault in faults] == [LookupError]


async def test_closing_breaks_off_what_is_under_way(clock: ManualClock) -> None:
    every = errands(clock)

    async def work(_: Errand) -> None:
        await asyncio.Event().wait()

    errand = every.start("audit", work)
    await asyncio.sleep(0)
    await every.close()
    assert not errand.under_way


async def test_no_more_are_kept_than_a_few(clock: ManualClock) -> None:
    every = errands(clock)

    async def work(_: Errand) -> None:
        return

    for number in range(ERRANDS_MAX + 5):
        await every.give(every.start(str(number), work), seconds=10)
    assert every.of("0") is None
    assert every.of(str(ERRANDS_MAX)) is not None
