"""Serves a simulator over real HTTP, in our own event loop, and cuts connections when its script says so."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from drempel.transport.in_process import AnswerLost, AsgiApp, NotReached

__all__ = ["SimulatorServer"]

CUT: Final = "drempel.cut"
BACKLOG: Final = 1024
GRACE_SECONDS: Final = 1


class SimulatorServer:
    """One application on one address. `port = 0` takes a free port; `stop` and `start` again keep it.

    While it is stopped, connections are really refused: that is the difference from the fault `refuse`, which can only cut.
    """

    def __init__(self, app: AsgiApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self.host = host
        self.port = port
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises `OSError` if the address is taken."""
        assert self._serving is None, "the server runs already"
        listening = socket.create_server((self.host, self.port), backlog=BACKLOG)
        listening.setblocking(False)
        self.port = listening.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                _CuttableApp(self._app),
                http=_CuttableProtocol,
                ws="none",
                loop="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]), name=f"simulator on {self.url}")
        await self._server.listening.wait()

    async def stop(self) -> None:
        """Close every connection and free the port. Stopping twice is harmless."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        serving, self._serving, self._server = self._serving, None, None
        await serving

    async def wait_closed(self) -> None:
        """Return when the server ends, for a command that only serves."""
        if self._serving is not None:
            await asyncio.wait([self._serving])

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process: signals belong to whoever runs the event loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


class _CuttableProtocol(HttpToolsProtocol):
    """Hands the application a way to abort the socket: the caller sees a broken connection and no byte of an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["extensions"] = {CUT: self._cut}

    def _cut(self) -> None:
        transport: Any = self.transport  # asyncio's or uvloop's: they share no base class
        transport.abort()


class _CuttableApp:
    """Turns `AnswerLost` and `NotReached` into a cut."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._app(scope, receive, send)
        except (AnswerLost, NotReached):
            scope["extensions"][CUT]()
            while (await receive())["type"] != "http.disconnect":
                pass
