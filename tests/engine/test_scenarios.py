"""The promise, scene by scene, in process: simulators behind the transport, a real store, a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drempel.domain.access import BookingState
from drempel.domain.mapping import ObjectMapping
from drempel.engine.levers import Created, Levers, NotCreated
from drempel.engine.setup import DesiredIntegration, SetupWrite
from drempel.engine.trail import COMMAND_LINE
from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.world import BEGIN, FOREIGN, LIMITS


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(tmp_path) as made:
        yield made


@pytest.fixture
async def listless(tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(tmp_path, profile="onegov-literal") as made:
        yield made


async def test_a_confirmed_booking_gets_one_access_one_message_and_its_id_in_the_field(stage: Stage):
    booking = stage.book()
    await stage.work()
    (live,) = stage.live(booking)
    assert (live.valid_from, live.valid_to) == (BEGIN + timedelta(minutes=45), BEGIN + 3 * HOUR)
    assert stage.mails() == 1
    assert stage.field(booking) == live.id
    assert await stage.state(booking) is BookingState.GRANTED


async def test_repeated_hints_and_the_echo_of_our_own_write_change_nothing(stage: Stage):
    booking = stage.book()
    await stage.work()
    calls = stage.resivo.calls.counts["create_remote_access"]
    for _ in range(5):
        await stage.store.hint("club", booking)
        await stage.work()
    await stage.pass_time(120)
    assert stage.resivo.calls.counts["create_remote_access"] == calls == 1


async def test_a_cancellation_revokes_and_empties_the_field(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.cancel_as_customer(booking)
    await stage.work()
    assert stage.live(booking) == []
    assert stage.field(booking) == ""
    assert await stage.state(booking) is BookingState.REVOKED


async def test_a_hint_that_comes_before_the_status_is_stored_is_read_again(stage: Stage):
    stage.ireserve.switches.event_first = True
    booking = stage.book(status="10")
    await stage.pass_time(30)
    stage.ireserve.set_status(booking, "20")
    await stage.work()
    assert stage.live(booking) == []
    await stage.pass_time(11)
    assert len(stage.live(booking)) == 1


async def test_an_answer_that_is_lost_after_the_work_is_found_and_not_repeated(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    assert await stage.state(booking) is BookingState.PENDING
    await stage.pass_time(15)
    assert await stage.state(booking) is BookingState.GRANTED
    assert stage.made(booking) == stage.mails() == 1


async def test_an_answer_that_is_lost_before_the_work_is_looked_for_twice_and_sent_again_under_the_same_name(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_before")
    booking = stage.book()
    await stage.pass_time(25)
    assert stage.resivo.calls.counts["list_authorizations"] >= 2
    (live,) = stage.live(booking)
    assert live.display_name.endswith("-1")
    assert stage.mails() == 1


async def test_a_late_twin_is_found_and_revoked(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=45)
    booking = stage.book()
    await stage.pass_time(50)
    assert len(stage.live(booking)) == 2
    await stage.pass_time(120)
    (live,) = stage.live(booking)
    assert live.id == stage.field(booking)


async def test_a_500_after_the_commit_makes_no_second_access(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=500, done=True, body="html")
    booking = stage.book()
    await stage.pass_time(30)
    assert stage.made(booking) == 1
    assert await stage.state(booking) is BookingState.GRANTED


async def test_a_cancellation_while_the_outcome_is_unknown_takes_away_what_was_made(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await stage.state(booking) is BookingState.REVOKING
    await stage.pass_time(15)
    assert stage.live(booking) == []
    assert await stage.state(booking) is BookingState.REVOKED


async def test_a_cancellation_while_the_create_is_on_its_way_catches_it_when_it_arrives_an_hour_later(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=3000)
    booking = stage.book(start=BEGIN + 10 * HOUR)
    await stage.work()
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(40)
    assert await stage.state(booking) is BookingState.REVOKED
    await stage.pass_time(2 * HOUR)
    assert stage.made(booking) == 1
    assert stage.live(booking) == []


async def test_a_reschedule_while_the_outcome_is_unknown_ends_with_one_access_for_the_new_time(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 5 * HOUR, BEGIN + 6 * HOUR)
    await stage.pass_time(60)
    (live,) = stage.live(booking)
    assert live.valid_to == BEGIN + 6 * HOUR
    assert stage.field(booking) == live.id


async def test_a_replacement_is_created_before_the_old_is_revoked(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=503, times=3)
    stage.ireserve.move_object(booking, "82")
    await stage.work()
    assert len(stage.live(booking)) == 2
    assert await stage.state(booking) is BookingState.REVOKING
    await stage.pass_time(60)
    (live,) = stage.live(booking)
    assert stage.world.component_ids["Hall 2"] in live.component_ids


async def test_a_refused_successor_takes_the_old_access_with_it_and_asks_a_person(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=400, message="no", times=None)
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 5 * HOUR, BEGIN + 6 * HOUR)
    await stage.work()
    assert stage.live(booking) == []
    assert await stage.failure(booking) == "access.refused"
    assert await stage.state(booking) is BookingState.NEEDS_PERSON


async def test_what_a_person_revoked_comes_back_only_when_a_person_or_a_new_trigger_says_so(stage: Stage):
    booking = stage.book()
    await stage.work()
    await stage.store.order_revoke("club", booking)
    await stage.pass_time(5)
    assert stage.live(booking) == []
    await stage.store.hint("club", booking)
    await stage.pass_time(70)
    assert stage.live(booking) == []
    stage.ireserve.set_status(booking, "10")
    await stage.work()
    stage.ireserve.set_status(booking, "20")
    await stage.work()
    assert len(stage.live(booking)) == 1
    await stage.store.order_revoke("club", booking)
    await stage.work()
    await stage.store.order_retry("club", booking)
    await stage.work()
    assert len(stage.live(booking)) == 1


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


async def test_a_booking_that_is_read_for_the_first_time_before_its_status_is_stored_is_read_again(stage: Stage):
    booking = stage.book(status="10")
    stage.ireserve.deliveries.clear()
    stage.ireserve.switches.event_first = True
    stage.ireserve.set_status(booking, "20")
    await stage.work()
    assert stage.live(booking) == []
    await stage.pass_time(20)
    assert len(stage.live(booking)) == 1


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


async def test_looks_that_take_long_each_time_do_not_keep_a_revoke_from_being_done(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    await stage.pass_time(15)
    assert len(stage.live(booking)) == 1, "found, and watched from now on"
    right = stage.world.transport.apps["resivo"]

    async def slow_to_list(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET" or not scope["path"].endswith("/authorizations"):
            await right(scope, receive, send)
            return
        stage.world.advance(timedelta(seconds=46))
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    stage.world.transport.apps["resivo"] = slow_to_list
    stage.world.advance(timedelta(seconds=61))
    stage.ireserve.set_status(booking, "70")
    await stage.world.deliver_all()
    await stage.crew.worker.run_once(limit=64)
    assert stage.live(booking) == []


@pytest.mark.parametrize(
    ("side", "path", "code"), [("ireserve", "/booking/", "source.unreachable"), ("resivo", "/components", "resivo.unreachable")]
)
async def test_what_was_read_too_slowly_to_create_by_is_read_again_at_once_and_then_said_and_tried_after_pauses(
    stage: Stage, side: str, path: str, code: str
):
    right, asked = stage.world.transport.apps[side], 0

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal asked
        if path in scope["path"]:
            asked += 1
            stage.world.advance(timedelta(seconds=21))
        await right(scope, receive, send)

    stage.world.transport.apps[side] = slow
    booking = stage.book()
    await stage.world.deliver_all()
    await stage.crew.worker.run_once(limit=64)
    await stage.crew.worker.run_once(limit=64)
    assert asked == 2, "at once once more: perhaps our own process stood still"
    assert await stage.failure(booking) == code
    assert stage.live(booking) == []
    stage.world.transport.apps[side] = right
    await stage.pass_time(120)
    assert len(stage.live(booking)) == 1
    assert await stage.failure(booking) is None


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


async def test_a_cancellation_that_no_hint_told_is_missing_from_the_next_poll(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.switches.deliveries = "drop"
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(301, sweep=True)
    assert stage.live(booking) == []


@pytest.mark.parametrize("knows_status", [True, False])
async def test_a_booking_that_no_hint_told_is_found_by_the_poll(stage: Stage, knows_status: bool):
    stage.ireserve.switches.filter_status = knows_status
    stage.ireserve.switches.deliveries = "drop"
    booking = stage.book()
    await stage.pass_time(301, sweep=True)
    assert len(stage.live(booking)) == 1


async def test_an_email_change_that_fires_no_event_is_found_by_a_reread(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.change_customer(stage.ireserve.booking(booking).customer_id, email="new@example.com")
    await stage.pass_time(400, sweep=True)
    (live,) = stage.live(booking)
    assert {r.address for r in live.recipients} == {"new@example.com", "+31612345678"}


async def test_bookings_that_stood_at_a_trigger_status_before_the_first_poll_get_nothing_until_a_person_or_a_hint_says_so(
    tmp_path: Path,
):
    def before(ireserve):
        for _ in range(2):
            ireserve.make_booking("81", BEGIN + HOUR, BEGIN + 2 * HOUR, status="20", email="ada@example.com")
        ireserve.deliveries.clear()

    async with a_stage(tmp_path, before=before) as stage:
        first, second = stage.ireserve.state.bookings
        await stage.work()
        assert (await stage.view(first)).record.reason == "booking.existing"
        await stage.store.hint("club", second)
        await stage.work()
        assert (stage.live(first), len(stage.live(second))) == ([], 1)


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


async def test_a_customer_that_may_not_be_read_gets_access_by_email_alone(stage: Stage):
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=401, times=None)
    booking = stage.book()
    await stage.work()
    (live,) = stage.live(booking)
    assert [r.channel for r in live.recipients] == ["email"]


async def test_a_door_that_got_a_new_id_under_its_name_replaces_the_access(stage: Stage):
    booking = stage.book()
    await stage.work()
    new = stage.resivo.renew_component_id(stage.world.component_ids["Hall 1"]).id
    await stage.pass_time(120, sweep=True)
    (live,) = stage.live(booking)
    assert new in live.component_ids


async def test_a_renamed_door_touches_no_live_access_and_needs_a_person_for_the_next_booking(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.rename_component(stage.world.component_ids["Hall 1"], "Hall One")
    await stage.pass_time(120, sweep=True)
    assert (await stage.state(booking), stage.made(booking)) == (BookingState.GRANTED, 1)
    following = stage.book()
    await stage.work()
    assert await stage.failure(following) == "component.missing"


async def test_a_door_that_was_offline_is_added_once_when_it_is_back(stage: Stage):
    hall = stage.world.component_ids["Hall 1"]
    stage.resivo.set_online(hall, False)
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    assert stage.live(booking)[0].component_ids == [stage.world.component_ids["Main entrance"]]
    stage.resivo.set_online(hall, True)
    await stage.pass_time(120, sweep=True)
    assert hall in stage.live(booking)[0].component_ids
    for _ in range(2):
        stage.resivo.set_online(hall, False)
        await stage.pass_time(120, sweep=True)
        stage.resivo.set_online(hall, True)
        await stage.pass_time(120, sweep=True)
    assert stage.made(booking) == 2


async def test_without_a_list_an_unknown_outcome_waits_for_a_person_and_nothing_is_sent_again(listless: Stage):
    listless.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = listless.book()
    await listless.pass_time(2 * HOUR)
    assert await listless.failure(booking) == "access.outcome_unknown_no_list"
    assert listless.made(booking) == 1
    assert await listless.state(booking) is BookingState.NEEDS_PERSON


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


async def test_a_revoke_whose_answer_is_lost_is_read_again_and_counts_as_done(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="lost_after")
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await stage.state(booking) is BookingState.REVOKED
    assert stage.resivo.calls.counts["revoke_authorization"] == 1


async def test_an_access_that_vanished_at_resivo_is_never_taken_for_revoked(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.portal_delete(stage.live(booking)[0].id)
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await stage.failure(booking) == "authorization.not_found"
    assert await stage.state(booking) is BookingState.NEEDS_PERSON


async def test_a_revoke_goes_on_while_the_booking_system_is_down(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=503)
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    stage.ireserve.faults.add(operation="read_booking", kind="refuse", times=None)
    await stage.pass_time(60)
    assert stage.live(booking) == []


async def test_access_that_is_over_is_ended_and_nobody_is_asked(stage: Stage):
    booking = stage.book()
    await stage.work()
    await stage.pass_time(4 * HOUR)
    assert await stage.state(booking) is BookingState.ENDED
    assert stage.resivo.calls.counts["revoke_authorization"] == 0


async def test_a_booking_that_cannot_be_read_asks_a_person_and_a_revoke_status_still_counts(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    stage.ireserve.switches.offsets = "none"
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 16 * HOUR + timedelta(minutes=30), BEGIN + 18 * HOUR)
    await stage.work()
    assert len(stage.live(booking)) == 1
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert stage.live(booking) == []


# ------------------------------------------------------------------------------------------- what an adversarial reading found once


async def test_a_revoke_that_is_stuck_keeps_back_no_other_revoke(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.portal_delete(stage.live(booking)[0].id)
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 2 * HOUR, BEGIN + 4 * HOUR)
    await stage.work()
    assert len(stage.live(booking)) == 1
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert stage.live(booking) == []
    assert await stage.failure(booking) == "authorization.not_found"


@pytest.mark.parametrize("operation", ["write_booking_field", "filter_bookings", "read_customer"])
async def test_a_right_that_is_missing_for_one_call_stops_nothing_else(stage: Stage, operation: str):
    stage.ireserve.faults.add(operation=operation, kind="status", status=403, times=None)
    booking = stage.book()
    await stage.pass_time(400, sweep=True)
    assert len(stage.live(booking)) == 1
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert stage.live(booking) == []


async def test_a_cancellation_counts_while_customers_cannot_be_read(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=500, times=None)
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert stage.live(booking) == []


async def test_a_visitor_who_can_no_longer_be_read_keeps_the_access(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=403, times=None)
    stage.ireserve.change_customer(stage.ireserve.booking(booking).customer_id, email="")
    await stage.store.hint("club", booking)
    await stage.work()
    assert (stage.made(booking), len(stage.live(booking))) == (1, 1)


async def test_doors_of_which_resivo_never_says_whether_they_are_online_are_issued_once(stage: Stage):
    stage.resivo.quirks.online_missing = True
    booking = stage.book()
    await stage.pass_time(400, sweep=True)
    assert (stage.made(booking), stage.mails()) == (1, 1)


async def test_a_set_that_was_deleted_in_the_portal_is_told_by_the_audit(stage: Stage):
    booking = stage.book(start=BEGIN + 60 * HOUR)
    await stage.work()
    stage.resivo.portal_delete(stage.live(booking)[0].id)
    stage.world.advance(timedelta(hours=25))
    await stage.sweep()
    assert await stage.failure(booking) == "authorization.not_found"


async def test_a_set_that_was_prolonged_in_the_portal_is_replaced_by_what_the_booking_has(stage: Stage):
    booking = stage.book(start=BEGIN + 60 * HOUR)
    await stage.work()
    stage.resivo.portal_change(stage.live(booking)[0].id, valid_to=BEGIN + 900 * HOUR)
    stage.world.advance(timedelta(hours=25))
    await stage.sweep()
    (live,) = stage.live(booking)
    assert live.valid_to == BEGIN + 62 * HOUR


async def test_without_a_status_criterion_a_confirmation_that_no_hint_told_is_found_by_re_reading(stage: Stage):
    stage.ireserve.switches.filter_status = False
    stage.ireserve.switches.deliveries = "drop"
    booking = stage.book(status="10", start=BEGIN + 20 * HOUR)
    await stage.pass_time(700, sweep=True)
    stage.ireserve.set_status(booking, "20")
    await stage.pass_time(700, sweep=True)
    assert len(stage.live(booking)) == 1


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


async def test_a_hint_whose_first_reading_fails_is_still_read_again_later(stage: Stage):
    booking = stage.book(status="10")
    await stage.pass_time(100)
    stage.ireserve.faults.add(operation="read_booking", kind="status", status=500)
    await stage.store.hint("club", booking)
    await stage.pass_time(6)
    stage.ireserve.switches.deliveries = "drop"
    stage.ireserve.set_status(booking, "20")
    await stage.pass_time(15)
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


@pytest.mark.parametrize("trouble", ["list fails", "unclear word"])
async def test_an_outcome_that_stays_unknown_is_not_asked_for_without_a_pause(stage: Stage, trouble: str):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    if trouble == "list fails":
        stage.resivo.faults.add(operation="list_authorizations", kind="status", status=500, times=None)
    else:
        stage.resivo.quirks.status_word = "sleeping"
    stage.book()
    await stage.pass_time(900)
    assert stage.resivo.calls.counts["list_authorizations"] < 25


async def test_what_saved_settings_heal_is_taken_up_at_once(stage: Stage):
    stage.resivo.faults.add(operation="token", kind="status", status=401)
    booking = stage.book()
    await stage.work()
    assert await stage.failure(booking) == "credential.refused"
    await stage.store.order_retry("club", booking)
    await stage.work()
    assert len(stage.live(booking)) == 1


async def test_a_further_integration_of_a_source_issues_nothing_for_what_is_known_already(stage: Stage):
    known = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    await stage.pass_time(400, sweep=True)
    setup = await stage.store.setup()
    first = setup.integrations["doors"]
    connection = setup.connections[first.connection_id]
    secrets = await stage.store.stored_secrets()
    other = stage.resivo.add_site("Other", site_owner_id=connection.site_owner_id)
    stage.resivo.add_component(other.id, "Gate")
    await stage.store.write_setup(
        SetupWrite(
            integrations=(
                DesiredIntegration(
                    name="gates",
                    kind="resivo",
                    source="club",
                    policy=replace(first.policy, authorization_field="custom01"),
                    profile_json=connection.profile_json,
                    base_url=connection.base_url,
                    site_owner_id=connection.site_owner_id,
                    client_id=connection.client_id,
                    client_secret=secrets.client_secrets[connection.id],
                    site_id=other.id,
                    mappings=(ObjectMapping(object_id="81", site_id=other.id, component_names=("Gate",)),),
                ),
            )
        )
    )
    await stage.pass_time(700, sweep=True)
    assert (stage.made(known), await stage.state(known)) == (1, BookingState.GRANTED)
    news = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    assert len(stage.live(news)) == 2


async def test_a_door_that_was_renamed_a_moment_ago_is_seen_by_the_next_booking(stage: Stage):
    stage.book()
    await stage.work()
    stage.resivo.rename_component(stage.world.component_ids["Hall 1"], "Hall One")
    following = stage.book()
    await stage.work()
    assert await stage.failure(following) == "component.missing"


async def test_a_door_that_goes_offline_between_the_list_and_the_create_sends_no_second_message(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    hall = stage.world.component_ids["Hall 1"]
    hold = stage.resivo.faults.add(operation="create_remote_access", kind="hold_before")
    working = asyncio.create_task(stage.work())
    await stage.resivo.faults.wait_until_held(hold)
    stage.resivo.set_online(hall, False)
    stage.resivo.faults.release(hold)
    await working
    await stage.pass_time(70)
    assert (stage.made(booking), stage.mails()) == (1, 1)


async def resolve(stage: Stage, booking: str, says: Created | NotCreated) -> None:
    await Levers(stage.store).by(COMMAND_LINE).resolve("club", booking, says)
    await stage.work()


async def unknown_without_list(stage: Stage) -> str:
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.pass_time(60)
    assert await stage.failure(booking) == "access.outcome_unknown_no_list"
    return booking


async def test_a_persons_word_with_the_right_id_is_taken_and_nothing_is_sent_again(listless: Stage):
    booking = await unknown_without_list(listless)
    await resolve(listless, booking, Created(listless.live(booking)[0].id))
    assert await listless.state(booking) is BookingState.GRANTED
    assert (listless.made(booking), listless.field(booking)) == (1, listless.live(booking)[0].id)


async def test_a_persons_word_with_the_id_of_somebody_else_is_refused_and_that_access_is_never_touched(listless: Stage):
    booking = await unknown_without_list(listless)
    await resolve(listless, booking, Created("by-hand"))
    assert await listless.failure(booking) == "authorization.foreign"
    listless.ireserve.set_status(booking, "70")
    await listless.work()
    assert [a.status for a in listless.resivo.authorizations(display_name_contains=FOREIGN)] == ["active"]
    await resolve(listless, booking, Created(listless.live(booking)[0].id))
    await listless.work()
    assert listless.live(booking) == []


async def test_a_persons_word_that_nothing_was_made_lets_it_be_sent_again(listless: Stage):
    listless.resivo.faults.add(operation="create_remote_access", kind="lost_before")
    booking = listless.book()
    await listless.pass_time(60)
    await resolve(listless, booking, NotCreated())
    assert await listless.state(booking) is BookingState.GRANTED
    assert listless.made(booking) == 1


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


async def test_what_a_short_field_left_of_an_id_is_ours_also_if_the_answer_to_the_write_was_lost(stage: Stage):
    stage.ireserve.switches.field_length = 20
    stage.ireserve.faults.add(operation="write_booking_field", kind="lost_after")
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    assert len(stage.field(booking)) == 20
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 30 * HOUR, BEGIN + 31 * HOUR)
    await stage.pass_time(60)
    assert (len(stage.live(booking)), await stage.failure(booking)) == (1, "writeback.cut")


async def test_a_booking_whose_doors_are_all_offline_says_since_when_and_gets_its_access_in_time(stage: Stage):
    doors = [each.id for each in stage.resivo.state.components.values()]
    for each in doors:
        stage.resivo.set_online(each, False)
    booking = stage.book(start=BEGIN + 30 * HOUR)
    await stage.work()
    assert await stage.failure(booking) == "component.none_online"
    began = (await stage.view(booking)).record.failure.since
    assert began is not None
    await stage.pass_time(7 * HOUR)
    needy = (await stage.view(booking)).record
    assert (needy.state, needy.failure.since) == (BookingState.NEEDS_PERSON, began)
    for each in doors:
        stage.resivo.set_online(each, True)
    await stage.pass_time(LIMITS.retry_longest)
    assert len(stage.live(booking)) == 1
    assert (await stage.view(booking)).record.failure is None
