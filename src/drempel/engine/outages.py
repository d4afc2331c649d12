"""Who does not answer, and since when, by the names of the set-up: told once, whatever waits for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.failures import CATALOGUE, Failure
from drempel.domain.values import value
from drempel.engine.held_back import Place, named_of
from drempel.engine.ports import Pause
from drempel.engine.setup import Setup
from drempel.engine.targets import SILENCE

__all__ = ["Outage", "outages"]

KNOWN_FOR: Final = timedelta(hours=1)
"""After the last call that got no answer: while anything waits for the other side, it is called oftener."""


@value(frozen=True, slots=True, kw_only=True)
class Outage:
    """One other side that gives no answer. `name`: of the source or the integration."""

    place: Place
    name: str
    failure: Failure
    since: datetime


def outages(pauses: Iterable[Pause], setup: Setup, *, now: datetime) -> list[Outage]:
    """Oldest first, each other side once, whichever of its connections met it. What nobody has called for long is not known to be out."""
    found: dict[tuple[Place, str], Outage] = {}
    for pause in sorted(pauses, key=lambda one: (one.since, one.key)):
        kind, _, key = pause.key.partition(":")
        place, _, rest = key.partition(":")
        if kind != SILENCE or place not in set(Place) or pause.code not in CATALOGUE or now - pause.probe_at > KNOWN_FOR:
            continue
        name, params = named_of(Place(place), rest, setup)
        failure = Failure(pause.code, {**params, "detail": pause.detail})
        found.setdefault((Place(place), name), Outage(place=Place(place), name=name, failure=failure, since=pause.since))
    return list(found.values())
