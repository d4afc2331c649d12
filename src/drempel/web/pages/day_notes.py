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

    door: Door
    rows: tuple[BookingRow, ...]
    """Those that are to open it; of a door that is not offline those alone whose access lacks it."""
    looked_at: datetime | None
    """When it was last seen to be offline; None if it was not, and only access lacks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNotes:
    """What is wrong with the doors, by name. What is offline is told once, also where some access lacks it."""

    doors: tuple[DoorNote, ...]

    @property
    def offline_doors(self) -> frozenset[Door]:
        return frozenset(note.door for note in self.doors if note.looked_at is not None)


def day_notes(visits: Iterable[tuple[Visit, BookingRow]], looks: Iterable[OfflineDoors] = (), *, now: datetime) -> DayNotes:
    """Of the visits that are or will be. `looks`: what the slow loop saw last of doors."""
    seen = {Door(door.name, look.site_id): look.looked_at for look in looks for door in look.doors}
    rows: dict[Door, dict[tuple[str, str], BookingRow]] = {}
    looked_at: dict[Door, datetime] = {}
    for visit, row in visits:
        if visit.window.valid_to <= now or not visit.is_real:
            continue
        # By the names that the access has for them: the look may have others.
        offline = {Door(door.name, look.site_id): look.looked_at for look in row.offline.values() for door in look.doors}
        offline |= {door: seen[door] for door in visit.lacks if door in seen}
        looked_at |= offline
        for door in (*offline, *visit.lacks):
            # A booking may have several windows on one day.
            rows.setdefault(door, {})[row.record.source, row.record.booking_id] = row
    doors = sorted(rows, key=lambda door: (door.name.casefold(), door))
    return DayNotes(
        doors=tuple(DoorNote(door=door, rows=tuple(rows[door].values()), looked_at=looked_at.get(door)) for door in doors)
    )
