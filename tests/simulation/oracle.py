"""Asks both other sides whether the promise holds. Shares no code with the engine: rules are written again, from the design, for this world."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from drempel.engine.booking_object import booking_object
from drempel.engine.records import UnknownBooking

TRIGGER, REVOKE = {"20", "30"}, {"70", "80"}


async def check(world: Any) -> list[str]:
    """Every broken promise, as a sentence. To be asked when the world is quiet."""
    from tests.simulation.world import FOREIGN, MAPPING

    now = world.clock.now()
    broken: list[str] = []
    live_by_booking: dict[str, list[Any]] = {}
    for authorization in world.resivo.authorizations():
        if authorization.display_name == FOREIGN:
            if authorization.status != "active":
                broken.append("never foreign: the access that was made by hand is gone")
            continue
        booking_id = authorization.display_name.rsplit("-", 2)[1]
        if authorization.live(now):
            live_by_booking.setdefault(booking_id, []).append(authorization)
        if authorization.valid_to is None or authorization.valid_from is None:
            broken.append(f"never too long: {authorization.display_name} has no end")
    names = {component.id: component.display_name for component in world.resivo.state.components.values()}
    for booking_id in world.bookings:
        live = live_by_booking.pop(booking_id, [])
        state, failure = await _seen(world, booking_id)
        if len(live) > 1:
            broken.append(f"never two: booking {booking_id} has {len(live)} live sets")
        booking = None if booking_id in world.deleted else world.ireserve.booking(booking_id)
        if live and failure in {"brake.tripped", "authorization.not_found"}:
            continue
        if booking is None or booking.status in REVOKE or booking.end <= now:
            if live:
                broken.append(f"never too long: booking {booking_id} has no right and {len(live)} live ({state}, {failure})")
            continue
        customer = world.ireserve.customer(booking.customer_id)
        doors = MAPPING.get(booking.object_id)
        for one in live:
            if (one.valid_from, one.valid_to) != (booking.start - timedelta(minutes=15), booking.end):
                broken.append(f"never too long: {one.display_name} has another window than its booking ({state}, {failure})")
            if doors is None:
                broken.append(f"never too long: {one.display_name} opens doors of an object without doors")
            elif not _same_doors(one, doors, names, world):
                broken.append(f"never too long: {one.display_name} opens other doors than its booking's ({state}, {failure})")
            addresses = {r.address for r in one.recipients}
            if customer.email and customer.email not in addresses:
                broken.append(f"{one.display_name} reaches somebody else ({state}, {failure})")
        should = booking.status in TRIGGER and doors is not None
        if should and not live and state not in {"needs_person", "pending"}:
            broken.append(f"never silent: booking {booking_id} should have access, has none, and says {state} ({failure})")
        if should and not live and state == "pending" and failure is None:
            broken.append(f"never silent: booking {booking_id} is pending without a reason")
        if should and not live and state == "needs_person" and not _excused(world, booking, customer, failure):
            broken.append(f"booking {booking_id} asks for a person without need ({failure})")
        if live and state not in {"granted", "needs_person"}:
            broken.append(f"booking {booking_id} has access and says {state} ({failure})")
        if live and state == "granted":
            verdict = await _verdict(world, booking_id)
            if doors is not None and verdict != ("ready" if len(live[0].component_ids) == len(doors) else "not_ready"):
                broken.append(
                    f"booking {booking_id} opens {len(live[0].component_ids)} of {len(doors)} doors and is said to be {verdict}"
                )
        if live and failure is None and booking.fields.get(5, "") != live[0].id:
            broken.append(f"the field of {booking_id} holds {booking.fields.get(5)!r}, not {live[0].id}")
    broken += [f"live sets of a booking that nobody made: {booking_id}" for booking_id in live_by_booking]
    broken += world.broken
    broken += _chatty(world)
    broken += _leaks(world)
    return broken


async def _seen(world: Any, booking_id: str) -> tuple[str, str | None]:
    try:
        view = await world.records.booking("club", booking_id)
    except UnknownBooking:
        return "unseen", None
    return view.record.state.value, view.record.failure.code if view.record.failure else None


async def _verdict(world: Any, booking_id: str) -> str | None:
    """What REST says of it."""
    ready = booking_object(await world.records.booking("club", booking_id))["ready"]
    return None if ready is None else ready["verdict"]


def _same_doors(one: Any, doors: tuple[str, ...], names: dict[str, str], world: Any) -> bool:
    """The doors of the mapping, as they were called when the set was made: a later rename changes nothing, a door dropped offline may miss."""
    original = {component_id: name for name, component_id in world.component_ids.items()}
    opened = {original.get(c) or names.get(c, "vanished").removesuffix(" (new)") for c in one.component_ids}
    return opened <= set(doors) | {"vanished"}


def _excused(world: Any, booking: Any, customer: Any, failure: str | None) -> bool:
    from tests.simulation.world import MAPPING

    wanted = MAPPING.get(booking.object_id, ())
    found = Counter(c.display_name for c in world.resivo.state.components.values())
    match failure:
        case "component.missing":
            return any(found[name] == 0 for name in wanted)
        case "component.ambiguous":
            return any(found[name] > 1 for name in wanted)
        case "component.none_online":
            return True
        case "visitor.unreachable":
            return not customer.email
        case "field.foreign":
            return bool(booking.fields.get(5))
        case "brake.tripped" | "authorization.not_found" | "access.ended_elsewhere":
            return False
        case _:
            return False


def _chatty(world: Any) -> list[str]:
    """Each create sends messages: a second one of the same name comes only from a create that arrived late, a new number only from a change."""
    broken = []
    made = Counter(a.display_name for a in world.resivo.authorizations())
    twins = sum(count - 1 for count in made.values())
    if twins > world.twins_possible:
        broken.append(f"never chatty: {twins} sets were made twice, and only {world.twins_possible} creates came late")
    numbers = Counter(name.rsplit("-", 2)[1] for name in made if "dr-" in name)
    for booking_id, count in numbers.items():
        if count > 1 + world.changes[booking_id]:
            broken.append(f"never chatty: booking {booking_id} got {count} sets for {world.changes[booking_id]} changes")
    return broken


def at_each_step(world: Any) -> list[str]:
    """What must hold even in the middle of everything: two live sets that give the same come only from a create that arrived late."""
    if world.twins_possible:
        return []
    now = world.clock.now()
    same: Counter[Any] = Counter()
    for one in world.resivo.authorizations():
        if one.live(now) and "dr-" in one.display_name:
            booking_id = one.display_name.rsplit("-", 2)[1]
            addresses = tuple(sorted(r.address for r in one.recipients))
            same[booking_id, tuple(sorted(one.component_ids)), one.valid_from, one.valid_to, addresses] += 1
    return [f"never two: booking {key[0]} has {count} live sets that give the same" for key, count in same.items() if count > 1]


def _leaks(world: Any) -> list[str]:
    text = "\n".join(world.watcher.lines)
    secrets = ["@example.com", "+316", "1234 5678", *(t for t in (m.link_token for m in world.resivo.outbox) if t)]
    return [f"never leaking: {secret!r} stands in the log" for secret in secrets if secret in text]
