"""Active, paused, bookings from before, and replacing what older rules made: each says what it will do before it does it, with figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.access import AuthorizationSet
from drempel.domain.rights import Right
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.records import BookingBusy, UnknownBooking
from drempel.engine.replacing import differs, mark_differing
from drempel.engine.setup import IntegrationSetup
from drempel.engine.trail import TrailEntry
from drempel.web.integrations.content import integration_content
from drempel.web.integrations.desk import LIVE_LOOKED_AT
from drempel.web.integrations.frame import Frame
from drempel.web.integrations.typed import merged
from drempel.web.pages.rendering import see_other
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["Switches"]

AT_ONCE_MAX: Final = 200
"""So many bookings are marked by one press; the page says how many are left."""
TRIES: Final = 3
PATIENCE_SECONDS: Final = 0.3


class Switches:
    """Levers of one integration."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    # --- active

    async def ask_active(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        figures = await self._frame.services.insight.figures(one.name)
        return await self._frame.page(request, "integrations/active.html", setup, one, tab="", figures=figures)

    async def turn(self, request: Request) -> Response:
        """On goes off, off goes on: as the page said that it would. Issues nothing for bookings from before."""
        form = await self._frame.form(request)
        setup, one = await self._frame.integration(request)
        base = self._frame.base(one.name)
        wanted = form.get("active") == "yes"
        if wanted == one.policy.active:
            return see_other(f"{base}/checklist")
        content, own = integration_content(setup, await self._frame.services.records.stored_secrets(), one)
        draft = self._frame.draft(
            form,
            merged(content, {"active": wanted}),
            right=Right.MAPPING,
            back=f"{base}/active",
            then=f"{base}/existing" if wanted else f"{base}/checklist?done=inactive",
            profile_json=own,
        )
        return self._frame.to_review("/integrations", draft)

    # --- bookings from before

    async def ask_existing(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        figures = await self._frame.services.insight.figures(one.name)
        return await self._frame.page(request, "integrations/existing.html", setup, one, tab="", figures=figures)

    async def issue_existing(self, request: Request) -> Response:
        form = await self._frame.form(request)
        setup, one = await self._frame.integration(request)
        base = self._frame.base(one.name)
        content, own = integration_content(setup, await self._frame.services.records.stored_secrets(), one)
        draft = self._frame.draft(
            form,
            content,
            right=Right.MAPPING,
            back=f"{base}/existing",
            then=f"{base}/activity?done=existing",
            profile_json=own,
            issue_existing=True,
        )
        return self._frame.to_review("/integrations", draft)

    # --- paused

    async def ask_pause(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        figures = await self._frame.services.insight.figures(one.name)
        return await self._frame.page(request, "integrations/pause.html", setup, one, tab="", figures=figures)

    async def pause(self, request: Request) -> Response:
        form = await self._frame.form(request)
        _, one = await self._frame.integration(request)
        levers = self._frame.services.levers.by(visit_of_now().person.actor)
        paused = form.get("paused") == "yes"
        await (levers.pause(one.name) if paused else levers.resume(one.name))
        return see_other(f"{self._frame.base(one.name)}/checklist?done={'paused' if paused else 'resumed'}")

    # --- replacing

    async def ask_replace(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        count = await self._frame.desk.count_differing(one)
        return await self._frame.page(request, "integrations/replace.html", setup, one, tab="", count=count, busy=0)

    async def replace(self, request: Request) -> Response:
        """A committed mark on each booking; what could not be marked shows again."""
        setup, one = await self._frame.integration(request)
        now, insight = self._frame.services.clock.now(), self._frame.services.insight
        views = await insight.with_live_sets(one.name, limit=LIVE_LOOKED_AT)
        wanted = [view.record for view in views if any(differs(view.record, each, one, now=now) for each in view.sets)]
        busy = 0
        for record in wanted[:AT_ONCE_MAX]:
            busy += not await self._marked(record, one)
        left = await self._frame.desk.count_differing(one)
        if left:
            return await self._frame.page(request, "integrations/replace.html", setup, one, tab="", count=left, busy=busy)
        return see_other(f"{self._frame.base(one.name)}/activity?done=replaced")

    async def _marked(self, record: BookingRecord, one: IntegrationSetup) -> bool:
        entry = TrailEntry(
            actor=visit_of_now().person.actor,
            type="setup.replace",
            about=f"booking {record.booking_id} of {record.source}",
            after=one.name,
        )
        for _ in range(TRIES):
            try:
                await self._frame.services.records.amend(record.source, record.booking_id, partial(_change, one), entries=[entry])
            except BookingBusy:
                # A worker is at it for a moment.
                await self._frame.services.clock.sleep(PATIENCE_SECONDS)
                continue
            except UnknownBooking:
                return True
            return True
        return False


def _change(one: IntegrationSetup, record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
    return mark_differing(record, sets, one, now=now)
