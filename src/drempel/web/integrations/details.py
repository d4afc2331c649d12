"""The tab *Details*: at which statuses access is created and revoked, how early it begins, where its id goes."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Right
from drempel.web.integrations.content import checked, integration_content, problem_keys
from drempel.web.integrations.frame import Frame
from drempel.web.integrations.statuses import offered
from drempel.web.integrations.taken_field import taken_field
from drempel.web.integrations.typed import details, merged, no_codes

__all__ = ["Details"]


class Details:
    """The form."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        content, _ = integration_content(setup, await self._frame.services.records.stored_secrets(), one)
        return await self._page(request, self._frame.typed_before(request) or content)

    async def change(self, request: Request) -> Response:
        form = await self._frame.form(request)
        setup, one = await self._frame.integration(request)
        content, own = integration_content(setup, await self._frame.services.records.stored_secrets(), one)
        ruled = {*content["trigger_statuses"], *content["revoke_statuses"]}
        seen = {code for code, _ in await self._frame.services.insight.statuses(one.source)}
        content = merged(content, details(form))
        _wanted, problems = checked(content, is_source=False, present=setup, profile_json=own)
        wrong = problem_keys(problems) | no_codes(form, known=ruled | seen)
        if wrong:
            return await self._page(request, content, problems=wrong, status=400)
        base = self._frame.base(one.name)
        draft = self._frame.draft(
            form, content, right=Right.MAPPING, back=f"{base}/details", then=f"{base}/details?done=saved", profile_json=own
        )
        return self._frame.to_review("/integrations", draft)

    async def _page(
        self, request: Request, typed: dict[str, Any], *, problems: frozenset[str] = frozenset(), status: int = 200
    ) -> Response:
        setup, one = await self._frame.integration(request)
        seen = dict(await self._frame.services.insight.statuses(one.source))
        return await self._frame.page(
            request,
            "integrations/details.html",
            setup,
            one,
            status=status,
            tab="details",
            typed=typed,
            problems=problems,
            taken=taken_field(typed, setup),
            # What was typed wrong stays in its field: a row of its own would look as if it were known.
            statuses=offered(seen, {} if problems & {"trigger_codes", "revoke_codes"} else typed),
        )
