"""The person who does what only a person can: looks in the portal, says what is there, and repairs what was broken there. Tells the truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from drempel.engine.levers import Levers
from drempel.engine.records import BookingBusy, UnknownBooking
from drempel.engine.resolving import Created, NotCreated, Refusal, resolve_by_person
from drempel.engine.trail import COMMAND_LINE

__all__ = ["repair"]

CLEAR_OF_IT: Final = timedelta(hours=4)
"""So far from the change of the clock every time is clear."""
GONE: Final = frozenset({"authorization.not_found", "revoke.refused", "authorization.foreign"})


async def repair(world: Any) -> bool:
    """Everything on the list *needs a person* is done, as its remedy says; doors get their names back. Whether there was anything to do."""
    before = world.resivo.state.components.copy(), [(c.display_name, c.online) for c in world.resivo.state.components.values()]
    for name, component_id in world.component_ids.items():
        component = world.resivo.state.components.get(component_id)
        if component is not None:
            component.display_name = name
            component.online = True
    for component in list(world.resivo.state.components.values()):
        if component.id not in world.component_ids.values():
            world.resivo.remove_component(component.id)
    world.note_truth()
    await world.records.release_brake("club")
    said = [await _say(world, booking_id) for booking_id in world.bookings]
    after = world.resivo.state.components.copy(), [(c.display_name, c.online) for c in world.resivo.state.components.values()]
    return any(said) or before != after


async def _say(world: Any, booking_id: str) -> bool:
    try:
        view = await world.records.booking("club", booking_id)
    except UnknownBooking:
        return False
    code = view.record.failure.code if view.record.failure else ""
    revoking = [s for s in view.sets if s.state == "revoking"]
    unsettled = [s for s in view.sets if s.unsettled]
    rows = {row.id: row for row in world.resivo.state.authorizations.values()}
    if code in GONE and revoking:
        for one in revoking:
            row = rows.get(one.authorization_id)
            if row is not None and row.live(world.now):
                world.touched_sets.add(row.id)
                world.resivo.portal_revoke(row.id)
        await _resolve(world, booking_id, NotCreated())
    elif code == "field.foreign":
        world.may_overwrite.add(booking_id)
        await _resolve(world, booking_id, NotCreated())
    elif unsettled and code in {"access.outcome_unknown_no_list", "access.id_unknown", "access.unclear"}:
        name = view.record.failure.params.get("name", unsettled[0].display_name)
        live = [r for r in rows.values() if r.display_name == name and r.live(world.now)]
        for twin in live[1:]:
            world.touched_sets.add(twin.id)
            world.resivo.portal_revoke(twin.id)
        await _resolve(world, booking_id, Created(live[0].id) if live else NotCreated())
    elif code == "booking.time_unclear":
        booking = world.ireserve.booking(booking_id)
        world.ireserve.reschedule_as_admin(booking_id, booking.start + CLEAR_OF_IT, booking.end + CLEAR_OF_IT)
        world.note_truth()
    elif code.startswith("component."):
        pass  # the doors are right again: of that nobody has to tell
    elif code:
        try:
            await Levers(world.records).by(COMMAND_LINE).retry("club", booking_id)
            world.note_person(booking_id)
            if booking_id in world.ordered_away:
                world.cautious.add(booking_id)
        except BookingBusy:
            return True
    return bool(code)


async def _resolve(world: Any, booking_id: str, says: Any) -> None:
    world.witness.note_settled(booking_id)
    world.note_person(booking_id)

    def change(record: Any, sets: Any, now: Any) -> Any:
        answer = resolve_by_person(record, sets, says, now=now)
        assert not isinstance(answer, Refusal), answer
        return answer

    await world.records.amend("club", booking_id, change)
