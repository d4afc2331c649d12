"""What changes the ground under everybody: an edit of the set-up, another secret, a booking system that shows nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from drempel.engine.intake import take_hint
from drempel.engine.records import UnknownBooking
from tests.simulation.at_the_club import book_a_wanted, set_status, some_booking, turn_over
from tests.simulation.resting import check_in_between, go_on, is_refused, rest
from tests.simulation.truth import MAPPING, OTHER_MAPPING, SITES, TIME_BEFORE, TRIGGER

__all__ = ["BLIND_MINUTES", "ahead", "blind", "change_secret", "early", "edit", "outage", "strange_word"]

AHEAD: Final = timedelta(hours=3)
BLIND_MINUTES: Final = 17
BLIND_LONG_MINUTES: Final = 80
"""Until the poll misses a booking, and then the pause between the two readings before it counts as gone."""
READS_MAX: Final = 40
"""Of one booking in any outage: the pauses between tries grow."""
STORED_LATE_SECONDS: Final = (6, 30)
BRAKED_MIN: Final = 3
"""Of fewer live accesses the brake cannot tell a source that shows nothing from cancellations (design section 2)."""


async def edit(world: Any, draw: random.Random) -> str:
    """Somebody saves other rules. What is live keeps the rules that it was made under."""
    rules = world.truth.rules
    what = draw.choice(["time before", "mapping", "active"])
    match what:
        case "time before":
            other = timedelta(minutes=30) if rules.time_before == TIME_BEFORE else TIME_BEFORE
            await world.write_setup(replace(rules, time_before=other))
        case "mapping":
            await world.write_setup(replace(rules, mapping=OTHER_MAPPING if rules.mapping is MAPPING else MAPPING))
        case _:
            await world.write_setup(replace(rules, active=not rules.active))
    if draw.random() < 0.5:
        for booking_id in world.bookings:
            await take_hint(world.store, source="club", booking_id=booking_id)
            world.note_told(booking_id)
        await world.finish_all_that_is_due()
    return f"edit: {what}"


async def change_secret(world: Any, draw: random.Random) -> str:
    """The secret is changed at Resivo; or, once it was, ours as well."""
    credential = world.made.credential
    if world.resivo.state.credentials[credential.client_id].client_secret == world.saved_secret:
        world.refused.add("credential")
        credential.client_secret = f"secret-{draw.randrange(1 << 30)}"
        world.resivo.end_tokens()
        return "Resivo gets another secret"
    await world.write_setup(world.truth.rules)
    paused = [key for key in await world.store.pauses() if key.startswith("credential:")]
    world.broken += [f"never silent: {key} is paused, and its right secret was saved" for key in paused]
    return "we get it too"


async def ahead(world: Any, draw: random.Random) -> str | None:
    """Our clock is hours ahead while an answer is lost, and is set right afterwards: what was planned by it must not wait for hours."""
    if world.paused_at is not None or world.clock.now() != world.now:
        return None
    await world.finish_all()
    await world.deliver_all()
    await world.finish_all_that_is_due()
    world.jump(AHEAD)
    booking_id = await book_a_wanted(world, draw)
    operation, kind = draw.choice(
        (("create_remote_access", "lost_after"), ("create_remote_access", "lost_before"), ("read_booking", "refuse"))
    )
    side = world.ireserve if operation == "read_booking" else world.resivo
    side.faults.add(operation=operation, kind=kind, times=1)
    await world.deliver_all()
    await world.finish_all_that_is_due()
    world.set_clock_right()
    return f"our clock is ahead while {operation} is {kind} for {booking_id}, and then right"


async def blind(world: Any, draw: random.Random) -> str | None:
    """The booking system answers out of an environment that has the objects and not one booking, for a quarter of an hour.

    Where three accesses or more are live nothing is revoked because of that, without a person's word.
    """
    environment = world.ireserve
    if world.clock.now() != world.now or is_refused(world) or world.paused_at is not None or environment._late:
        return None
    await world.finish_all()
    if draw.random() < 0.8:
        for _ in range(BRAKED_MIN):
            await book_a_wanted(world, draw)
        await rest(world, world.crew(), timedelta(seconds=1))
    live = [b for b in world.bookings if b not in world.deleted and world.witness.live(b)]
    known = [b for b in live if any(s.opens_doors for s in (await world.records.booking("club", b)).sets)]
    # Without polls the far ones are read so seldom that not all of them are missed at once.
    # One that is found while the others are given up was not live when they were counted.
    # Nor does one count whose time is over by then, or that a person has taken away and a worker has not seen to yet.
    ends_later = world.now + timedelta(minutes=BLIND_LONG_MINUTES)
    lasting = [b for b in known if any(row.valid_to is None or row.valid_to > ends_later for row in world.witness.live(b))]
    lasting = [b for b in lasting if b not in world.ordered_away]
    braked = len(lasting) >= BRAKED_MIN and len(known) == len(live) and bool(world.weather.poll_seconds)
    # Of a source that has just refused us one booking is read, and not all are missed at once.
    braked = braked and "source" not in world.refused
    if not braked:
        # What was ended in the portal, and is not noticed yet, is given up with its booking as well.
        ended = [b for b in world.bookings if any(r.id in world.portal_ended for s in SITES for r in world.witness.rows(b, s))]
        world.may_vanish.update(live, ended)
    world.source_is_out = braked
    world.braked = world.braked or braked
    environment.faults.clear()  # or a poll that fails leaves the far ones unread, and not all are missed at once
    state = environment.state
    hidden, state.bookings = state.bookings, {}
    state.version += 1
    world.truth.hidden = hidden
    if world.neighbour is not None:
        await world.neighbour.go_about(world.store, draw)
    crew = world.crew()
    try:
        await go_on(world, crew, draw.choice((BLIND_MINUTES, BLIND_MINUTES, BLIND_LONG_MINUTES)))
    finally:
        state.bookings = {**hidden, **state.bookings}
        state.version += 1
        world.source_is_out = False
        world.truth.hidden = {}
        world.truth.told -= set(hidden)  # nobody tells that they are there again
    return f"the booking system shows nothing for a while; {len(live)} have access"


async def outage(world: Any, draw: random.Random) -> str | None:
    """For a quarter of an hour something else answers at the address of one side: not one answer says anything of what stands there."""
    if world.paused_at is not None:
        return None
    await world.finish_all()
    if draw.random() < 0.5:
        await book_a_wanted(world, draw)
    host = draw.choice(("ireserve", "ireserve", "resivo"))
    status = draw.choice((404, 404, 404, 401, 403, 503, 200) if host == "ireserve" else (503, 503, 500, 404, 200))

    async def something_else(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<h1>Not here</h1>"})

    world.refused |= {"source"} if host == "ireserve" else {"credential", "site"}
    apps, right = world.transport.apps, world.transport.apps[host]
    apps[host] = something_else
    world.source_is_out = host == "ireserve"
    crew = world.crew()
    minutes = draw.choice((BLIND_MINUTES, BLIND_MINUTES, BLIND_MINUTES, BLIND_LONG_MINUTES))
    before = world.witness.reads.copy()
    if world.neighbour is not None:
        await world.neighbour.go_about(world.store, draw)
    try:
        await go_on(world, crew, minutes)
    finally:
        apps[host] = right
        world.source_is_out = False
    if host == "ireserve" and status != 404:  # then others are read as well, to see whether anything is there
        often = [booking_id for booking_id, times in (world.witness.reads - before).items() if times > READS_MAX]
        world.broken += [f"never chatty: {each} is read again and again while {host} answers {status}" for each in often]
    return f"{host} answers {status} to everything for a while"


async def strange_word(world: Any, draw: random.Random) -> str | None:
    """Resivo has a new word for the status of every set while an answer is lost, and says the old one again later."""
    if is_refused(world) or world.paused_at is not None or world.clock.now() != world.now:
        return None
    await world.finish_all()
    booking_id = await book_a_wanted(world, draw)
    quirks = world.resivo.quirks
    usual, quirks.status_word = quirks.status_word, "in_use"
    world.resivo.faults.add(operation="create_remote_access", kind=draw.choice(("lost_after", "lost_before")), times=1)
    try:
        for pause in (0, 11, 11):
            world.advance(timedelta(seconds=pause))
            await world.deliver_all()
            await world.finish_all_that_is_due()
            if pause and draw.random() < 0.3:
                set_status(world, booking_id, "70")
    finally:
        quirks.status_word = usual
    return f"Resivo has another word for live for a while; {booking_id} wants access"


async def early(world: Any, draw: random.Random) -> str | None:
    """A hint comes before the status is stored, is worked on, and changes nothing: the reading after it must find the status."""
    await world.finish_all()
    await world.deliver_all()
    await world.finish_all_that_is_due()
    booking_id = some_booking(world, draw)
    if booking_id is None:
        return None
    known, before = await _known(world, booking_id)
    # What was never read and asks for access gets it by this hint, which so did tell of something.
    there = world.ireserve.state.bookings.get(booking_id)
    tells = known is not None or (there is not None and there.status not in TRIGGER)
    switches = world.ireserve.switches
    usual, switches.event_first = switches.event_first, True
    if draw.random() < 0.3:
        world.ireserve.faults.add(operation="read_booking", kind="status", status=500, times=1)
    world.focus = booking_id
    said = await turn_over(world, draw)
    world.focus = None
    switches.event_first = usual
    told = await world.deliver_all()
    await world.finish_all_that_is_due()
    _, after = await _known(world, booking_id)
    world.advance(timedelta(seconds=draw.choice(STORED_LATE_SECONDS)))
    if booking_id not in told or not tells or (known is not None and after > before):
        return said  # some environments fire no hints; and by this one a change may have been seen of which no hint told
    world.note_told(booking_id)
    if draw.random() < 0.8:
        await check_in_between(world)
    return f"{said}, stored after its hint was worked on"


async def _known(world: Any, booking_id: str) -> tuple[str | None, int]:
    """The status that was read last, and how many readings showed something new."""
    try:
        view = await world.records.booking("club", booking_id)
    except UnknownBooking:
        return None, 0
    return view.record.status, sum(event.type == "booking.read" for event in view.history)
