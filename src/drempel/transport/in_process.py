"""The in-process twin: calls an ASGI application directly, for tests and for the seeded world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from drempel.transport import NeverSent, OutcomeUnknown, Request, Response

__all__ = ["AnswerLost", "InProcessTransport", "NotReached"]

type_scope = MutableMapping[str, Any]
AsgiApp = Callable[[type_scope, Callable[[], Awaitable[type_scope]], Callable[[type_scope], Awaitable[None]]], Awaitable[None]]


class AnswerLost(Exception):
    """Raised by an application to say: the connection broke, no answer will come. The work may have been done."""


class NotReached(Exception):
    """Raised by an application to say: this connection was refused."""


class InProcessTransport:
    """Routes each request to the application of its host (`host` or `host:port`); an unknown host refuses the connection."""

    def __init__(self, apps: dict[str, AsgiApp]) -> None:
        self.apps = apps

    async def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        app = self.apps.get(parts.netloc)
        if app is None:
            raise NeverSent("no such host")
        scope: type_scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": parts.scheme,
            "path": unquote(parts.path) or "/",
            "raw_path": (parts.path or "/").encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(b"host", parts.netloc.encode())]
            + [(k.lower().encode(), v.encode()) for k, v in request.headers.items()],
            "server": (parts.hostname, parts.port or 80),
            "client": ("127.0.0.1", 1),
        }
        answer = _Answer(request.body)
        try:
            await app(scope, answer.receive, answer.send)
        except NotReached as error:
            raise NeverSent("connection refused") from error
        except AnswerLost as error:
            raise OutcomeUnknown("answer lost") from error
        if answer.status is None:
            raise OutcomeUnknown("no answer")
        return Response(status=answer.status, headers=answer.headers, body=bytes(answer.body))


class _Answer:
    """Collects what the application sends, and hands it the request's body."""

    def __init__(self, request_body: bytes) -> None:
        self._request_body = request_body
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    async def receive(self) -> type_scope:
        return {"type": "http.request", "body": self._request_body, "more_body": False}

    async def send(self, message: type_scope) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
