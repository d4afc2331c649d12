"""A booking as REST and `--json` give it: one shape, built here alone. Times are ISO 8601 in UTC with a Z."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from drempel.domain.access import AuthorizationSet
from drempel.domain.readiness import awaited, readiness, readiness_of_set
from drempel.domain.window import AccessWindow
from drempel.engine.offline_doors import OfflineDoors, offline_of
from drempel.engine.receipts import Receipt
from drempel.engine.records import BookingView

__all__ = ["booking_object", "receipt_object", "utc_text"]


def utc_text(at: datetime) -> str:
    """`2026-03-14T08:45:00Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def booking_object(view: BookingView, *, looks: Iterable[OfflineDoors] = ()) -> dict[str, Any]:
    """The object of design section 4. In lists the history is empty. `looks`: what the slow loop saw last of doors."""
    record = view.record
    window = None if record.erased_at is not None else _window(view.sets)
    return {
        "source": record.source,
        "booking_id": record.booking_id,
        "state": record.state.value,
        "status": record.status,
        "object": record.object_id,
        "window": None if window is None else {"valid_from": utc_text(window.valid_from), "valid_to": utc_text(window.valid_to)},
        "authorization_sets": [
            {
                "id": one.authorization_id,
                "site_id": one.intent.site_id,
                "display_name": one.display_name,
                "state": one.state.value,
                "ready": readiness_of_set(one).verdict.value if one in awaited(view.sets) else None,
                "exposure_seconds": None if one.exposure is None else round(one.exposure.total_seconds(), 3),
                "offline_doors": _offline(one, looks),
            }
            for one in sorted(view.sets, key=lambda one: one.number)
        ],
        "ready": _ready(view),
        "failure": None
        if record.failure is None
        else {"code": record.failure.code, "message": record.failure.message, "remedy": record.failure.remedy},
        "next_attempt_at": None if record.next_at is None else utc_text(record.next_at),
        "erase_ordered_at": None if record.erase_ordered_at is None else utc_text(record.erase_ordered_at),
        "erased_at": None if record.erased_at is None else utc_text(record.erased_at),
        "history": [{**event.data, "at": utc_text(event.at), "type": event.type} for event in view.history],
    }


def receipt_object(receipt: Receipt) -> dict[str, Any]:
    """A receipt as REST and `--json` give it."""
    return {
        "number": receipt.number,
        "source": receipt.source,
        "booking_id": receipt.booking_id,
        "ordered_at": utc_text(receipt.ordered_at),
        "ordered_by": receipt.ordered_by,
        "erased_at": None if receipt.erased_at is None else utc_text(receipt.erased_at),
        "revoked": list(receipt.revoked),
        "ended": list(receipt.ended),
        "removed": dict(receipt.removed),
    }


def _ready(view: BookingView) -> dict[str, Any] | None:
    record = view.record
    failure_code = record.failure.code if record.failure is not None else ""
    found = readiness(view.sets, state=record.state, reason=record.reason, failure_code=failure_code)
    if found is None:
        return None
    return {
        "verdict": found.verdict.value,
        "differs": [{"field": one.field, "names": list(one.names)} for one in found.differs],
    }


def _offline(one: AuthorizationSet, looks: Iterable[OfflineDoors]) -> list[dict[str, Any]]:
    look = offline_of(one, looks)
    if look is None:
        return []
    seen = utc_text(look.looked_at)
    return [{"id": door.component_id, "name": door.name, "since": utc_text(door.since), "seen": seen} for door in look.doors]


def _window(sets: tuple[AuthorizationSet, ...]) -> AccessWindow | None:
    """The window of the newest set that opens doors or may come to; of the newest at all if there is none such."""
    newest_first = sorted(sets, key=lambda one: one.number, reverse=True)
    for one in newest_first:
        if one.may_open:
            return one.intent.window
    return newest_first[0].intent.window if newest_first else None
