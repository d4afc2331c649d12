"""What people do at Resivo's portal."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from drempel.engine.levers import LeverRefused
from drempel.engine.orphans import Orphans
from drempel.engine.records import BookingBusy, UnknownBooking
from drempel.engine.trail import COMMAND_LINE
from tests.simulation.at_the_club import book_a_wanted
from tests.simulation.beginning import DOORS
from tests.simulation.weather import COPIED, is_foreign

__all__ = ["change_doors", "darken_door", "lost_rows", "meddle", "misname", "mistake"]


TWO: Final = 2
"""So that one of them opens meanwhile."""
SOON: Final = 5.0
"""Seconds after which a late create is done."""


async def change_doors(world: Any, draw: random.Random) -> str | None:
    names = [name for site in DOORS.values() for name in site]
    name = draw.choice(names)
    what = draw.choice(["rename", "name back", "swap", "swap", "offline", "online", "online", "new id", "new id", "twin"])
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


async def darken_door(world: Any, draw: random.Random) -> str | None:
    """A door loses its line while a booking gets its access; sooner or later it is back, and nobody says so."""
    await world.finish_all()
    booking_id = await book_a_wanted(world, draw)
    booking = world.ireserve.state.bookings.get(booking_id)
    doors = world.truth.rules.mapping.get(booking.object_id, {}).get("north", ()) if booking is not None else ()
    if len(doors) < TWO:
        return None
    component_id = world.component_ids[draw.choice(doors)]
    if draw.random() < 0.3:
        # It goes dark between the create, whose answer is lost, and the moment at which Resivo does it.
        world.late_seconds.add(SOON)
        world.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=SOON, times=1)
        await world.deliver_all()
        await world.finish_all_that_is_due()
        world.resivo.set_online(component_id, False)
    else:
        world.resivo.set_online(component_id, False)
        await world.deliver_all()
        await world.finish_all_that_is_due()
    if draw.random() < 0.7:
        world.advance(timedelta(seconds=draw.choice((11, 130))))
        world.resivo.set_online(component_id, True)
    return f"a door is offline while {booking_id} gets its access"


async def misname(world: Any, draw: random.Random) -> str | None:
    """Just when a booking wants access, one of its doors has another name, or a second door has the same."""
    await world.finish_all()
    booking_id = await book_a_wanted(world, draw)
    booking = world.ireserve.state.bookings.get(booking_id)
    mapped = world.truth.rules.mapping.get(booking.object_id, {}) if booking is not None else {}
    names = [name for site in mapped.values() for name in site]
    if not names:
        return None
    name = draw.choice(names)
    component = world.resivo.state.components[world.component_ids[name]]
    is_twin = draw.random() < 0.5
    if is_twin:
        world.resivo.add_component(component.site_id, name)
    else:
        world.resivo.rename_component(component.id, f"{name} (new)")
    world.note_truth()
    await world.deliver_all()
    await world.finish_all_that_is_due()
    return f"door {name}: {'a second one' if is_twin else 'another name'}, and {booking_id} wants access"


def lost_rows(world: Any) -> list[Any]:
    """Live sets whose create was not answered, and which nobody has found yet."""
    rows = world.resivo.state.authorizations.values()
    return [row for row in rows if row.live(world.now) and world.witness.knows_nothing_of(row)]


async def _is_recorded(world: Any, row: Any) -> bool:
    """Whether Drempel has its id: who was overtaken between the answer and the commit has told nobody."""
    asked = world.witness.asked_for(row)
    if asked is None:
        return False
    try:
        view = await world.records.booking("club", asked.booking_id)
    except UnknownBooking:
        return False
    return any(one.authorization_id == row.id for one in view.sets)


async def meddle(world: Any, draw: random.Random) -> str | None:
    """A portal user changes, revokes or deletes one of our sets; or somebody ends an access that is none of ours."""
    rows = [r for r in world.resivo.state.authorizations.values() if not is_foreign(r.display_name) and r.live(world.now)]
    if not rows:
        return None
    lost = lost_rows(world)
    row = draw.choice(lost if lost and draw.random() < 0.7 else rows)
    if draw.random() < 0.15:
        world.copies += 1
        copied = replace(
            row, id=f"by-hand-copy-{world.copies}", display_name=f"{row.display_name}{COPIED}", valid_to=None, recipients=[]
        )
        world.resivo.state.put_authorization(copied)
        return f"portal: copy {row.display_name}"
    world.touched_sets.add(row.id)
    if world.witness.knows_nothing_of(row) or not await _is_recorded(world, row):
        world.changed_unknown.add(row.id)
    what = draw.choice(
        ["revoke", "revoke", "delete", "prolong", "prolong", "narrow", "add door", "add door", "for ever", "end now"]
    )
    match what:
        case "revoke":
            world.portal_ended.add(row.id)
            world.resivo.portal_revoke(row.id)
        case "delete":
            world.deleted_sets.add(row.id)
            world.deleted_names.add(row.display_name)
            world.resivo.portal_delete(row.id)
        case "prolong":
            world.resivo.portal_change(row.id, valid_to=(row.valid_to or world.now) + timedelta(hours=3))
        case "for ever" if world.weather.can_look:
            row.valid_to = None  # without a list nobody sees it once its own time is over
        case "end now":
            world.resivo.portal_change(row.id, valid_to=world.now + timedelta(seconds=1))
        case "narrow":
            world.resivo.portal_change(row.id, valid_from=row.valid_from + timedelta(minutes=5))
        case _:
            world.resivo.portal_change(row.id, component_ids=[*row.component_ids, world.component_ids["Storage"]])
    return f"portal: {what} {row.display_name}"


async def mistake(world: Any, draw: random.Random) -> str | None:
    """A person at Drempel has the id of an access that others made, and orders that it be revoked, or taken into the record."""
    rows = [row for row in world.resivo.state.authorizations.values() if is_foreign(row.display_name)]
    if not rows or world.clock.now() != world.now:
        return None
    row = draw.choice(rows)
    orphans = Orphans(world.crew().tools, world.records).by(COMMAND_LINE)
    order = draw.choice((orphans.revoke, orphans.adopt))
    try:
        await order(row.id)
    except (LeverRefused, BookingBusy):
        await world.finish_all_that_is_due()
        return f"a person orders {order.__name__} of {row.display_name}, which is none of ours"
    world.broken.append(f"never foreign: the order to {order.__name__} {row.display_name} was taken")
    return "an order that should have been refused"
