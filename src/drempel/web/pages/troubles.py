"""What stands between many bookings and their doors at once: told once each, above the bookings that wait for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from drempel.domain.failures import Failure
from drempel.engine.held_back import HeldBack, Place
from drempel.engine.levers import Levers
from drempel.engine.outages import Outage
from drempel.engine.records import Brake
from drempel.engine.setup import Setup
from drempel.web.pages.braked import BRAKED
from drempel.web.pages.rows import BookingRow

__all__ = ["PausedIntegration", "Troubles", "troubles"]


class PausedIntegration(NamedTuple):
    """The kill switch of one integration."""

    name: str
    since: datetime | None
    hides_bookings: bool
    """Nothing is read at its source meanwhile, so nobody knows when a new booking is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """Brakes that hold, who refuses us, who does not answer, and which integrations a person has paused or not made active."""

    brakes: tuple[Brake, ...]
    pauses: tuple[HeldBack, ...]
    outages: tuple[Outage, ...]
    paused: tuple[PausedIntegration, ...]
    inactive: tuple[str, ...]
    """Those that create nothing because they are not active; not those that are paused."""

    def of_source(self, name: str) -> Troubles:
        """Those of the booking system alone."""
        return Troubles(
            brakes=tuple(one for one in self.brakes if one.source == name),
            pauses=tuple(one for one in self.pauses if one.place is Place.SOURCE and one.name == name),
            outages=tuple(one for one in self.outages if one.place is Place.SOURCE and one.name == name),
            paused=(),
            inactive=(),
        )

    def of_integration(self, name: str) -> Troubles:
        """Those of its Resivo alone: the credential, a site, no answer."""
        return Troubles(
            brakes=(),
            pauses=tuple(one for one in self.pauses if one.place is not Place.SOURCE and one.name == name),
            outages=tuple(one for one in self.outages if one.place is not Place.SOURCE and one.name == name),
            paused=(),
            inactive=(),
        )

    @property
    def needing_a_person(self) -> int:
        """How many of them nobody but a person can end."""
        return len(self.brakes) + len(self.pauses) + len(self.paused)

    def explains(self, failure: Failure | None) -> object | None:
        """The brake or the pause for which a booking with this failure waits, if it is one of these."""
        if failure is None:
            return None
        for brake in self.brakes:
            if failure.code == BRAKED and failure.params.get("source") == brake.source:
                return brake
        for pause in self.pauses:
            name = failure.params.get("source" if pause.place is Place.SOURCE else "integration")
            if failure.code == pause.failure.code and name == pause.name:
                return pause
        return None

    def is_released(self, failure: Failure | None) -> bool:
        """Whether this failure speaks of a brake that does not hold any more: the booking is decided anew in a moment."""
        return failure is not None and failure.code == BRAKED and self.explains(failure) is None

    def waiting_for(self, one: object, rows: Iterable[BookingRow]) -> list[BookingRow]:
        """Of these bookings, those that wait for this brake or pause, by the moment at which they begin."""
        return sorted((row for row in rows if self.explains(row.record.failure) is one), key=lambda row: row.begins)

    def unexplained(self, rows: Iterable[BookingRow]) -> list[BookingRow]:
        """Those with a reason of their own."""
        return [row for row in rows if self.explains(row.record.failure) is None]


async def troubles(levers: Levers, setup: Setup) -> Troubles:
    return Troubles(
        brakes=tuple(await levers.brakes_that_hold()),
        pauses=tuple(await levers.held_back()),
        outages=tuple(await levers.outages()),
        paused=tuple(
            PausedIntegration(name, one.paused_at, setup.is_paused(one.source))
            for name, one in sorted(setup.integrations.items())
            if one.paused
        ),
        inactive=tuple(name for name, one in sorted(setup.integrations.items()) if not one.paused and not one.policy.active),
    )
