"""Ready by the start: access is read back, and who is not ready is told in time. Scene by scene."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drempel.domain.access import BookingState
from drempel.engine.booking_object import booking_object
from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.weather import FAIR
from tests.simulation.world import BEGIN

TOMORROW = BEGIN + 20 * HOUR
READY = {"verdict": "ready", "differs": []}
CANNOT_KNOW = {"verdict": "cannot_know", "differs": []}


@pytest.fixture
def profile_file(tmp_path: Path) -> Path:
    return tmp_path / "without-read.toml"


async def ready(stage: Stage, booking: str) -> Any:
    return booking_object(await stage.view(booking))["ready"]


async def told(stage: Stage, booking: str) -> list[tuple[timedelta, str]]:
    """When somebody was warned, counted from the first moment, and of what."""
    return [(e.at - BEGIN, e.data["cause"]) for e in (await stage.view(booking)).history if e.type == "booking.not_ready"]


def reads(stage: Stage) -> int:
    return int(stage.resivo.calls.counts["read_authorization"])


async def test_what_was_created_is_read_back_once_and_is_ready(stage: Stage):
    booking = stage.book(start=TOMORROW)
    await stage.work()
    assert await ready(stage, booking) == READY
    await stage.pass_time(HOUR, sweep=True)
    assert reads(stage) == 1
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await ready(stage, booking) is None


async def test_a_door_that_is_offline_is_named_and_once_it_is_back_the_booking_is_ready(stage: Stage):
    hall = stage.world.component_ids["Hall 1"]
    stage.resivo.set_online(hall, False)
    booking = stage.book(start=TOMORROW)
    await stage.work()
    assert await ready(stage, booking) == {"verdict": "not_ready", "differs": [{"field": "doors", "names": ["Hall 1"]}]}
    assert await stage.state(booking) is BookingState.GRANTED
    stage.resivo.set_online(hall, True)
    await stage.pass_time(120, sweep=True)
    assert await ready(stage, booking) == READY


async def test_a_window_that_somebody_narrowed_in_the_portal_is_found_by_the_audit_and_touches_no_access(stage: Stage):
    booking = stage.book(start=BEGIN + 60 * HOUR)
    await stage.work()
    (live,) = stage.live(booking)
    stage.resivo.portal_change(live.id, valid_to=BEGIN + 61 * HOUR)
    stage.world.advance(25 * HOUR)
    await stage.sweep()
    assert await ready(stage, booking) == {"verdict": "not_ready", "differs": [{"field": "window", "names": []}]}
    assert [one.id for one in stage.live(booking)] == [live.id]
    stage.resivo.portal_change(live.id, valid_to=BEGIN + 62 * HOUR)
    await stage.store.hint("club", booking)
    await stage.work()
    assert await ready(stage, booking) == READY


async def test_what_somebody_narrowed_after_the_last_audit_is_found_when_the_booking_starts_soon(stage: Stage):
    booking = stage.book(start=BEGIN + 5 * HOUR)
    await stage.work()
    stage.resivo.portal_change(stage.live(booking)[0].id, valid_to=BEGIN + 6 * HOUR)
    await stage.pass_time(4 * HOUR - timedelta(seconds=1))
    assert await ready(stage, booking) == READY
    await stage.pass_time(1)
    assert await told(stage, booking) == [(4 * HOUR, "window")]


async def test_a_read_back_that_fails_touches_nothing_and_is_made_up_for_by_itself(stage: Stage):
    stage.resivo.faults.add(operation="read_authorization", kind="status", status=403, times=2)
    booking = stage.book(start=TOMORROW)
    await stage.work()
    assert (await stage.state(booking), await stage.failure(booking)) == (BookingState.GRANTED, None)
    assert await ready(stage, booking) == CANNOT_KNOW
    other = stage.book(start=TOMORROW)
    await stage.work()
    assert len(stage.live(other)) == 1, "a refused read-back pauses neither site nor credential"
    await stage.pass_time(30)
    assert await ready(stage, booking) == await ready(stage, other) == READY
    assert stage.made(booking) == 1


async def test_a_read_back_that_goes_on_failing_is_not_tried_without_end(stage: Stage):
    stage.resivo.faults.add(operation="read_authorization", kind="status", status=500, times=None)
    booking = stage.book(start=TOMORROW)
    await stage.pass_time(5 * HOUR)
    assert reads(stage) <= 10
    assert await ready(stage, booking) == CANNOT_KNOW


@pytest.mark.parametrize("listed", [True, False])
async def test_a_profile_without_read_reads_back_by_its_list_and_without_both_nobody_can_know(
    tmp_path: Path, profile_file: Path, listed: bool
):
    without = "" if listed else "[operations.list_authorizations]\nsupported = false\n"
    profile_file.write_text(f'name = "without-read"\n[operations.read_authorization]\nsupported = false\n{without}')
    async with a_stage(tmp_path, profile=str(profile_file)) as stage:
        booking = stage.book(start=TOMORROW)
        await stage.work()
        assert await ready(stage, booking) == (READY if listed else CANNOT_KNOW)
        await stage.pass_time(TOMORROW - BEGIN)
        assert (await told(stage, booking), stage.made(booking)) == ([], 1)


async def test_a_status_word_that_nobody_knows_is_no_verdict(stage: Stage):
    stage.resivo.quirks.status_word = "sleeping"
    booking = stage.book(start=TOMORROW)
    await stage.work()
    assert await ready(stage, booking) == {"verdict": "cannot_know", "differs": [{"field": "status", "names": []}]}


async def test_what_a_crash_left_unread_is_read_by_the_next_run(stage: Stage):
    booking = stage.book(start=TOMORROW)
    hold = stage.resivo.faults.add(operation="read_authorization", kind="hold_before")
    working = asyncio.create_task(stage.work())
    await stage.resivo.faults.wait_until_held(hold)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    stage.resivo.faults.clear()
    assert (len(stage.live(booking)), await ready(stage, booking)) == (1, CANNOT_KNOW)
    stage.world.advance(timedelta(seconds=31))
    await stage.work()
    assert (await ready(stage, booking), stage.made(booking)) == (READY, 1)


async def test_what_was_adopted_after_a_lost_answer_is_ready_by_the_look_that_found_it(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book(start=TOMORROW)
    await stage.pass_time(15)
    assert (await ready(stage, booking), reads(stage)) == (READY, 0)


async def widen_before_the_read_back(stage: Stage, booking: str) -> None:
    hold = stage.resivo.faults.add(operation="read_authorization", kind="hold_before")
    working = asyncio.create_task(stage.work())
    await stage.resivo.faults.wait_until_held(hold)
    stage.resivo.portal_change(stage.live(booking)[-1].id, valid_to=BEGIN + 900 * HOUR)
    stage.resivo.faults.release(hold)
    await working


async def test_a_set_that_opens_more_than_asked_is_revoked_and_made_anew(stage: Stage):
    booking = stage.book(start=TOMORROW)
    await widen_before_the_read_back(stage, booking)
    assert (stage.made(booking), len(stage.live(booking)), await ready(stage, booking)) == (2, 1, READY)
    revoking = [event.data["reason"] for event in (await stage.view(booking)).history if event.type == "access.revoking"]
    assert revoking == ["access.changed_elsewhere"]


async def test_access_that_is_widened_each_time_asks_a_person(stage: Stage):
    booking = stage.book(start=BEGIN + 60 * HOUR)
    await widen_before_the_read_back(stage, booking)
    stage.resivo.portal_change(stage.live(booking)[0].id, valid_to=BEGIN + 900 * HOUR)
    stage.world.advance(25 * HOUR)
    await stage.sweep()
    assert (await stage.failure(booking), stage.live(booking), stage.made(booking)) == ("access.opens_more", [], 2)
    await stage.store.order_retry("club", booking)
    await stage.work()
    assert (len(stage.live(booking)), await ready(stage, booking)) == (1, READY)


async def test_a_booking_that_waits_for_a_retry_is_warned_of_once_for_each_cause_at_the_set_time_before_its_start(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="refuse", times=None)
    booking = stage.book(start=BEGIN + 3 * HOUR)
    await stage.pass_time(2 * HOUR - timedelta(seconds=1))
    assert await told(stage, booking) == []
    assert await stage.store.count_not_ready() == 0
    await stage.pass_time(HOUR)
    ((when, cause),) = await told(stage, booking)
    assert (when, cause) == (2 * HOUR, "resivo.unreachable")
    assert await stage.store.count_not_ready() == 1
    stage.resivo.faults.clear()
    await stage.pass_time(900)
    assert await stage.store.count_not_ready() == 0
    assert sum(line.startswith("booking.not_ready") for line in stage.world.watcher.lines) == 1


async def test_a_booking_that_comes_in_late_is_judged_when_its_first_run_ends(stage: Stage):
    stage.resivo.rename_component(stage.world.component_ids["Hall 1"], "Hall One")
    booking = stage.book(start=BEGIN + timedelta(minutes=20))
    await stage.work()
    assert await told(stage, booking) == [(timedelta(), "component.missing")]
    assert await ready(stage, booking) == {"verdict": "not_ready", "differs": [{"field": "access", "names": []}]}
    await stage.pass_time(15 * 60, sweep=True)
    assert len(await told(stage, booking)) == 1


async def test_another_start_is_warned_of_anew(stage: Stage):
    stage.resivo.rename_component(stage.world.component_ids["Hall 1"], "Hall One")
    booking = stage.book(start=BEGIN + timedelta(minutes=20))
    await stage.work()
    stage.ireserve.reschedule_as_admin(booking, BEGIN + timedelta(minutes=30), BEGIN + HOUR)
    await stage.work()
    assert len(await told(stage, booking)) == 2


async def test_nobody_is_warned_of_a_booking_that_is_ready_or_wants_no_access(stage: Stage):
    fine, cancelled = stage.book(start=BEGIN + 3 * HOUR), stage.book(start=BEGIN + 3 * HOUR)
    unmapped, open_ = stage.book(start=BEGIN + 3 * HOUR, object_id="99"), stage.book(start=BEGIN + 3 * HOUR, status="10")
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="status", status=503, times=None)
    stage.ireserve.set_status(cancelled, "70")
    await stage.pass_time(4 * HOUR)
    assert [await told(stage, booking) for booking in (fine, cancelled, unmapped, open_)] == [[], [], [], []]
    assert reads(stage) >= 2, "read back after the create, and again an hour before the start"


async def test_a_site_that_the_booking_has_left_hides_from_nobody_what_another_waits_for(tmp_path: Path):
    async with a_stage(tmp_path, weather=replace(FAIR, sites=("north", "south"))) as stage:
        booking = stage.book(object_id="84", start=BEGIN + 3 * HOUR)
        await stage.work()
        stage.resivo.rename_component(stage.world.component_ids["Main entrance"], "Front door")
        stage.ireserve.move_object(booking, "82")
        await stage.work()
        assert (await stage.state(booking), await stage.failure(booking)) == (BookingState.NEEDS_PERSON, "component.missing")
        assert await ready(stage, booking) == {"verdict": "not_ready", "differs": [{"field": "access", "names": []}]}
        await stage.pass_time(2 * HOUR)
        assert await told(stage, booking) == [(2 * HOUR, "component.missing")]
