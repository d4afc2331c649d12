"""How workers learn at once that something is due. A net below it remains: workers also look each second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import Connection, text

from drempel.adapters.store.database import Database
from drempel.engine.ports import Clock

__all__ = ["CHANNEL", "Wakes"]

CHANNEL: Final = "drempel_wake"
RECONNECT_PAUSE: Final = timedelta(seconds=1)
CHECK_EACH: Final = timedelta(seconds=30)
_NOTIFY: Final = text(f"NOTIFY {CHANNEL}")


class Wakes:
    """Tells workers in this process by a call, and on PostgreSQL those elsewhere by NOTIFY."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._callbacks: list[Callable[[], None]] = []

    def on_wake(self, callback: Callable[[], None]) -> None:
        """Call this whenever a write of this process made something due, after its commit."""
        self._callbacks.append(callback)

    def tell_here(self) -> None:
        for callback in self._callbacks:
            callback()

    def tell_others(self, connection: Connection) -> None:
        """Within the transaction that makes something due; PostgreSQL delivers it once that is committed."""
        if self._database.is_postgresql:
            connection.execute(_NOTIFY)

    async def listen(self, callback: Callable[[], None]) -> None:
        """Call `callback` when any process made something due; until cancelled.

        On PostgreSQL this holds a connection of its own (LISTEN wants a direct one, no transaction pooler) and connects again when it is lost;
        what was missed meanwhile is covered by one call after each connect. On SQLite there is nothing to hear, and it returns at once: other
        processes there are commands of a moment, and the worker's own look each second finds what they did.
        """
        if not self._database.is_postgresql:
            return
        while True:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._listen_once(callback)
            await self._clock.sleep(RECONNECT_PAUSE.total_seconds())

    async def _listen_once(self, callback: Callable[[], None]) -> None:
        """Until the connection is lost."""

        def heard(*_details: Any) -> None:
            callback()

        _, arguments = self._database.writer.dialect.create_connect_args(self._database.url)
        connection = await asyncpg.connect(**arguments, timeout=10, server_settings={"application_name": "drempel listening"})
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, heard)
            callback()
            while not lost.is_set():
                # A connection that died without a word (a pulled plug) is noticed only by speaking.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), CHECK_EACH.total_seconds())
                    return
                await connection.execute("SELECT 1", timeout=10)
        finally:
            connection.terminate()
