"""The application: hooks, health, metrics, REST, and the pages for people."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from drempel.web.api.app import create_api
from drempel.web.guards import BodyLimit, CountRequests, LastNet, SecurityHeaders
from drempel.web.health import health_routes
from drempel.web.hooks import Hooks
from drempel.web.pages.problem_pages import ProblemPages
from drempel.web.problems import on_http_exception
from drempel.web.services import WebServices

__all__ = ["WebServices", "create_app"]


def create_app(services: WebServices, *, pages: Sequence[BaseRoute] = (), problem_pages: ProblemPages | None = None) -> ASGIApp:
    """The ASGI application. `pages` are those for people, with their own headers; `problem_pages` tell them what is no page."""
    app = Starlette(
        routes=[
            *health_routes(services),
            Mount("/api/v1", app=create_api(services)),
            *pages,
        ],
        middleware=[
            Middleware(CountRequests, registry=services.registry),
            Middleware(SecurityHeaders, is_https=services.is_https),
            Middleware(LastNet, watcher=services.watcher, answer=None if problem_pages is None else problem_pages.on_failure),
            Middleware(BodyLimit, seconds_max=services.body_seconds_max),
            Middleware(Hooks, services=services),
        ],
        exception_handlers={HTTPException: on_http_exception if problem_pages is None else problem_pages.on_http_exception},
    )
    app.router.redirect_slashes = False
    return app
