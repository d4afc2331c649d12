"""The tab *Activity*: what happened lately at an integration, newest first."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.events import EVENT_TYPES
from drempel.web.integrations.frame import Frame

__all__ = ["Activity"]

LINES: Final = 50
NUMBER_DIGITS_MAX: Final = 15


class Activity:
    """A page of it at a time, with the pauses that hold."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        text = request.query_params.get("before", "")
        later = text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX
        services = self._frame.services
        lines, older = await services.insight.activity(one.name, limit=LINES, before=int(text) if later else None)
        held = [each for each in await services.levers.held_back() if each.name in {one.name, one.source}]
        return await self._frame.page(
            request,
            "integrations/activity.html",
            setup,
            one,
            tab="activity",
            lines=lines,
            older=older,
            later=later,
            held=held,
            signs=await services.insight.signs(one.source),
            event_types=EVENT_TYPES,
        )
