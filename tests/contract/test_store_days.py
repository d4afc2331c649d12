"""The bookings of a day, on both databases."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.dialects import sqlite

from drempel.adapters.store import SqlStore
from drempel.adapters.store.days import touching
from drempel.domain.access import BookingState
from drempel.engine.ports import Change
from drempel.engine.setup import SetupWrite
from tests.clock import ManualClock
from tests.contract.store_kit import CLUB, DOORS, HOUR, booking, live_set, source


async def test_a_day_is_found_by_booked_time_and_by_live_access_and_ordered_by_start(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SetupWrite(sources=(CLUB, source("gym")), integrations=(DOORS,)))
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    begin, end = noon - 12 * HOUR, noon + 12 * HOUR
    booked = {
        "ends at the midnight before": (begin - HOUR, begin),
        "over the midnight before": (begin - HOUR, begin + HOUR),
        "at noon": (noon, noon + HOUR),
        "over the midnight after": (end - HOUR, end + HOUR),
        "starts at the midnight after": (end, end + HOUR),
        "a month long": (begin - 300 * HOUR, begin + 300 * HOUR),
        "long ago and long": (begin - 300 * HOUR, begin - 100 * HOUR),
        "just two days": (begin - 47 * HOUR, begin + HOUR),
    }
    for number, (start, until) in enumerate(booked.values()):
        await booking(store, str(number), start=start, end=until)
    names = list(booked)
    moved = live_set(1, start=noon + 2 * HOUR)
    await booking(store, "moved", start=noon + 500 * HOUR, end=noon + 501 * HOUR, change=Change(sets=[moved]))
    await booking(store, "0", of="gym", start=noon, end=noon + HOUR)
    found = await store.bookings_touching("club", begin=begin, end=end, limit=100)
    shown = [names[int(view.record.booking_id)] if view.record.booking_id.isdigit() else view.record.booking_id for view in found]
    assert shown == [
        "a month long",
        "just two days",
        "over the midnight before",
        "at noon",
        "over the midnight after",
        "moved",
    ]
    assert [one.number for view in found for one in view.sets] == [1]
    assert [view.record.booking_id for view in await store.bookings_touching("club", begin=begin, end=end, limit=2)] == ["5", "7"]


async def test_a_day_is_a_range_of_an_index(store: SqlStore, clock: ManualClock) -> None:
    if store.is_postgresql:
        pytest.skip("a planner of few rows reads the table, whatever the index")
    wanted = touching("club", clock.now(), clock.now() + 24 * HOUR)
    statement = str(wanted.compile(dialect=sqlite.dialect()))
    some = (0,) * statement.count("?")  # a plan does not depend on the values
    async with store._database.reading() as connection:
        plan = [str(row[-1]) for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", some)]
    assert {index for line in plan for index in re.findall(r"ix_bookings_\w+", line)} == {
        "ix_bookings_starts",
        "ix_bookings_long",
        "ix_bookings_live_from",
    }
    assert not [line for line in plan if line.startswith("SCAN bookings")]


async def test_bookings_that_are_not_ready_come_by_start_until_they_are_over(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SetupWrite(sources=(CLUB,), integrations=(DOORS,)))
    for n, (hours, not_ready, state) in enumerate(
        [
            (1, "resivo.unreachable", BookingState.PENDING),
            (0, "resivo.unreachable", BookingState.PENDING),
            (1, "", BookingState.PENDING),
            (1, "component.missing", BookingState.NEEDS_PERSON),
        ]
    ):
        await booking(store, str(n), start=clock.now() + hours * HOUR, not_ready=not_ready, state=state)

    async def found(limit: int = 9) -> list[str]:
        views = await store.bookings_not_ready(state=BookingState.PENDING, limit=limit)
        return [view.record.booking_id for view in views]

    assert (await found(), await found(1)) == (["1", "0"], ["1"])
    clock.advance(2 * HOUR)
    assert await found() == ["0"]
