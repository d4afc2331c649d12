"""What the booking system lists, and what it says when it is asked for one booking: the two do not always agree."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from drempel.engine.intake import take_hint
from tests.simulation.at_the_club import book_a_wanted, set_status
from tests.simulation.resting import go_on, is_refused, rest
from tests.simulation.upheavals import BLIND_MINUTES

__all__ = ["flicker", "miss", "mix_up", "overlook", "refuse_one"]


async def flicker(world: Any, draw: random.Random) -> str | None:
    """The booking system does not find a booking, shows it again, and does not find it once more a quarter of an hour later."""
    if is_refused(world) or world.paused_at is not None or world.clock.now() != world.now:
        return None
    await world.finish_all()
    booking_id = await book_a_wanted(world, draw)
    crew = world.crew()
    await rest(world, crew, timedelta(seconds=1))
    for pause in (12, draw.choice((605, 700)), 12):
        world.ireserve.faults.add(operation="read_booking", kind="status", status=404, times=1)
        for _ in range(2):
            await take_hint(world.store, source="club", booking_id=booking_id)
            world.note_told(booking_id)
            await world.start(crew, limit=1)
            await world.finish(crew)
        await rest(world, crew, timedelta(seconds=pause), sweep=False)
    return f"the booking system does not find {booking_id}, now and then"


async def miss(world: Any, draw: random.Random) -> str | None:
    """The list shows a booking of which no hint tells, and the first reading does not find it: the list alone must tell of it again."""
    if world.paused_at is not None or world.clock.now() != world.now:
        return None
    await world.finish_all()
    await world.deliver_all()
    await world.finish_all_that_is_due()
    booking_id = await book_a_wanted(world, draw)
    for delivery in world.ireserve.deliveries.due(world.ireserve.clock.now()):
        world.ireserve.deliveries.done(delivery, ok=True, outcome="lost on the way")
    crew = world.crew()
    await crew.sweep.run_once()
    world.ireserve.faults.add(operation="read_booking", kind="status", status=404, times=1)
    await world.start(crew, limit=1)
    await world.finish(crew)
    return f"nobody tells of {booking_id}, and the first reading does not find it"


async def overlook(world: Any, draw: random.Random) -> str | None:
    """A booking that the list has shown at rest gets what it needs for access, and no hint tells of it: the list does."""
    if is_refused(world) or world.paused_at is not None or world.clock.now() != world.now or not world.weather.poll_seconds:
        return None
    await world.finish_all()
    booking_id = await book_a_wanted(world, draw)
    booking = world.ireserve.state.bookings.get(booking_id)
    if booking is None:
        return None
    object_id = booking.object_id
    crew = world.crew()
    turn = draw.choice(("object", "status"))
    if turn == "object":
        world.ireserve.move_object(booking_id, "99")
    else:
        set_status(world, booking_id, "40")
    await rest(world, crew, timedelta(seconds=1))
    if turn == "object":
        world.ireserve.move_object(booking_id, object_id if object_id != "99" else "81")
    else:
        set_status(world, booking_id, "20")
    for delivery in world.ireserve.deliveries.due(world.ireserve.clock.now()):
        if delivery.booking_id == booking_id:
            world.ireserve.deliveries.done(delivery, ok=True, outcome="lost on the way")
    await rest(world, crew, timedelta(seconds=world.weather.poll_seconds + 1))
    return f"the {turn} of {booking_id} comes back, and nobody tells"


async def refuse_one(world: Any, draw: random.Random) -> str | None:
    """For a quarter of an hour one call to the booking system is answered so that it says nothing of whether there is such a booking."""
    if is_refused(world) or world.paused_at is not None or world.clock.now() != world.now:
        return None
    await world.finish_all()
    await book_a_wanted(world, draw)
    await rest(world, world.crew(), timedelta(seconds=1))
    status, body = draw.choice(((410, "json"), (200, "html"), (200, "json"), (500, "json")))
    world.ireserve.faults.add(operation="read_booking", kind="status", status=status, body=body, times=None)
    try:
        await go_on(world, world.crew(), BLIND_MINUTES)
    finally:
        world.ireserve.faults.clear()
    return f"no booking can be read for a while: {status} {body}"


async def mix_up(world: Any, draw: random.Random) -> str | None:
    """One reading of a booking is answered with another booking, or one of a customer with another, as by a cache in between that mixes up its keys."""
    there = [booking_id for booking_id in world.bookings if booking_id in world.ireserve.state.bookings]
    if is_refused(world) or world.paused_at is not None or len(there) < 2:
        return None
    await world.finish_all()
    asked, shown = draw.sample(there, 2)
    kind, keys = "booking", (asked, shown)
    if draw.random() < 0.5:
        kind, keys = "customer", tuple(world.ireserve.booking(each).customer_id for each in (asked, shown))
        world.customers_unreadable = True
    apps, right = world.transport.apps, world.transport.apps["ireserve"]

    async def mixed_up(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if scope["method"] == "GET" and path.endswith(f"/{kind}/{keys[0]}"):
            apps["ireserve"] = right
            path = path.removesuffix(keys[0]) + keys[1]
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await right(scope, receive, send)

    apps["ireserve"] = mixed_up
    try:
        await take_hint(world.store, source="club", booking_id=asked)
        world.note_told(asked)
        await world.finish_all_that_is_due()
    finally:
        apps["ireserve"] = right
    return f"asked for the {kind} of {asked}, the booking system shows that of {shown}"
