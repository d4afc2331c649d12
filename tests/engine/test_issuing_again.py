"""Issuing again, scene by scene: a new message, a new access, and the old one only until its revoke answers."""

from __future__ import annotations

from drempel.domain.access import BookingState, SetState
from drempel.engine.levers import Levers
from drempel.engine.trail import COMMAND_LINE
from tests.simulation.stage import Stage


async def issue_again(stage: Stage, booking: str) -> None:
    await Levers(stage.store, actor=COMMAND_LINE).issue_again("club", booking)
    await stage.work()


async def test_a_new_access_takes_the_place_of_the_present_one_and_a_new_message_goes_out(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    (old,) = stage.live(booking)
    await issue_again(stage, booking)
    (new,) = stage.live(booking)
    assert new.id != old.id
    assert (new.valid_from, new.valid_to) == (old.valid_from, old.valid_to)
    assert stage.mails() == 2
    assert stage.field(booking) == new.id
    assert await stage.state(booking) is BookingState.GRANTED
    told = [event.type for event in (await stage.store.booking("club", booking)).history]
    assert told.index("person.issue_again") < told.index("access.revoked")


async def test_once_is_once(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    await issue_again(stage, booking)
    for _ in range(3):
        await stage.store.hint("club", booking)
        await stage.work()
    await stage.pass_time(7200)
    assert stage.made(booking) == stage.mails() == 2


async def test_the_present_access_stays_while_the_new_one_is_refused(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    (old,) = stage.live(booking)
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=422)
    await issue_again(stage, booking)
    assert [one.id for one in stage.live(booking)] == [old.id]
    assert await stage.state(booking) is BookingState.NEEDS_PERSON
    await Levers(stage.store, actor=COMMAND_LINE).retry("club", booking)
    await stage.work()
    (new,) = stage.live(booking)
    assert new.id != old.id


async def test_a_lost_answer_is_looked_for_and_no_third_is_made(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    await issue_again(stage, booking)
    await stage.pass_time(30)
    assert len(stage.live(booking)) == 1
    assert stage.made(booking) == stage.mails() == 2


async def test_a_revoke_that_fails_at_first_is_tried_until_only_the_new_one_is_left(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=503)
    await issue_again(stage, booking)
    await stage.pass_time(120)
    assert len(stage.live(booking)) == 1
    sets = (await stage.store.booking("club", booking)).sets
    assert [one.state for one in sorted(sets, key=lambda one: one.number)] == [SetState.REVOKED, SetState.LIVE]


async def test_an_earlier_order_to_revoke_is_lifted(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    await Levers(stage.store, actor=COMMAND_LINE).revoke("club", booking)
    await stage.work()
    assert stage.live(booking) == []
    await issue_again(stage, booking)
    assert len(stage.live(booking)) == 1


async def test_a_booking_without_a_right_gets_none(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    await issue_again(stage, booking)
    assert stage.live(booking) == []
    assert stage.mails() == 1
