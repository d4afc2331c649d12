"""What stays of a booking that was erased, and for how long it stays so: a tombstone, which knows what was withheld and which number was the last."""

from __future__ import annotations

from typing import Final

from drempel.domain.access import BookingState, SetState
from drempel.domain.decision import Presence
from drempel.engine.ports import BookingRecord
from drempel.engine.reading import Reading
from drempel.engine.run import Run

__all__ = ["ERASED", "forget", "keep_erased"]

ERASED: Final = "booking.erased"
"""The reason that an erased booking tells, and the one event of its history."""


def forget(record: BookingRecord) -> None:
    """Leave of a record what safety and the work that is planned need. A person's word that access is withheld stays."""
    record.status = None
    record.object_id = None
    record.object_name = ""
    record.start = None
    record.end = None
    record.reason = ERASED
    if record.failure is None:
        record.state = BookingState.NONE
    record.facts_seen = ""
    record.reread_at = None
    record.gone_at = None
    record.gone_confirmed = False
    record.field_written = None
    record.field_seen = None
    record.overwrite_value = None
    record.not_ready = ""
    record.warned = ""


def keep_erased(run: Run, reading: Reading) -> None:
    """An erased booking that was read again stays erased while it can get no access: a person withholds it, or it is over or gone.

    Else it is a booking like any other from now on.
    """
    record = run.claim.record
    if record.erased_at is None or reading.failure is not None:
        return
    held = any(each.state not in {SetState.REVOKED, SetState.ENDED} for each in run.sets.values())
    over = reading.presence is Presence.GONE or (reading.booking is not None and reading.booking.end <= run.now)
    if held or not (record.withheld or over):
        record.erased_at = None
        return
    forget(record)
    run.pending.events = [event for event in run.pending.events if event.type != "booking.read"]
