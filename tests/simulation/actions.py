"""What may happen in the world: one function for each action, which draws its particulars and says what it did (None: it could do nothing)."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from drempel.engine.intake import take_hint
from drempel.engine.levers import Levers
from drempel.engine.records import UnknownBooking
from drempel.engine.trail import COMMAND_LINE
from drempel.ireserve import booking_id_of
from tests.simulation.beginning import DOORS
from tests.simulation.mortal import Killed
from tests.simulation.resting import check_in_between
from tests.simulation.scripted_faults import plant
from tests.simulation.truth import TRIGGER
from tests.simulation.upheavals import blind, change_secret, edit
from tests.simulation.weather import FOREIGN_NAMES

__all__ = ["ACTIONS", "NEVER_LEFT_OUT", "WEIGHTS"]

Action = Callable[[Any, random.Random], Awaitable[str | None]]
BOOKINGS_MAX: Final = 6


# ------------------------------------------------------------------------------------------------- people at the booking system


async def book(world: Any, draw: random.Random) -> str | None:
    if len(world.bookings) >= BOOKINGS_MAX:
        return None
    world.serial += 1
    start, end = _times(world, draw)
    booking_id = world.ireserve.make_booking(
        draw.choice(["81", "81", "82", "82", "83", "83", "84", "84", "99"]),
        start,
        end,
        email=draw.choice([f"visitor{world.serial}@example.com"] * 3 + [""]),
        tel_mob=draw.choice(["0031 6 1234 5678", "06 12345678", ""]),
        status=draw.choice(["10", "20", "20", "30"]),
    )
    world.bookings.append(booking_id)
    return f"book {booking_id} {start:%d %H:%M}-{end:%H:%M}"


def _times(world: Any, draw: random.Random) -> tuple[Any, Any]:
    start = world.weather.begin + timedelta(hours=draw.choice([-1, 1, 2, 6, 15, 16, 17, 26, 60]), minutes=draw.choice([0, 30]))
    start = max(start, world.now - timedelta(hours=1)).replace(second=0, microsecond=0)
    return start, start + timedelta(minutes=draw.choice([30, 60, 120, 600]))


def _some_booking(world: Any, draw: random.Random) -> str | None:
    if world.focus is not None and world.focus not in world.deleted:
        return str(world.focus)
    alive = [b for b in world.bookings if b not in world.deleted]
    return draw.choice(alive) if alive else None


async def change_status(world: Any, draw: random.Random) -> str | None:
    booking_id = _some_booking(world, draw)
    if booking_id is None:
        return None
    status = draw.choice(["10", "20", "20", "30", "30", "40", "70", "80"])
    with contextlib.suppress(KeyError):
        if booking_id in world.ordered_away and status not in TRIGGER:
            world.cautious.add(booking_id)
        world.ireserve.set_status(booking_id, status)
    return f"status {booking_id} -> {status}"


async def reschedule(world: Any, draw: random.Random) -> str | None:
    booking_id = _some_booking(world, draw)
    if booking_id is None:
        return None
    start, end = _times(world, draw)
    with contextlib.suppress(ValueError, KeyError):
        if draw.random() < 0.4:
            if booking_id in world.ordered_away:
                world.cautious.add(booking_id)
            world.ireserve.reschedule_as_customer(booking_id, start, end)
        else:
            world.ireserve.reschedule_as_admin(booking_id, start, end)
    return f"reschedule {booking_id} {start:%d %H:%M}-{end:%H:%M}"


async def move(world: Any, draw: random.Random) -> str | None:
    booking_id = _some_booking(world, draw)
    if booking_id is None:
        return None
    object_id = draw.choice(["81", "82", "83", "84", "99"])
    with contextlib.suppress(KeyError):
        world.ireserve.move_object(booking_id, object_id)
    return f"move {booking_id} -> {object_id}"


async def change_visitor(world: Any, draw: random.Random) -> str | None:
    booking_id = _some_booking(world, draw)
    if booking_id is None:
        return None
    with contextlib.suppress(KeyError):
        customer_id = world.ireserve.booking(booking_id).customer_id
        world.serial += 1
        if draw.random() < 0.5:
            world.ireserve.change_customer(customer_id, email=f"new{world.serial}@example.com")
        else:
            world.ireserve.change_customer(customer_id, tel_mob=draw.choice(["+31687654321", "", "020 1234567"]))
    return f"change visitor of {booking_id}"


async def delete(world: Any, draw: random.Random) -> str | None:
    booking_id = _some_booking(world, draw)
    if booking_id is None:
        return None
    with contextlib.suppress(KeyError):
        world.ireserve.delete_booking(booking_id)
        world.deleted.add(booking_id)
    return f"delete {booking_id}"


async def spoil_field(world: Any, draw: random.Random) -> str | None:
    booking_id = _some_booking(world, draw)
    if booking_id is None:
        return None
    value = draw.choice(["not-ours", "", "7f2d5c1e-0000-4000-8000-000000000000"])
    with contextlib.suppress(KeyError):
        world.ireserve.set_field(booking_id, 5, value)
        world.truth.told.discard(booking_id)
    return f"field of {booking_id} = {value!r}"


async def deliver(world: Any, draw: random.Random) -> str | None:
    """Hints are handed over: each once, twice, in another order, or never."""
    due = world.ireserve.deliveries.due(world.ireserve.clock.now())
    draw.shuffle(due)
    for delivery in due:
        fate = draw.random()
        if fate < 0.1:
            world.ireserve.deliveries.done(delivery, ok=True, outcome="lost on the way")
            continue
        if fate < 0.15:
            world.ireserve.deliveries.done(delivery, ok=False)  # 503: it is sent again later
            continue
        booking_id = booking_id_of(delivery.body)
        assert booking_id is not None
        for _ in range(2 if fate > 0.8 else 1):
            await take_hint(world.store, source="club", booking_id=booking_id)
            world.note_told(booking_id)
        world.ireserve.deliveries.done(delivery, ok=True)
    return f"deliver {[d.booking_id for d in due]}" if due else None


# ------------------------------------------------------------------------------------------------------ people at the portal


async def change_doors(world: Any, draw: random.Random) -> str | None:
    names = [name for site in DOORS.values() for name in site]
    name = draw.choice(names)
    what = draw.choice(["rename", "name back", "swap", "swap", "offline", "online", "online", "new id", "twin"])
    state = world.resivo.state
    component_id = world.component_ids[name]
    match what:
        case "rename":
            world.resivo.rename_component(component_id, f"{name} (new)")
        case "name back":
            world.resivo.rename_component(component_id, name)
        case "swap":
            # Two doors change their names: whoever trusts an old reading opens the wrong one.
            other = draw.choice([n for n in DOORS["north"] if n != name]) if name in DOORS["north"] else name
            ids = world.component_ids
            ids[name], ids[other] = ids[other], ids[name]
            world.resivo.rename_component(ids[name], name)
            world.resivo.rename_component(ids[other], other)
        case "offline" | "online":
            world.resivo.set_online(component_id, what == "online")
        case "new id":
            world.component_ids[name] = world.resivo.renew_component_id(component_id).id
        case _:
            twins = [
                c.id for c in state.components.values() if c.display_name == name and c.id not in world.component_ids.values()
            ]
            if twins:
                world.resivo.remove_component(twins[0])
            else:
                world.resivo.add_component(state.components[component_id].site_id, name)
    return f"door {name}: {what}"


async def meddle(world: Any, draw: random.Random) -> str | None:
    """A portal user changes, revokes or deletes one of our sets; or somebody ends an access that is none of ours."""
    rows = [r for r in world.resivo.state.authorizations.values() if r.display_name not in FOREIGN_NAMES and r.live(world.now)]
    if not rows:
        return None
    row = draw.choice(rows)
    world.touched_sets.add(row.id)
    what = draw.choice(["revoke", "revoke", "delete", "prolong", "narrow", "add door"])
    match what:
        case "revoke":
            world.resivo.portal_revoke(row.id)
        case "delete":
            world.deleted_sets.add(row.id)
            world.deleted_names.add(row.display_name)
            world.resivo.portal_delete(row.id)
        case "prolong":
            world.resivo.portal_change(row.id, valid_to=row.valid_to + timedelta(hours=3))
        case "narrow":
            world.resivo.portal_change(row.id, valid_from=row.valid_from + timedelta(minutes=5))
        case _:
            world.resivo.portal_change(row.id, component_ids=[*row.component_ids, world.component_ids["Storage"]])
    return f"portal: {what} {row.display_name}"


# -------------------------------------------------------------------------------------------------------------------- Drempel


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


CROSSINGS: Final = ("before transport.send", "after transport.send", "before store.commit", "after store.commit")
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
    wanted = draw.choice(("before store.complete", "before store.commit", "before transport.send", "after transport.send"))
    await world.step(crew, draw.choice((1, 6, 10)))
    await _go_on_to(world, crew, wanted)
    if crew.task is None:
        return None
    world.focus = world.witness.last_read if draw.random() < 0.8 else None
    changed = await draw.choice((change_status, change_status, reschedule, move))(world, draw)
    world.focus = None
    await world.deliver_all()
    if draw.random() < 0.5 and await check_in_between(world):
        return f"while crew {index} was at work: {changed}, a hint told of it, and everything came to rest"
    return f"while crew {index} stands at {(crew.life.stands_at or ['its end'])[0]}: {changed}, and a hint tells of it"


async def overtake(world: Any, draw: random.Random) -> str | None:
    """A crew stands still in the middle until its lease has ended, and another does its work; then it goes on, as if nothing had been."""
    index = draw.randrange(len(world.crews))
    crew = world.crews[index]
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
    if not await _go_on_to_a_create(world, crew):
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


async def pass_time(world: Any, draw: random.Random) -> str:
    by = timedelta(seconds=draw.choice([1, 5, 11, 11, 21, 31, 45, 70, 130, 700, 1900]))
    world.advance(by)
    return f"{by.total_seconds():.0f} s pass"


async def jump(world: Any, draw: random.Random) -> str:
    """Our clock is set wrong; or right again."""
    if world.clock.now() != world.now:
        world.set_clock_right()
        return "our clock is set right"
    by = timedelta(seconds=draw.choice([120, -120, 5400, -5400, 10800, -10800]))
    world.jump(by)
    await world.crew().sweep.run_once()  # which looks at the clock each minute
    return f"our clock jumps by {by.total_seconds():.0f} s"


async def quiet(world: Any, draw: random.Random) -> str | None:
    return "everything comes to rest" if await check_in_between(world) else None


async def end_tokens(world: Any, draw: random.Random) -> str:
    world.resivo.end_tokens()
    return "tokens end"


async def fault(world: Any, draw: random.Random) -> str:
    return plant(world, draw)


async def order(world: Any, draw: random.Random) -> str | None:
    """A person at Drempel: try again, take away, pause, go on."""
    what = draw.choice(["retry", "retry", "revoke", "pause", "resume", "release"])
    booking_id = _some_booking(world, draw)
    match what:
        case "pause" | "resume":
            await world.pause(paused=what == "pause")
            return what
        case "release":
            await world.records.release_brake("club")
            return what
        case _ if booking_id is None:
            return None
        case "retry":
            with contextlib.suppress(LookupError, Exception):
                await world.records.order_retry("club", booking_id)
                world.existing.discard(booking_id)
                if booking_id in world.ordered_away:
                    world.cautious.add(booking_id)
        case _:
            with contextlib.suppress(LookupError, Exception):
                await world.records.order_revoke("club", booking_id)
                _note_taken_away(world, booking_id)
    return f"a person says {what} {booking_id}"


def _note_taken_away(world: Any, booking_id: str) -> None:
    world.ordered_away.add(booking_id)
    booking = world.ireserve.state.bookings.get(booking_id)
    if booking is None or booking.status not in TRIGGER:
        # Its status has left the trigger statuses already: whether that counts depends on who reads it when.
        world.cautious.add(booking_id)


async def erase(world: Any, draw: random.Random) -> str | None:
    """A person has what is kept of a booking erased, at whatever moment."""
    booking_id = _some_booking(world, draw)
    if booking_id is None:
        return None
    with contextlib.suppress(UnknownBooking):
        line = await Levers(world.records).by(COMMAND_LINE).erase("club", booking_id)
        _note_taken_away(world, booking_id)
        return f"a person says erase {booking_id}: {line.partition(':')[0].lower()}"
    return None


ACTIONS: Final[dict[str, Action]] = {
    "book": book,
    "status": change_status,
    "reschedule": reschedule,
    "move": move,
    "visitor": change_visitor,
    "delete": delete,
    "field": spoil_field,
    "deliver": deliver,
    "doors": change_doors,
    "portal": meddle,
    "fault": fault,
    "work": work,
    "step": step,
    "call": to_the_call,
    "race": race,
    "overtake": overtake,
    "outlive": outlive,
    "kill": kill,
    "sweep": sweep,
    "pass": pass_time,
    "jump": jump,
    "tokens": end_tokens,
    "order": order,
    "quiet": quiet,
    "edit": edit,
    "secret": change_secret,
    "blind": blind,
    "erase": erase,
}
WEIGHTS: Final[dict[str, int]] = {
    "book": 14,
    "status": 16,
    "reschedule": 7,
    "move": 5,
    "visitor": 4,
    "delete": 2,
    "field": 2,
    "deliver": 16,
    "doors": 6,
    "portal": 2,
    "fault": 16,
    "work": 26,
    "step": 10,
    "call": 12,
    "race": 10,
    "overtake": 9,
    "outlive": 8,
    "kill": 7,
    "sweep": 4,
    "pass": 16,
    "jump": 2,
    "tokens": 2,
    "order": 2,
    "quiet": 5,
    "edit": 3,
    "secret": 1,
    "blind": 1,
    "erase": 2,
}
NEVER_LEFT_OUT: Final = frozenset({"book", "deliver", "work", "status", "pass"})
