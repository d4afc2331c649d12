"""Names in place of ids, where they are known: of sites as Resivo last told them, of the doors and the object of a booking as they were at that time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from drempel.domain.events import Event
from drempel.domain.failures import Failure
from drempel.engine.last_names import LastNames
from drempel.engine.probing import SiteFound
from drempel.engine.records import BookingView

__all__ = ["BookingNames", "Named", "ObjectNames", "SiteNames"]

SITES_MAX: Final = 1000
ObjectNames = Callable[[str], Awaitable[Mapping[str, str]]]
"""Of a source: id → name of the objects that bookings named."""


class KeepsNames(Protocol):
    """Where names outlive this process."""

    async def keep_site_name(self, site_id: str, name: str) -> None: ...

    async def last_names(self) -> LastNames: ...


class SiteNames:
    """Learnt whenever a page of the set-up asks Resivo, and kept: no other page asks, and people know no site by its id."""

    def __init__(self, records: KeepsNames | None = None) -> None:
        """Without records: for this process alone."""
        self._records = records
        self._names: dict[str, str] = {}

    async def remember(self) -> SiteNames:
        """Take up what was kept, be it by another process: the slow loop asks once a day."""
        if self._records is not None:
            self._names = dict((await self._records.last_names()).sites)
        return self

    async def learn(self, sites: Iterable[SiteFound]) -> None:
        for one in sites:
            if not one.display_name or self._names.get(one.id) == one.display_name:
                continue
            if one.id in self._names or len(self._names) < SITES_MAX:
                self._names[one.id] = one.display_name
                if self._records is not None:
                    await self._records.keep_site_name(one.id, one.display_name)

    def of(self, site_id: str) -> str:
        """Empty if it is not known."""
        return self._names.get(site_id, "")

    @property
    def known(self) -> Mapping[str, str]:
        """By id."""
        return self._names


class Named(NamedTuple):
    """An id with its name; empty if that is not known."""

    id: str
    name: str


class BookingNames:
    """What the ids on the page of one booking are called."""

    def __init__(self, view: BookingView, sites: SiteNames) -> None:
        self._sites = sites
        self._object = Named(view.record.object_id or "", view.record.object_name or "")
        self._doors: dict[str, Mapping[str, str]] = {}
        self._any_door: dict[str, str] = {}
        for one in sorted(view.sets, key=lambda one: one.number):
            doors = dict(one.intent.doors)
            self._doors[str(one.number)] = doors
            self._any_door |= doors

    def site(self, site_id: str) -> Named:
        return Named(site_id, self._sites.of(site_id))

    def object(self, object_id: str) -> Named:
        """The booking's object of today; that of another time has only its id."""
        return self._object if object_id == self._object.id else Named(object_id, "")

    def failure(self, failure: Failure) -> Failure:
        """Its sentence names the site as people do."""
        name = self._sites.of(failure.params.get("site", ""))
        return replace(failure, params={**failure.params, "site": name}) if name else failure

    def doors(self, event: Event) -> list[Named]:
        """As they were called when the set of this event was made."""
        of_set = self._doors.get(event.data.get("number", ""), self._any_door)
        return [Named(each, of_set.get(each, "")) for each in event.data.get("component_ids", "").split()]
