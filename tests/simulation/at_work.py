"""What the workers do, step by step: they meet, overtake each other, stand still, die."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.exc import OperationalError

from drempel.engine.intake import take_hint
from tests.simulation.at_the_club import book_a_wanted, change_status, change_visitor, move, reschedule, spoil_field, turn_over
from tests.simulation.at_the_portal import lost_rows, meddle
from tests.simulation.mortal import Killed
from tests.simulation.orders import erase, order
from tests.simulation.resting import check_in_between, go_on, is_refused
from tests.simulation.scripted_faults import plant_at_resivo

__all__ = ["doze", "fill_disk", "hold", "incident", "kill", "outlive", "overtake", "race", "step", "sweep", "to_the_call", "work"]


async def work(world: Any, draw: random.Random) -> str:
    """A crew finishes what it has in hand, and takes up what else is due."""
    crew = draw.choice(world.crews)
    worked = await world.finish(crew)
    for _ in range(3):
        await world.start(crew, limit=draw.choice((1, 1, 4)))
        worked += await world.finish(crew)
    return f"crew {world.crews.index(crew)} works on {worked}"


async def step(world: Any, draw: random.Random) -> str:
    """A crew makes some steps, and stands still in the middle of them."""
    index = draw.randrange(len(world.crews))
    await world.step(world.crews[index], draw.choice((1, 2, 3, 5, 8, 13)))
    return f"crew {index} goes on to {(world.crews[index].life.stands_at or ['its end'])[0]}"


CROSSINGS: Final = (
    "before transport.send",
    "after transport.send",
    "before store.commit",
    "after store.commit",
    "before store.complete",
)
"""Between what is committed and what the other sides know."""


async def _go_on_to(world: Any, crew: Any, wanted: str) -> None:
    for _ in range(40):
        if crew.task is None or wanted in crew.life.stands_at:
            return
        await world.step(crew, 1)


async def to_the_call(world: Any, draw: random.Random) -> str:
    """A crew goes on until it stands before or after a call to one of the other sides."""
    index = draw.randrange(len(world.crews))
    crew = world.crews[index]
    await world.step(crew, 1)
    await _go_on_to(world, crew, draw.choice(CROSSINGS))
    return f"crew {index} goes on to {(crew.life.stands_at or ['its end'])[0]}"


async def race(world: Any, draw: random.Random) -> str | None:
    """While a crew is in the middle of a booking, the booking changes, and a hint tells of it at once."""
    index = draw.randrange(len(world.crews))
    crew = world.crews[index]
    if draw.random() < 0.9:
        await world.finish(crew)
        await make_wanted(world, draw)
    await world.step(crew, 1)
    if draw.random() < 0.8:
        await _go_on_to(world, crew, "after transport.send")  # it has read the booking
    await world.step(crew, draw.choice((1, 1, 2, 6)))
    await _go_on_to(
        world,
        crew,
        draw.choice(("before store.complete", "before store.complete", "before store.commit", "after transport.send")),
    )
    if crew.task is None:
        return None
    world.focus = world.witness.last_read if draw.random() < 0.9 else None
    changed = await draw.choice((turn_over, turn_over, turn_over, change_status, reschedule, move, order, erase))(world, draw)
    world.focus = None
    await world.deliver_all()
    if draw.random() < 0.7 and await check_in_between(world):
        return f"while crew {index} was at work: {changed}, a hint told of it, and everything came to rest"
    return f"while crew {index} stands at {(crew.life.stands_at or ['its end'])[0]}: {changed}, and a hint tells of it"


async def overtake(world: Any, draw: random.Random) -> str | None:
    """A crew stands still in the middle until its lease has ended, and another does its work; then it goes on, as if nothing had been."""
    index = draw.randrange(len(world.crews))
    crew = world.crews[index]
    if draw.random() < 0.4:
        await world.finish(crew)
        await make_wanted(world, draw)
    await world.step(crew, draw.choice((3, 6, 9, 12, 16, 20, 25)))
    if draw.random() < 0.6:
        await _go_on_to(world, crew, draw.choice(CROSSINGS))
    if crew.task is None:
        return None
    place = crew.life.stands_at[0] if crew.life.stands_at else "its end"
    for pause in (draw.choice((31, 45, 61)), draw.choice((1, 11, 31)), draw.choice((11, 31, 61))):
        world.advance(timedelta(seconds=pause))
        other = world.crew()
        for _ in range(2):
            await world.start(other, limit=4)
            await world.finish(other)
    if draw.random() < 0.5:
        # Whoever overtook is in the middle himself when the first one goes on.
        second = world.crew(gated=True)
        world.advance(timedelta(seconds=draw.choice((1, 11, 31))))
        await world.step(second, draw.choice((5, 10, 15, 20, 25, 30, 40)))
        await world.finish(crew)
        await world.finish(second)
        return f"crew {index} stands at {place}, and goes on while another has its work in hand"
    if draw.random() < 0.8:
        await world.finish(crew)
    return f"crew {index} stands at {place} and is overtaken"


async def outlive(world: Any, draw: random.Random) -> str | None:
    """A crew stands right before a create until its lease has ended; another looks twice, creates, and is in the middle when the first goes on."""
    index = draw.randrange(len(world.crews))
    crew = world.crews[index]
    decided = False
    if draw.random() < 0.6:
        await world.finish(crew)
        await make_wanted(world, draw)
        # Either what is to be sent is committed and not sent, or it is as good as sent.
        decided = draw.random() < 0.5
    if decided:
        await world.step(crew, 1)
        await _go_on_to(world, crew, "after store.commit")
    elif not await _go_on_to_a_create(world, crew):
        return None
    for pause in (45, draw.choice((1, 6, 11))):
        world.advance(timedelta(seconds=pause))
        other = world.crew()
        await world.start(other, limit=4)
        await world.finish(other)
    second = world.crew(gated=True)
    world.advance(timedelta(seconds=draw.choice((5, 11))))
    again = await _go_on_to_a_create(world, second)
    await world.step(second, draw.choice((1, 2, 3, 4, 5, 6, 8)))
    await world.finish(crew)
    await world.finish(second)
    return f"crew {index} outlives its lease before a create" + (", which another has made meanwhile" if again else "")


async def doze(world: Any, draw: random.Random) -> str | None:
    """Time passes between a claim and the work on it, or between a decision and its call, though less than the lease; then an answer is lost."""
    index = draw.randrange(len(world.crews))
    crew = world.crews[index]
    await world.finish(crew)
    await make_wanted(world, draw)
    await world.step(crew, draw.choice((1, 1, 2, 4)))
    if crew.task is None:
        return None
    asleep = draw.choice((4, 8, 12, 16, 19))
    world.advance(timedelta(seconds=asleep))
    late = draw.choice((5.0, 9.0, 15.0))
    world.late_seconds.add(late)
    world.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=late)
    await world.finish(crew)
    await _others_take_over(world, draw, (1, draw.choice((1, 4, 9)), draw.choice((1, 6, 11)), 11))
    return f"crew {index} dozes for {asleep} s with a booking in hand"


async def incident(world: Any, draw: random.Random) -> str | None:
    """One booking wants something of Resivo, something goes wrong with just that, and others come in between."""
    await world.finish_all()
    booking_id = await make_wanted(world, draw)
    said = "wants access"
    if draw.random() < 0.5:
        await world.finish_all_that_is_due()
        world.focus = booking_id
        said = await draw.choice((change_status, change_status, reschedule, reschedule, move, change_visitor))(world, draw) or ""
        world.focus = None
    wrong = plant_at_resivo(world, draw)
    if draw.random() < 0.1:
        world.focus = booking_id
        said += f", {await spoil_field(world, draw)}"
        world.focus = None
    await world.deliver_all()
    index = draw.randrange(len(world.crews))
    await world.step(world.crews[index], draw.choice((0, 4, 8, 12, 16, 20, 24, 28, 32, 36)))
    crew = world.crews[index]
    place = crew.life.stands_at[0] if crew.life.stands_at else "its end"
    fate = draw.choice(("finishes", "dies", "stands still"))
    match fate:
        case "finishes":
            await world.finish(crew)
        case "dies":
            await world.kill(index)
    if draw.random() < 0.4:
        world.focus = booking_id
        await draw.choice((turn_over, change_status, reschedule, erase))(world, draw)
        world.focus = None
        await world.deliver_all()
    if draw.random() < (0.5 if lost_rows(world) else 0.1):
        await meddle(world, draw)
    await _others_take_over(world, draw, (draw.choice((1, 11)), draw.choice((11, 31)), draw.choice((1, 11, 31)), 11))
    if fate == "stands still" and draw.random() < 0.8:
        await world.finish(world.crews[index])
    return f"booking {booking_id} {said}; {wrong}; crew {index} {fate} at {place}"


async def make_wanted(world: Any, draw: random.Random) -> str:
    """A booking that wants access and has none, told of by a hint: a new one, if there may be more."""
    booking_id = await book_a_wanted(world, draw)
    await world.deliver_all()
    return booking_id


async def fill_disk(world: Any, draw: random.Random) -> str | None:
    """The disk under the database is full while a crew is in the middle of a booking; or a commit says so and was written after all."""
    index = draw.randrange(len(world.crews))
    crew = world.crews[index]
    await world.finish(crew)
    await make_wanted(world, draw)
    await world.step(crew, 1)
    await _go_on_to(world, crew, draw.choice(CROSSINGS))
    if crew.task is None:
        return None
    place = crew.life.stands_at[0] if crew.life.stands_at else "its end"
    disk = world.store.disk
    disk.failing, disk.keeps = draw.choice((1, 1, 2, 4)), draw.random() < 0.3
    said = f"{disk.failing} commits fail" + (" and are written" if disk.keeps else "")
    known = len(world.watcher.lines)
    with contextlib.suppress(OperationalError):
        await world.finish(crew)
    disk.failing = 0
    world.watcher.forgive(since=known)
    await _others_take_over(world, draw, (draw.choice((1, 11)), draw.choice((11, 31)), 31, 11))
    return f"{said} while crew {index} stands at {place}"


async def hold(world: Any, draw: random.Random) -> str | None:
    """A person pauses everything; what is wanted meanwhile waits."""
    if world.clock.now() != world.now:
        return None  # the slow loop looks at the clock each minute, and does not run here
    await world.pause(paused=True)
    world.advance(timedelta(seconds=draw.choice((1, 61, 90))))
    booking_id = await make_wanted(world, draw)
    if draw.random() < 0.5:
        await turn_over(world, draw)
    await world.deliver_all()
    await _others_take_over(world, draw, (1, draw.choice((60, 75, 130)), 11))
    if world.neighbour is not None and not is_refused(world):
        await world.neighbour.go_about(world.store, draw)
        await go_on(world, world.crew(), 2)
    if draw.random() < 0.7:
        await world.pause(paused=False)
    return f"everything is paused, and {booking_id} wants access"


async def _others_take_over(world: Any, draw: random.Random, pauses: tuple[int, ...]) -> None:
    """Others work on what is due after each pause; hints that tell nothing new make things due before their time."""
    for pause in pauses:
        world.advance(timedelta(seconds=pause))
        if draw.random() < 0.5:
            for booking_id in world.bookings:
                await take_hint(world.store, source="club", booking_id=booking_id)
                world.note_told(booking_id)
        other = world.crew()
        for _ in range(2):
            await world.start(other, limit=draw.choice((1, 4)))
            await world.finish(other)


async def _go_on_to_a_create(world: Any, crew: Any) -> bool:
    """Whether it stands before sending one now."""
    asked = len(world.witness.creates)
    for _ in range(60):
        await world.step(crew, 1)
        if crew.task is None or len(world.witness.creates) > asked:
            break
    return crew.task is not None and len(world.witness.creates) > asked


async def kill(world: Any, draw: random.Random) -> str:
    index = draw.randrange(len(world.crews))
    where = (world.crews[index].life.stands_at or ["rest"])[0]
    await world.kill(index)
    return f"crew {index} dies at {where}"


async def sweep(world: Any, draw: random.Random) -> str:
    """The slow loop, which may die in the middle."""
    crew = world.crew(die_at=draw.choice((None, None, 5, 12, 25, 40)))
    with contextlib.suppress(Killed):
        await crew.sweep.run_once()
    return "sweep" + (" and die" if crew.life.dead else "")
