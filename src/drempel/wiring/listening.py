"""Listening: uvicorn in our own event loop, with bounds on what a connection may cost. `docs/decisions/0031` says what is bounded, and why here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from drempel.settings import Refused

__all__ = ["Bounds", "serve_app"]

_REQUESTS: Final = logging.getLogger("uvicorn.error.requests")
# A request that cannot be read is answered with 400; a line for each would let strangers fill the log.
_REQUESTS.setLevel(logging.ERROR)
KEEP_ALIVE_SECONDS: Final = 30
GRACE_SECONDS: Final = 10
TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one connection may cost, and how many there may be. Bodies have bounds of their own (`drempel.web.guards`)."""

    head_seconds: float = 10.0
    """From a connection, or from the first byte of a further request, to the end of its headers."""
    head_bytes: int = 32 * 1024
    """Request line and headers."""
    left_bytes: int = 1024 * 1024
    """Of a body that was answered before its end: so much is read and thrown away, for the sender to see the answer."""
    write_seconds: float = 30.0
    """So long an answer may wait for its reader to take more."""
    connections: int = 512
    """Beyond it the one that has kept us waiting longest gives way: who holds connections open keeps nobody out."""


async def serve_app(app: ASGIApp, *, host: str, port: int, stop: asyncio.Event, bounds: Bounds | None = None) -> None:
    """Until `stop`. Raises `Refused` if the address is taken."""
    protocol: Any = partial(_Connection, bounds=bounds or Bounds(), waiting={})
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        # Who is asked for is told by the settings (`TRUSTED_PROXIES`), not by what uvicorn believes of whoever comes from this machine.
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    try:
        await serving
    except SystemExit as error:
        raise _taken(host, port) from error
    if not stop.is_set():
        raise _taken(host, port)


def _taken(host: str, port: int) -> Refused:
    return Refused(f"The address {host}:{port} cannot be used: it may be taken by another program. Choose another --port.")


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class _Connection(HttpToolsProtocol):
    """uvicorn's, which bounds the pause between two requests and nothing else: neither a head that never ends nor one that never comes."""

    def __init__(self, *args: Any, bounds: Bounds, waiting: dict[_Connection, None], **more: Any) -> None:
        super().__init__(*args, **more)
        self.logger = _REQUESTS
        self._bounds = bounds
        self._waiting = waiting
        """All connections of the server that keep us waiting: for a request, for the rest of one, or for their reader; the longest first."""
        self._late: asyncio.TimerHandle | None = None
        """Ends a connection whose next head takes too long."""
        self._slow: asyncio.TimerHandle | None = None
        """Ends a connection whose reader takes nothing."""
        self._in_head = True
        """Between two requests, or within the head of one."""
        self._begun = False
        """Within the head of one."""
        self._ended = False
        """Whether a request came to its end in the piece in hand."""
        self._head_bytes = self._parts_bytes = self._left_bytes = 0

    # --- the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > self._bounds.connections:
            # The new one is not among them yet: if all others are at work it is the one too many.
            next(iter(self._waiting), self).abort()
        self._keeps_waiting()
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waiting.pop(self, None)
        self._disarm()
        self._go_on_writing()
        super().connection_lost(exc)

    def abort(self) -> None:
        """At once, whatever waits to be written."""
        self._waiting.pop(self, None)
        self.transport.abort()

    # --- what comes in

    def data_received(self, data: bytes) -> None:
        self._ended = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            # A head that ends within one piece is measured by its parts; here grows one that does not end. What came with the end of a body is
            # not counted: most of it may be that body.
            self._head_bytes += 0 if self._ended else len(data)
            if self._head_bytes > self._bounds.head_bytes:
                self._refuse_head()
        elif self._is_answered:
            self._left_bytes += len(data)
            if self._left_bytes > self._bounds.left_bytes:
                self.abort()
        if self._is_answered and self._late is None:
            self._arm()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True
        self._parts_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._measure(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measure(name, value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._parts_bytes > self._bounds.head_bytes:
            self._refuse_head()
            return
        self._in_head = self._begun = False
        self._head_bytes = self._left_bytes = 0
        # Until its body is here it may give way, after those that have not come so far.
        self._keeps_waiting()
        self._disarm()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = self._ended = True
        self._head_bytes = 0
        self._waiting.pop(self, None)
        if not self.transport.is_closing():
            super().on_message_complete()

    def _measure(self, *parts: bytes) -> None:
        self._parts_bytes += sum(len(part) for part in parts)

    def _refuse_head(self) -> None:
        if not self.transport.is_closing():
            if self._is_answered:
                self.transport.write(TOO_LARGE)
            self.transport.close()

    # --- what goes out

    @property
    def _is_answered(self) -> bool:
        """Whether there is no request in hand."""
        return self.cycle is None or self.cycle.response_complete

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_answered:
            self._keeps_waiting()
        if self.transport.is_closing():
            self._write_within_bounds()
        elif self._is_answered and (self._begun or not self._in_head):
            # The next head has begun, or the rest of a body is still to come.
            self._arm()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._keeps_waiting()
        self._write_within_bounds()

    def resume_writing(self) -> None:
        # Closing waits for the last bytes too.
        self._go_on_writing()
        if self._in_head and not self._is_answered:
            self._waiting.pop(self, None)
        if self.transport.is_closing():
            self._write_within_bounds()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        # Closing would wait for a reader who takes nothing.
        self.abort()

    # --- how long

    def _keeps_waiting(self) -> None:
        """From now on, and as the last of those that do."""
        self._waiting.pop(self, None)
        self._waiting[self] = None

    def _arm(self) -> None:
        self._disarm()
        self._late = self.loop.call_later(self._bounds.head_seconds, self.abort)

    def _disarm(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _write_within_bounds(self) -> None:
        self._go_on_writing()
        self._slow = self.loop.call_later(self._bounds.write_seconds, self.abort)

    def _go_on_writing(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None
