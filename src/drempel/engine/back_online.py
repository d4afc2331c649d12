"""Bookings that wait because none of their doors was online, of which one is online now. They are made due; what follows is read and decided as always.

Looked at are those on the list *needs a person*, where they stand in the last day before their start; before that an hourly look is soon enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from drempel.domain.access import BookingState
from drempel.domain.components import Component, Resolution, Resolved, resolve_components
from drempel.domain.mapping import ObjectMapping, mappings_of
from drempel.engine.ports import BookingRecord, CallFailed
from drempel.engine.records import Records
from drempel.engine.run import Tools
from drempel.engine.setup import IntegrationSetup, Setup

__all__ = ["back_online"]

LOOKED_AT_MAX: Final = 200
"""At each look. Who waits behind so many is tried after the usual pauses."""


async def back_online(tools: Tools, records: Records, setup: Setup) -> list[BookingRecord]:
    """Asks Resivo once for each site at which somebody waits, and nothing where nobody does, or where a person has paused the integration."""
    views, _ = await records.bookings(state=BookingState.NEEDS_PERSON, limit=LOOKED_AT_MAX, after=None)
    waiting = [
        view.record for view in views if view.record.failure is not None and view.record.failure.code == "component.none_online"
    ]
    since = tools.clock.monotonic()
    seen: dict[tuple[int, str], Sequence[Component]] = {}
    found: list[BookingRecord] = []
    for record in waiting:
        for integration, mapping in _mapped(record, setup):
            place = (integration.connection_id, mapping.site_id)
            if place not in seen:
                seen[place] = await _doors(tools, place, integration.name, since)
            if _has_come_back(record, resolve_components(mapping.component_names, seen[place])):
                found.append(record)
                break
    return found


def _mapped(record: BookingRecord, setup: Setup) -> Iterator[tuple[IntegrationSetup, ObjectMapping]]:
    for integration in setup.of_source(record.source):
        if not integration.paused:
            for mapping in mappings_of(integration.mappings, record.object_id or ""):
                yield integration, mapping


def _has_come_back(record: BookingRecord, doors: Resolution) -> bool:
    """By the names of the failure: the doors at another site may have been online all the time."""
    names = record.failure.params.get("names") if record.failure is not None else None
    return isinstance(doors, Resolved) and ", ".join(doors.names) == names and not doors.none_online


async def _doors(tools: Tools, place: tuple[int, str], integration: str, since: float) -> Sequence[Component]:
    """No doors where Resivo does not answer: the next look is soon."""
    try:
        return await tools.doors.of_site(*place, integration=integration, since=since)
    except CallFailed:
        return ()
