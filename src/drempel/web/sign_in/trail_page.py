"""The trail: who changed what, newest first. For administrators."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.trail import TRAIL_TYPES, Trail
from drempel.web.pages.rendering import Renderer

__all__ = ["TrailPage"]

LINES: Final = 100
NUMBER_DIGITS_MAX: Final = 15


class TrailPage:
    """A page of the trail at a time."""

    def __init__(self, trail: Trail, renderer: Renderer) -> None:
        self._trail = trail
        self._renderer = renderer

    async def show(self, request: Request) -> Response:
        text = request.query_params.get("before", "")
        wanted = text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX
        lines, older = await self._trail.page(limit=LINES, before=int(text) if wanted else None)
        context = {"lines": lines, "older": older, "sentences": TRAIL_TYPES, "later": wanted}
        return await self._renderer.page(request, "sign_in/trail.html", context)
