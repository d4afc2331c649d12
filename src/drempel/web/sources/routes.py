"""Every address of the sources. All of it is an administrator's: addresses and accounts, and where hints come in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.domain.rights import Right
from drempel.engine.levers import UnknownSource
from drempel.web.integrations.desk import Desk
from drempel.web.integrations.frame import FIELDS_MAX, Frame
from drempel.web.integrations.review import Review
from drempel.web.integrations.services import SetUpServices
from drempel.web.pages.rendering import Renderer
from drempel.web.sign_in.guard import Endpoint, Guard
from drempel.web.sources.pages import Sources

__all__ = ["source_routes"]

ONE = "/sources/{source}"


def source_routes(services: SetUpServices, *, desk: Desk, guard: Guard, renderer: Renderer) -> list[Route]:
    """GET changes nothing anywhere."""
    pages = Sources(Frame(services, desk, renderer))
    review = Review(desk, renderer, base="/sources")

    def known(endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except UnknownSource:
                return await renderer.page(request, "pages/problem.html", {"problem": "source"}, status=404)

        return answer

    def look(path: str, endpoint: Endpoint) -> Route:
        return Route(path, guard.look(Right.SECRETS, known(endpoint)), methods=["GET"])

    def order(path: str, endpoint: Endpoint) -> Route:
        return Route(path, guard.order(Right.SECRETS, known(endpoint), fields_max=FIELDS_MAX), methods=["POST"])

    return [
        look("/sources", pages.show_all),
        look("/sources/new", pages.ask_new),
        order("/sources/new", pages.make),
        look("/sources/review/{token}", review.show),
        order("/sources/review/{token}", review.save),
        look(ONE, pages.show),
        order(ONE, pages.change),
        look(ONE + "/activity", pages.activity),
        order(ONE + "/hook/register", pages.register),
        look(ONE + "/hook/rotate", pages.ask_rotate),
        order(ONE + "/hook/rotate", pages.rotate),
    ]
