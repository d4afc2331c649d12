"""SQLite without a thread: each statement is done before its await returns. The world is quicker by it, and the same each time it is played.

The product gives SQLite a thread of its own, so that a slow disk holds nobody up; in the world there is no disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

__all__ = ["Disk", "connect_inline"]


@dataclass(slots=True)
class Disk:
    """What is below a database. `failing`: so many of the next commits fail; `keeps`: they are written nevertheless, and only say that they failed."""

    failing: int = 0
    keeps: bool = False

    def take(self) -> bool:
        """Whether this commit fails."""
        fails = self.failing > 0
        self.failing = max(0, self.failing - 1)
        return fails


def connect_inline(path: Path, disk: Disk | None = None) -> Callable[..., Any]:
    """What SQLAlchemy asks for a connection: given to the engine in the place of aiosqlite's."""
    below = disk or Disk()

    async def connect(*_arguments: Any, **options: Any) -> InlineConnection:
        return InlineConnection(sqlite3.connect(path, isolation_level=None, timeout=options.get("timeout", 5.0)), below)

    return connect


class InlineCursor:
    """A cursor as aiosqlite shows it."""

    def __init__(self, inner: sqlite3.Cursor) -> None:
        self._inner = inner

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._inner.description

    @property
    def rowcount(self) -> int:
        return self._inner.rowcount

    @property
    def lastrowid(self) -> Any:
        return self._inner.lastrowid

    async def execute(self, operation: str, parameters: Any = ()) -> None:
        self._inner.execute(operation, parameters)

    async def executemany(self, operation: str, parameters: Any) -> None:
        self._inner.executemany(operation, parameters)

    async def fetchall(self) -> list[Any]:
        return self._inner.fetchall()

    async def close(self) -> None:
        self._inner.close()


class InlineConnection:
    """A connection as aiosqlite shows it, with the two inner names that SQLAlchemy's dialect uses."""

    def __init__(self, inner: sqlite3.Connection, disk: Disk) -> None:
        self._disk = disk
        self._conn = self._connection = inner
        self._tx = self

    def put_nowait(self, item: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        """What aiosqlite would put into its thread's queue is done at once."""
        future, work = item
        future.set_result(work())

    @property
    def isolation_level(self) -> str | None:
        return self._conn.isolation_level

    def cursor(self) -> InlineCursor:
        return InlineCursor(self._conn.cursor())

    async def create_function(self, *arguments: Any, **options: Any) -> None:
        self._conn.create_function(*arguments, **options)

    async def commit(self) -> None:
        if self._conn.in_transaction and self._disk.take():
            if self._disk.keeps:
                self._conn.commit()
            raise sqlite3.OperationalError("database or disk is full")
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self._conn.close()

    def stop(self) -> None:
        self._conn.close()
