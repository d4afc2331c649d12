"""Live access that was made under older rules: which of it differs from today's, and a person's order to replace it. Pure.

The order is level-triggered: it is asked of each booking anew, within the transaction that marks it. What was replaced meanwhile, or fits again, is
left alone; a process that dies between two bookings leaves the rest as it was, and the page shows it again. A mark works as `issue_again` does: the
successor is created, then the old one revoked, so never two hold for longer than until that revoke answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.events import Event
from drempel.domain.mapping import mappings_of
from drempel.domain.policy import StatusMeaning
from drempel.domain.window import access_window
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.setup import IntegrationSetup

__all__ = ["LIVE_LOOKED_AT", "differs", "mark_differing"]

LIVE_LOOKED_AT: Final = 1000
"""So many bookings with live access are compared with new rules; more are not counted."""


def differs(record: BookingRecord, one: AuthorizationSet, integration: IntegrationSetup, *, now: datetime) -> bool:
    """Whether a live set of this integration would be made otherwise today. What would not be made at all is not replaced."""
    mine = one.state is SetState.LIVE and one.integration == integration.name and not one.issue_again
    if not mine or record.object_id is None or record.start is None or record.end is None or record.end <= now or record.withheld:
        return False
    if record.status is not None and integration.policy.meaning(record.status) is StatusMeaning.REVOKE:
        return False
    mapped = next(
        (each for each in mappings_of(integration.mappings, record.object_id) if each.site_id == one.intent.site_id), None
    )
    if mapped is None:
        return False
    doors = {name.strip() for name in mapped.component_names} != {name.strip() for name in one.intent.component_names}
    today = access_window(start=record.start, end=record.end, time_before=integration.policy.time_before)
    return doors or one.intent.window.valid_from != today.valid_from


def mark_differing(
    record: BookingRecord, sets: Sequence[AuthorizationSet], integration: IntegrationSetup, *, now: datetime
) -> Change:
    """What the order changes for one booking; nothing if nothing differs any more. Alters `record` in place."""
    marked = [replace(one, issue_again=True) for one in sets if differs(record, one, integration, now=now)]
    if not marked:
        return Change()
    record.retry_ordered = True
    return Change(sets=marked, events=[Event(at=now, type="person.issue_again")])
