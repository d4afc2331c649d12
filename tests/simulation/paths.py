"""Death at every await, found by counting: each story is played once to learn its steps, then once for each of them, with the worker dying there, or
standing there until its lease has ended and another has done its work, or with its next commit failing.

    python -m tests.simulation.paths                      # every story, every step, both ways
    python -m tests.simulation.paths --story create --at 17 --way dies
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import OperationalError

from drempel.engine.intake import take_hint
from drempel.engine.levers import Levers
from drempel.engine.trail import COMMAND_LINE
from tests.simulation.beginning import set_up
from tests.simulation.orders import replace_differing
from tests.simulation.resting import settle_down
from tests.simulation.stores import fast_folder, open_sqlite, settle_memory
from tests.simulation.weather import FAIR, Weather
from tests.simulation.world import World

__all__ = ["STORIES", "WAYS", "play_path", "steps_of"]

WAYS: Final = ("dies", "stands", "full", "unsaid")
"""What happens at a step: the worker dies; stands until another has done its work; the next commit fails, because the disk is full; or it says so
and was written after all, as when the connection to a database is cut between the commit and its answer.
"""
Story = Callable[[World], Awaitable[None]]


def _book(world: World, **options: Any) -> str:
    start = world.now + timedelta(hours=20)
    booking_id: str = world.ireserve.make_booking(
        options.pop("object_id", "81"),
        start,
        start + timedelta(hours=2),
        email="ada@example.com",
        tel_mob="+31612345678",
        status="20",
    )
    world.bookings.append(booking_id)
    return booking_id


async def _granted(world: World, **options: Any) -> str:
    booking_id = _book(world, **options)
    await _work(world, world.crew())
    return booking_id


async def create(world: World) -> None:
    _book(world)


async def create_at_two_sites(world: World) -> None:
    _book(world, object_id="84")


async def create_with_a_lost_answer(world: World) -> None:
    world.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    _book(world)


async def create_answered_500_after_the_work(world: World) -> None:
    world.resivo.faults.add(operation="create_remote_access", kind="status", status=500, done=True)
    _book(world)


async def create_that_never_arrived(world: World) -> None:
    world.resivo.faults.add(operation="create_remote_access", kind="lost_before")
    _book(world)


async def create_that_comes_late(world: World) -> None:
    world.late_seconds.add(15.0)
    world.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=15)
    _book(world)


async def replace_a_moved_booking(world: World) -> None:
    booking_id = await _granted(world)
    start = world.now + timedelta(hours=30)
    world.ireserve.reschedule_as_admin(booking_id, start, start + timedelta(hours=1))


async def replace_with_a_lost_answer(world: World) -> None:
    await replace_a_moved_booking(world)
    world.resivo.faults.add(operation="create_remote_access", kind="lost_after")


async def replace_with_a_revoke_that_fails(world: World) -> None:
    await replace_a_moved_booking(world)
    world.resivo.faults.add(operation="revoke_authorization", kind="status", status=503)


async def revoke_a_cancelled_booking(world: World) -> None:
    booking_id = await _granted(world)
    world.ireserve.set_status(booking_id, "70")


async def revoke_with_a_lost_answer(world: World) -> None:
    await revoke_a_cancelled_booking(world)
    world.resivo.faults.add(operation="revoke_authorization", kind="lost_after")


async def cancel_while_the_outcome_is_unknown(world: World) -> None:
    world.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking_id = _book(world)
    await _work(world, world.crew())
    world.ireserve.set_status(booking_id, "80")


async def write_the_field_anew(world: World) -> None:
    booking_id = await _granted(world)
    world.ireserve.set_field(booking_id, 5, "")


async def write_the_field_with_a_lost_answer(world: World) -> None:
    world.ireserve.faults.add(operation="write_booking_field", kind="lost_after")
    _book(world)


async def revoke_a_booking_that_is_gone(world: World) -> None:
    booking_id = await _granted(world)
    await _granted(world)
    world.ireserve.delete_booking(booking_id)
    world.deleted.add(booking_id)
    await world.store.wake("club", [booking_id])
    await _work(world, world.crew())
    world.advance(timedelta(seconds=601))


async def issue_again(world: World) -> None:
    booking_id = await _granted(world)
    await Levers(world.records).by(COMMAND_LINE).issue_again("club", booking_id)
    world.witness.note_ordered_again(booking_id)


async def issue_again_with_a_lost_answer(world: World) -> None:
    await issue_again(world)
    world.resivo.faults.add(operation="create_remote_access", kind="lost_after")


async def issue_again_with_a_revoke_that_fails(world: World) -> None:
    await issue_again(world)
    world.resivo.faults.add(operation="revoke_authorization", kind="status", status=503)


async def replace_what_an_edit_changed(world: World) -> None:
    await _granted(world)
    await world.write_setup(replace(world.truth.rules, time_before=timedelta(minutes=30)))
    await replace_differing(world, random.Random(0))


async def replace_what_an_edit_changed_with_a_lost_answer(world: World) -> None:
    await replace_what_an_edit_changed(world)
    world.resivo.faults.add(operation="create_remote_access", kind="lost_after")


async def replace_where_a_door_has_another_id(world: World) -> None:
    booking_id = await _granted(world)
    world.component_ids["Hall 1"] = world.resivo.renew_component_id(world.component_ids["Hall 1"]).id
    await world.store.wake("club", [booking_id])


async def leave_one_of_two_sites(world: World) -> None:
    booking_id = await _granted(world, object_id="84")
    world.ireserve.move_object(booking_id, "82")


async def erase_what_is_live(world: World) -> None:
    booking_id = await _granted(world)
    await Levers(world.records).by(COMMAND_LINE).erase("club", booking_id)
    world.ordered_away.add(booking_id)
    world.once_taken.add(booking_id)


async def create_after_a_silence(world: World) -> None:
    """That nothing answers is written down, and that it is over too: between calls, with the booking in hand."""
    world.resivo.faults.add(operation="list_components", kind="refuse", times=2)
    world.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    _book(world)


async def create_with_a_lost_answer_without_a_list(world: World) -> None:
    await create_with_a_lost_answer(world)


async def revoke_answered_well_and_not_done(world: World) -> None:
    await revoke_a_cancelled_booking(world)
    world.resivo.faults.add(operation="revoke_authorization", kind="status", status=200, body="html")


async def write_the_field_answered_well_and_not_done(world: World) -> None:
    world.ireserve.faults.add(operation="write_booking_field", kind="status", status=200, body="html")
    _book(world)


async def create_after_an_answer_that_was_no_customer(world: World) -> None:
    world.ireserve.faults.add(operation="read_customer", kind="status", status=200, body="html")
    _book(world)


async def keep_the_newest_of_two_for_a_delayed_successor(world: World) -> None:
    booking_id = await _granted(world, object_id="82")
    world.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    start = world.now + timedelta(hours=30)
    world.ireserve.reschedule_as_admin(booking_id, start, start + timedelta(hours=1))
    await world.deliver_all()
    await world.finish_all_that_is_due()
    for name in ("Main entrance", "Hall 1"):
        world.resivo.set_online(world.component_ids[name], False)
    world.ireserve.move_object(booking_id, "81")


async def lose_access_for_want_of_a_successor(world: World) -> None:
    """Moved to a hall whose door has another name just then, at a status between: it is owed one once the door has its name back."""
    booking_id = await _granted(world)
    world.resivo.rename_component(world.component_ids["Hall 2"], "Hall Two")
    world.note_truth()
    world.ireserve.set_status(booking_id, "40")
    world.ireserve.move_object(booking_id, "82")


async def hand_over_to_a_further_integration(world: World) -> None:
    """The doors of the object move to it, and it has the booking field now; a hint tells nothing new."""
    booking_id = await _granted(world)
    await _move_the_mapping(world)
    await take_hint(world.store, source="club", booking_id=booking_id)


async def replace_what_was_handed_over(world: World) -> None:
    await replace_a_moved_booking(world)
    await _move_the_mapping(world)


async def _move_the_mapping(world: World) -> None:
    wanted = set_up(world.weather, world.made, world.ireserve, rules=world.truth.rules)
    (doors,) = wanted.integrations
    moved = tuple(mapping for mapping in doors.mappings if mapping.object_id == "81")
    left = replace(
        doors,
        mappings=tuple(mapping for mapping in doors.mappings if mapping not in moved),
        policy=replace(doors.policy, authorization_field="custom01"),
    )
    await world.store.write_setup(replace(wanted, integrations=(left, replace(doors, name="other", mappings=moved))))


STORIES: Final[dict[str, Story]] = {
    story.__name__: story
    for story in (
        create,
        create_at_two_sites,
        create_with_a_lost_answer,
        create_answered_500_after_the_work,
        create_that_never_arrived,
        create_that_comes_late,
        replace_a_moved_booking,
        replace_with_a_lost_answer,
        replace_with_a_revoke_that_fails,
        revoke_a_cancelled_booking,
        revoke_with_a_lost_answer,
        cancel_while_the_outcome_is_unknown,
        write_the_field_anew,
        write_the_field_with_a_lost_answer,
        revoke_a_booking_that_is_gone,
        issue_again,
        issue_again_with_a_lost_answer,
        issue_again_with_a_revoke_that_fails,
        replace_what_an_edit_changed,
        replace_what_an_edit_changed_with_a_lost_answer,
        replace_where_a_door_has_another_id,
        leave_one_of_two_sites,
        erase_what_is_live,
        create_after_a_silence,
        create_with_a_lost_answer_without_a_list,
        revoke_answered_well_and_not_done,
        write_the_field_answered_well_and_not_done,
        create_after_an_answer_that_was_no_customer,
        keep_the_newest_of_two_for_a_delayed_successor,
        lose_access_for_want_of_a_successor,
        hand_over_to_a_further_integration,
        replace_what_was_handed_over,
    )
}


async def _work(world: World, crew: Any) -> None:
    """Half a minute of one crew, which is all that these stories need."""
    for pause in (0, 11, 11, 11):
        world.advance(timedelta(seconds=pause))
        await world.deliver_all()
        for _ in range(2):
            await world.start(crew)
            await world.finish(crew)


async def _work_until_it_stands(world: World, crew: Any) -> bool:
    """The same, for a crew that stands still at some step, or dies there; whether it came so far."""
    for pause in (0, 11, 11, 11):
        world.advance(timedelta(seconds=pause))
        await world.deliver_all()
        for _ in range(2):
            await world.start(crew)
            if crew.life.dead or crew.life.stands_at:
                return True
            await world.finish(crew)
    return False


def _weather(story: str) -> Weather:
    profile = "onegov-literal" if "without_a_list" in story else FAIR.profile
    return replace(FAIR, sites=("north", "south") if "two_sites" in story else FAIR.sites, profile=profile)


async def steps_of(story: str) -> list[str]:
    """Where each step of this story is."""
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        world = await World.begin(1, open_sqlite, Path(folder) / "path.sqlite", weather=_weather(story))
        try:
            await STORIES[story](world)
            crew = world.crew()
            await _work(world, crew)
            return list(crew.life.places)
        finally:
            await world.store.close()


async def play_path(story: str, at: int, way: str, folder: Path) -> list[str]:
    """Every broken promise when this happens at this step (counted from 1)."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    world = await World.begin(1, open_sqlite, folder / "path.sqlite", weather=_weather(story))
    try:
        await STORIES[story](world)
        crew = world.crew(die_at=at) if way == "dies" else world.crew(stand_at=at)
        world.crews = [crew]
        if await _work_until_it_stands(world, crew) and way != "dies":
            await _go_on(world, crew, way)
        await settle_down(world)
        return list(dict.fromkeys(world.broken))
    except AssertionError as error:
        return [f"fault: {error}"]
    finally:
        await world.kill(0)
        await world.store.close()
        for left in folder.glob("path.sqlite*"):
            left.unlink()


