"""The booking field: whose text stands there, and what is written. In process: simulators behind the transport, a real store, a clock that is moved by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from drempel.domain.access import BookingState
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN


async def test_a_copied_booking_with_the_id_of_another_is_overwritten(stage: Stage):
    first = stage.book()
    await stage.work()
    copy = stage.book(fields={5: stage.field(first)})
    await stage.work()
    (live,) = stage.live(copy)
    assert stage.field(copy) == live.id != stage.field(first)


async def test_a_foreign_text_in_the_field_stops_the_create_until_it_is_gone(stage: Stage):
    booking = stage.book(fields={5: "not ours"})
    await stage.work()
    assert await stage.failure(booking) == "field.foreign"
    assert stage.live(booking) == []
    stage.ireserve.set_field(booking, 5, "")
    await stage.work()
    assert len(stage.live(booking)) == 1


async def test_a_short_field_is_shown_and_written_once(stage: Stage):
    stage.ireserve.switches.field_length = 20
    booking = stage.book()
    await stage.work()
    assert await stage.failure(booking) == "writeback.cut"
    assert await stage.state(booking) is BookingState.GRANTED
    writes = stage.ireserve.calls.counts["write_booking_field"]
    await stage.pass_time(900, sweep=True)
    assert stage.ireserve.calls.counts["write_booking_field"] == writes
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert stage.field(booking) == ""


async def test_a_lost_answer_to_the_write_back_is_repeated_and_access_is_not_touched(stage: Stage):
    stage.ireserve.faults.add(operation="write_booking_field", kind="lost_after", times=2)
    booking = stage.book()
    await stage.pass_time(60)
    assert stage.field(booking) == stage.live(booking)[0].id
    assert stage.made(booking) == 1


async def test_an_account_that_may_not_write_the_field_still_gives_access(stage: Stage):
    stage.ireserve.faults.add(operation="write_booking_field", kind="status", status=401, times=None)
    booking = stage.book()
    other = stage.book()
    await stage.pass_time(5)
    assert len(stage.live(booking)) == len(stage.live(other)) == 1
    assert await stage.failure(booking) == "writeback.failed"


async def test_what_a_short_field_left_of_an_id_is_ours_also_if_the_answer_to_the_write_was_lost(stage: Stage):
    stage.ireserve.switches.field_length = 20
    stage.ireserve.faults.add(operation="write_booking_field", kind="lost_after")
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    assert len(stage.field(booking)) == 20
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 30 * HOUR, BEGIN + 31 * HOUR)
    await stage.pass_time(60)
    assert (len(stage.live(booking)), await stage.failure(booking)) == (1, "writeback.cut")


async def test_a_worker_whose_lease_has_ended_writes_no_id_into_the_field_and_the_next_one_does(stage: Stage):
    right = stage.world.transport.apps["resivo"]

    async def slow_to_create(scope: Any, receive: Any, send: Any) -> None:
        await right(scope, receive, send)
        if scope["method"] == "POST" and scope["path"].endswith("/remote-access"):
            stage.world.advance(timedelta(seconds=31))

    stage.world.transport.apps["resivo"] = slow_to_create
    booking = stage.book()
    await stage.world.deliver_all()
    await stage.crew.worker.run_once(limit=64)
    assert (len(stage.live(booking)), stage.field(booking)) == (1, "")
    stage.world.transport.apps["resivo"] = right
    await stage.pass_time(60)
    assert stage.field(booking) == stage.live(booking)[0].id


async def test_a_write_that_stood_in_line_past_the_end_of_its_lease_is_not_sent(stage: Stage):
    right = stage.world.transport.apps["ireserve"]

    async def refuses_slowly(scope: Any, receive: Any, send: Any) -> None:
        await right(scope, receive, send)
        if scope["method"] == "POST":
            stage.world.advance(timedelta(seconds=31))

    stage.world.transport.apps["ireserve"] = refuses_slowly
    stage.ireserve.faults.add(operation="write_booking_field", kind="status", status=429, retry_after=1, times=1)
    booking = stage.book()
    await stage.world.deliver_all()
    await stage.crew.worker.run_once(limit=64)
    assert (len(stage.live(booking)), stage.field(booking)) == (1, "")
    stage.world.transport.apps["ireserve"] = right
    await stage.pass_time(60)
    assert stage.field(booking) == stage.live(booking)[0].id


@pytest.mark.parametrize("body", ["html", "json", "empty"])
async def test_a_write_that_was_answered_and_not_done_is_written_again(stage: Stage, body: str):
    stage.ireserve.faults.add(operation="write_booking_field", kind="status", status=200, body=body, times=2)
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.pass_time(60)
    assert stage.field(booking) == stage.live(booking)[0].id
    stage.ireserve.faults.add(operation="write_booking_field", kind="status", status=200, body=body)
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(60)
    assert stage.field(booking) == ""


async def test_a_field_that_does_not_exist_is_told_and_not_written_for_ever(stage: Stage):
    stage.ireserve.switches.field_numbers = (1,)
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.pass_time(900)
    assert (await stage.failure(booking), len(stage.live(booking))) == ("writeback.cut", 1)
    assert stage.ireserve.calls.counts["write_booking_field"] <= 7
