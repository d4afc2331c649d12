"""A booking as the templates show it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.window import AccessWindow
from drempel.engine.booking_object import booking_object
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors, lacking, offline_of
from drempel.engine.ports import BookingRecord
from drempel.engine.records import BookingView
from drempel.engine.setup import Setup
from drempel.web.pages.offers import Button, Question, buttons, open_question

__all__ = ["BookingRow", "LeftOut", "Renamed"]

Renamed = Mapping[tuple[str, str], Mapping[str, str]]
"""By source and booking id: names in the mapping that no door has any more, with what the same door is called now."""


NEVER: Final = datetime.max.replace(tzinfo=UTC)


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
    is_paused: bool
    """Nothing is read or done at its source."""
    offline: Mapping[int, OfflineDoors]
    """Number of a live set → those of its doors that were offline at the last look."""

    @classmethod
    def of(cls, view: BookingView, setup: Setup, *, looks: Sequence[OfflineDoors] = ()) -> BookingRow:
        """`looks`: what the slow loop saw last of doors, for pages that tell of it."""
        source = setup.sources.get(view.record.source)
        integration = _integration(view, setup)
        is_paused = setup.is_paused(view.record.source)
        return cls(
            record=view.record,
            window=_window(booking_object(view)["window"]),
            sets=tuple(sorted(view.sets, key=lambda one: one.number, reverse=True)),
            buttons=buttons(view, is_paused=is_paused),
            question=open_question(view),
            zone=source.time_zone if source is not None else "UTC",
            integration=integration,
            country="" if integration is None else setup.integrations[integration].policy.default_country,
            left_out=_left_out(view.sets),
            fields=_fields(view.record.field_written),
            is_paused=is_paused,
            offline={one.number: seen for one in view.sets if (seen := offline_of(one, looks)) is not None},
        )

    @property
    def offline_doors(self) -> list[tuple[OfflineDoor, datetime]]:
        """Doors that it opens and that were offline at the last look, each once, with when that was."""
        seen = {
            (look.site_id, door.component_id): (door, look.looked_at) for look in self.offline.values() for door in look.doors
        }
        return list(seen.values())

    @property
    def offline_names(self) -> tuple[str, ...]:
        return tuple(door.name for door, _ in self.offline_doors)

    @property
    def opens_or_did(self) -> bool:
        """The window is, or was to its end, the time at which doors open; not of what was revoked, or was never made."""
        return any(one.may_open or one.state is SetState.ENDED for one in self.sets)

    @property
    def was_revoked(self) -> bool:
        return any(one.state is SetState.REVOKED for one in self.sets)

    @property
    def begins(self) -> datetime:
        """For an order by time: when its doors open, else its start; what has neither comes last."""
        return self.window.valid_from if self.window is not None else self.record.start or NEVER

    @property
    def failed(self) -> bool:
        """Something did not succeed, so that what comes next is another try; else it is a look whether all is as it should be."""
        return self.record.failure is not None or self.record.tries > 0

    @property
    def is_fine(self) -> bool:
        """There is nothing that another try could bring on."""
        return not self.failed and self.record.state in {BookingState.GRANTED, BookingState.ENDED}

    @property
    def is_awaited(self) -> bool:
        """Something is to come of its next turn."""
        return self.failed or self.record.state in {BookingState.PENDING, BookingState.REVOKING, BookingState.NEEDS_PERSON}

    @property
    def is_missing(self) -> bool:
        """The booking system did not find it, and is asked once more before anything is done about it."""
        return self.record.gone_at is not None and not self.record.gone_confirmed

    @staticmethod
    def opens(one: AuthorizationSet) -> tuple[str, ...]:
        """The doors of a set without those that Resivo left out."""
        return tuple(name for component_id, name in one.intent.doors if component_id not in one.dropped_ids)

    @staticmethod
    def leaves_out(one: AuthorizationSet) -> tuple[str, ...]:
        return tuple(name for component_id, name in one.intent.doors if component_id in one.dropped_ids)


def _left_out(sets: Iterable[AuthorizationSet]) -> LeftOut | None:
    """Of the first site at which a door is missing."""
    first = next(iter(lacking(sets)), None)
    if first is None:
        return None
    return LeftOut(names=BookingRow.leaves_out(first), since=first.sent_at, is_added=not first.intent.adds_dropped)


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
