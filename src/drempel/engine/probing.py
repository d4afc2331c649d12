"""What is asked of the other sides before something is set up: a port. Nothing is written, neither there nor here, but for hooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from drempel.domain.components import Component
from drempel.domain.failures import Failure
from drempel.domain.values import value
from drempel.engine.lint_findings import LintFinding
from drempel.engine.setup import DesiredIntegration, DesiredSource

__all__ = ["HOOK_EVENTS", "DoorsSeen", "HookRefused", "Prober", "ResivoProbe", "SiteFound", "SourceProbe"]

HOOK_EVENTS = ("booking_created", "booking_updated")
"""What a booking system is asked to tell."""


class HookRefused(Exception):
    """The booking system did not take the hook: why, in a few words of ours."""


@value(frozen=True, slots=True, kw_only=True)
class SiteFound:
    """A site as Resivo shows it. `default_locale`: the language of Resivo's messages."""

    id: str
    display_name: str = ""
    default_locale: str | None = None
    time_zone: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class DoorsSeen:
    """The doors of one site; `failure` if they could not be read."""

    components: Sequence[Component] = ()
    failure: Failure | None = None


@value(frozen=True, slots=True, kw_only=True)
class ResivoProbe:
    """What one credential shows. `failure`: it was not taken, or nothing answers."""

    failure: Failure | None = None
    sites: Sequence[SiteFound] = ()
    doors: Mapping[str, DoorsSeen] = field(default_factory=dict)
    """By site id, of the first sites."""
    lists_sites: bool = True
    """False: this profile has no list of sites; only those that were named have been looked at."""

    @property
    def asked_nothing(self) -> bool:
        """No list, and no site was named: not even the credential was shown to Resivo."""
        return self.failure is None and not self.lists_sites and not self.doors

    @property
    def went_well(self) -> bool:
        return self.failure is None and not self.asked_nothing and all(seen.failure is None for seen in self.doors.values())


@value(frozen=True, slots=True, kw_only=True)
class SourceProbe:
    """What a booking system shows to this account: how many bookings in the span that is polled."""

    failure: Failure | None = None
    bookings: int = 0
    complete: bool = True
    with_status: bool = False
    """It takes the status criterion; else everything is polled."""

    @property
    def went_well(self) -> bool:
        return self.failure is None


class Prober(Protocol):
    """Filled by the wiring."""

    async def resivo(self, wanted: DesiredIntegration) -> ResivoProbe:
        """Fetch a token, list sites and the doors of the first sites. Never raises for what the other side does."""
        ...

    async def source(self, wanted: DesiredSource, *, statuses: Sequence[str]) -> SourceProbe: ...

    async def object_names(self, wanted: DesiredSource, object_ids: Sequence[str]) -> Mapping[str, str]:
        """The names of objects, as far as the booking system tells them."""
        ...

    async def objects_booked(self, wanted: DesiredSource) -> Mapping[str, str]:
        """Ids and names of objects that bookings near today have: a first look, bounded, not all of them."""
        ...

    async def register_hook(self, wanted: DesiredSource, address: str) -> Sequence[str]:
        """The ids under which the booking system keeps it, one for each of `HOOK_EVENTS`. Raises `HookRefused`."""
        ...

    async def lint(self, integration: str) -> Sequence[LintFinding]:
        """What is wrong with a mapping as things are today."""
        ...
