"""Why a booking stands where it stands: state, reason, failure with its remedy, sets, and the whole history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.events import EVENT_TYPES, Event
from drempel.domain.policy import StatusMeaning
from drempel.engine.levers import Levers
from drempel.engine.ports import BookingRecord
from drempel.engine.records import BookingView
from drempel.engine.setup import Setup
from drempel.web.pages.names import BookingNames, SiteNames
from drempel.web.pages.rendering import Renderer
from drempel.web.pages.rows import BookingRow, Renamed
from drempel.web.pages.troubles import PausedIntegration

__all__ = ["BookingPage"]

EVENTS: Final = 200
"""A longer history is shown whole when it is asked for."""


WAIT_FOR_A_PAUSE: Final = frozenset({"retry", "give", "revoke", "resolve", "issue_again"})
"""Orders that are kept while the integration is paused, and done when it goes on."""


class Meaning(NamedTuple):
    """What the booking's status means to one integration."""

    integration: str
    meaning: StatusMeaning


class BookingPage:
    """One booking."""

    def __init__(
        self,
        levers: Levers,
        setup: Callable[[], Awaitable[Setup]],
        renderer: Renderer,
        site_names: SiteNames,
        *,
        renamed: Callable[[Iterable[BookingRow]], Awaitable[Renamed]] | None = None,
        retention: timedelta | None,
    ) -> None:
        self._retention = retention
        self._renamed = renamed
        self._levers = levers
        self._setup = setup
        self._renderer = renderer
        self._site_names = site_names

    async def show(self, request: Request) -> Response:
        view = await self._levers.why(request.path_params["source"], request.path_params["booking_id"])
        whole = request.query_params.get("history") == "whole"
        shown = view.history if whole else view.history[-EVENTS:]
        setup = await self._setup()
        row = BookingRow.of(view, setup, looks=await self._levers.offline_doors())
        zone = ZoneInfo(row.zone)

        def day(event: Event) -> date:
            return event.at.astimezone(zone).date()

        context = {
            "row": row,
            "renamed": {} if self._renamed is None else await self._renamed([row]),
            "names": BookingNames(view, await self._site_names()),
            "zone": row.zone,
            "retention": self._retention,
            "meanings": _meanings(setup, view.record),
            "paused": _paused(setup, view.record),
            "days": [list(events) for _, events in groupby(reversed(shown), key=day)],
            "first_read": next((event for event in view.history if event.type == "booking.read"), None),
            "replaced_for": _replaced_for(view),
            "older": len(view.history) - len(shown),
            "event_types": EVENT_TYPES,
            "done": _done(request.query_params.get("done"), row),
        }
        return await self._renderer.page(request, "pages/booking.html", context)


def _done(order: str | None, row: BookingRow) -> str | None:
    return f"{order}_paused" if row.is_paused and order in WAIT_FOR_A_PAUSE else order


def _paused(setup: Setup, record: BookingRecord) -> list[PausedIntegration]:
    """Those that have, or may have, something to do with this booking."""
    return [
        PausedIntegration(one.name, one.paused_at, setup.is_paused(one.source))
        for one in setup.of_source(record.source)
        if one.paused and (not record.object_id or setup.sites_of(one, record.object_id))
    ]


def _replaced_for(view: BookingView) -> Mapping[int, Sequence[str]]:
    """By number of a set whose place another took: what had changed, as it was noted when that one was to be made."""
    noted = {
        int(event.data["number"]): event.data
        for event in view.history
        if event.type == "access.intended" and event.data.get("number", "").isdecimal()
    }
    found: dict[int, Sequence[str]] = {}
    for one in view.sets:
        if one.revoke_reason == "access.superseded":
            later = [each for each, data in noted.items() if each > one.number and data.get("site_id") == one.intent.site_id]
            found[one.number] = noted[min(later)].get("changed", "").split() if later else ()
    return found


def _meanings(setup: Setup, record: BookingRecord) -> Iterable[Meaning]:
    if record.status is None:
        return []
    return [Meaning(one.name, one.policy.meaning(record.status)) for one in setup.of_source(record.source)]
