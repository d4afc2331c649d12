"""One HTTP/1.1 connection: one request at a time, one answer to each. Knows the wire; whom to ask, and what may be repeated, is not its matter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

import httptools

from drempel.transport import RESPONSE_BYTES_MAX, OutcomeUnknown, Response
from drempel.transport.wire import decoded

__all__ = ["HEAD_BYTES_MAX", "Connection", "LostUnanswered"]

HEAD_BYTES_MAX: Final = 64 * 1024
"""Status line and headers of an answer, interim answers before it included."""
INTERIM: Final = range(100, 200)
SWITCHING: Final = 101


class LostUnanswered(OutcomeUnknown):
    """The connection ended before a single byte of the answer came. What was sent may have been done all the same."""


class Connection(asyncio.Protocol):
    """`ask`, await the future that it returns, and ask again only while `is_reusable`.

    The future ends with a `Response` or with `OutcomeUnknown`. Whenever anything about it is odd, the connection is closed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, on_lost: Callable[[Connection], None]) -> None:
        self.idle_since = 0.0
        self._loop = loop
        self._on_lost = on_lost
        self._wire: asyncio.Transport | None = None
        self._answer: asyncio.Future[Response] | None = None
        """What somebody waits for; it stays after a failure, so that nobody asks again."""
        self._late: asyncio.TimerHandle | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._head_bytes = 0
        self._head_done = False
        self._keep_alive = False
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0

    # --- asking

    @property
    def is_reusable(self) -> bool:
        """Whether it is open and at rest: everything before was answered, and the answer read to its end."""
        return self._answer is None and self._wire is not None and not self._wire.is_closing()

    def ask(self, request: bytes, *, deadline: float) -> asyncio.Future[Response]:
        """Send a request. After `deadline`, by the loop's clock, its answer counts as lost."""
        assert self.is_reusable
        assert self._wire is not None
        answer = self._answer = self._loop.create_future()
        self._late = self._loop.call_at(deadline, self._fail, "no answer in time")
        self._wire.write(request)
        return answer

    def close(self) -> None:
        """At once. Whoever still waits is told that the outcome is unknown."""
        self._fail("the connection was closed")

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            # Nobody asked: whatever this is, it must never become the answer to the next request.
            self._abort()
            return
        if not self._head_done:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("a broken answer")
        if self._answer is not None and not self._head_done and self._head_bytes > HEAD_BYTES_MAX:
            self._fail("answer too long")

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            if self._head_done and exc is None and self._ends_with_connection():
                self._succeed(self._answer)
            else:
                kind = OutcomeUnknown if self._head_bytes else LostUnanswered
                self._settle(kind("the connection was lost"))
        self._wire = None
        self._on_lost(self)

    # --- called by the parser

    def on_message_begin(self) -> None:
        if self._answer is None:
            # A second answer to one request. The first stands; this connection is not to be trusted with another.
            self._abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status not in INTERIM:
            self._head_done = True
            self._keep_alive = self._parser.should_keep_alive()
        elif status == SWITCHING:
            self._fail("an upgrade that was not asked for")

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > RESPONSE_BYTES_MAX:
            self._parts.clear()
            self._fail("answer too long")
        else:
            self._parts.append(part)

    def on_message_complete(self) -> None:
        if not self._head_done:
            self._headers = {}
        elif self._answer is not None and not self._answer.done():
            keep_alive = self._keep_alive
            self._succeed(self._answer)
            if not keep_alive:
                self._abort()

    # --- the end of an answer

    def _ends_with_connection(self) -> bool:
        return "content-length" not in self._headers and "transfer-encoding" not in self._headers

    def _succeed(self, answer: asyncio.Future[Response]) -> None:
        headers, body = self._headers, b"".join(self._parts)
        try:
            if "content-encoding" in headers:
                body = decoded(body, coding=headers["content-encoding"])
        except OutcomeUnknown as error:
            self._settle(error)
            self._abort()
            return
        self._disarm()
        self._answer = None
        answer.set_result(Response(status=self._parser.get_status_code(), headers=headers, body=body))
        self._begin()

    def _fail(self, reason: str) -> None:
        self._settle(OutcomeUnknown(reason))
        self._abort()

    def _settle(self, error: OutcomeUnknown) -> None:
        self._disarm()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def _disarm(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _abort(self) -> None:
        if self._wire is not None:
            self._wire.abort()
