"""Every booking that Drempel knows, by state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.access import BookingState
from drempel.engine.intake import BOOKING_ID
from drempel.engine.levers import Levers
from drempel.engine.setup import Setup
from drempel.web.pages.rendering import Renderer, see_other, segment
from drempel.web.pages.rows import BookingRow

__all__ = ["BookingsPage"]

ROWS: Final = 50
ID_CHARACTERS_MAX: Final = 64


class BookingsPage:
    """The list."""

    def __init__(
        self,
        levers: Levers,
        setup: Callable[[], Awaitable[Setup]],
        renderer: Renderer,
        *,
        head: Callable[[], Awaitable[Mapping[str, Any]]],
    ) -> None:
        self._head = head
        self._levers = levers
        self._setup = setup
        self._renderer = renderer

    async def show(self, request: Request) -> Response:
        query = request.query_params
        after, wanted = query.get("after"), query.get("id", "").strip()[: ID_CHARACTERS_MAX + 1]
        # What cannot be an id is not asked of the store: not every database takes every character.
        found = await self._levers.named(wanted) if BOOKING_ID.fullmatch(wanted) else []
        if len(found) == 1:
            return see_other(f"/bookings/{segment(found[0].record.source)}/{segment(wanted)}")
        try:
            state = _state(query)
            page = await self._levers.page(state=state, limit=ROWS, after=after, newest_first=True)
        except ValueError:
            return await self._renderer.page(request, "pages/problem.html", {"problem": "address"}, status=400)
        setup = await self._setup()
        counts = await self._levers.count_by_state()
        context = {
            "counts": {each.value: counts.get(each, 0) for each in BookingState},
            "state": state,
            "after": after,
            "rows": [BookingRow.of(view, setup) for view in (found or page.items)],
            "next": None if found else page.next,
            "wanted": wanted,
            "found": bool(found),
            "done": query.get("done"),
            "is_set_up": bool(setup.integrations),
            "has_source": bool(setup.sources),
            **await self._head(),
        }
        return await self._renderer.page(request, "pages/bookings.html", context)


def _state(query: QueryParams) -> BookingState | None:
    text = query.get("state")
    return None if not text else BookingState(text)
