"""A person's word on a live access that our record does not have: take it into the record, or have it revoked. Pure.

Both end in a set of its booking's record, which the worker then treats as any other: an adopted set is live, and kept, replaced or revoked as the
booking says; one that must go is *revoking*, so that a crash loses nothing. What is not wholly known to be ours is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.access import AuthorizationSet, Facts, Intent, Marker, SetState
from drempel.domain.events import Event
from drempel.domain.own_name import OwnName, read_own_name
from drempel.domain.values import value
from drempel.domain.window import AccessWindow
from drempel.engine.orphan_refusals import refusal
from drempel.engine.ports import BookingRecord, Change, FoundSet, Life, SetAt
from drempel.engine.resolving import Refusal
from drempel.engine.setup import IntegrationSetup

__all__ = ["ORPHAN_REVOKED", "Named", "add_adopted", "add_going", "not_ours", "recorded_already"]

ORPHAN_REVOKED: Final = "person.revoke"
"""Why a set is revoked that a person named by its id."""
NUMBER_MAX: Final = 1_000_000
"""A higher number was never given by us: somebody typed it. It must not push ours up."""
UNTIL_REVOKED: Final = timedelta(days=3650)
"""Of an access without end: our record ends a set by its window, and this one must not end before it is revoked."""


@value(frozen=True, slots=True, kw_only=True)
class Named:
    """An access that a person named by its id: how Resivo shows it, where, and whose it is by its name."""

    row: FoundSet
    own: OwnName
    site_id: str
    source: str
    booking_id: str
    integration: IntegrationSetup
    connection_id: int


def not_ours(row: FoundSet, *, marker: Marker, now: datetime) -> Refusal | OwnName:
    """The parts of its name, if this access may be touched at all. A name that is not ours is not repeated: it may be a visitor's."""
    own = read_own_name(row.display_name)
    if own is None or not row.is_remote_access or not marker.owns(row.display_name):
        return refusal("foreign", id=row.id)
    if row.life is Life.NOT_LIVE or (row.window is not None and row.window.is_over(now)):
        return refusal("not_live", id=row.id)
    if row.life is Life.UNCLEAR or row.unreadable:
        return refusal("unreadable", id=row.id)
    return own


def recorded_already(row: FoundSet, at: SetAt, *, adopting: bool, now: datetime) -> Refusal | None:
    """Why an access of which our record knows the id or the name is not to be taken in; None if it may be revoked as one too many."""
    one, told = at.set, {"id": row.id, "booking": at.booking_id, "source": at.source}
    if one.unsettled or one.unsent:
        return refusal("unsettled", **told)
    if one.state is SetState.REVOKING:
        return refusal("revoking", **told)
    if one.state is SetState.LIVE and one.authorization_id == row.id and not one.intent.window.is_over(now):
        return refusal("recorded", **told)
    if adopting:
        return refusal("one_too_many", **told)
    return None


def add_adopted(
    named: Named, record: BookingRecord, sets: Sequence[AuthorizationSet], *, names: Mapping[str, str], now: datetime
) -> Change | Refusal:
    """Take an orphan in as live. `names`: the site's doors by id. Alters `record` in place only if it is not refused."""
    row = named.row
    if any(one.authorization_id == row.id or one.display_name == row.display_name for one in sets):
        return refusal("known_meanwhile", id=row.id)
    if row.window is None or not row.component_ids:
        return refusal("no_doors", id=row.id)
    made = _as_live(named, record, sets, window=row.window, names=names)
    data = {"number": str(made.number), "authorization_id": row.id, "site_id": named.site_id, "name": row.display_name}
    return Change(sets=[made], events=[Event(at=now, type="access.adopted", data=data)])


def add_going(named: Named, record: BookingRecord, sets: Sequence[AuthorizationSet], *, now: datetime) -> Change | Refusal:
    """Take an access that is one too many in as one that must go: the worker revokes it, whatever becomes of this process."""
    row = named.row
    held = {SetState.LIVE, SetState.REVOKING, SetState.UNKNOWN}
    if any(one.authorization_id == row.id and one.state in held and not one.intent.window.is_over(now) for one in sets):
        return refusal("known_meanwhile", id=row.id)
    window = row.window or AccessWindow(valid_from=now, valid_to=now + UNTIL_REVOKED)
    going = _as_live(named, record, sets, window=window, names={}).revoking(ORPHAN_REVOKED, now=now)
    return Change(
        sets=[going],
        events=[
            Event(at=now, type="person.revoke", data={"authorization_id": row.id, "name": row.display_name}),
            Event(at=now, type="access.revoking", data={"number": str(going.number), "reason": ORPHAN_REVOKED}),
        ],
    )


def _as_live(
    named: Named,
    record: BookingRecord,
    sets: Sequence[AuthorizationSet],
    *,
    window: AccessWindow,
    names: Mapping[str, str],
) -> AuthorizationSet:
    """The set as Resivo shows it, under the next number of its booking.

    It has the facts of no booking: the first decision compares doors and window instead, and notes the facts if they fit.
    """
    doors = sorted(named.row.component_ids)
    number = _next_number(record, sets, named.own)
    record.last_number = max(record.last_number, number)
    return AuthorizationSet(
        number=number,
        integration=named.integration.name,
        connection_id=named.connection_id,
        policy_version=named.integration.policy_version,
        display_name=named.row.display_name,
        intent=Intent(
            site_id=named.site_id,
            component_ids=tuple(doors),
            component_names=tuple(names.get(door, door) for door in doors),
            window=window,
            recipients="",
        ),
        facts=Facts(object_id="", start=window.valid_from, end=window.valid_to, email=None, mobile=None, default_country=""),
        state=SetState.LIVE,
        authorization_id=named.row.id,
    )


def _next_number(record: BookingRecord, sets: Sequence[AuthorizationSet], own: OwnName) -> int:
    """The number in its name, if that is free; else the next. Never one that a later name would repeat."""
    taken = {one.number for one in sets}
    if own.number <= NUMBER_MAX and own.number not in taken and own.number > record.last_number:
        return own.number
    return max(record.last_number, *taken, 0) + 1
