"""Erasing what is kept of one booking: asked, ordered, and told by its receipt, on one page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.levers import Levers
from drempel.engine.setup import Setup
from drempel.web.pages.rendering import Renderer, see_other, segment
from drempel.web.pages.rows import BookingRow
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["ErasePages"]


class ErasePages:
    """For administrators. What the order does is the engine's affair; a page only gives it."""

    def __init__(
        self, levers: Levers, setup: Callable[[], Awaitable[Setup]], renderer: Renderer, *, retention: timedelta | None
    ) -> None:
        self._levers = levers
        self._setup = setup
        self._renderer = renderer
        self._retention = retention

    async def ask(self, request: Request) -> Response:
        source, booking_id = request.path_params["source"], request.path_params["booking_id"]
        row = BookingRow.of(await self._levers.why(source, booking_id), await self._setup())
        receipts = [one for one in await self._levers.receipts() if (one.source, one.booking_id) == (source, booking_id)]
        context = {
            "row": row,
            "zone": row.zone,
            # A booking that was read again after it was erased may be erased again.
            "receipt": receipts[-1] if receipts else None,
            "waits": row.record.erase_ordered_at is not None,
            "retention": self._retention,
        }
        return await self._renderer.page(request, "pages/erase.html", context)

    async def order(self, request: Request) -> Response:
        source, booking_id = request.path_params["source"], request.path_params["booking_id"]
        await self._levers.by(visit_of_now().person.actor).erase(source, booking_id)
        return see_other(f"/bookings/{segment(source)}/{segment(booking_id)}/erase")
