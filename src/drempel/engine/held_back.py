"""Pauses that wait for a person: which credential, site or source is refused, by the names of the set-up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from drempel.domain.failures import CATALOGUE, Failure, Next
from drempel.domain.values import value
from drempel.engine.ports import Pause
from drempel.engine.setup import Setup

__all__ = ["HeldBack", "Place", "held_back", "named_of"]


class Place(StrEnum):
    """What refuses us."""

    SOURCE = "source"
    CREDENTIAL = "credential"
    SITE = "site"


@value(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """One pause. `name`: of the source or the integration."""

    key: str
    place: Place
    name: str
    failure: Failure
    since: datetime
    probe_at: datetime


def held_back(pauses: Iterable[Pause], setup: Setup) -> list[HeldBack]:
    """Those that a person must end, oldest first. A pace that was learned from refusals goes by itself, and so does what is retried."""
    found = [one for pause in pauses if (one := _of(pause, setup)) is not None]
    return sorted(found, key=lambda one: (one.since, one.key))


def _of(pause: Pause, setup: Setup) -> HeldBack | None:
    kind, _, rest = pause.key.partition(":")
    if kind not in set(Place) or pause.code not in CATALOGUE or CATALOGUE[pause.code].next is not Next.ASK_A_PERSON:
        return None
    place = Place(kind)
    name, params = named_of(place, rest, setup)
    failure = Failure(pause.code, {**params, "detail": pause.detail})
    return HeldBack(key=pause.key, place=place, name=name, failure=failure, since=pause.since, probe_at=pause.probe_at)


def named_of(place: Place, rest: str, setup: Setup) -> tuple[str, dict[str, str]]:
    """The source or the integration that a key of `engine.targets` leads to, and what fills the blanks of its failure."""
    if place is Place.SOURCE:
        return rest, {"source": rest}
    connection, _, site = rest.partition(":")
    known = setup.connections.get(int(connection)) if connection.isdecimal() else None
    name = known.integration if known is not None else connection
    return name, {"integration": name, "site": site} if site else {"integration": name}
