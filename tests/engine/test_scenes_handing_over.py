"""The doors of an object move from one integration to another of the same source. In process, as the other scenes."""

from __future__ import annotations

from dataclasses import replace

from drempel.engine.intake import take_hint
from drempel.engine.setup import SetupWrite
from tests.simulation.beginning import set_up
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN


async def move_the_mapping(stage: Stage) -> None:
    """Object 81 goes from the integration `doors` to a new one, which keeps its ids in another field."""
    world = stage.world
    wanted = set_up(world.weather, world.made, world.ireserve, rules=world.truth.rules)
    (doors,) = wanted.integrations
    moved = tuple(mapping for mapping in doors.mappings if mapping.object_id == "81")
    left = replace(doors, mappings=tuple(mapping for mapping in doors.mappings if mapping not in moved))
    other = replace(doors, name="other", mappings=moved, policy=replace(doors.policy, authorization_field="custom01"))
    await stage.store.write_setup(SetupWrite(sources=wanted.sources, integrations=(left, other)))


async def test_a_mapping_that_moves_to_another_integration_gives_no_second_access(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    (live,) = stage.live(booking)
    await move_the_mapping(stage)
    await take_hint(stage.store, source="club", booking_id=booking)
    await stage.pass_time(400, sweep=True)
    assert (stage.live(booking), stage.made(booking), stage.mails()) == ([live], 1, 1)
    assert stage.ireserve.booking(booking).fields == {1: live.id, 5: ""}


async def test_what_was_handed_over_follows_its_booking_and_goes_with_it(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    await move_the_mapping(stage)
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 30 * HOUR, BEGIN + 31 * HOUR)
    await stage.pass_time(400, sweep=True)
    (live,) = stage.live(booking)
    assert (live.valid_to, stage.made(booking)) == (BEGIN + 31 * HOUR, 2)
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert stage.live(booking) == []
    assert set(stage.ireserve.booking(booking).fields.values()) == {""}


async def test_what_an_integration_left_that_was_removed_can_be_taken_away_by_its_heir(stage: Stage):
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    await move_the_mapping(stage)
    await take_hint(stage.store, source="club", booking_id=booking)
    await stage.work()
    await stage.store.write_setup(SetupWrite(removed_integrations=("doors",)))
    await take_hint(stage.store, source="club", booking_id=booking)
    await stage.pass_time(400, sweep=True)
    assert (len(stage.live(booking)), stage.made(booking)) == (1, 1)
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert (stage.live(booking), await stage.failure(booking)) == ([], None)
