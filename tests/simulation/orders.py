"""What people order at Drempel."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta
from typing import Any

from drempel.engine.levers import Levers
from drempel.engine.records import BookingBusy, UnknownBooking
from drempel.engine.replacing import mark_differing
from drempel.engine.trail import COMMAND_LINE
from tests.simulation.at_the_club import book_a_wanted, some_booking
from tests.simulation.oracle import withheld_until_erased
from tests.simulation.resting import is_refused, rest
from tests.simulation.truth import TRIGGER

__all__ = ["again", "erase", "erase_watched", "order", "replace_differing"]


async def order(world: Any, draw: random.Random) -> str | None:
    """A person at Drempel: try again, take away, pause, go on."""
    what = draw.choice(["retry", "retry", "revoke", "pause", "resume", "release"])
    booking_id = some_booking(world, draw)
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
                world.note_person(booking_id)
                if booking_id in world.erase_ordered:
                    world.cautious.add(booking_id)  # perhaps it waits still, perhaps it is erased
                else:
                    world.ordered_away.discard(booking_id)
        case _:
            with contextlib.suppress(LookupError, Exception):
                await world.records.order_revoke("club", booking_id)
                _note_taken_away(world, booking_id)
    return f"a person says {what} {booking_id}"


def _note_taken_away(world: Any, booking_id: str) -> None:
    world.ordered_away.add(booking_id)
    world.once_taken.add(booking_id)
    booking = world.ireserve.state.bookings.get(booking_id)
    if booking is not None and booking.status not in TRIGGER and world.ireserve._late:
        # A status that was set before may be stored only now: whether it has come back since the order, nobody can tell.
        world.cautious.add(booking_id)


async def erase(world: Any, draw: random.Random) -> str | None:
    """A person has what is kept of a booking erased, at whatever moment."""
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    with contextlib.suppress(UnknownBooking):
        line = await Levers(world.records).by(COMMAND_LINE).erase("club", booking_id)
        world.erase_ordered.add(booking_id)
        _note_taken_away(world, booking_id)
        return f"a person says erase {booking_id}: {line.partition(':')[0].lower()}"
    return None


async def erase_watched(world: Any, draw: random.Random) -> str | None:
    """The order to erase waits, because a late twin is still looked for; meanwhile the booking's status leaves, and perhaps comes back."""
    if world.paused_at is not None or is_refused(world):
        return None
    await world.finish_all()
    booking_id = await book_a_wanted(world, draw)
    is_late = draw.random() < 0.5
    options = {"kind": "late", "late_seconds": 400} if is_late else {"kind": "lost_after"}
    if is_late:
        world.late_seconds.add(400.0)
    world.resivo.faults.add(operation="create_remote_access", times=1, **options)
    await rest(world, world.crew(), timedelta(seconds=draw.choice((1, 31))), sweep=False)
    with contextlib.suppress(UnknownBooking, KeyError):
        await Levers(world.records).by(COMMAND_LINE).erase("club", booking_id)
        world.erase_ordered.add(booking_id)
        _note_taken_away(world, booking_id)
        await world.finish_all_that_is_due()
        await world.crew().sweep.run_once()
        world.cautious.add(booking_id)
        for status in ("70", draw.choice(("70", "20"))):
            world.ireserve.set_status(booking_id, status)
            await rest(world, world.crew(), timedelta(seconds=1), sweep=False)
            world.broken += await withheld_until_erased(world, booking_id)
    return f"a person says erase {booking_id} while a twin of it is looked for"


async def again(world: Any, draw: random.Random) -> str | None:
    """A person has access issued again, although it is right as it is."""
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    try:
        await Levers(world.records).by(COMMAND_LINE).issue_again("club", booking_id)
    except (UnknownBooking, BookingBusy):
        return None
    world.existing.discard(booking_id)
    world.note_person(booking_id)
    if booking_id in world.ordered_away:
        world.cautious.add(booking_id)
    world.witness.note_ordered_again(booking_id)
    return f"a person says issue again {booking_id}"


async def replace_differing(world: Any, draw: random.Random) -> str | None:
    """After an edit: a person has everything replaced that was made under other rules."""
    integration = (await world.store.setup()).integrations["doors"]
    said = []
    for booking_id in world.bookings:
        marked = False

        def mark(record: Any, sets: Any, now: Any) -> Any:
            nonlocal marked
            change = mark_differing(record, sets, integration, now=now)
            marked = bool(change.sets)
            return change

        with contextlib.suppress(UnknownBooking, BookingBusy):
            await world.records.amend("club", booking_id, mark)
        if marked:
            said.append(booking_id)
            world.note_person(booking_id)
            world.witness.note_ordered_again(booking_id)
    return f"a person has replaced what differs: {said}" if said else None
