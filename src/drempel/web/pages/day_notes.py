"""What the head of a day tells of doors: each door once, with the bookings that it concerns. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from drempel.engine.day import Door, Visit
from drempel.engine.offline_doors import OfflineDoors
from drempel.web.pages.rows import BookingRow

__all__ = ["DayNotes", "DoorNote", "day_notes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorNote:
    """One door with the bookings of the day that are not over, each once."""

    name: str
    rows: tuple[BookingRow, ...]
    looked_at: datetime | None = None
    """When it was last seen to be offline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNotes:
    """By what is wrong with the doors, each by name."""

    offline: tuple[DoorNote, ...]
    """Access opens them, and they were offline when the slow loop looked last."""
    left_out: tuple[DoorNote, ...]
    """They were offline when access was made, so it does not open them."""
    offline_doors: frozenset[Door]
    """Those of `offline`, as the day has them; and of doors that an access lacks, those that were offline at the last look."""


def day_notes(visits: Iterable[tuple[Visit, BookingRow]], looks: Iterable[OfflineDoors] = (), *, now: datetime) -> DayNotes:
    """Of the visits that are or will be. `looks`: what the slow loop saw last of doors."""
    coming = [(visit, row) for visit, row in visits if visit.window.valid_to > now and visit.is_real]
    offline = [
        ((door.name, look.site_id, door.component_id), row, look.looked_at)
        for _, row in coming
        for look in row.offline.values()
        for door in look.doors
    ]
    left_out = [((name,), row, None) for _, row in coming if row.left_out is not None for name in row.left_out.names]
    seen = {Door(door.name, look.site_id) for look in looks for door in look.doors}
    doors = {Door(name, site_id) for (name, site_id, _), _, _ in offline}
    doors |= {door for visit, _ in coming for door in visit.lacks if door in seen}
    return DayNotes(offline=_by_door(offline), left_out=_by_door(left_out), offline_doors=frozenset(doors))


def _by_door(found: Iterable[tuple[tuple[str, ...], BookingRow, datetime | None]]) -> tuple[DoorNote, ...]:
    """The door's name stands first in its key."""
    rows: dict[tuple[str, ...], dict[tuple[str, str], BookingRow]] = {}
    looked_at: dict[tuple[str, ...], datetime | None] = {}
    for door, row, at in found:
        # A booking may have several windows on one day.
        rows.setdefault(door, {})[row.record.source, row.record.booking_id] = row
        looked_at[door] = at
    doors = sorted(rows, key=lambda door: (door[0].casefold(), door))
    return tuple(DoorNote(name=door[0], rows=tuple(rows[door].values()), looked_at=looked_at[door]) for door in doors)
