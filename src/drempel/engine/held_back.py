"""Pauses that wait for a person: which credential, site or source is refused, by the names of the set-up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from drempel.domain.failures import CATALOGUE, Failure, Next
from drempel.engine.ports import Pause
from drempel.engine.setup import Setup

__all__ = ["HeldBack", "Place", "held_back"]


class Place(StrEnum):
    """What refuses us."""

    SOURCE = "source"
    CREDENTIAL = "credential"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
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
    params = {"detail": pause.detail}
    if place is Place.SOURCE:
        name = params["source"] = rest
    else:
        connection, _, site = rest.partition(":")
        known = setup.connections.get(int(connection)) if connection.isdecimal() else None
        name = params["integration"] = known.integration if known is not None else connection
        if site:
            params["site"] = site
    return HeldBack(
        key=pause.key, place=place, name=name, failure=Failure(pause.code, params), since=pause.since, probe_at=pause.probe_at
    )
