"""Asks both other sides whether the promise holds, once the world is quiet. Shares no code with the engine: its rules are written from the design."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from drempel.engine.booking_object import booking_object
from drempel.engine.records import UnknownBooking
from tests.simulation.asked_later import code_of, is_asked_later, recorded_of
from tests.simulation.truth import SITES, TRIGGER, Right
from tests.simulation.weather import is_foreign
from tests.simulation.witness import BRIEF

__all__ = ["check", "withheld_until_erased"]

ASKS: Final = frozenset(
    {
        "brake.tripped",
        "authorization.not_found",
        "authorization.foreign",
        "revoke.refused",
        "access.unclear",
        "access.outcome_unknown_no_list",
        "access.id_unknown",
        # Its new time is one of two: access stays as it was until a person has seen to it.
        "booking.time_unclear",
    }
)
"""With these, access may still be live although it should not be: a person was asked to see to it."""
PAUSED_BY_REFUSAL: Final = frozenset({"credential", "site", "source"})
FOR_A_PERSON: Final = ASKS | {
    "source.refused",
    "booking.unreadable",
    "component.missing",
    "component.ambiguous",
    "visitor.unreachable",
    "field.foreign",
    "credential.refused",
    "site.refused",
    "setup.refused",
    "access.refused",
    "access.ended_elsewhere",
    "access.opens_more",
}


NOBODY_KNOWS: Final = frozenset({"access.outcome_unknown_no_list", "access.id_unknown"})
"""What became of a create, until a person says so."""
WARNED_BEFORE: Final = timedelta(minutes=55)
"""Five minutes less than the setting: the run that warns comes when it is its turn."""


async def check(world: Any, *, calm_only: bool = False, told_only: bool = False, after_repair: bool = False) -> list[str]:
    """Every broken promise, as a sentence. `calm_only`: of bookings of which nothing is planned soon; the others are asked about later.
    `told_only`: of those whose last change a hint told of.
    """
    world.note_truth()
    broken = [*_foreign(world), *_leaks(world), *_faults(world)]
    broken += [
        f"never silent: {key} is paused, and nobody has refused it"
        for key in await world.store.pauses()
        if key.partition(":")[0] in PAUSED_BY_REFUSAL - world.refused
    ]
    if world.neighbour is not None:
        broken += await world.neighbour.check(world)
    known: set[str] = set()
    for booking_id in world.bookings:
        view = await _view(world, booking_id)
        broken += _adopted(world, view)
        broken += _listed(view)
        if is_asked_later(world, booking_id, view, calm_only=calm_only, told_only=told_only):
            known |= {row.id for site in SITES for row in world.witness.rows(booking_id, site)}
            continue
        for site in SITES:
            rows = world.witness.live_rows(booking_id, site)
            known |= {row.id for row in rows}
            if not world.weather.can_look:
                # Lost, and changed by somebody before its time was over: only he knows of it, until he says so.
                recorded = recorded_of(view)
                rows = [row for row in rows if row.id not in world.changed_unknown or row.id in recorded]
            broken += _site(world, booking_id, site, rows, view, calm_only=calm_only, after_repair=after_repair)
        if not told_only:  # the slow loop erases
            broken += _erased(world, booking_id, view)
        broken += _field(world, booking_id, view)
        if not calm_only:
            broken += _ordered_again(world, booking_id, view)
        # A reading that failed is tried again for some minutes; while calls are held back it gives way to all others.
        if not calm_only and not await world.store.pauses():
            broken += _verdict(world, booking_id, view)
        broken += _visitor(world, booking_id, view)
        broken += _warned(world, booking_id, view)
    broken += [
        f"never too long: {row.display_name} is live, and nobody asked for it"
        for row in world.resivo.state.authorizations.values()
        if row.live(world.now) and row.id not in known and not is_foreign(row.display_name)
    ]
    return broken


async def withheld_until_erased(world: Any, booking_id: str) -> list[str]:
    """What a person wants erased gets no access meanwhile, whatever its status does."""
    view = await _view(world, booking_id)
    if view is None or view.record.erase_ordered_at is None or view.record.withheld:
        return []
    return [f"never too long: {booking_id} waits to be erased, and may get access again"]


async def _view(world: Any, booking_id: str) -> Any:
    try:
        return await world.records.booking("club", booking_id)
    except UnknownBooking:
        return None


def _site(
    world: Any, booking_id: str, site: str, rows: list[Any], view: Any, *, calm_only: bool, after_repair: bool
) -> list[str]:
    broken: list[str] = []
    right = world.truth.right(booking_id, site)
    state = view.record.state.value if view is not None else "unseen"
    said = f"{state}, {code_of(view) or 'no failure'}"
    asked = code_of(view) in ASKS and not after_repair
    if asked and code_of(view) in NOBODY_KNOWS and not world.braked:
        # Of the one that nobody can look for a person was asked; of the others Drempel knows the id.
        recorded = recorded_of(view)
        rows, asked = [row for row in rows if row.id in recorded], False
    if len(rows) > 1 and not asked:
        broken.append(f"never two: booking {booking_id} has {len(rows)} live sets at {site} ({said})")
    exact = not _is_vague(world, booking_id)
    withheld = (booking_id in world.ordered_away and exact) or booking_id in world.existing
    has_right = right.has_access(world.now) and not withheld
    if rows and not has_right and exact and not asked and not _waits_for_the_second_reading(world, booking_id, right):
        broken.append(
            f"never too long: booking {booking_id} has no right at {site} ({right.why or right.kind}) and {len(rows)} live ({said})"
        )
    if has_right and exact:
        # What is merely delayed leaves the old access as it is, until a person has seen to it.
        told = code_of(view) in {*NOBODY_KNOWS, "booking.time_unclear", "component.none_online"}
        if not told or after_repair:
            broken += [line for row in rows for line in _fits(world, row, right, said)]
            if not calm_only:
                broken += _with_doors_of_today(world, rows, right, code=code_of(view), said=said)
                broken += _with_all_doors(world, rows, right, code=code_of(view), said=said)
        if right.kind == "trigger" and not rows:
            broken += _missing(world, booking_id, site, view, said, after_repair=after_repair)
        if (
            right.kind == "keep"
            and not (rows or asked or calm_only or code_of(view))
            and world.witness.owed.lost_its_successor(booking_id, site)
        ):
            broken.append(
                f"never silent: booking {booking_id} lost its access at {site} when it changed, got no other, and says {said}"
            )
    if rows and has_right and exact and state not in {"granted", "needs_person", "pending", "revoking"}:
        broken.append(f"never silent: booking {booking_id} has access and says {said}")
    return broken


def _is_vague(world: Any, booking_id: str) -> bool:
    """Nobody can tell exactly what it should have; or it was perhaps erased by a clock that was ahead of its end (docs/decisions/0025)."""
    return booking_id in world.cautious or (world.jumped and booking_id in world.erase_ordered)


def _waits_for_the_second_reading(world: Any, booking_id: str, right: Right) -> bool:
    """Not found once: it is read again ten minutes later. Without polls the first reading may be an hour after it went."""
    since = world.witness.first_not_found(booking_id)
    return right.why == "gone" and since is not None and bool(world.now - since < timedelta(minutes=11))


def _fits(world: Any, row: Any, right: Right, said: str) -> list[str]:
    asked = world.witness.asked_for(row)
    windows = world.truth.windows_since(asked.booking_id, asked.site, asked.at - BRIEF) | {right.window}
    if row.id in world.touched_sets:
        if _ends_after(row, right.window[1]) or row.valid_from < min(window[0] for window in windows):
            return [f"never too long: {row.display_name} was prolonged in the portal and is left so ({said})"]
        return []
    broken = []
    if (row.valid_from, row.valid_to) not in windows:
        broken.append(f"never too long: {row.display_name} has another window than its booking ({said})")
    addresses = {r.address for r in row.recipients}
    if addresses != right.recipients and not (world.customers_unreadable and addresses):
        broken.append(f"{row.display_name} reaches {len(addresses)} recipients, not those of its booking ({said})")
    if not set(row.component_ids) <= asked.doors:
        broken.append(f"never too long: {row.display_name} opens doors that were not asked for ({said})")
    return [*broken, *_of_the_object_that_it_left(world, asked, right, said)]


def _of_the_object_that_it_left(world: Any, asked: Any, right: Right, said: str) -> list[str]:
    """What was made for another object stays only if this one opens the same, by the names and the rules of some moment since it moved."""
    moved = world.truth.left_its_object(asked.booking_id, asked.site, asked.at, brief=BRIEF)
    if moved is None:
        return []
    rights = [
        r for r in world.truth.rights_since(asked.booking_id, asked.site, moved) if r.facts and r.facts[0] == right.facts[0]
    ]
    if asked.doors in world.truth.doors_of(rights, asked.site, moved - BRIEF):
        return []
    return [f"never too long: {asked.name} opens the doors of an object that its booking has left ({said})"]


def _ends_after(row: Any, moment: datetime) -> bool:
    """Somebody may have taken its end away."""
    return row.valid_to is None or bool(row.valid_to > moment)


def _listed(view: Any) -> list[str]:
    """What only a person can settle stands on the list of what needs one."""
    if view is None or code_of(view) not in FOR_A_PERSON or view.record.state.value == "needs_person":
        return []
    return [f"never silent: {view.record.booking_id} has {code_of(view)} and is {view.record.state.value}, not on the list"]


def _adopted(world: Any, view: Any) -> list[str]:
    """What was lost and changed before it was found is taken for ours only if it gives no more than was asked for."""
    broken = []
    rows = world.resivo.state.authorizations
    ours = [s.authorization_id for s in (view.sets if view is not None else ()) if s.state == "live"]
    for row in (rows[one] for one in ours if one in world.changed_unknown and one in rows):
        asked = world.witness.asked_for(row)
        if row.live(world.now) and (_ends_after(row, asked.window[1]) or not set(row.component_ids) <= asked.doors):
            broken.append(f"never too long: {row.display_name} was changed before it was found, and is kept as it is")
    return broken


def _follows(world: Any, right: Right) -> bool:
    """Whether live access follows its booking at this status."""
    return right.kind == "trigger" or (right.kind == "keep" and world.weather.follow == "any")


def _with_doors_of_today(world: Any, rows: list[Any], right: Right, *, code: str, said: str) -> list[str]:
    """A door whose id is gone while its name has another is replaced, at the latest an hour later."""
    if code or not _follows(world, right) or right.doors is None:
        return []
    gone = [row for row in rows if not set(row.component_ids) <= world.resivo.state.components.keys()]
    return [f"never silent: {row.display_name} opens a door that is there no more ({said})" for row in gone]


def _with_all_doors(world: Any, rows: list[Any], right: Right, *, code: str, said: str) -> list[str]:
    """A door that was offline when it was asked for is added once when it is back."""
    if code or not _follows(world, right):
        return []
    online = {component.id for component in world.resivo.state.components.values() if component.online}
    broken = []
    for row in rows:
        asked = world.witness.asked_for(row)
        tries = {one.name for one in world.witness.creates if one.content == asked.content}
        missing = asked.doors & (right.doors or frozenset()) - set(row.component_ids)
        if len(tries) == 1 and row.id not in world.touched_sets and missing and missing <= online:
            broken.append(f"never silent: {row.display_name} does not open a door that has come back ({said})")
    return broken


def _missing(world: Any, booking_id: str, site: str, view: Any, said: str, *, after_repair: bool) -> list[str]:
    """Who should have access and has none is told of, with the reason; with two sites, one of the reasons."""
    code = code_of(view)
    reasons = set()
    for doors in (world.truth.right(booking_id, each).doors for each in SITES if world.truth.right(booking_id, each).window):
        if doors is None:
            reasons |= {"component.missing", "component.ambiguous"}
        elif not any(world.resivo.state.components[identity].online for identity in doors):
            reasons.add("component.none_online")
    if not world.truth.recipients(world.ireserve.booking(booking_id)) or (
        world.customers_unreadable and not _email(world, booking_id)
    ):
        reasons.add("visitor.unreachable")
    if booking_id not in world.may_overwrite and _holds_foreign(world, booking_id):
        reasons.add("field.foreign")
    if world.weather.switches.get("offsets") == "none":
        reasons.add("booking.time_unclear")
    if not after_repair:
        reasons |= ASKS | {"access.ended_elsewhere", "access.refused", "setup.refused"}
        if not world.weather.can_look:
            reasons |= NOBODY_KNOWS
    elif world.touched_sets:
        reasons.add("access.ended_elsewhere")
    if code in reasons:
        return []
    return [f"never silent: booking {booking_id} should have access at {site}, has none, and says {said}"]


def _email(world: Any, booking_id: str) -> str:
    return str(world.ireserve.customer(world.ireserve.booking(booking_id).customer_id).email)


def _holds_foreign(world: Any, booking_id: str) -> bool:
    ours = {row.id for row in world.resivo.state.authorizations.values() if not is_foreign(row.display_name)} | world.deleted_sets
    held = world.ireserve.booking(booking_id).fields.get(5, "")
    return any(not any(identity.startswith(token) for identity in ours) for token in held.split())


def _verdict(world: Any, booking_id: str, view: Any) -> list[str]:
    """Ready is said of what opens every door that was asked for, and of nothing else."""
    if view is None or code_of(view) or view.record.state.value != "granted" or world.touched_sets:
        return []
    rows = world.witness.live(booking_id)
    ready = booking_object(view)["ready"]
    said = None if ready is None else ready["verdict"]
    less = any(len(row.component_ids) < len(world.witness.asked_for(row).doors) for row in rows)
    wanted = "not_ready" if less else "ready"
    return [] if said == wanted or not rows else [f"booking {booking_id} is {wanted} and said to be {said}"]


def _ordered_again(world: Any, booking_id: str, view: Any) -> list[str]:
    """What a person wants issued again is, unless something stands in the way; then the booking says what."""
    rights = [right for right in (world.truth.right(booking_id, site) for site in SITES) if right.why != "unmapped"]
    follows = all(right.kind == "trigger" and right.has_access(world.now) for right in rights)
    if view is None or code_of(view) or not follows or not any(s.issue_again and s.state == "live" for s in view.sets):
        return []
    return [f"never silent: the order to issue {booking_id} again waits for nothing and is not carried out"]


def _erased(world: Any, booking_id: str, view: Any) -> list[str]:
    """What was ordered to be erased is, once nothing of it can open a door any more; and what is erased tells nothing."""
    if view is None:
        return []
    record = view.record
    held = any(s.state not in {"revoked", "ended"} or s.watch_at is not None for s in view.sets)
    if record.erase_ordered_at is not None:
        # The slow loop comes round each minute. When the watch of a once unknown name ended, nobody noted.
        since = max([record.erase_ordered_at, *(event.at for event in view.history)])
        if held or world.now - since < timedelta(minutes=2) or any(s.ever_unknown or s.watch_step for s in view.sets):
            return []
        return [f"never silent: the order to erase {booking_id} waits for nothing and is not carried out"]
    if record.erased_at is None:
        return []
    if held:
        return [f"never too long: {booking_id} was erased, and a set of it may be live"]
    told = [record.status, record.object_id, record.object_name, record.start, record.facts_seen, record.field_written]
    told += [s.intent.recipients for s in view.sets] + [s.intent.component_ids for s in view.sets]
    told += [not s.display_name.startswith("dr-") for s in view.sets]
    # By order, not by time: our clock may have been set back since.
    types = [event.type for event in view.history]
    told += types[: types.index("booking.erased")] if "booking.erased" in types else types
    return [f"never leaking: {booking_id} was erased, and its record still tells {told}"] if any(told) else []


def _field(world: Any, booking_id: str, view: Any) -> list[str]:
    """The field shows the ids of what is live, in mapping order; a short one what it can hold."""
    if view is None or code_of(view) or booking_id in world.deleted:
        return []
    if view.record.state.value == "revoked":
        return _left_in_field(world, booking_id, view)
    if view.record.state.value != "granted":
        return []
    live = world.witness.live(booking_id)
    if any(row.id in world.changed_unknown - recorded_of(view) for row in live):
        return []  # somebody prolonged what nobody here ever knew of
    wanted = " ".join(row.id for row in live)
    held = world.ireserve.booking(booking_id).fields.get(5, "")
    length = world.weather.switches.get("field_length") or len(wanted)
    return [] if held == wanted[:length] or not wanted else [f"the field of {booking_id} holds {held!r}, not {wanted!r}"]


def _left_in_field(world: Any, booking_id: str, view: Any) -> list[str]:
    """After a confirmed revoke the field shows no id any more, if nobody has written there since. What is erased has forgotten its field."""
    booking = world.ireserve.booking(booking_id)
    held = booking.fields.get(5, "")
    if view.record.reason == "booking.gone" and booking.status not in TRIGGER:
        return []  # it was hidden when its access ended, and no list has shown it since: who reads it next clears the field
    newest = max(view.sets, key=lambda s: s.number)
    if newest.state != "revoked" or newest.authorization_id is None or view.record.erased_at or view.record.withheld:
        return []
    return [f"the field of {booking_id} still holds the id of a revoked access"] if held == newest.authorization_id else []


def _visitor(world: Any, booking_id: str, view: Any) -> list[str]:
    """What the visitor sees who tries each door now, at the beginning, and at the end."""
    # Where its new time is one of two, access stays as it was until a person has seen to it.
    if (
        booking_id in world.deleted
        or code_of(view) in ASKS | {"booking.time_unclear"}
        or _is_vague(world, booking_id)
        or world.touched_sets
    ):
        return []
    booking = world.ireserve.booking(booking_id)
    email = world.ireserve.customer(booking.customer_id).email
    if not email:
        return []
    rights = [world.truth.right(booking_id, site) for site in SITES]
    # What was made under an earlier rule may begin earlier.
    begins = min((r.window[0] for r in rights if r.window is not None), default=booking.start)
    begins = min([begins, *(row.valid_from for row in world.witness.live(booking_id))])
    opened: list[str] = []
    for component in world.resivo.state.components.values():
        for at in (
            world.now,
            booking.start,
            booking.end - timedelta(seconds=1),
            booking.end,
            begins - timedelta(minutes=1),
        ):
            if at < world.now or not world.resivo.may_open(email, component.id, at):
                continue
            allowed = any(r.has_access(at) and begins <= at for r in rights if r.window is not None)
            if not allowed or booking_id in world.ordered_away:
                opened.append(f"never too long: the visitor of {booking_id} opens {component.display_name} at {at:%d %H:%M}")
    return opened


def _warned(world: Any, booking_id: str, view: Any) -> list[str]:
    """Who has no access an hour before the start, and should have, was told of by then."""
    if view is None or world.jumped or view.record.start is None or view.record.state.value != "needs_person":
        return []
    soon = view.record.start - WARNED_BEFORE <= world.now < view.record.end
    wanted = any(right.kind == "trigger" and right.window for right in (world.truth.right(booking_id, site) for site in SITES))
    if (
        not soon
        or not wanted
        or world.witness.live(booking_id)
        or any(event.type == "booking.not_ready" for event in view.history)
        or booking_id in world.ordered_away
    ):
        return []
    return [f"never silent: {booking_id} begins soon without access ({code_of(view)}), and nobody was warned"]


def _foreign(world: Any) -> list[str]:
    rows = [r for r in world.resivo.state.authorizations.values() if r.id.startswith("by-hand")]
    if len(rows) != len(world.weather.foreign) + world.copies or any(r.status != "active" for r in rows):
        return ["never foreign: an access that was made by hand is gone"]
    return []


def _leaks(world: Any) -> list[str]:
    text = "\n".join(world.watcher.lines)
    secrets = ["@example.com", "+316", "1234 5678", *(t for t in (m.link_token for m in world.resivo.outbox) if t)]
    return [f"never leaking: {secret!r} stands in the log" for secret in secrets if secret in text]


def _faults(world: Any) -> list[str]:
    return [
        f"a fault of ours: {line}" for line in dict.fromkeys(world.watcher.lines) if ".fault " in line or "internal.error" in line
    ]
