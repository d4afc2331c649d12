"""A booking as the templates show it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drempel.domain.access import AuthorizationSet
from drempel.domain.window import AccessWindow
from drempel.engine.booking_object import booking_object
from drempel.engine.ports import BookingRecord
from drempel.engine.records import BookingView
from drempel.engine.setup import Setup
from drempel.web.pages.offers import Button, Question, buttons, open_question

__all__ = ["BookingRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRow:
    """What is kept, with the window that REST shows too, and the buttons."""

    record: BookingRecord
    window: AccessWindow | None
    sets: tuple[AuthorizationSet, ...]
    """Newest first."""
    buttons: tuple[Button, ...]
    question: Question | None
    zone: str
    """Of the booking's source: times are shown on the wall clock there."""
    integration: str | None
    """Where the doors of its object are chosen."""
    fields: tuple[tuple[str, str], ...]
    """Booking field → what it holds since we last wrote it."""

    @classmethod
    def of(cls, view: BookingView, setup: Setup) -> BookingRow:
        source = setup.sources.get(view.record.source)
        return cls(
            record=view.record,
            window=_window(booking_object(view)["window"]),
            sets=tuple(sorted(view.sets, key=lambda one: one.number, reverse=True)),
            buttons=buttons(view),
            question=open_question(view),
            zone=source.time_zone if source is not None else "UTC",
            integration=_integration(view, setup),
            fields=_fields(view.record.field_written),
        )


def _fields(written: str | None) -> tuple[tuple[str, str], ...]:
    """By field: what was written, and what the field was seen to hold after that. What another version of Drempel kept is shown as it is."""
    try:
        kept = json.loads(written or "{}")
        return tuple((str(name), str(seen)) for name, (_, seen) in kept.items() if seen)
    except (ValueError, TypeError, AttributeError):
        return (("", written or ""),)


def _integration(view: BookingView, setup: Setup) -> str | None:
    """The one that the failure names, else the first that maps the object, else the first of the source."""
    named = view.record.failure.params.get("integration") if view.record.failure is not None else None
    if named in setup.integrations:
        return named
    candidates = setup.of_source(view.record.source)
    mapping = [one for one in candidates if view.record.object_id and setup.sites_of(one, view.record.object_id)]
    return next((one.name for one in (*mapping, *candidates)), None)


def _window(of_object: dict[str, Any] | None) -> AccessWindow | None:
    if of_object is None:
        return None
    begin, end = (datetime.fromisoformat(of_object[key]) for key in ("valid_from", "valid_to"))
    return AccessWindow(valid_from=begin, valid_to=end)
