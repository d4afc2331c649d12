"""Every address of the integrations, with the right that it needs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.domain.rights import Right
from drempel.engine.levers import UnknownIntegration
from drempel.web.integrations.activity import ActivityTab
from drempel.web.integrations.authentication import Authentication
from drempel.web.integrations.checklist import Checklist
from drempel.web.integrations.desk import Desk
from drempel.web.integrations.details import Details
from drempel.web.integrations.frame import FIELDS_MAX, Frame
from drempel.web.integrations.mapping import MappingPage
from drempel.web.integrations.overview import Overview
from drempel.web.integrations.replacing import Replacing
from drempel.web.integrations.review import Review
from drempel.web.integrations.services import SetUpServices
from drempel.web.integrations.switches import Switches
from drempel.web.pages.rendering import Renderer
from drempel.web.sign_in.guard import Endpoint, Guard

__all__ = ["integration_routes"]

ONE = "/integrations/{name}"


def integration_routes(services: SetUpServices, *, desk: Desk, guard: Guard, renderer: Renderer) -> list[Route]:
    """GET changes nothing anywhere. What is fixed stands before what names an integration."""
    frame = Frame(services, desk, renderer)
    overview, authentication, details = Overview(frame), Authentication(frame), Details(frame)
    mapping, switches, checklist = MappingPage(frame), Switches(frame), Checklist(frame)
    replacing = Replacing(frame)
    review = Review(desk, renderer, base="/integrations")

    def known(endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except UnknownIntegration:
                return await renderer.page(request, "pages/problem.html", {"problem": "integration"}, status=404)

        return answer

    def look(path: str, right: Right, endpoint: Endpoint) -> Route:
        return Route(path, guard.look(right, known(endpoint)), methods=["GET"])

    def order(path: str, right: Right, endpoint: Endpoint) -> Route:
        return Route(path, guard.order(right, known(endpoint), fields_max=FIELDS_MAX), methods=["POST"])

    return [
        look("/integrations", Right.MAPPING, overview.show),
        look("/integrations/new", Right.SECRETS, overview.ask_new),
        order("/integrations/new", Right.SECRETS, overview.make),
        look("/integrations/review/{token}", Right.MAPPING, review.show),
        order("/integrations/review/{token}", Right.MAPPING, review.save),
        look(ONE, Right.MAPPING, checklist.show),
        look(ONE + "/authentication", Right.SECRETS, authentication.show),
        order(ONE + "/authentication", Right.SECRETS, authentication.test),
        look(ONE + "/details", Right.MAPPING, details.show),
        order(ONE + "/details", Right.MAPPING, details.change),
        look(ONE + "/mapping", Right.MAPPING, mapping.show),
        look(ONE + "/mapping/edit", Right.MAPPING, mapping.edit),
        order(ONE + "/mapping/edit", Right.MAPPING, mapping.change),
        order(ONE + "/mapping/rename", Right.MAPPING, mapping.rename),
        look(ONE + "/activity", Right.MAPPING, ActivityTab(frame).show),
        look(ONE + "/checklist", Right.MAPPING, checklist.show),
        order(ONE + "/checklist", Right.MAPPING, checklist.tick),
        look(ONE + "/active", Right.MAPPING, switches.ask_active),
        order(ONE + "/active", Right.MAPPING, switches.turn),
        look(ONE + "/existing", Right.MAPPING, switches.ask_existing),
        order(ONE + "/existing", Right.MAPPING, switches.issue_existing),
        look(ONE + "/pause", Right.EMERGENCY, switches.ask_pause),
        order(ONE + "/pause", Right.EMERGENCY, switches.pause),
        look(ONE + "/replace", Right.MAPPING, replacing.show),
        order(ONE + "/replace/rehearse", Right.MAPPING, replacing.rehearse),
        order(ONE + "/replace", Right.MAPPING, replacing.replace),
    ]
