"""What people do at the booking system, and how its hints arrive."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta
from typing import Any, Final

from drempel.engine.intake import take_hint
from drempel.ireserve import booking_id_of
from tests.simulation.truth import TRIGGER

__all__ = [
    "book",
    "book_a_wanted",
    "change_status",
    "change_visitor",
    "delete",
    "deliver",
    "move",
    "reschedule",
    "set_status",
    "some_booking",
    "spoil_field",
    "turn_over",
]

BOOKINGS_MAX: Final = 6
WANTED_MAX: Final = 8


async def book(world: Any, draw: random.Random) -> str | None:
    if len(world.bookings) >= BOOKINGS_MAX:
        return None
    world.serial += 1
    start, end = times_of(world, draw)
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


async def book_a_wanted(world: Any, draw: random.Random) -> str:
    """A booking at a trigger status, of an object with doors, whose visitor can be told; one of those that are there if there may be no more."""
    if len(world.bookings) >= WANTED_MAX:
        booking_id = some_booking(world, draw)
        if booking_id is not None:
            with contextlib.suppress(KeyError):
                set_status(world, booking_id, draw.choice(["20", "30"]))
            return booking_id
    world.serial += 1
    start, end = times_of(world, draw)
    booking_id = world.ireserve.make_booking(
        draw.choice(["81", "82", "83", "84"]),
        start,
        end,
        email=f"visitor{world.serial}@example.com",
        tel_mob=draw.choice(["", "+31612345678", "0031 6 1234 5678"]),
        status="20",
    )
    world.bookings.append(booking_id)
    return booking_id


def times_of(world: Any, draw: random.Random) -> tuple[Any, Any]:
    start = world.weather.begin + timedelta(
        hours=draw.choice([-1, 1, 2, 6, 15, 16, 17, 26, 60, 84]), minutes=draw.choice([0, 30])
    )
    start = max(start, world.now - timedelta(hours=1)).replace(second=0, microsecond=0)
    return start, start + timedelta(minutes=draw.choice([30, 60, 120, 600]))


def some_booking(world: Any, draw: random.Random) -> str | None:
    if world.focus is not None and world.focus not in world.deleted:
        return str(world.focus)
    alive = [b for b in world.bookings if b not in world.deleted]
    return draw.choice(alive) if alive else None


async def change_status(world: Any, draw: random.Random) -> str | None:
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    status = draw.choice(["10", "20", "20", "30", "30", "40", "70", "80"])
    set_status(world, booking_id, status)
    return f"status {booking_id} -> {status}"


def set_status(world: Any, booking_id: str, status: str) -> None:
    """What a person took away may come back once the status has left the trigger statuses: who reads that when, nobody can tell."""
    with contextlib.suppress(KeyError):
        if booking_id in world.ordered_away and status in TRIGGER and world.ireserve.booking(booking_id).status not in TRIGGER:
            world.cautious.add(booking_id)
        world.ireserve.set_status(booking_id, status)


async def turn_over(world: Any, draw: random.Random) -> str | None:
    """A booking that has a right to access is cancelled, and one that has none is confirmed."""
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    booking = world.ireserve.state.bookings.get(booking_id)
    if booking is not None:
        set_status(world, booking_id, draw.choice(["70", "80"] if booking.status in TRIGGER else ["20", "30"]))
    return f"status of {booking_id} turned over"


async def reschedule(world: Any, draw: random.Random) -> str | None:
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    start, end = times_of(world, draw)
    with contextlib.suppress(ValueError, KeyError):
        if draw.random() < 0.4:
            world.ireserve.reschedule_as_customer(booking_id, start, end)
        else:
            world.ireserve.reschedule_as_admin(booking_id, start, end)
    return f"reschedule {booking_id} {start:%d %H:%M}-{end:%H:%M}"


async def move(world: Any, draw: random.Random) -> str | None:
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    object_id = draw.choice(["81", "82", "83", "84", "99"])
    with contextlib.suppress(KeyError):
        world.ireserve.move_object(booking_id, object_id)
    return f"move {booking_id} -> {object_id}"


async def change_visitor(world: Any, draw: random.Random) -> str | None:
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    with contextlib.suppress(KeyError):
        customer_id = world.ireserve.booking(booking_id).customer_id
        world.serial += 1
        if draw.random() < 0.5:
            world.ireserve.change_customer(customer_id, email=f"new{world.serial}@example.com")
        else:
            world.ireserve.change_customer(customer_id, tel_mob=draw.choice(["+31687654321", "", "020 1234567"]))
    lost = draw.random() < 0.4
    if lost:
        # Of a customer's address no poll tells either: only the next reading does.
        for delivery in world.ireserve.deliveries.due(world.ireserve.clock.now()):
            if delivery.booking_id == booking_id:
                world.ireserve.deliveries.done(delivery, ok=True, outcome="lost on the way")
    return f"change visitor of {booking_id}" + (", and nobody tells" if lost else "")


async def delete(world: Any, draw: random.Random) -> str | None:
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    with contextlib.suppress(KeyError):
        world.ireserve.delete_booking(booking_id)
        world.deleted.add(booking_id)
    return f"delete {booking_id}"


async def spoil_field(world: Any, draw: random.Random) -> str | None:
    booking_id = some_booking(world, draw)
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
