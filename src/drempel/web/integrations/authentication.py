"""The tab *Authentication*: Site Owner, credential, site. Nothing is saved that was not tested; the secret is never shown again."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Right
from drempel.setup_file import shipped_profile_names
from drempel.web.integrations.content import checked, goes_elsewhere, integration_content, problem_keys
from drempel.web.integrations.frame import Frame, text
from drempel.web.integrations.typed import authentication, merged

__all__ = ["Authentication"]


class Authentication:
    """The form, and the test that comes before anything is saved."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        content, own = integration_content(setup, await self._frame.services.records.stored_secrets(), one)
        before = self._frame.draft_before(request)
        if before is not None:
            again = before.content["client_secret"] != content["client_secret"]
            content, own = {**before.content, "typed_secret": again}, before.profile_json
        return await self._page(request, content, own_profile=own is not None)

    async def test(self, request: Request) -> Response:
        """Fetch a token and list sites and doors; what came of it stands on the page that shows the change."""
        form = await self._frame.form(request)
        setup, one = await self._frame.integration(request)
        content, own = integration_content(setup, await self._frame.services.records.stored_secrets(), one)
        before, _ = checked(content, is_source=False, present=setup, profile_json=own)
        typed = authentication(form)
        profile = text(form, "profile")
        if profile in shipped_profile_names():
            typed["profile"], own = profile, None
        # Doors of the site that the integration had stay at that site: a mapping names its own.
        content = merged(content, typed)
        wanted, problems = checked(content, is_source=False, present=setup, profile_json=own)
        wrong = problem_keys(problems)
        if not wrong and "client_secret" not in typed and goes_elsewhere(before, wanted):
            wrong = frozenset({"client_secret"})
        if wrong:
            content["typed_secret"] = "client_secret" in typed
            return await self._page(request, content, problems=wrong, own_profile=own is not None, status=400)
        probe = await self._frame.services.look_at_resivo(wanted.integrations[0])
        base = self._frame.base(one.name)
        draft = self._frame.draft(
            form,
            content,
            right=Right.SECRETS,
            back=f"{base}/authentication",
            then=f"{base}/authentication?done=saved",
            probe=probe,
            profile_json=own,
        )
        return self._frame.to_review("/integrations", draft)

    async def _page(
        self,
        request: Request,
        typed: dict[str, Any],
        *,
        own_profile: bool,
        problems: frozenset[str] = frozenset(),
        status: int = 200,
    ) -> Response:
        setup, one = await self._frame.integration(request)
        return await self._frame.page(
            request,
            "integrations/authentication.html",
            setup,
            one,
            status=status,
            tab="authentication",
            typed={key: value for key, value in typed.items() if key != "client_secret"},
            problems=problems,
            profiles=shipped_profile_names(),
            own_profile=own_profile,
        )
