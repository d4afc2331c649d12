"""How long access outlived the right to it, scene by scene."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.domain.access import SetState
from drempel.engine.levers import Levers
from drempel.engine.trail import COMMAND_LINE
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN

RUNNING = BEGIN - timedelta(minutes=10)
SECONDS_37 = timedelta(seconds=37)


async def a_running(stage: Stage) -> str:
    booking = stage.book(start=RUNNING)
    await stage.work()
    return booking


async def exposed(stage: Stage, booking: str) -> list[float | None]:
    return [None if s.exposure is None else s.exposure.total_seconds() for s in (await stage.view(booking)).sets]


def measured(stage: Stage, name: str) -> list[tuple[str, float]]:
    return [(reason, value) for metric, reason, value in stage.world.watcher.measured if metric == name]


async def test_a_worker_that_was_down_for_37_seconds_after_the_hint_reports_37_seconds(stage: Stage):
    booking = await a_running(stage)
    stage.ireserve.cancel_as_customer(booking)
    await stage.world.deliver_all()
    stage.world.advance(timedelta(seconds=20))
    await stage.store.hint("club", booking)
    stage.world.advance(timedelta(seconds=17))
    await stage.work()
    assert await exposed(stage, booking) == [pytest.approx(37, abs=1)]
    assert measured(stage, "exposure_seconds") == [("cancelled", pytest.approx(37, abs=1))]
    assert measured(stage, "revoke_delay_seconds") == [("cancelled", pytest.approx(37, abs=1))]


async def test_resivo_that_was_down_for_37_seconds_after_the_hint_costs_37_seconds(stage: Stage):
    booking = await a_running(stage)
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=503, times=None)
    stage.ireserve.cancel_as_customer(booking)
    await stage.pass_time(SECONDS_37)
    stage.resivo.faults.clear()
    await Levers(stage.store).by(COMMAND_LINE).retry("club", booking)
    await stage.work()
    assert await exposed(stage, booking) == [pytest.approx(37, abs=1)]


async def test_the_order_of_a_person_counts_from_the_order(stage: Stage):
    booking = await a_running(stage)
    await Levers(stage.store).by(COMMAND_LINE).revoke("club", booking)
    stage.world.advance(SECONDS_37)
    await stage.work()
    assert measured(stage, "exposure_seconds") == [("withheld", pytest.approx(37, abs=1))]


async def test_before_the_window_begins_nothing_is_exposed_and_the_delay_counts_all_the_same(stage: Stage):
    booking = stage.book(start=BEGIN + 5 * HOUR)
    await stage.work()
    stage.ireserve.cancel_as_customer(booking)
    await stage.world.deliver_all()
    stage.world.advance(SECONDS_37)
    await stage.work()
    assert await exposed(stage, booking) == [0]
    assert measured(stage, "revoke_delay_seconds") == [("cancelled", pytest.approx(37, abs=1))]


async def test_what_no_hint_told_counts_from_the_reading_that_showed_it(stage: Stage):
    booking = await a_running(stage)
    await stage.pass_time(120)
    stage.ireserve.switches.deliveries = "drop"
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(400, sweep=True)
    assert await exposed(stage, booking) == [pytest.approx(0, abs=1)]


async def test_what_the_recheck_of_an_early_hint_finds_counts_from_that_hint(stage: Stage):
    booking = await a_running(stage)
    await stage.pass_time(120)
    await stage.store.hint("club", booking)
    await stage.work()
    stage.ireserve.switches.deliveries = "drop"
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(11)
    assert await exposed(stage, booking) == [pytest.approx(10, abs=1)]


async def test_a_deleted_booking_counts_from_the_first_hint_and_not_from_the_second_reading(stage: Stage):
    booking = await a_running(stage)
    stage.book()
    await stage.work()
    stage.ireserve.delete_booking(booking)
    await stage.store.hint("club", booking)
    await stage.pass_time(602)
    assert measured(stage, "exposure_seconds") == [("gone", pytest.approx(600, abs=2))]


async def test_a_replaced_set_is_exposed_only_beyond_the_new_window(stage: Stage):
    booking = await a_running(stage)
    stage.ireserve.reschedule_as_admin(booking, RUNNING, BEGIN + timedelta(minutes=1))
    await stage.world.deliver_all()
    stage.world.advance(SECONDS_37)
    await stage.work()
    # Shortened, and the old set was gone before the new end.
    assert await exposed(stage, booking) == [0, None]
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 5 * HOUR, BEGIN + 6 * HOUR)
    await stage.world.deliver_all()
    stage.world.advance(timedelta(seconds=10))
    await stage.work()
    assert await exposed(stage, booking) == [0, pytest.approx(10, abs=1), None]
    assert [reason for reason, _ in measured(stage, "exposure_seconds")] == ["replaced", "replaced"]


async def test_a_successor_that_is_delayed_does_not_hide_how_long_the_old_set_lived_on(stage: Stage):
    booking = await a_running(stage)
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=429, times=None)
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 5 * HOUR, BEGIN + 6 * HOUR)
    await stage.pass_time(SECONDS_37)
    stage.resivo.faults.clear()
    await Levers(stage.store).by(COMMAND_LINE).retry("club", booking)
    await stage.work()
    assert await exposed(stage, booking) == [pytest.approx(37, abs=1), None]


async def test_a_set_that_ends_by_itself_has_no_exposure(stage: Stage):
    booking = await a_running(stage)
    await stage.pass_time(3 * HOUR)
    assert await exposed(stage, booking) == [0]
    assert measured(stage, "exposure_seconds") == [("expiry", 0)]


async def test_an_outage_that_outlasts_the_window_counts_up_to_its_end(stage: Stage):
    booking = stage.book(start=RUNNING, hours=0.5)
    await stage.work()
    stage.world.advance(timedelta(minutes=10))
    stage.ireserve.cancel_as_customer(booking)
    await stage.world.deliver_all()
    stage.world.advance(HOUR)
    await stage.work()
    (ended,) = (await stage.view(booking)).sets
    assert (ended.state, ended.exposure) == (SetState.ENDED, timedelta(minutes=10))


async def test_an_unknown_outcome_that_turns_out_live_for_a_cancelled_booking_counts_from_the_cancellation(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book(start=RUNNING)
    await stage.work()
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    await stage.pass_time(15)
    assert stage.live(booking) == []
    assert await exposed(stage, booking) == [pytest.approx(10, abs=1)]


async def test_a_late_twin_counts_from_the_sending_of_its_create(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=45)
    booking = stage.book(start=RUNNING)
    await stage.pass_time(170)
    view = await stage.view(booking)
    (twin,) = [event for event in view.history if event.type == "access.twin_revoked"]
    assert measured(stage, "exposure_seconds") == [("twin", pytest.approx(float(twin.data["exposure_seconds"]), abs=0.001))]
    assert float(twin.data["exposure_seconds"]) == pytest.approx((twin.at - BEGIN).total_seconds(), abs=1)
