"""Live access that was made under older rules: which of it differs from today's, and a person's order to replace it. Pure.

The order is level-triggered: it is asked of each booking anew, within the transaction that marks it. What was replaced meanwhile, or fits again, is
left alone; a process that dies between two bookings leaves the rest as it was, and the page shows it again. A mark works as `issue_again` does: the
successor is created, then the old one revoked, so never two hold for longer than until that revoke answers.

Doors are compared by the ids that today's names have: a door that only got another name is the same door, and an access to it is right already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.components import Component, Resolved, resolve_components
from drempel.domain.events import Event
from drempel.domain.mapping import ObjectMapping, mappings_of
from drempel.domain.policy import StatusMeaning
from drempel.domain.window import access_window
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.setup import IntegrationSetup

__all__ = ["LIVE_LOOKED_AT", "UNREAD", "SiteDoors", "concerns", "differs", "mark_differing", "only_renamed"]

LIVE_LOOKED_AT: Final = 1000
"""So many bookings with live access are compared with new rules; more are not counted."""
SiteDoors = Mapping[str, Sequence[Component]]
"""Today's doors by site id, of the sites that could be read."""
UNREAD: Final[SiteDoors] = {}


def concerns(record: BookingRecord, one: AuthorizationSet, before: IntegrationSetup, after: IntegrationSetup) -> bool:
    """Whether a change of an integration is about this live set: of all by its rules, by its mapping of those whose doors it changes."""
    if one.state is not SetState.LIVE or one.integration != before.name:
        return False
    if replace(before.policy, active=after.policy.active) != after.policy:
        return True
    return _doors_by(before, record, one) != _doors_by(after, record, one)


def _doors_by(rules: IntegrationSetup, record: BookingRecord, one: AuthorizationSet) -> list[tuple[str, ...]]:
    here = mappings_of(rules.mappings, record.object_id or "")
    return [each.component_names for each in here if each.site_id == one.intent.site_id]


def differs(
    record: BookingRecord,
    one: AuthorizationSet,
    integration: IntegrationSetup,
    *,
    now: datetime,
    doors: SiteDoors = UNREAD,
    by_names: bool = True,
) -> bool:
    """Whether a live set of this integration would be made otherwise today. What would not be made at all is not replaced.

    Of a site whose doors were not read, or have no such names, only the names tell; without `by_names` nothing does then: a door that was renamed
    when it was mapped anew is another name and the same door.
    """
    mapped = _mapping(record, one, integration, now)
    if mapped is None or record.start is None or record.end is None:
        return False
    today = access_window(start=record.start, end=record.end, time_before=integration.policy.time_before)
    if one.intent.window.valid_from != today.valid_from:
        return True
    same = _same_ids(one, mapped, doors)
    return by_names and _other_names(one, mapped) if same is None else not same


def only_renamed(
    record: BookingRecord, one: AuthorizationSet, integration: IntegrationSetup, *, now: datetime, doors: SiteDoors
) -> bool:
    """Whether a live set differs in nothing but what its doors are called: there is nothing to do about it."""
    mapped = _mapping(record, one, integration, now)
    if mapped is None or not _other_names(one, mapped) or not _same_ids(one, mapped, doors):
        return False
    return not differs(record, one, integration, now=now, doors=doors)


def _mapping(record: BookingRecord, one: AuthorizationSet, integration: IntegrationSetup, now: datetime) -> ObjectMapping | None:
    """What a live set of this integration would be made by today; None if it would not be made."""
    mine = one.state is SetState.LIVE and one.integration == integration.name and not one.issue_again
    if not mine or record.object_id is None or record.end is None or record.end <= now or record.withheld:
        return None
    if record.status is not None and integration.policy.meaning(record.status) is StatusMeaning.REVOKE:
        return None
    here = (each for each in mappings_of(integration.mappings, record.object_id) if each.site_id == one.intent.site_id)
    return next(here, None)


def _other_names(one: AuthorizationSet, mapped: ObjectMapping) -> bool:
    return {name.strip() for name in mapped.component_names} != {name.strip() for name in one.intent.component_names}


def _same_ids(one: AuthorizationSet, mapped: ObjectMapping, doors: SiteDoors) -> bool | None:
    """None: today's names do not lead to ids, so nobody can tell."""
    today = resolve_components(mapped.component_names, doors.get(mapped.site_id, ()))
    # An adopted access was made for fewer ids; those that it lacks count as dropped.
    return set(today.component_ids) == {*one.intent.component_ids, *one.dropped_ids} if isinstance(today, Resolved) else None


def mark_differing(
    record: BookingRecord,
    sets: Sequence[AuthorizationSet],
    integration: IntegrationSetup,
    *,
    now: datetime,
    doors: SiteDoors = UNREAD,
) -> Change:
    """What the order changes for one booking; nothing if nothing differs any more. Alters `record` in place."""
    marked = [replace(one, issue_again=True) for one in sets if differs(record, one, integration, now=now, doors=doors)]
    if not marked:
        return Change()
    record.retry_ordered = True
    return Change(sets=marked, events=[Event(at=now, type="person.issue_again")])
