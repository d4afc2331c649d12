"""What Resivo refuses, and what somebody does in its portal. In process: simulators behind the transport, a real store, a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from drempel.domain.access import BookingState
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN, FOREIGN


async def test_a_refused_successor_takes_the_old_access_with_it_and_asks_a_person(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=400, message="no", times=None)
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 5 * HOUR, BEGIN + 6 * HOUR)
    await stage.work()
    assert stage.live(booking) == []
    assert await stage.failure(booking) == "access.refused"
    assert await stage.state(booking) is BookingState.NEEDS_PERSON


async def test_a_refused_credential_is_told_once_and_asks_no_more_than_one_probe_for_each_longest_pause(stage: Stage):
    stage.resivo.faults.add(operation="token", kind="status", status=401, times=None)
    bookings = [stage.book() for _ in range(5)]
    await stage.pass_time(600)
    assert {await stage.failure(b) for b in bookings} == {"credential.refused"}
    assert stage.resivo.calls.counts["token"] <= 5
    before = stage.resivo.calls.counts["token"]
    await stage.pass_time(1200)
    assert stage.resivo.calls.counts["token"] - before <= 4
    stage.resivo.faults.clear()
    await stage.pass_time(1000)
    assert all(len(stage.live(b)) == 1 for b in bookings)


async def test_a_pause_that_resivo_asks_for_holds_back_everybody(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=429, retry_after=30)
    first = stage.book()
    await stage.work()
    second = stage.book()
    await stage.work()
    await stage.pass_time(20)
    assert stage.resivo.calls.counts["create_remote_access"] == 1
    await stage.pass_time(20)
    assert len(stage.live(first)) == len(stage.live(second)) == 1


async def test_what_was_made_by_hand_in_the_portal_is_never_touched(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(2 * 24 * HOUR, sweep=False)
    await stage.sweep()
    assert [a.status for a in stage.resivo.authorizations(display_name_contains=FOREIGN)] == ["active"]


async def test_what_somebody_revoked_in_the_portal_is_told_and_not_made_again_by_itself(stage: Stage):
    booking = stage.book(start=BEGIN + 60 * HOUR)
    await stage.work()
    stage.resivo.portal_revoke(stage.live(booking)[0].id)
    stage.world.advance(timedelta(hours=25))
    await stage.sweep()
    await stage.work()
    assert await stage.failure(booking) == "access.ended_elsewhere"
    assert stage.made(booking) == 1
    await stage.store.order_retry("club", booking)
    await stage.work()
    assert len(stage.live(booking)) == 1


async def test_an_access_that_vanished_at_resivo_is_never_taken_for_revoked(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.portal_delete(stage.live(booking)[0].id)
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await stage.failure(booking) == "authorization.not_found"
    assert await stage.state(booking) is BookingState.NEEDS_PERSON


@pytest.mark.parametrize("operation", ["write_booking_field", "filter_bookings", "read_customer"])
async def test_a_right_that_is_missing_for_one_call_stops_nothing_else(stage: Stage, operation: str):
    stage.ireserve.faults.add(operation=operation, kind="status", status=403, times=None)
    booking = stage.book()
    await stage.pass_time(400, sweep=True)
    assert len(stage.live(booking)) == 1
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert stage.live(booking) == []


async def test_a_set_that_was_deleted_in_the_portal_is_told_by_the_audit(stage: Stage):
    booking = stage.book(start=BEGIN + 60 * HOUR)
    await stage.work()
    stage.resivo.portal_delete(stage.live(booking)[0].id)
    stage.world.advance(timedelta(hours=25))
    await stage.sweep()
    assert await stage.failure(booking) == "authorization.not_found"


async def test_an_audit_that_failed_is_made_again_soon_and_one_that_did_not_the_next_day(stage: Stage):
    """A Resivo that is serviced at that hour every night would else never be compared."""
    counts = stage.resivo.calls.counts
    pages = counts["list_authorizations"]  # of the audit at the beginning
    stage.resivo.faults.add(operation="list_authorizations", kind="refuse", times=None)
    stage.world.advance(timedelta(hours=25))
    await stage.sweep()
    stage.resivo.faults.clear()
    before = counts["list_authorizations"]
    for passed in (timedelta(minutes=16), timedelta(hours=2)):
        await stage.pass_time(passed, sweep=True)
        assert counts["list_authorizations"] == before + pages


async def test_a_set_that_was_prolonged_in_the_portal_is_replaced_by_what_the_booking_has(stage: Stage):
    booking = stage.book(start=BEGIN + 60 * HOUR)
    await stage.work()
    stage.resivo.portal_change(stage.live(booking)[0].id, valid_to=BEGIN + 900 * HOUR)
    stage.world.advance(timedelta(hours=25))
    await stage.sweep()
    (live,) = stage.live(booking)
    assert live.valid_to == BEGIN + 62 * HOUR


async def test_a_replacement_that_is_refused_is_not_asked_for_at_each_sweep(stage: Stage):
    hall = stage.world.component_ids["Hall 1"]
    stage.resivo.set_online(hall, False)
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=400, times=None)
    stage.resivo.set_online(hall, True)
    before = stage.resivo.calls.counts["create_remote_access"]
    await stage.pass_time(1800, sweep=True)
    # Once when the door came back, and once for each re-reading that was planned by then; after that hourly.
    assert stage.resivo.calls.counts["create_remote_access"] - before <= 4
    assert len(stage.live(booking)) == 1


async def test_a_row_that_differs_from_the_intent_is_revoked_and_the_intent_is_carried_out(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    stage.resivo.portal_change(stage.live(booking)[0].id, valid_to=BEGIN + 9 * HOUR)
    await stage.pass_time(60)
    (live,) = stage.live(booking)
    assert live.valid_to == BEGIN + 3 * HOUR


async def test_a_call_that_was_under_way_does_not_end_a_pause_that_began_meanwhile(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=429, retry_after=600)
    booking = stage.book()
    await stage.work()
    stage.book()
    await stage.pass_time(300)
    assert stage.resivo.calls.counts["create_remote_access"] == 1
    await stage.pass_time(320)
    assert len(stage.live(booking)) == 1


async def test_a_revoke_that_is_answered_badly_counts_as_done_where_the_status_left_the_word_for_live(stage: Stage):
    booking = stage.book()
    await stage.work()
    first_read = stage.resivo.faults.add(operation="read_authorization", kind="hold_after")
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=400, done=True)
    stage.ireserve.set_status(booking, "70")
    working = asyncio.create_task(stage.work())
    await stage.resivo.faults.wait_until_held(first_read)
    stage.resivo.quirks.status_word = "off"  # a word that the profile does not know, from the second reading on
    stage.resivo.faults.release(first_read)
    await working
    assert await stage.state(booking) is BookingState.REVOKED
    assert stage.resivo.calls.counts["revoke_authorization"] == 1


async def test_a_word_that_was_never_the_word_for_live_is_no_proof_of_a_revoke(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.quirks.status_word = "off"
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=400)
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await stage.failure(booking) == "revoke.refused"
