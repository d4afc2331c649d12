"""Who waits for a door link that Drempel still tries to get, and what is to be told beside the bookings that need a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from drempel.domain.access import BookingState
from drempel.engine.held_back import Place
from drempel.engine.levers import PAGE_MAX, Levers
from drempel.engine.outages import Outage
from drempel.engine.setup import Setup
from drempel.web.pages.rows import BookingRow

__all__ = ["Beside", "Waiting", "beside", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Pending bookings, by the moment at which they begin."""

    by_hand: tuple[BookingRow, ...] = ()
    """Without access though they start soon or run: somebody must let the visitor in."""
    later: tuple[BookingRow, ...] = ()
    """Those that have time; only while somebody does not answer."""

    def by_hand_for(self, outage: Outage) -> list[BookingRow]:
        return [row for row in self.by_hand if _waits_for(row, outage)]

    def later_for(self, outage: Outage) -> list[BookingRow]:
        return [row for row in self.later if _waits_for(row, outage)]

    def by_hand_otherwise(self, outages: Iterable[Outage]) -> list[BookingRow]:
        """Those for whom no outage speaks."""
        told = list(outages)
        return [row for row in self.by_hand if not any(_waits_for(row, one) for one in told)]


def _waits_for(row: BookingRow, outage: Outage) -> bool:
    """By what failed last. What a booking waits for at Resivo it waits for at the integration that has its doors."""
    failure = row.record.failure
    at_source = failure is not None and failure.code.startswith("source.")
    if outage.place is Place.SOURCE:
        return at_source and row.record.source == outage.name
    return failure is not None and not at_source and row.integration == outage.name


async def waiting(levers: Levers, setup: Setup, outages: Iterable[Outage] = ()) -> Waiting:
    by_hand = [BookingRow.of(view, setup) for view in await levers.let_in_by_hand()]
    later: list[BookingRow] = []
    if list(outages):
        told = {(row.record.source, row.record.booking_id) for row in by_hand}
        pending = await levers.page(state=BookingState.PENDING, limit=PAGE_MAX, after=None)
        rows = (BookingRow.of(view, setup) for view in pending.items)
        later = [row for row in rows if (row.record.source, row.record.booking_id) not in told]
    return Waiting(by_hand=_by_time(by_hand), later=_by_time(later))


def _by_time(rows: Iterable[BookingRow]) -> tuple[BookingRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.begins))


class Beside(NamedTuple):
    """What wants an eye beside the bookings that need a person, for the red number on every page."""

    by_hand: int = 0
    paused: int = 0
    stopped: int = 0
    """Brakes that hold and who refuses us: what waits for them is a booking that needs a person."""

    def with_them(self, needy: int, orphans: int) -> int:
        """Everything together. What stops us counts by the bookings that wait for it, and where none does, by itself."""
        return max(needy, self.stopped) + orphans + self.by_hand + self.paused


async def beside(levers: Levers, setup: Callable[[], Awaitable[Setup]]) -> Beside:
    paused = sum(one.paused for one in (await setup()).integrations.values())
    stopped = len(await levers.brakes_that_hold()) + len(await levers.held_back())
    return Beside(len(await levers.let_in_by_hand()), paused, stopped)
