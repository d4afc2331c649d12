"""From a booking to its access and back: statuses, changes, hints and polls. In process: simulators behind the transport, a real store, a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from drempel.domain.access import BookingState
from drempel.domain.mapping import ObjectMapping
from drempel.engine.setup import DesiredIntegration, SetupWrite
from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.world import BEGIN


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


async def test_a_booking_that_is_read_for_the_first_time_before_its_status_is_stored_is_read_again(stage: Stage):
    booking = stage.book(status="10")
    stage.ireserve.deliveries.clear()
    stage.ireserve.switches.event_first = True
    stage.ireserve.set_status(booking, "20")
    await stage.work()
    assert stage.live(booking) == []
    await stage.pass_time(20)
    assert len(stage.live(booking)) == 1


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


@pytest.mark.parametrize("turn", ["status", "object"])
async def test_a_change_that_a_hint_told_and_that_is_taken_back_before_the_next_poll_is_found_by_that_poll(
    stage: Stage, turn: str
):
    booking = stage.book()
    await stage.work()
    await stage.pass_time(310, sweep=True)
    if turn == "status":
        stage.ireserve.set_status(booking, "40")
    else:
        stage.ireserve.move_object(booking, "99")
    await stage.pass_time(70)
    stage.ireserve.switches.deliveries = "drop"
    if turn == "status":
        stage.ireserve.set_status(booking, "70")
        await stage.store.hint("club", booking)
        await stage.pass_time(70)
        stage.ireserve.set_status(booking, "20")
    else:
        assert stage.live(booking) == []
        stage.ireserve.move_object(booking, "81")
    await stage.pass_time(310, sweep=True)
    assert len(stage.live(booking)) == 1


async def test_an_email_change_that_fires_no_event_is_found_by_a_reread(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.change_customer(stage.ireserve.booking(booking).customer_id, email="new@example.com")
    await stage.pass_time(400, sweep=True)
    (live,) = stage.live(booking)
    assert {r.address for r in live.recipients} == {"new@example.com", "+31612345678"}
    assert await _why_made(stage, booking) == ["", "contact"]


async def _why_made(stage: Stage, booking: str) -> list[str]:
    """Of each access, what had changed for it to take the place of another."""
    history = (await stage.store.booking("club", booking)).history
    return [event.data.get("changed", "") for event in history if event.type == "access.intended"]


async def test_the_history_says_what_changed_where_another_access_took_the_place_of_one(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.ireserve.change_customer(stage.ireserve.booking(booking).customer_id, tel_mob="+31687654321")
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 2 * HOUR, BEGIN + 4 * HOUR)
    await stage.pass_time(400, sweep=True)
    assert await _why_made(stage, booking) == ["", "time contact"]


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


async def test_a_customer_that_may_not_be_read_gets_access_by_email_alone(stage: Stage):
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=401, times=None)
    booking = stage.book()
    await stage.work()
    (live,) = stage.live(booking)
    assert [r.channel for r in live.recipients] == ["email"]


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


async def test_without_a_status_criterion_a_confirmation_that_no_hint_told_is_found_by_re_reading(stage: Stage):
    stage.ireserve.switches.filter_status = False
    stage.ireserve.switches.deliveries = "drop"
    booking = stage.book(status="10", start=BEGIN + 20 * HOUR)
    await stage.pass_time(700, sweep=True)
    stage.ireserve.set_status(booking, "20")
    await stage.pass_time(700, sweep=True)
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


async def test_an_answer_that_is_no_customer_takes_no_access_away(stage: Stage):
    booking = stage.book(email="")
    await stage.work()
    assert len(stage.live(booking)) == 1
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=200, body="json", times=None)
    await stage.store.hint("club", booking)
    await stage.pass_time(300)
    assert (len(stage.live(booking)), stage.made(booking)) == (1, 1)
