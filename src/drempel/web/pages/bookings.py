"""What Drempel is doing: what needs a person first, then every booking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.access import BookingState
from drempel.engine.levers import BookingPage, Levers
from drempel.engine.records import Brake
from drempel.engine.setup import Setup
from drempel.web.pages.rendering import Renderer
from drempel.web.pages.rows import BookingRow

__all__ = ["Overview"]

ROWS: Final = 50
NEEDY_ROWS: Final = 12
"""More than these are a page of their own."""


class Overview:
    """The first page."""

    def __init__(self, levers: Levers, setup: Callable[[], Awaitable[Setup]], renderer: Renderer) -> None:
        self._levers = levers
        self._setup = setup
        self._renderer = renderer

    async def show(self, request: Request) -> Response:
        query = request.query_params
        after = query.get("after")
        try:
            state = _state(query)
            page = await self._levers.page(state=state, limit=ROWS, after=after)
        except ValueError:
            return self._renderer.page("pages/problem.html", {"problem": "address"}, status=400)
        needy = BookingPage([], None)
        if state is None and after is None:
            needy = await self._levers.page(state=BookingState.NEEDS_PERSON, limit=NEEDY_ROWS, after=None)
        elif state is BookingState.NEEDS_PERSON:
            needy, page = page, BookingPage([], page.next)
        setup = await self._setup()
        counts = await self._levers.count_by_state()
        context = {
            "counts": {each: counts.get(each, 0) for each in BookingState},
            "state": state,
            "after": after,
            "needy": [BookingRow.of(view) for view in needy.items],
            "rows": [BookingRow.of(view) for view in page.items],
            "next": page.next,
            "brakes": await self._holding(setup),
            "paused": sorted(name for name, one in setup.integrations.items() if one.paused),
            "done": query.get("done"),
        }
        return self._renderer.page("pages/overview.html", context)

    async def _holding(self, setup: Setup) -> list[Brake]:
        brakes = [await self._levers.brake(source) for source in sorted(setup.sources)]
        return [brake for brake in brakes if brake.holds]


def _state(query: QueryParams) -> BookingState | None:
    text = query.get("state")
    return None if not text else BookingState(text)
