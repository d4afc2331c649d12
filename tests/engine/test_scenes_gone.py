"""Bookings that are not found, and sources that show nothing. In process: simulators behind the transport, a real store, a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from drempel.domain.access import BookingState
from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.weather import FAIR
from tests.simulation.world import BEGIN


async def test_a_deleted_booking_loses_its_access_after_the_second_reading(stage: Stage):
    booking = stage.book()
    stage.book()
    await stage.work()
    stage.ireserve.delete_booking(booking)
    await stage.store.hint("club", booking)
    await stage.work()
    assert len(stage.live(booking)) == 1
    await stage.pass_time(601)
    assert stage.live(booking) == []


async def test_the_only_booking_of_a_source_that_is_deleted_loses_its_access_too(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    await stage.pass_time(5 * HOUR)
    stage.ireserve.delete_booking(booking)
    await stage.pass_time(HOUR, sweep=True)
    assert stage.live(booking) == []


async def test_a_source_that_answers_404_to_everything_revokes_nothing(stage: Stage):
    booking = stage.book()
    await stage.work()
    await stage.pass_time(90)
    for operation in ("read_booking", "read_object"):
        stage.ireserve.faults.add(operation=operation, kind="status", status=404, times=None)
    await stage.store.hint("club", booking)
    await stage.pass_time(1200)
    assert len(stage.live(booking)) == 1
    assert await stage.failure(booking) == "source.broken"


async def test_what_is_told_while_a_source_answers_404_to_everything_is_not_forgotten(stage: Stage):
    booking = stage.book()
    for operation in ("read_booking", "read_object"):
        stage.ireserve.faults.add(operation=operation, kind="status", status=404, times=None)
    await stage.work()
    await stage.pass_time(300)
    assert await stage.failure(booking) == "source.broken"
    stage.ireserve.faults.clear()
    await stage.pass_time(900)
    assert len(stage.live(booking)) == 1


async def test_a_booking_that_was_not_found_and_that_the_next_poll_shows_as_before_is_read_again(stage: Stage):
    booking = stage.book()
    stage.ireserve.deliveries.clear()
    stage.world.advance(timedelta(seconds=301))
    await stage.crew.sweep.run_once()
    hidden = stage.ireserve.state.bookings.pop(booking)
    await stage.work()
    assert await stage.state(booking) is BookingState.NONE
    stage.ireserve.state.bookings[booking] = hidden
    await stage.pass_time(360, sweep=True)
    assert len(stage.live(booking)) == 1


async def test_a_booking_that_the_poll_loses_and_finds_again_is_read_again_whatever_was_missed(stage: Stage):
    stage.book(start=BEGIN + 30 * HOUR)
    booking = stage.book(start=BEGIN + 30 * HOUR)
    stage.ireserve.deliveries.clear()
    stage.world.advance(timedelta(seconds=301))
    await stage.crew.sweep.run_once()
    hidden = stage.ireserve.state.bookings.pop(booking)
    await stage.work()
    await stage.pass_time(900, sweep=True)
    assert booking not in await stage.store.poll_rows("club"), "what is listed no more is forgotten"
    stage.ireserve.state.bookings[booking] = hidden
    stage.ireserve.state.version += 1
    await stage.pass_time(360, sweep=True)
    assert len(stage.live(booking)) == 1


async def test_a_made_up_id_is_not_asked_for_for_ever_while_nothing_of_its_source_can_be_read(stage: Stage):
    for operation in ("read_booking", "read_object"):
        stage.ireserve.faults.add(operation=operation, kind="status", status=404, times=None)
    await stage.store.hint("club", "987654")
    await stage.pass_time(7200)
    asked = stage.ireserve.calls.counts["read_booking"]
    await stage.pass_time(7200)
    assert stage.ireserve.calls.counts["read_booking"] == asked


async def test_where_nothing_is_polled_a_hint_outlasts_an_afternoon_in_which_everything_is_answered_with_404(tmp_path: Path):
    async with a_stage(tmp_path, weather=replace(FAIR, poll_seconds=0)) as stage:
        booking = stage.book(start=BEGIN + 20 * HOUR)
        for operation in ("read_booking", "read_object"):
            stage.ireserve.faults.add(operation=operation, kind="status", status=404, times=None)
        await stage.work()
        await stage.pass_time(5 * 3600)
        assert await stage.failure(booking) == "source.broken"
        stage.ireserve.faults.clear()
        await stage.pass_time(900)
        assert len(stage.live(booking)) == 1


async def test_the_brake_holds_when_all_of_four_vanish_and_a_person_can_release_it(stage: Stage):
    bookings = [stage.book(start=BEGIN + 20 * HOUR) for _ in range(4)]
    await stage.work()
    for booking in bookings:
        stage.ireserve.delete_booking(booking)
        await stage.store.hint("club", booking)
    await stage.pass_time(700)
    assert sum(len(stage.live(b)) for b in bookings) == 4
    assert {await stage.failure(b) for b in bookings} == {"brake.tripped"}
    await stage.store.release_brake("club")
    await stage.pass_time(10)
    assert sum(len(stage.live(b)) for b in bookings) == 0


async def test_a_revoke_status_is_never_braked(stage: Stage):
    bookings = [stage.book(start=BEGIN + 20 * HOUR) for _ in range(8)]
    await stage.work()
    for booking in bookings:
        stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert sum(len(stage.live(b)) for b in bookings) == 0
