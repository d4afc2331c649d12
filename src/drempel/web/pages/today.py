"""Today: who may come in, by door and by time. And the same as one file for the front desk, for when the network is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from drempel.engine.day import Day, Visit
from drempel.engine.levers import Levers
from drempel.engine.offline_doors import OfflineDoors
from drempel.engine.setup import Setup
from drempel.web.pages.day_notes import DayNotes, day_notes
from drempel.web.pages.picture import Picture, picture
from drempel.web.pages.rendering import HEADERS, Renderer
from drempel.web.pages.rows import BookingRow
from drempel.web.pages.troubles import troubles

__all__ = ["TodayPage"]

BOOKINGS_MAX: Final = 500
"""Of one source on one day; what is beyond is said."""
CANCELLED: Final = frozenset({"status.revoke", "booking.gone", "booking.not_found"})
YEARS: Final = range(2000, 2100)


class Shown(NamedTuple):
    """A day in one zone, ready for the template."""

    day: Day
    picture: Picture
    rows: tuple[tuple[Visit, BookingRow], ...]
    is_cut_off: bool

    @property
    def may_enter(self) -> list[tuple[Visit, BookingRow]]:
        return [(visit, row) for visit, row in self.rows if visit.may_enter]

    @property
    def without(self) -> list[tuple[Visit, BookingRow]]:
        """Who may stand before the door and does not get in. Nobody comes for a booking that was cancelled."""
        return [(visit, row) for visit, row in self.rows if not visit.may_enter and visit.view.record.reason not in CANCELLED]


class TodayPage:
    """The first page, and the front-desk pack."""

    def __init__(
        self,
        levers: Levers,
        setup: Callable[[], Awaitable[Setup]],
        renderer: Renderer,
        *,
        zone: str,
        now: Callable[[], datetime],
    ) -> None:
        self._levers = levers
        self._setup = setup
        self._renderer = renderer
        self._zone = zone
        self._now = now

    async def show(self, request: Request) -> Response:
        setup = await self._setup()
        zones = self._zones(setup)
        today = self._today(zones[0])
        chosen = request.query_params.get("day")
        day = _day(chosen) if chosen else today
        if day is None:
            return await self._renderer.page(request, "pages/problem.html", {"problem": "address"}, status=400)
        looks = await self._levers.offline_doors()
        shown = [await self._shown(setup, day, zone, looks) for zone in zones]
        context = {
            "shown": shown,
            "notes": self._notes(shown, looks),
            "zone": zones[0],
            "day": day,
            "today": today,
            "yesterday": day - timedelta(days=1),
            "tomorrow": day + timedelta(days=1),
            "is_set_up": bool(setup.integrations),
            "has_source": bool(setup.sources),
            "troubles": await troubles(self._levers, setup),
            "done": request.query_params.get("done"),
        }
        return await self._renderer.page(request, "pages/today.html", context)

    async def head(self) -> Mapping[str, Any]:
        """What stands above this day, for another page."""
        setup = await self._setup()
        looks = await self._levers.offline_doors()
        zones = self._zones(setup)
        shown = [await self._shown(setup, self._today(zones[0]), zone, looks) for zone in zones]
        return {"troubles": await troubles(self._levers, setup), "notes": self._notes(shown, looks)}

    async def pack(self, request: Request) -> Response:
        """One file without anything outside of itself, to be kept where it is needed when Drempel cannot be reached."""
        setup = await self._setup()
        zones = self._zones(setup)
        today = self._today(zones[0])
        days = [today, today + timedelta(days=1)]
        looks = await self._levers.offline_doors()
        shown = [(day, [await self._shown(setup, day, zone, looks) for zone in zones]) for day in days]
        context = {
            "days": shown,
            "notes": self._notes([each for _, of_day in shown for each in of_day], looks),
            "troubles": await troubles(self._levers, setup),
            "needs_count": await self._levers.count_needy(),
            "by_hand_count": len(await self._levers.let_in_by_hand()),
            "zone": zones[0],
            "today": today,
        }
        html = self._renderer.text(request, "pages/pack.html", context)
        name = f"drempel-{self._now().astimezone(ZoneInfo(zones[0])):%Y-%m-%d-%H%M}.html"
        return HTMLResponse(html, headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'})

    def _notes(self, shown: Iterable[Shown], looks: Iterable[OfflineDoors]) -> DayNotes:
        return day_notes((one for each in shown for one in each.rows), looks, now=self._now())

    async def _shown(self, setup: Setup, day: date, zone: str, looks: Sequence[OfflineDoors]) -> Shown:
        found, is_cut_off = await self._levers.day(day, zone=zone, limit=BOOKINGS_MAX)
        rows = tuple((visit, BookingRow.of(visit.view, setup, looks=looks)) for visit in found.visits)
        return Shown(found, picture(found, self._now()), rows, is_cut_off)

    def _zones(self, setup: Setup) -> list[str]:
        """A day is another span in another zone: each zone of the sources is shown for itself."""
        return sorted({source.time_zone for source in setup.sources.values()}) or [self._zone]

    def _today(self, zone: str) -> date:
        return self._now().astimezone(ZoneInfo(zone)).date()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
