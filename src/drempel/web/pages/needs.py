"""What Drempel cannot bring on alone: one list, each with its reason, its remedy and the button that does it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.access import BookingState
from drempel.engine.levers import BookingPage, Levers, UnknownIntegration
from drempel.engine.setup import Setup
from drempel.web.pages.rendering import Renderer, see_other
from drempel.web.pages.rows import BookingRow, Renamed
from drempel.web.pages.troubles import troubles
from drempel.web.pages.waiting import waiting
from drempel.web.sign_in.forms import field, read_form
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["NeedsPage"]

ROWS: Final = 30
KEY_CHARACTERS_MAX: Final = 300
ON_CARDS: Final = {"retry": "retry_on_card"}
"""An order is told otherwise where its card stands."""


class NeedsPage:
    """Brakes, pauses, outages, bookings."""

    def __init__(
        self,
        levers: Levers,
        setup: Callable[[], Awaitable[Setup]],
        renderer: Renderer,
        *,
        of_audit: Callable[[], Awaitable[Mapping[str, Any]]] | None = None,
        renamed: Callable[[Iterable[BookingRow]], Awaitable[Renamed]] | None = None,
        from_before: Callable[[], Awaitable[Mapping[str, int]]] | None = None,
    ) -> None:
        self._from_before = from_before
        self._of_audit = of_audit
        self._renamed = renamed
        self._levers = levers
        self._setup = setup
        self._renderer = renderer

    async def show(self, request: Request) -> Response:
        after = request.query_params.get("after")
        try:
            page = await self._levers.page(state=BookingState.NEEDS_PERSON, limit=ROWS, after=after)
        except ValueError:
            return await self._renderer.page(request, "pages/problem.html", {"problem": "address"}, status=400)
        setup = await self._setup()
        done = request.query_params.get("done")
        rows = [BookingRow.of(view, setup) for view in page.items]
        known = await troubles(self._levers, setup)
        context = {
            "needs_count": await self._count(page, after),
            "rows": rows,
            "renamed": {} if self._renamed is None else await self._renamed(rows),
            "after": after,
            "next": page.next,
            "troubles": known,
            "waiting_rows": await waiting(self._levers, setup, known.outages),
            "from_before": {} if self._from_before is None else await self._from_before(),
            "done": ON_CARDS.get(done or "", done),
            "audit": None,
            "orphans": (),
            **(await self._of_audit() if self._of_audit is not None else {}),
        }
        return await self._renderer.page(request, "pages/needs.html", context)

    async def _count(self, page: BookingPage, after: str | None) -> int:
        """As many as are listed: a worker may be done with some of them between the list and a count."""
        whole = after is None and page.next is None
        return len(page.items) if whole else max(len(page.items), await self._levers.count_needy())

    async def probe(self, request: Request) -> Response:
        """Let one call try now whether the other side answers again."""
        key = field(await read_form(request), "key")
        if 0 < len(key) <= KEY_CHARACTERS_MAX and key.isprintable():
            await self._levers.by(visit_of_now().person.actor).probe(key)
        # One that is over is what was wished for.
        return see_other("/needs?done=probe")

    async def resume(self, request: Request) -> Response:
        """Let a paused integration go on."""
        name = field(await read_form(request), "integration")
        with contextlib.suppress(UnknownIntegration):
            await self._levers.by(visit_of_now().person.actor).resume(name)
        return see_other("/needs?done=resume")
