"""What waits for the brake of a source: whose access goes when a person releases it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drempel.domain.access import BookingState
from drempel.engine.levers import PAGE_MAX, Levers
from drempel.engine.records import BookingView
from drempel.engine.setup import Setup
from drempel.web.pages.rows import BookingRow

__all__ = ["BRAKED", "Braked", "braked"]

BRAKED: Final = "brake.tripped"
SHOWN: Final = 50
PAGES_MAX: Final = 4
"""A page is to be there at once, also when everything vanished."""


@dataclass(frozen=True, slots=True)
class Braked:
    """The bookings that wait for it."""

    rows: tuple[BookingRow, ...]
    """The first of them, by the moment at which they begin."""
    count: int
    is_all: bool
    """There were not more than were looked at."""


async def braked(levers: Levers, setup: Setup, source: str) -> Braked:
    waiting: list[BookingView] = []
    after = None
    for _ in range(PAGES_MAX):
        page = await levers.page(state=BookingState.NEEDS_PERSON, limit=PAGE_MAX, after=after)
        waiting += [
            view
            for view in page.items
            if view.record.source == source and view.record.failure is not None and view.record.failure.code == BRAKED
        ]
        after = page.next
        if after is None:
            break
    rows = sorted((BookingRow.of(view, setup) for view in waiting), key=lambda row: row.begins)
    return Braked(tuple(rows[:SHOWN]), len(waiting), is_all=after is None)
