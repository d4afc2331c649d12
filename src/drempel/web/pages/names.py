"""Names in place of ids, where they are known: of sites as Resivo last told them, of the doors and the object of a booking as they were at that time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from drempel.domain.events import Event
from drempel.domain.failures import Failure
from drempel.engine.records import BookingView

__all__ = ["BookingNames", "Named", "ObjectNames", "SiteNames"]

SiteNames = Callable[[], Awaitable[Mapping[str, str]]]
"""Id → name, as Resivo told it last."""
ObjectNames = Callable[[str], Awaitable[Mapping[str, str]]]
"""Of a source: id → name of the objects that bookings named."""


class Named(NamedTuple):
    """An id with its name; empty if that is not known."""

    id: str
    name: str


class BookingNames:
    """What the ids on the page of one booking are called."""

    def __init__(self, view: BookingView, sites: Mapping[str, str]) -> None:
        self._sites = sites
        self._object = Named(view.record.object_id or "", view.record.object_name or "")
        self._doors: dict[str, Mapping[str, str]] = {}
        self._any_door: dict[str, str] = {}
        for one in sorted(view.sets, key=lambda one: one.number):
            doors = dict(one.intent.doors)
            self._doors[str(one.number)] = doors
            self._any_door |= doors

    def site(self, site_id: str) -> Named:
        return Named(site_id, self._sites.get(site_id, ""))

    def object(self, object_id: str) -> Named:
        """The booking's object of today; that of another time has only its id."""
        return self._object if object_id == self._object.id else Named(object_id, "")

    def failure(self, failure: Failure) -> Failure:
        """Its sentence names the site as people do."""
        name = self._sites.get(failure.params.get("site", ""))
        return replace(failure, params={**failure.params, "site": name}) if name else failure

    def doors(self, event: Event) -> list[Named]:
        """As they were called when the set of this event was made."""
        of_set = self._doors.get(event.data.get("number", ""), self._any_door)
        return [Named(each, of_set.get(each, "")) for each in event.data.get("component_ids", "").split()]
