"""Doors that get other ids or names, or go offline. In process: simulators behind the transport, a real store, a clock that is moved by hand."""

from __future__ import annotations

import asyncio

from drempel.domain.access import BookingState
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN, LIMITS


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


async def test_who_lost_access_to_a_renamed_door_between_two_statuses_is_told_of_and_gets_it_once_the_name_is_right(stage: Stage):
    hall = stage.world.component_ids["Hall 2"]
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    stage.ireserve.set_status(booking, "40")
    stage.resivo.rename_component(hall, "Hall Two")
    stage.ireserve.move_object(booking, "82")
    await stage.work()
    assert stage.live(booking) == []
    assert (await stage.state(booking), await stage.failure(booking)) == (BookingState.NEEDS_PERSON, "component.missing")
    stage.resivo.rename_component(hall, "Hall 2")
    await stage.pass_time(3700)
    (live,) = stage.live(booking)
    assert hall in live.component_ids
    assert any(recipient.address.startswith("+") for recipient in live.recipients), "the customer is read for it as well"


async def test_one_reading_that_does_not_find_the_booking_takes_nothing_of_what_is_owed(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    stage.resivo.rename_component(stage.world.component_ids["Hall 2"], "Hall Two")
    stage.ireserve.set_status(booking, "40")
    stage.ireserve.move_object(booking, "82")
    await stage.work()
    stage.ireserve.faults.add(operation="read_booking", kind="status", status=404)
    await stage.pass_time(3700)
    stage.resivo.rename_component(stage.world.component_ids["Hall 2"], "Hall 2")
    await stage.pass_time(7300)
    assert len(stage.live(booking)) == 1


async def test_who_was_cancelled_meanwhile_is_owed_nothing(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    stage.resivo.rename_component(stage.world.component_ids["Hall 2"], "Hall Two")
    stage.ireserve.set_status(booking, "40")
    stage.ireserve.move_object(booking, "82")
    for status in ("40", "70", "40"):
        stage.ireserve.set_status(booking, status)
        await stage.work()
    stage.resivo.rename_component(stage.world.component_ids["Hall 2"], "Hall 2")
    await stage.pass_time(3700)
    assert stage.live(booking) == []
    assert await stage.state(booking) is BookingState.REVOKED


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


async def test_what_doors_are_called_now_is_kept_for_people(stage: Stage):
    stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    hall = stage.world.component_ids["Hall 1"]
    for name in ("Hall One", "Hall 1"):
        stage.resivo.rename_component(hall, name)
        await stage.pass_time(120, sweep=True)
        assert (await stage.store.last_names()).doors[stage.world.site_id, hall] == name


async def test_what_a_site_is_called_is_asked_once_a_day(stage: Stage):
    booking = stage.book(start=BEGIN + 90 * HOUR)
    await stage.work()
    for name in ("North", "Sports park"):
        stage.resivo.state.sites[stage.world.site_id].display_name = name
        stage.world.advance(25 * HOUR)
        await stage.sweep()
        assert (await stage.store.last_names()).sites[stage.world.site_id] == name
    stage.resivo.faults.add(operation="list_sites", kind="status", status=403, times=None)
    stage.world.advance(25 * HOUR)
    await stage.sweep()
    assert (await stage.store.pauses(), len(stage.live(booking))) == ({}, 1), (
        "a right that is missing for names alone pauses nothing"
    )


async def test_doors_of_which_resivo_never_says_whether_they_are_online_are_issued_once(stage: Stage):
    stage.resivo.quirks.online_missing = True
    booking = stage.book()
    await stage.pass_time(400, sweep=True)
    assert (stage.made(booking), stage.mails()) == (1, 1)


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


async def test_a_door_that_goes_offline_just_before_a_create_whose_answer_is_lost_sends_no_second_message(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=2)
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    stage.resivo.set_online(stage.world.component_ids["Hall 1"], False)
    await stage.pass_time(70)
    (live,) = stage.live(booking)
    assert live.component_ids == [stage.world.component_ids["Main entrance"]]
    assert (stage.made(booking), stage.mails()) == (1, 1)


async def test_a_booking_that_needs_a_person_for_its_offline_doors_gets_its_access_soon_after_one_is_back(stage: Stage):
    doors = [each.id for each in stage.resivo.state.components.values()]
    for each in doors:
        stage.resivo.set_online(each, False)
    booking = stage.book(start=BEGIN + 5 * HOUR)
    await stage.work()
    assert await stage.state(booking) is BookingState.NEEDS_PERSON
    await stage.pass_time(120, sweep=True)
    tried = (await stage.view(booking)).record.next_at
    assert stage.made(booking) == 0
    stage.resivo.set_online(stage.world.component_ids["Hall 1"], True)
    await stage.pass_time(120, sweep=True)
    assert tried is not None
    assert await stage.store.now() < tried
    assert (await stage.state(booking), stage.made(booking)) == (BookingState.GRANTED, 1)


async def test_a_paused_integration_asks_for_no_doors_for_whom_waits_for_one(stage: Stage):
    for each in list(stage.resivo.state.components.values()):
        stage.resivo.set_online(each.id, False)
    booking = stage.book(start=BEGIN + 5 * HOUR)
    await stage.work()
    assert await stage.state(booking) is BookingState.NEEDS_PERSON
    await stage.store.set_paused("doors", paused=True)
    asked = stage.resivo.calls.counts["list_components"]
    await stage.pass_time(300, sweep=True)
    assert stage.resivo.calls.counts["list_components"] == asked


async def test_resivo_is_not_asked_for_doors_where_nobody_waits_for_one(stage: Stage):
    await stage.pass_time(300, sweep=True)
    assert stage.resivo.calls.counts["list_components"] == 0


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


async def test_of_two_that_no_longer_fit_only_the_newest_stays_for_a_successor_that_is_delayed(stage: Stage):
    """Moved to another time while the answer to the create was lost, then to a hall whose doors are all offline."""
    booking = stage.book(start=BEGIN + 20 * HOUR, object_id="82")
    await stage.work()
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 30 * HOUR, BEGIN + 31 * HOUR)
    await stage.work()
    assert len(stage.live(booking)) == 2, "the old one, and one that nobody knows of yet"
    for name in ("Main entrance", "Hall 1"):
        stage.resivo.set_online(stage.world.component_ids[name], False)
    stage.ireserve.move_object(booking, "81")
    await stage.pass_time(120)
    (live,) = stage.live(booking)
    assert (await stage.failure(booking), live.valid_to) == ("component.none_online", BEGIN + 31 * HOUR)
