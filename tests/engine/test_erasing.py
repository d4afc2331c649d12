"""Erasing beside the promise, scene by scene: access is gone before its record is, and what was withheld stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from drempel.domain.access import BookingState, SetState
from drempel.engine.levers import Levers
from drempel.engine.trail import COMMAND_LINE
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN

MINUTE = timedelta(minutes=1)


async def erase(stage: Stage, booking: str) -> str:
    return await Levers(stage.store).by(COMMAND_LINE).erase("club", booking)


async def is_erased(stage: Stage, booking: str) -> bool:
    return (await stage.view(booking)).record.erased_at is not None


async def test_what_is_live_is_revoked_first_and_erased_once_that_is_confirmed(stage: Stage):
    booking = stage.book()
    await stage.work()
    (live,) = stage.live(booking)
    line = await erase(stage, booking)
    assert line.startswith("Ordered: ")
    assert "\n" not in line
    await stage.sweep()
    assert stage.live(booking) == []
    await stage.pass_time(2 * MINUTE, sweep=True)
    assert await is_erased(stage, booking)
    assert stage.field(booking) == ""
    (receipt,) = await stage.store.receipts()
    assert (receipt.ordered_by, receipt.revoked) == ("the command line", (live.id,))


async def test_an_order_waits_while_the_revoke_does_not_succeed_and_says_why(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=503, times=1000)
    await erase(stage, booking)
    await stage.pass_time(10 * MINUTE, sweep=True)
    assert not await is_erased(stage, booking)
    assert len(stage.live(booking)) == 1
    assert [one.state for one in (await stage.view(booking)).sets] == [SetState.REVOKING]
    stage.resivo.faults.clear()
    await stage.pass_time(HOUR, sweep=True)
    assert await is_erased(stage, booking)
    assert stage.live(booking) == []


async def test_an_order_outlives_the_process_that_took_it(stage: Stage, tmp_path: Path):
    booking = stage.book()
    await stage.work()
    await erase(stage, booking)
    await stage.put_back_later(tmp_path)  # closes the database and opens it anew
    await stage.pass_time(2 * MINUTE, sweep=True)
    assert await is_erased(stage, booking)
    assert stage.live(booking) == []


async def test_a_hint_for_an_erased_booking_brings_back_neither_access_nor_data(stage: Stage):
    booking = stage.book()
    await stage.work()
    await erase(stage, booking)
    await stage.pass_time(2 * MINUTE, sweep=True)
    before = await stage.view(booking)
    for _ in range(3):
        await stage.store.hint("club", booking)
        await stage.pass_time(2 * MINUTE, sweep=True)
    view = await stage.view(booking)
    assert stage.live(booking) == []
    assert stage.mails() == 1
    assert view.record == before.record
    assert [event.type for event in view.history] == ["booking.erased"]


async def test_an_erased_booking_behaves_like_one_that_is_withheld(stage: Stage):
    booking = stage.book()
    await stage.work()
    await erase(stage, booking)
    await stage.pass_time(2 * MINUTE, sweep=True)
    stage.ireserve.set_status(booking, "10")
    await stage.pass_time(2 * MINUTE)
    stage.ireserve.set_status(booking, "20")
    await stage.pass_time(2 * MINUTE)
    (live,) = stage.live(booking)
    assert live.display_name.endswith(f"-{booking}-2"), "no name is ever used twice"
    assert not await is_erased(stage, booking)
    assert await stage.state(booking) is BookingState.GRANTED


async def test_a_status_that_leaves_and_comes_back_before_the_revoke_is_confirmed_issues_nothing(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=503, times=3)
    await erase(stage, booking)
    stage.ireserve.set_status(booking, "10")
    await stage.work()
    stage.ireserve.set_status(booking, "20")
    await stage.pass_time(HOUR, sweep=True)
    assert await is_erased(stage, booking)
    assert stage.made(booking) == 1


async def test_retry_lets_an_erased_booking_have_access_again(stage: Stage):
    booking = stage.book()
    await stage.work()
    await erase(stage, booking)
    await stage.pass_time(2 * MINUTE, sweep=True)
    await Levers(stage.store).by(COMMAND_LINE).retry("club", booking)
    await stage.work()
    assert len(stage.live(booking)) == 1
    assert (await stage.view(booking)).record.object_id == "81"


async def test_a_name_whose_answer_was_lost_is_watched_before_it_is_erased(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book(hours=1)
    await stage.pass_time(30)
    await erase(stage, booking)
    await stage.pass_time(20 * MINUTE, sweep=True)
    assert stage.live(booking) == []
    assert not await is_erased(stage, booking), "a late twin may still come"
    await stage.pass_time(3 * HOUR, sweep=True)
    assert await is_erased(stage, booking)


async def test_a_set_of_an_erased_booking_that_is_live_again_is_known_as_ours_and_revoked(stage: Stage):
    booking = stage.book(start=BEGIN + 40 * HOUR)
    await stage.work()
    (live,) = stage.live(booking)
    await erase(stage, booking)
    await stage.pass_time(2 * MINUTE, sweep=True)
    assert await is_erased(stage, booking)
    stage.resivo.state.put_authorization(replace(live, id="twin", status="active"))
    assert len(stage.live(booking)) == 1
    stage.world.advance(25 * HOUR)  # the daily audit is due
    for _ in range(3):
        await stage.sweep()
    assert stage.live(booking) == []
    assert await is_erased(stage, booking)


async def test_what_ended_ninety_days_ago_is_erased_by_its_age_and_nothing_that_is_live_ever_is(stage: Stage):
    old, far = stage.book(), stage.book(start=BEGIN + timedelta(days=120))
    await stage.work()
    await stage.pass_time(timedelta(days=91))
    await stage.sweep()
    assert await is_erased(stage, old)
    assert not await is_erased(stage, far)
    assert len(stage.live(far)) == 1
    assert await stage.store.receipts() == [], "nobody ordered it"


async def test_a_booking_that_was_erased_by_age_and_is_moved_into_the_future_has_access_again(stage: Stage):
    old = stage.book()
    await stage.work()
    await stage.pass_time(timedelta(days=91))
    await stage.sweep()
    start = stage.world.now + 5 * HOUR
    stage.ireserve.reschedule_as_admin(old, start, start + HOUR)
    await stage.store.hint("club", old)
    await stage.work()
    (live,) = stage.live(old)
    assert live.display_name.endswith(f"-{old}-2")
    assert not await is_erased(stage, old)
