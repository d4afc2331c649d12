"""What people do while processes die: they book, cancel, change their minds, and the booking system tells things twice.

Each visitor's wishes are kept in a diary, with their times: against it the oracle judges what became of them.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.club import CANCELLED, CONFIRMED, OBJECTS, TIME_BEFORE, Club

__all__ = ["People", "Period", "Visit", "Want"]

FIRST_START_DAYS, DAYS = 2, 26
QUARTERS = 40
ACTIONS = {"book": 50, "cancel": 14, "reschedule": 14, "move": 4, "again": 4, "repeat": 14}
"""How often each is done, of a hundred."""
FAULT_SHARE = 0.12
RESIVO_FAULTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("create_remote_access", "lost_after", {}),
    ("create_remote_access", "status", {"status": 500, "done": True}),
    ("create_remote_access", "lost_before", {}),
    ("revoke_authorization", "lost_after", {}),
    ("revoke_authorization", "status", {"status": 500, "done": True}),
    ("list_components", "status", {"status": 503}),
)
IRESERVE_FAULTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("write_booking_field", "lost_after", {}),
    ("read_booking", "status", {"status": 500}),
)


@dataclass(frozen=True, slots=True)
class Want:
    """What a booking should open, and when."""

    doors: frozenset[str]
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """From this moment (wall clock, seconds) the visitor wants this; None = nothing."""

    want: Want | None
    since: float


@dataclass(slots=True)
class Visit:
    """A booking, whom it lets in, and what was wanted since when."""

    booking_id: str
    addresses: frozenset[str]
    periods: list[Period] = field(default_factory=list)

    @property
    def wants(self) -> Want | None:
        """What is wanted now."""
        return self.periods[-1].want

    def changes(self, want: Want | None, at: float) -> None:
        if not self.periods or self.wants != want:
            self.periods.append(Period(want, at))

    def times_wanted(self, want: Want) -> int:
        """In how many periods it was wanted: so often it may be issued."""
        return sum(period.want == want for period in self.periods)


class People:
    """Acts at random, from a seed, and writes down what was wanted."""

    def __init__(self, club: Club, chance: random.Random) -> None:
        self._club = club
        self._chance = chance
        self.visits: list[Visit] = []
        self.actions = 0
        self.patient = False
        """Nobody acts now."""

    async def stream(self, per_second: float, until: asyncio.Event) -> None:
        """Act at this rate, until told to stop; each action at a time of its own."""
        while not until.is_set():
            if not self.patient:
                self.act()
            pause = self._chance.expovariate(per_second)
            try:
                async with asyncio.timeout(pause):
                    await until.wait()
            except TimeoutError:
                continue

    def act(self) -> None:
        """One action, and perhaps something that goes wrong with what follows from it."""
        self.actions += 1
        if self._chance.random() < FAULT_SHARE:
            self._go_wrong()
        [action] = self._chance.choices(list(ACTIONS), weights=list(ACTIONS.values()))
        able = [visit for visit in self.visits[-60:] if (visit.wants is None) == (action == "again")]
        if action == "book" or not able:
            self.book()
            return
        visit = self._chance.choice(able)
        match action:
            case "cancel":
                self._club.ireserve.set_status(visit.booking_id, CANCELLED)
            case "reschedule":
                start = self._start()
                self._club.ireserve.reschedule_as_admin(visit.booking_id, start, start + timedelta(hours=1))
            case "move":
                self._club.ireserve.move_object(visit.booking_id, self._chance.choice(list(OBJECTS)))
            case "again":
                self._club.ireserve.set_status(visit.booking_id, CONFIRMED)
            case "repeat":
                told = self._club.ireserve.deliveries.of_booking(visit.booking_id)
                if told:
                    self._club.ireserve.deliveries.send_again(told[-1].number)
        self._write_down(visit)

    def book(self) -> Visit:
        """Somebody new books, and is confirmed at once."""
        return self.book_at(self._start())

    def book_at(self, start: datetime, *, over: bool = False) -> Visit:
        """The same for this hour. What is over already wants nothing."""
        booking_id, *addresses = self._club.book(self._chance.choice(list(OBJECTS)), start, status=CONFIRMED)
        visit = Visit(booking_id, frozenset(addresses))
        if over:
            visit.changes(None, time.time())
        else:
            self._write_down(visit)
            self.visits.append(visit)
        return visit

    def _write_down(self, visit: Visit) -> None:
        booking = self._club.ireserve.booking(visit.booking_id)
        want = Want(self._club.doors_of(booking.object_id), booking.start - TIME_BEFORE, booking.end)
        visit.changes(want if booking.status == CONFIRMED else None, time.time())

    def _start(self) -> datetime:
        today = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
        day, quarter = self._chance.randrange(DAYS), self._chance.randrange(QUARTERS)
        return today + timedelta(days=FIRST_START_DAYS + day, minutes=15 * quarter)

    def _go_wrong(self) -> None:
        simulator, faults = self._chance.choice(((self._club.resivo, RESIVO_FAULTS), (self._club.ireserve, IRESERVE_FAULTS)))
        operation, kind, options = self._chance.choice(faults)
        simulator.faults.add(operation=operation, kind=kind, **options)
