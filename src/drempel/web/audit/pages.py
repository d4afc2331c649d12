"""Orphans as cards, the look that a person orders, and the two orders, each said before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.failures import Failure
from drempel.engine.auditor import Auditor, PlaceAudit
from drempel.engine.errands import Errand, Errands
from drempel.engine.kept_audit import Orphan
from drempel.engine.last_audit import LastAudit
from drempel.engine.levers import WordRefused
from drempel.engine.orphans import OutsideRefused
from drempel.engine.places import Place
from drempel.engine.records import BookingBusy
from drempel.engine.setup import Setup
from drempel.web.pages.names import SiteNames
from drempel.web.pages.rendering import Renderer, see_other, segment
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["AuditPages", "AuditServices"]

ERRAND: Final = "audit"
GIVEN_SECONDS: Final = 3.0
"""So long the answer waits for a look that is quick."""
ORDER_SECONDS_MAX: Final = 25.0
"""An order reads the access first, perhaps at several sites."""
SHOWN_MAX: Final = 50
COUNTED_FOR: Final = timedelta(seconds=30)
"""So long the header of every page goes by one count: it asks nothing of Resivo, and four questions of the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditServices:
    """What these pages stand on; the composition root hands it in."""

    auditor: Auditor
    errands: Errands


class AuditPages:
    """For everybody who may see bookings; who may order is asked at each order."""

    def __init__(
        self,
        services: AuditServices,
        setup: Callable[[], Awaitable[Setup]],
        renderer: Renderer,
        *,
        now: Callable[[], datetime],
        site_names: SiteNames,
    ) -> None:
        self._auditor = services.auditor
        self._errands = services.errands
        self._setup = setup
        self._renderer = renderer
        self._now = now
        self._site_names = site_names
        self._counted: tuple[datetime, int] | None = None

    async def count(self) -> int:
        """How many orphans need a person: by the last audits, counted anew once in a while and after each order."""
        if self._counted is None or not timedelta() <= self._now() - self._counted[0] < COUNTED_FOR:
            await self._last()
        assert self._counted is not None
        return self._counted[1]

    async def _last(self) -> LastAudit:
        last = await self._auditor.last()
        self._counted = self._now(), len(last.orphans)
        return last

    async def context(self) -> Mapping[str, Any]:
        """What the list of what needs a person shows of it."""
        last = await self._last()
        errand = self._errands.of(ERRAND)
        return {
            "audit": last,
            "orphans": last.orphans[:SHOWN_MAX],
            "looking": errand,
            "uncompared": _uncompared(errand, last),
            "site_names": await self._site_names(),
        }

    # --- look now

    async def look(self, request: Request) -> Response:  # noqa: ARG002  # an endpoint
        """Compare every site now; where that takes long the list shows how far it is."""
        errand = self._errands.start(ERRAND, self._compare)
        await self._errands.give(errand, seconds=GIVEN_SECONDS)
        self._counted = None
        return see_other("/needs?done=look#looking")

    async def _compare(self, errand: Errand) -> list[PlaceAudit]:
        read: dict[str, int] = {}

        def count(place: Place, done: int, _of: int | None) -> None:
            read[f"{place.connection_ids} {place.site_id}"] = done
            errand.progress(sum(read.values()), None)

        return await self._auditor.audit(progress=count)

    # --- the orders

    async def ask_adopt(self, request: Request) -> Response:
        return await self._ask(request, "adopt")

    async def ask_revoke(self, request: Request) -> Response:
        return await self._ask(request, "revoke")

    async def adopt(self, request: Request) -> Response:
        return await self._order(request, "adopt")

    async def revoke(self, request: Request) -> Response:
        return await self._order(request, "revoke")

    async def _order(self, request: Request, word: str) -> Response:
        orphan = (await self._auditor.last()).orphan(request.path_params["id"])
        if orphan is None:
            return await self._gone(request)
        orphans = self._auditor.orphans.by(visit_of_now().person.actor)
        order = orphans.adopt if word == "adopt" else orphans.revoke
        try:
            async with asyncio.timeout(ORDER_SECONDS_MAX):
                await order(orphan.authorization_id)
        except OutsideRefused as refused:
            return await self._ask(request, word, failure=refused.failure, status=409)
        except WordRefused as refused:
            said = refused.refusal.sentence_on_pages_in(self._renderer.speech(request).gettext)
            return await self._ask(request, word, refused=said, status=409)
        except BookingBusy:
            return await self._ask(request, word, problem="busy", status=409)
        except TimeoutError:
            return await self._ask(request, word, problem="slow", status=503)
        finally:
            self._counted = None
        if not orphan.booking_id:
            return see_other("/needs")
        done = "adopted" if word == "adopt" else "orphan_revoked"
        return see_other(f"/bookings/{segment(orphan.source)}/{segment(orphan.booking_id)}?done={done}")

    async def _ask(
        self,
        request: Request,
        word: str,
        *,
        failure: Failure | None = None,
        refused: str = "",
        problem: str = "",
        status: int = 200,
    ) -> Response:
        orphan = (await self._auditor.last()).orphan(request.path_params["id"])
        if orphan is None:
            return await self._gone(request)
        context = {"orphan": orphan, "zone": await self._zone(orphan), "failure": failure, "refused": refused, "problem": problem}
        return await self._renderer.page(request, f"audit/{word}.html", context, status=status)

    async def _gone(self, request: Request) -> Response:
        return await self._renderer.page(request, "pages/problem.html", {"problem": "orphan"}, status=404)

    async def _zone(self, orphan: Orphan) -> str:
        sources = (await self._setup()).sources
        return sources[orphan.source].time_zone if orphan.source in sources else "UTC"


def _uncompared(errand: Errand | None, last: LastAudit) -> list[PlaceAudit]:
    """Sites of which the last look here could say nothing, and that were not compared since."""
    if errand is None or not isinstance(errand.result, list):
        return []
    since = {place for place, at in last.compared_at.items() if at > errand.began_at}
    return [one for one in errand.result if one.problem and one.place not in since]
