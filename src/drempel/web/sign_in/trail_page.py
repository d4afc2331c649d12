"""The trail: who changed what, newest first, of everybody or of one, of all days or of one. For administrators."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.trail import TRAIL_TYPES, Actor, Trail, TrailFilter
from drempel.web.pages.names import SiteNames
from drempel.web.pages.rendering import Renderer

__all__ = ["TrailPage"]

LINES: Final = 100
NUMBER_DIGITS_MAX: Final = 15
YEARS: Final = range(2000, 2100)


class TrailPage:
    """A page of the trail at a time."""

    def __init__(self, trail: Trail, renderer: Renderer, site_names: SiteNames) -> None:
        self._trail = trail
        self._renderer = renderer
        self._site_names = site_names

    async def show(self, request: Request) -> Response:
        text = request.query_params.get("before", "")
        wanted = text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX
        actors = await self._trail.actors()
        actor = next((each for each in actors if _key(each) == request.query_params.get("who")), None)
        day = _day(request.query_params.get("day", ""))
        since, until = (None, None) if day is None else _span(day, self._renderer.zone)
        only = TrailFilter(actor=actor, since=since, until=until)
        lines, older = await self._trail.page(limit=LINES, before=int(text) if wanted else None, only=only)
        chosen = {"who": "" if actor is None else _key(actor), "day": "" if day is None else day.isoformat()}
        context = {
            "lines": lines,
            "older": older,
            "sentences": TRAIL_TYPES,
            "names": {"site": await self._site_names()},
            "later": wanted,
            "actors": [(_key(each), each) for each in actors],
            **chosen,
            # What was chosen stays chosen on the next page.
            "kept": urlencode({name: value for name, value in chosen.items() if value}),
        }
        return await self._renderer.page(request, "sign_in/trail.html", context)


def _key(actor: Actor) -> str:
    """A person and a key may have the same name."""
    return f"{actor.kind.value}:{actor.name}"


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _span(day: date, zone: str) -> tuple[datetime, datetime]:
    """The day on the wall clock of the page, which need not have 24 hours."""
    begin, end = (datetime(at.year, at.month, at.day, tzinfo=ZoneInfo(zone)) for at in (day, day + timedelta(days=1)))
    return begin.astimezone(UTC), end.astimezone(UTC)
