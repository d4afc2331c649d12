"""Active, paused, and bookings from before: each says what it will do before it does it, with figures."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Right
from drempel.web.integrations.content import integration_content
from drempel.web.integrations.frame import Frame
from drempel.web.integrations.from_before import from_before
from drempel.web.integrations.typed import merged
from drempel.web.pages.rendering import see_other
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["Switches"]

SHOWN: Final = 200
"""Of the bookings from before."""


class Switches:
    """Levers of one integration."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    # --- active

    async def ask_active(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        figures = await self._frame.services.insight.figures(one.name, elsewhere=setup.mapped_elsewhere(one))
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
            then=f"{base}/existing?done=active" if wanted else f"{base}/checklist?done=inactive",
            profile_json=own,
            turns="on" if wanted else "off",
        )
        return self._frame.to_review("/integrations", draft)

    # --- bookings from before

    async def ask_existing(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        views = await self._frame.services.insight.from_before(one.name, limit=SHOWN + 1, elsewhere=setup.mapped_elsewhere(one))
        found = from_before(views[:SHOWN], one, setup, is_all=len(views) <= SHOWN)
        return await self._frame.page(request, "integrations/existing.html", setup, one, tab="", found=found)

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
