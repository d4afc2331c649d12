"""A person's order to issue access again. Pure.

Every live set is marked: the next decision creates its successor and then revokes it, by the same steps as any replacement, so never two last longer
than until the revoke answers. Without a live set it is an order to try again: whatever kept the booking from access is lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.events import Event
from drempel.engine.ports import BookingRecord, Change

__all__ = ["issue_again_by_person"]


def issue_again_by_person(record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
    """What the order changes. Alters `record` in place."""
    record.withheld = False
    record.existing = ""
    record.retry_ordered = True
    marked = [replace(one, issue_again=True) for one in sets if one.state is SetState.LIVE]
    return Change(sets=marked, events=[Event(at=now, type="person.issue_again")])
