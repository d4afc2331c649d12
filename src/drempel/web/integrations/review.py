"""The page between a form and its saving: what the test found, what would change, in the sentences of `drempel apply`, and how much is live."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.policy import Policy
from drempel.engine.probing import ResivoProbe
from drempel.engine.setup_plan import SetupRefused
from drempel.web.integrations.desk import Desk, Invalid, Moved, Shown
from drempel.web.integrations.drafts import Draft
from drempel.web.integrations.frame import site_names, text
from drempel.web.pages.ahead import Names
from drempel.web.pages.rendering import Renderer, see_other
from drempel.web.sign_in.forms import read_form
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["Review"]


class Review:
    """For integrations and for sources."""

    def __init__(self, desk: Desk, renderer: Renderer, *, base: str) -> None:
        self._desk = desk
        self._renderer = renderer
        self._base = base

    async def show(self, request: Request) -> Response:
        draft = self._draft(request)
        return await self._page(request, draft, None if draft is None else await self._desk.show(draft))

    async def save(self, request: Request) -> Response:
        draft = self._draft(request)
        if draft is None:
            return await self._page(request, None, None)
        form = await read_form(request)
        if draft.test_failed and text(form, "although") != "yes":
            return await self._page(request, draft, await self._desk.show(draft), untested=True, status=409)
        site = text(form, "site")
        if isinstance(draft.probe, ResivoProbe) and site in {each.id for each in draft.probe.sites}:
            draft.content = {**draft.content, "site_id": site}
        outcome = await self._desk.save(draft, actor=visit_of_now().person.actor)
        if not isinstance(outcome, Shown):
            return await self._page(request, draft, outcome, status=409)
        self._desk.drafts.drop(request.path_params["token"])
        return see_other(draft.then)

    def _draft(self, request: Request) -> Draft | None:
        """The draft, if it is this person's and this person may save it."""
        person = visit_of_now().person
        draft = self._desk.drafts.of(request.path_params["token"], person_id=person.id)
        return draft if draft is not None and person.may(draft.right) else None

    async def _page(
        self,
        request: Request,
        draft: Draft | None,
        outcome: Shown | SetupRefused | Invalid | Moved | None,
        *,
        untested: bool = False,
        status: int = 200,
    ) -> Response:
        context = {
            "here": "sources" if self._base == "/sources" else "integrations",
            "base": self._base,
            "token": request.path_params["token"],
            "draft": draft,
            "probe": None if draft is None else draft.probe,
            "of_resivo": draft is not None and isinstance(draft.probe, ResivoProbe),
            "names": {} if draft is None else _names(draft),
            "site_id": "" if draft is None else draft.content.get("site_id", ""),
            "shown": outcome if isinstance(outcome, Shown) else None,
            "refused": outcome.sentences if isinstance(outcome, SetupRefused) else (),
            "moved": outcome if isinstance(outcome, Moved) else None,
            "invalid": isinstance(outcome, Invalid),
            "untested": untested,
            "rules": _rules(draft, outcome),
            "never_revoked": _never_revoked(draft, outcome),
            "new_country": _new_country(draft, outcome),
        }
        return await self._renderer.page(
            request, "integrations/review.html", context, status=404 if draft is None and status == 200 else status
        )


def _names(draft: Draft) -> Names:
    """What the draft knows, and what its test saw."""
    return {"site": site_names(draft.probe), **draft.names} if isinstance(draft.probe, ResivoProbe) else draft.names


def _rules(draft: Draft | None, outcome: object) -> Policy | None:
    """Of an integration that is new: its plan tells that it comes, not by which rules."""
    before, after = _policies(draft, outcome)
    return after if before is None else None


def _never_revoked(draft: Draft | None, outcome: object) -> bool:
    """Rules that come or change, and that let a cancelled booking keep its doors. With other changes it is not told: nobody reads what always stands there."""
    before, after = _policies(draft, outcome)
    return after is not None and after != before and not after.revoke_statuses


def _new_country(draft: Draft | None, outcome: object) -> str | None:
    """The default country in place of another one, or empty for none any more. How many bookings hang on it nobody can count: no number is kept."""
    before, after = _policies(draft, outcome)
    if before is None or after is None or before.default_country == after.default_country:
        return None
    return after.default_country


def _policies(draft: Draft | None, outcome: object) -> tuple[Policy | None, Policy | None]:
    """Of the integration as it is and as it will be. None: it is new; it stays as it is, or the draft is of something else."""
    if draft is None or draft.is_source or not isinstance(outcome, Shown):
        return None, None
    present = outcome.setup.integrations.get(draft.name)
    wanted = next((each.policy for each in outcome.plan.write.integrations if each.name == draft.name), None)
    return None if present is None else present.policy, wanted
