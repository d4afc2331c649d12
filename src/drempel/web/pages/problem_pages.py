"""What a browser gets where there is no page, or where one failed: a page in the language of its reader. A program gets problem JSON there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from drempel.web.pages.rendering import Renderer
from drempel.web.problems import on_http_exception, problem_response
from drempel.web.sign_in.guard import Guard

__all__ = ["ProblemPages"]

MACHINES: Final = ("/api", "/hooks", "/healthz", "/readyz", "/metrics", "/static")
"""At these addresses no person reads."""
NO_PAGE: Final = frozenset({404, 405})
SAID_BY_STATUS: Final = {404: "nowhere", 405: "button", 408: "slow", 413: "too_long"}
SIGNED_IN_SECONDS_MAX: Final = 2.0
"""So long a page that says that Drempel failed may ask who reads it: what failed may be the database."""


class ProblemPages:
    """Stands beside the routes: for what none of them answers."""

    def __init__(self, guard: Guard, renderer: Renderer) -> None:
        self._guard = guard
        self._renderer = renderer

    async def on_http_exception(self, request: Request, error: Exception) -> Response:
        """The address is unknown, the method is refused, or the request cannot be read."""
        assert isinstance(error, HTTPException)
        if not _read_by_a_person(request):
            return await on_http_exception(request, error)
        show = self._saying(request, SAID_BY_STATUS.get(error.status_code, "request"), error.status_code)
        if error.status_code not in NO_PAGE:
            return await self._as_far_as_known(request, show)
        answer = await self._guard.beside_the_routes(request, show)
        if answer.status_code == error.status_code:
            answer.headers.update(error.headers or {})
        return answer

    async def on_failure(self, request: Request) -> Response:
        """Drempel itself failed. Whatever else does not work, there is an answer."""
        if not _read_by_a_person(request):
            return problem_response("internal.error")
        try:
            return await self._as_far_as_known(request, self._saying(request, "failed", 500))
        except Exception:  # noqa: BLE001  # the failure itself is told already; this page is only how it is said
            return problem_response("internal.error")

    def _saying(self, request: Request, problem: str, status: int) -> Callable[[], Awaitable[Response]]:
        async def show() -> Response:
            return await self._renderer.page(request, "pages/problem.html", {"problem": problem}, status=status)

        return show

    async def _as_far_as_known(self, request: Request, show: Callable[[], Awaitable[Response]]) -> Response:
        """For the one who is signed in if that can be told, else as for nobody."""
        try:
            async with asyncio.timeout(SIGNED_IN_SECONDS_MAX):
                return await self._guard.as_whoever_it_is(request, show)
        except Exception:  # noqa: BLE001  # whatever stands in the way of knowing: nobody needs to be known for this page
            return await show()


def _read_by_a_person(request: Request) -> bool:
    path = request.url.path
    if any(path == each or path.startswith(each + "/") for each in MACHINES):
        return False
    wishes = [wish.partition(";") for wish in request.headers.get("accept", "").casefold().split(",")]
    return any(kind.strip() == "text/html" and weight.replace(" ", "") not in {"q=0", "q=0.0"} for kind, _, weight in wishes)
