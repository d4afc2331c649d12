"""What every request passes: limits on its body, headers that keep browsers in bounds, a count, and the last net for errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drempel.engine.ports import Watcher
from drempel.web.problems import Problem, problem_response

__all__ = ["BODY_BYTES_MAX", "BodyLimit", "CountRequests", "LastNet", "SecurityHeaders"]

BODY_BYTES_MAX: Final = 65_536
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""A page that needs more says so itself: what is there already is kept."""
STRICT_TRANSPORT: Final = ("Strict-Transport-Security", "max-age=15552000")
"""Half a year. Not for other names of that host: what they serve is not ours."""
_SECURITY_HEADERS: Final = tuple((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
AREAS: Final = (("/hooks/", "hooks"), ("/api/", "api"), ("/healthz", "health"), ("/readyz", "health"), ("/metrics", "metrics"))
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def area_of(path: str) -> str:
    """A few words for metrics and logs: a path itself can hold a hook token or a booking id."""
    return next((area for prefix, area in AREAS if path.startswith(prefix)), "pages")


class BodyLimit:
    """Ends a request whose body is too long while it arrives, whether or not it said its length, and one whose body does not come to its end."""

    def __init__(self, app: ASGIApp, *, seconds_max: float) -> None:
        self._app = app
        self._seconds_max = seconds_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "")
        received, more, until = 0, True, 0.0

        async def receive_within_limit() -> Message:
            nonlocal received, more, until
            if not more:
                # The body is here; what is waited for is the end of the connection.
                return await receive()
            if stated.isdecimal() and int(stated[:20]) > BODY_BYTES_MAX:
                raise Problem("body.too_long")
            until = until or asyncio.get_running_loop().time() + self._seconds_max
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError as error:
                raise Problem("request.slow") from error
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                more = message.get("more_body", False)
                if received > BODY_BYTES_MAX:
                    raise Problem("body.too_long")
            return message

        await self._app(scope, receive_within_limit, send)


class SecurityHeaders:
    """Adds the headers that are not there yet. `is_https`: browsers know us by an https address."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        strict = tuple(part.encode() for part in (STRICT_TRANSPORT[0].lower(), STRICT_TRANSPORT[1]))
        self._headers = (*_SECURITY_HEADERS, strict) if is_https else _SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = message.get("headers", [])
                names = {name for name, _ in there}
                message["headers"] = [*there, *[header for header in self._headers if header[0] not in names]]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class CountRequests:
    """`drempel_http_requests_total` by area, method and status."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self._app = app
        requests = Counter("drempel_http_requests", "Requests answered.", ["area", "method", "status"], registry=registry)
        # A few words each, so a few dozen of them: bound once.
        self._count = cache(requests.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "other"

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(area_of(scope["path"]), method, str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, send_and_count)


class LastNet:
    """An error that nobody expected becomes one log line and a 500 without details."""

    def __init__(self, app: ASGIApp, *, watcher: Watcher, answer: Callable[[Request], Awaitable[Response]] | None = None) -> None:
        self._app = app
        self._watcher = watcher
        self._answer = answer or _in_json

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # the last net: whatever it is, the caller gets no trace and the log gets its kind
            self._watcher.warn("web.failed", area=area_of(scope["path"]), error=type(error).__name__, where=_place(error))
            if not started:
                response = await self._answer(Request(scope))
                await response(scope, receive, send)


async def _in_json(_request: Request) -> Response:
    return problem_response("internal.error")


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