async def _go_on(world: World, crew: Any, way: str) -> None:
    """From where it stands."""
    if way == "stands":
        world.advance(timedelta(seconds=61))
        await _work(world, world.crew())
        await world.finish(crew)
        return
    disk = world.store.disk
    disk.failing, disk.keeps = 1, way == "unsaid"
    with contextlib.suppress(OperationalError):
        await world.finish(crew)
    disk.failing = 0
    world.watcher.forgive()


def _play(story: str, at: int, way: str) -> tuple[str, int, str, list[str]]:
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        return story, at, way, asyncio.run(play_path(story, at, way, Path(folder)))


def run_paths(
    stories: list[str], ways: tuple[str, ...], *, jobs: int, stop_at_first: bool = False
) -> tuple[dict[tuple[str, str], int], list[str]]:
    """Play every step of these stories: how many there were of each story and way, and every failure with its replay."""
    counts: dict[tuple[str, str], int] = {}
    failures: list[str] = []
    with ProcessPoolExecutor(jobs, initializer=settle_memory) as pool:
        lengths = dict(zip(stories, pool.map(_count, stories), strict=True))
        paths = [(story, at, way) for story in stories for way in ways for at in range(1, lengths[story] + 1)]
        futures = [pool.submit(_play, *path) for path in paths]
        for future in as_completed(futures):
            story, at, way, broken = future.result()
            counts[story, way] = counts.get((story, way), 0) + 1
            if broken:
                failures.append(
                    f"{story}, {way} at {at}: {broken[0]}\n  replay: python -m tests.simulation.paths --story {story} --at {at} --way {way}"
                )
                if stop_at_first:
                    pool.shutdown(wait=False, cancel_futures=True)
                    break
    return counts, failures


def _count(story: str) -> int:
    return len(asyncio.run(steps_of(story)))


def main() -> int:
    parser = argparse.ArgumentParser(description="Let the worker die, stand still, or lose its commit, at every await.")
    parser.add_argument("--story", choices=list(STORIES))
    parser.add_argument("--at", type=int)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    stories = [options.story] if options.story else list(STORIES)
    ways = (options.way,) if options.way else WAYS
    if options.at is not None:
        failures = [line for story in stories for way in ways for line in _play(story, options.at, way)[3]]
    else:
        counts, failures = run_paths(stories, ways, jobs=options.jobs)
        for story in stories:
            print(f"{story}: " + ", ".join(f"{way} at {counts[story, way]} steps" for way in ways))
    print("\n".join(failures) or "every promise holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
