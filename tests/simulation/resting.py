"""Coming to rest: what is due is done, and then the oracle is asked whether the promise holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from tests.simulation import oracle, people
from tests.simulation.kept import kept_in_clear

__all__ = ["check_in_between", "go_on", "is_refused", "rest", "settle_down"]

REPAIRS_MAX: Final = 3
HOURS_OF_REPAIR: Final = 2
"""What is decided anew an hour later may need the person once more."""
ROUNDS_MAX: Final = 400
RUNS_MAX: Final = 5
HINTED: Final = (0, 11, 31, 31)
"""Seconds: now, and after the second and the third reading that a hint asks for."""


async def settle_down(world: Any) -> None:
    """No more faults; everything that is due is done, over hours, until the looks for late twins are over too. A person does what only a
    person can; the promise is asked for before, in between and after.
    """
    world.set_clock_right()
    await world.pause(paused=False)
    if not world.truth.rules.active or world.saved_secret != world.made.credential.client_secret:
        await world.write_setup(replace(world.truth.rules, active=True))
    await world.finish_all()
    world.resivo.faults.clear()
    world.ireserve.faults.clear()
    world.broken += world.witness.at_each_step()
    crew = _who_rests(world)
    await _after_hints(world, crew)
    for pause in (0, 660):
        await rest(world, crew, timedelta(seconds=pause))
    world.broken += await oracle.check(world, calm_only=True)
    if len(world.trace) % 2:
        _all_doors_come_back(world)
    for pause in (1900, 3700):
        await rest(world, crew, timedelta(seconds=pause))
    if world.touched_sets or world.deleted_sets:
        for _ in range(25):  # hour by hour, for what somebody prolonged may be found before it ends
            await rest(world, crew, timedelta(hours=1))
    world.broken += await oracle.check(world)
    world.broken += kept_in_clear(world)
    # With two sites one cause may hide another, so the person looks more than once.
    repaired = False
    for _ in range(HOURS_OF_REPAIR):
        rounds = 0
        while rounds < REPAIRS_MAX and await people.repair(world):
            rounds += 1
            for pause in (0, 660):
                await rest(world, crew, timedelta(seconds=pause))
        if not rounds:
            break
        repaired = True
        await rest(world, crew, timedelta(seconds=3700))
    if repaired:
        world.broken += await oracle.check(world, after_repair=True)


def _all_doors_come_back(world: Any) -> None:
    """By themselves: nobody says anything."""
    for component in world.resivo.state.components.values():
        world.resivo.set_online(component.id, True)


async def check_in_between(world: Any) -> bool:
    """Let everybody finish what he has in hand, in the middle of a script, and ask for the promise as far as hints alone must keep it.

    False: it cannot be asked now.
    """
    if world.clock.now() != world.now or world.paused_at is not None or is_refused(world):
        return False
    await world.finish_all()
    crew = _who_rests(world)
    await _after_hints(world, crew)
    crew.life.gated = True
    return True


def _who_rests(world: Any) -> Any:
    """In half of the worlds a process that has been there all the time, with all that it remembers; else a fresh one."""
    if not world.weather.own_crew:
        return world.crew()
    world.crews[0].life.run_free()
    return world.crews[0]


def is_refused(world: Any) -> bool:
    """While Resivo has another secret everything tries again and again: nothing comes to rest."""
    return bool(world.saved_secret != world.resivo.state.credentials[world.made.credential.client_id].client_secret)


async def _after_hints(world: Any, crew: Any) -> None:
    """Without the slow loop: what a hint told of is done by the hint alone."""
    for pause in HINTED:
        await rest(world, crew, timedelta(seconds=pause), sweep=False)
    if not world.jumped:
        world.broken += await oracle.check(world, calm_only=True, told_only=True)


async def go_on(world: Any, crew: Any, minutes: int) -> None:
    """Let so many minutes pass as they do: what comes due is done, whatever else is planned."""
    for _ in range(minutes):
        world.advance(timedelta(minutes=1))
        await world.deliver_all()
        if world.neighbour is not None:
            await world.neighbour.tell_once_more(world.store)
        await crew.sweep.run_once()
        for _ in range(RUNS_MAX):
            if await crew.worker.run_once(limit=64) == 0:
                break
        world.broken += world.witness.at_each_step()
    if world.neighbour is not None:
        world.broken += await world.neighbour.check(world)


async def rest(world: Any, crew: Any, pause: timedelta, *, sweep: bool = True) -> None:
    """Let so much time pass, and then work until nothing is due within the next minutes."""
    world.advance(pause)
    swept_at: datetime | None = None if sweep else world.now + timedelta(days=1)
    for _ in range(ROUNDS_MAX):
        await world.deliver_all()
        if swept_at is None or world.now - swept_at >= timedelta(seconds=60):
            await crew.sweep.run_once()
            swept_at = world.now
        worked = await crew.worker.run_once(limit=64)
        world.broken += world.witness.at_each_step()
        due = await world.next_due()
        if worked == 0 and not world.ireserve.deliveries.due(world.ireserve.clock.now()):
            if due is None or due > world.clock.now() + timedelta(seconds=90):
                return
            # What is due and not worked on is leased to a worker that died: wait for the end of its lease.
            world.advance(max(due - world.clock.now(), timedelta(seconds=5)) + timedelta(milliseconds=1))
    raise AssertionError("the world does not come to rest")
