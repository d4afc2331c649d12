"""A proxy on 127.0.0.1 in front of PostgreSQL that can cut what goes through it, in the middle of whatever it carries."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from bench.postgres import PostgreSQL

__all__ = ["Proxy"]

CHUNK = 65_536
COMMIT = b"COMMIT"
LEAVE_SECONDS = 0.02


class Proxy:
    """Carries bytes both ways until it is told to cut."""

    def __init__(self, socket_path: str) -> None:
        self._socket_path = socket_path
        self._port = 0
        self._connections: set[asyncio.Task[None]] = set()
        self._armed = False
        self.cuts = 0
        self.cut_after_commit = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, postgres: PostgreSQL) -> AsyncIterator[Proxy]:
        proxy = cls(postgres.socket_path)
        server = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        proxy._port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            await proxy.cut()

    def address_of(self, url: str) -> str:
        """The same database, through this proxy."""
        return f"postgresql://postgres@127.0.0.1:{self._port}{urlsplit(url).path}"

    async def cut(self) -> int:
        """Cut every connection, as a cable is cut: no word of farewell to either side. How many there were."""
        cut = list(self._connections)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        self.cuts += len(cut)
        return len(cut)

    def arm(self) -> None:
        """Cut the next connection that sends a COMMIT, once that is passed on: whether it was done, its sender cannot know."""
        self._armed = True

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self._socket_path)
        except OSError:
            writer.transport.abort()
            return
        try:
            ways = [asyncio.create_task(self._copy_in(reader, far_writer)), asyncio.create_task(_copy(far_reader, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
            # From here on nothing is carried back; what was written must only leave our own buffers.
            await asyncio.sleep(LEAVE_SECONDS)
        finally:
            writer.transport.abort()
            far_writer.transport.abort()

    async def _copy_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the connection ends, or is cut after its COMMIT."""
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
                if self._armed and COMMIT in data:
                    self._armed = False
                    self.cut_after_commit += 1
                    return


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
