"""A booking as the templates show it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.window import AccessWindow
from drempel.engine.booking_object import booking_object
from drempel.engine.ports import BookingRecord
from drempel.engine.records import BookingView
from drempel.engine.setup import Setup
from drempel.web.pages.offers import Button, Question, buttons, open_question

__all__ = ["BookingRow", "LeftOut", "Renamed"]

Renamed = Mapping[tuple[str, str], Mapping[str, str]]
"""By source and booking id: names in the mapping that no door has any more, with what the same door is called now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Doors that a live access does not open, because they were offline when it was made."""

    names: tuple[str, ...]
    since: datetime | None
    is_added: bool
    """Drempel adds them by itself, once, when they are online."""


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
    country: str
    """The default country there; empty if none is set."""
    left_out: LeftOut | None
    fields: tuple[tuple[str, str], ...]
    """Booking field → what it holds since we last wrote it."""

    @classmethod
    def of(cls, view: BookingView, setup: Setup) -> BookingRow:
        source = setup.sources.get(view.record.source)
        integration = _integration(view, setup)
        return cls(
            record=view.record,
            window=_window(booking_object(view)["window"]),
            sets=tuple(sorted(view.sets, key=lambda one: one.number, reverse=True)),
            buttons=buttons(view),
            question=open_question(view),
            zone=source.time_zone if source is not None else "UTC",
            integration=integration,
            country="" if integration is None else setup.integrations[integration].policy.default_country,
            left_out=_left_out(view.sets),
            fields=_fields(view.record.field_written),
        )


def _left_out(sets: Iterable[AuthorizationSet]) -> LeftOut | None:
    """Of the first site whose newest live set lacks a door: an older one only waits to be revoked."""
    live = sorted((one for one in sets if one.state is SetState.LIVE), key=lambda one: one.number)
    newest = {(one.integration, one.intent.site_id): one for one in live}
    lacking = next((one for one in newest.values() if one.dropped_ids), None)
    if lacking is None:
        return None
    named = zip(lacking.intent.component_ids, lacking.intent.component_names, strict=True)
    names = tuple(name for component_id, name in named if component_id in lacking.dropped_ids)
    return LeftOut(names=names, since=lacking.sent_at, is_added=not lacking.intent.adds_dropped)


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
