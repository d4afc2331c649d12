"""Doors of live access that Resivo showed as offline when the slow loop looked last. Told to people with its age; nothing decides by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.components import Component
from drempel.domain.values import value
from drempel.engine.ports import DoorsInUse

__all__ = ["OfflineDoor", "OfflineDoors", "lacking", "offline_of", "seen_offline"]


@value(frozen=True, slots=True, kw_only=True)
class OfflineDoor:
    """One door. `since`: when it was first seen so, in this series of looks."""

    component_id: str
    name: str
    since: datetime


@value(frozen=True, slots=True, kw_only=True)
class OfflineDoors:
    """What the last look at one site through one connection showed. Without doors there is nothing to keep."""

    connection_id: int
    site_id: str
    looked_at: datetime
    doors: tuple[OfflineDoor, ...]


def seen_offline(
    components: Sequence[Component], in_use: Iterable[DoorsInUse], *, before: OfflineDoors | None, now: datetime
) -> tuple[OfflineDoor, ...]:
    """Of the doors that live access was made for, those that Resivo says are offline: also one that was left out, so that people see whether it is offline
    still. One of which it says nothing is none of them.
    """
    used = {component_id for doors in in_use for component_id in doors.component_ids}
    # A clock that was set back since wrote a moment that is still to come.
    since = {door.component_id: min(door.since, now) for door in before.doors} if before is not None else {}
    return tuple(
        OfflineDoor(component_id=one.id, name=one.display_name.strip(), since=since.get(one.id, now))
        for one in sorted(components, key=lambda one: (one.display_name.strip().casefold(), one.id))
        if one.online is False and one.id in used
    )


def lacking(sets: Iterable[AuthorizationSet]) -> list[AuthorizationSet]:
    """Live sets without a door that they were made for. Of each site the newest counts: an older one only waits to be revoked."""
    live = sorted((one for one in sets if one.state is SetState.LIVE), key=lambda one: one.number)
    newest = {(one.integration, one.intent.site_id): one for one in live}
    return [one for one in newest.values() if one.dropped_ids]


def offline_of(one: AuthorizationSet, looks: Iterable[OfflineDoors]) -> OfflineDoors | None:
    """The doors that a live set opens and that were offline at the last look, by the names that the set has for them; None if there were none."""
    if one.state is not SetState.LIVE:
        return None
    names = dict(one.intent.doors)
    for look in looks:
        if (look.connection_id, look.site_id) == (one.connection_id, one.intent.site_id):
            doors = tuple(
                replace(door, name=names[door.component_id])
                for door in look.doors
                if door.component_id in names and door.component_id not in one.dropped_ids
            )
            return replace(look, doors=doors) if doors else None
    return None
