"""The transport of production: HTTP/1.1 over pooled connections, bounded in time and size. `docs/decisions/0016` says why it is our own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, Self

import aiohappyeyeballs
from aiohappyeyeballs import AddrInfoType

from drempel.transport import NeverSent, Request, Response
from drempel.transport.connection import Connection, LostUnanswered
from drempel.transport.machine_room import is_machine_room
from drempel.transport.wire import Origin, written

__all__ = ["HttpTransport", "LookUp"]

LookUp = Callable[[str, int], Awaitable[Sequence[AddrInfoType]]]
"""Host and port to what `getaddrinfo` would say."""
CONNECT_SHARE: Final = 0.5
"""Connecting may take half of the call time-out, so that a dead host shows as *never sent* and not as *unknown*."""
KEEP_ALIVE_SECONDS: Final = 4.0
"""Shorter than the usual 5 s of servers: a create on a connection that the server just closed would have an unknown outcome."""
IDLE_PER_ORIGIN_MAX: Final = 128
NEXT_ADDRESS_SECONDS: Final = 0.25
"""So long one address of a host is waited for before the next is tried beside it (RFC 8305)."""
CLOSE_SECONDS: Final = 2.0
REPEATABLE: Final = frozenset({"GET", "OPTIONS"})


class HttpTransport:
    """One connection pool for all outside calls of a process. Use as an asynchronous context manager.

    Certificates are verified; redirects, cookies and proxies do not exist here. One repeat does: a GET on a connection that had lain idle, and that
    ended before a single byte of an answer, is sent once more on a fresh one, as RFC 9110 (9.2.2) allows. Nothing that changes anything is repeated.
    """

    def __init__(self, *, call_timeout_seconds: float, tls: ssl.SSLContext | None = None, look_up: LookUp | None = None) -> None:
        """`tls`: whom to trust instead of the platform's authorities. `look_up`: where a host is, instead of the platform's resolver."""
        self._call_timeout_seconds = call_timeout_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tls = tls
        self._look_up = look_up
        self._idle: dict[Origin, deque[Connection]] = defaultdict(deque)
        self._open: set[Connection] = set()
        self._closed = asyncio.Event()
        self._reaping: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._reaping is not None:
            self._reaping.cancel()
        self._loop = None
        for connection in list(self._open):
            connection.close()
        if self._open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._closed.wait()

    async def send(self, request: Request) -> Response:
        """Send once, with the call time-out over everything from connecting to the last byte of the answer."""
        assert self._loop is not None, "use the transport inside `async with`"
        origin, wire = written(request)
        deadline = self._loop.time() + self._call_timeout_seconds
        idle = self._take_idle(origin)
        if idle is not None:
            try:
                return await self._ask(origin, idle, wire, deadline)
            except LostUnanswered:
                if request.method not in REPEATABLE:
                    raise
        fresh = await self._connected(origin, deadline)
        if not fresh.is_reusable:
            raise NeverSent("the connection was lost")
        return await self._ask(origin, fresh, wire, deadline)

    async def _ask(self, origin: Origin, connection: Connection, wire: bytes, deadline: float) -> Response:
        try:
            response = await connection.ask(wire, deadline=deadline)
        except BaseException:
            # Also for a caller who was cancelled: the late answer must not meet the next request.
            connection.close()
            raise
        self._put_idle(origin, connection)
        return response

    # --- the pool

    def _take_idle(self, origin: Origin) -> Connection | None:
        """The connection that was used last, if it is fresh enough to be trusted."""
        assert self._loop is not None
        waiting = self._idle[origin]
        while waiting:
            connection = waiting.pop()
            if connection.is_reusable:
                if self._loop.time() - connection.idle_since < KEEP_ALIVE_SECONDS:
                    return connection
                connection.close()
        return None

    def _put_idle(self, origin: Origin, connection: Connection) -> None:
        if not connection.is_reusable:
            return
        waiting = self._idle[origin]
        if self._loop is None or len(waiting) >= IDLE_PER_ORIGIN_MAX:
            connection.close()
            return
        connection.idle_since = self._loop.time()
        waiting.append(connection)
        if self._reaping is None:
            self._reaping = self._loop.call_later(KEEP_ALIVE_SECONDS, self._reap)

    def _reap(self) -> None:
        """Close what has lain idle too long."""
        assert self._loop is not None
        self._reaping = None
        now = self._loop.time()
        for origin, waiting in list(self._idle.items()):
            while waiting and now - waiting[0].idle_since >= KEEP_ALIVE_SECONDS:
                waiting.popleft().close()
            if not waiting:
                del self._idle[origin]
        if self._idle:
            oldest = min(waiting[0].idle_since for waiting in self._idle.values())
            self._reaping = self._loop.call_at(oldest + KEEP_ALIVE_SECONDS, self._reap)

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        if self._loop is None and not self._open:
            self._closed.set()

    # --- connecting: up to its end nothing of the request was sent

    async def _connected(self, origin: Origin, deadline: float) -> Connection:
        """A fresh connection. Raises `NeverSent`."""
        assert self._loop is not None
        until = min(deadline, self._loop.time() + self._call_timeout_seconds * CONNECT_SHARE)
        try:
            async with asyncio.timeout_at(until):
                return await self._connect(origin)
        except (OSError, ssl.SSLError, TimeoutError, ValueError, RuntimeError) as error:
            # The text of these errors can quote the address; only the kind goes on.
            raise NeverSent(type(error).__name__) from error

    async def _connect(self, origin: Origin) -> Connection:
        loop = self._loop
        assert loop is not None
        addresses = await self._addresses(loop, origin)
        reached = await aiohappyeyeballs.start_connection(addresses, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS, loop=loop)
        connection = Connection(loop, on_lost=self._lost)
        self._open.add(connection)
        try:
            reached.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.create_connection(
                lambda: connection,
                sock=reached,
                ssl=self._tls_context() if origin.is_tls else None,
                server_hostname=origin.name if origin.is_tls else None,
            )
        except BaseException:
            reached.close()
            self._lost(connection)
            raise
        return connection

    async def _addresses(self, loop: asyncio.AbstractEventLoop, origin: Origin) -> Sequence[AddrInfoType]:
        """Where the host is now, without what is never called. It is looked at here, and not when the address was typed: names change where they lead."""
        if self._look_up is not None:
            found = await self._look_up(origin.name, origin.port)
        else:
            flags = 0 if origin.is_address else socket.AI_ADDRCONFIG
            found = await loop.getaddrinfo(origin.name, origin.port, type=socket.SOCK_STREAM, flags=flags)
        allowed = [each for each in found if not is_machine_room(str(each[4][0]))]
        if not allowed and found:
            raise NeverSent("an address at which only a machine's own services answer")
        return allowed

    def _tls_context(self) -> ssl.SSLContext:
        """The platform's authorities, name and chain verified."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls
