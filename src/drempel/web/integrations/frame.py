"""What every page of an integration has in common: the integration itself, its tabs, and the way to the page that shows a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Right
from drempel.engine.levers import UnknownIntegration
from drempel.engine.probing import ResivoProbe
from drempel.engine.setup import IntegrationSetup, Setup
from drempel.web.integrations.desk import Desk
from drempel.web.integrations.drafts import Draft
from drempel.web.integrations.services import SetUpServices
from drempel.web.pages.rendering import Renderer, see_other, segment
from drempel.web.sign_in.forms import field, read_form
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["FIELDS_MAX", "Frame", "site_names", "text", "version_of"]

FIELDS_MAX: Final = 500
"""Of a form with a box for each door of a site."""
TEXT_CHARACTERS_MAX: Final = 2000


class Frame:
    """Handed to every page class."""

    def __init__(self, services: SetUpServices, desk: Desk, renderer: Renderer) -> None:
        self.services = services
        self.desk = desk
        self.renderer = renderer

    async def integration(self, request: Request) -> tuple[Setup, IntegrationSetup]:
        """Raises `UnknownIntegration`."""
        setup = await self.desk.setup()
        name = request.path_params["name"]
        if name not in setup.integrations:
            raise UnknownIntegration(name, sorted(setup.integrations))
        return setup, setup.integrations[name]

    async def page(
        self, request: Request, template: str, setup: Setup, one: IntegrationSetup, *, status: int = 200, **context: Any
    ) -> Response:
        """A page of one integration, with its tabs."""
        given = {
            "one": one,
            "connection": setup.connections[one.connection_id],
            "zone": setup.sources[one.source].time_zone,
            "version": setup.version,
            "done": request.query_params.get("done"),
            "problems": frozenset(),
            **context,
        }
        return await self.renderer.page(request, template, given, status=status)

    def to_review(self, base: str, draft: Draft) -> Response:
        """The page that shows what saving would do."""
        return see_other(f"{base}/review/{self.desk.drafts.put(draft)}")

    def draft(self, form: FormData, content: Mapping[str, Any], *, right: Right, back: str, then: str, **more: Any) -> Draft:
        return Draft(
            person_id=visit_of_now().person.id,
            right=right,
            version=version_of(form),
            content=content,
            back=back,
            then=then,
            **more,
        )

    def draft_before(self, request: Request) -> Draft | None:
        """What stood in this form when its person went on to the review and came back. Its secrets are never written into a page."""
        draft = self.desk.drafts.of(request.query_params.get("draft", ""), person_id=visit_of_now().person.id)
        return None if draft is None or draft.back != request.url.path else draft

    def typed_before(self, request: Request) -> dict[str, Any] | None:
        """The same, as the set-up file would say it."""
        draft = self.draft_before(request)
        return None if draft is None else dict(draft.content)

    @staticmethod
    async def form(request: Request) -> FormData:
        return await read_form(request, fields_max=FIELDS_MAX)

    @staticmethod
    def base(name: str) -> str:
        return f"/integrations/{segment(name)}"


def site_names(probe: ResivoProbe) -> dict[str, str]:
    """By id, of the sites that Resivo names."""
    return {site.id: site.display_name for site in probe.sites if site.display_name}


def text(form: FormData, name: str) -> str:
    """What was typed, without the blanks around it."""
    return field(form, name).strip()[: TEXT_CHARACTERS_MAX + 1]


def version_of(form: FormData) -> int:
    """Of the set-up that the form was filled from; -1 for none that was."""
    typed = field(form, "version")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 15 else -1
