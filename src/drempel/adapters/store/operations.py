"""What may share a commit, as data. Made when it is asked for: what the caller does with his objects later is not written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from drempel.adapters.store.rows import LEVER_COLUMNS, event_values, record_values, set_values
from drempel.engine.ports import BookingRecord, Change, Lease, Rations

__all__ = [
    "FENCED",
    "LEVER_PARAMETERS",
    "ChangeRows",
    "Claiming",
    "Committing",
    "Completing",
    "Due",
    "Fenced",
    "Operation",
    "Releasing",
    "Renewing",
    "change_rows",
    "record_parameters",
]


@dataclass(frozen=True, slots=True)
class Due:
    """Bookings that become due: by a hint, or woken."""

    source: str
    booking_ids: Sequence[str]
    hinted: bool


@dataclass(frozen=True, slots=True)
class Claiming:
    """Lease what is due, at most so many."""

    limit: int
    rations: Rations | None = None


@dataclass(frozen=True, slots=True)
class Renewing:
    """Prolong a lease."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class Releasing:
    """Give a lease back without a result."""

    lease: Lease
    next_at: datetime


ChangeRows = dict[str, list[dict[str, Any]]]
"""A change, as rows by kind of write."""


@dataclass(frozen=True, slots=True)
class Committing:
    """One step of the work."""

    lease: Lease
    rows: ChangeRows
    last_number: int
    renew: bool


@dataclass(frozen=True, slots=True)
class Completing:
    """The end of the work."""

    lease: Lease
    rows: ChangeRows
    record: dict[str, Any]
    """As parameters of an update."""
    waits_for: str | None


Fenced = Renewing | Releasing | Committing | Completing
FENCED: Final = (Renewing, Releasing, Committing, Completing)
"""What needs a lease."""
Operation = Due | Claiming | Fenced
LEVER_PARAMETERS: Final = frozenset(f"to_{name}" for name in LEVER_COLUMNS)


def record_parameters(record: BookingRecord) -> dict[str, Any]:
    """A record, named as the parameters of an update."""
    return {f"to_{name}": value for name, value in record_values(record).items()}


def change_rows(booking_key: int, change: Change) -> ChangeRows:
    """The rows of a change of this booking."""
    rows: ChangeRows = {
        "drop_set": [{"key": booking_key, "dropped": number} for number in change.dropped_numbers],
        "put_set": [{"booking_key": booking_key, **set_values(each)} for each in change.sets],
        "add_event": [{"booking_key": booking_key, **event_values(event)} for event in change.events],
    }
    if change.row_is_old:
        rows["note_old_row"] = [{"key": booking_key}]
    return rows
