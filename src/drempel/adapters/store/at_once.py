"""Short statements on SQLite without a hop to another thread and back.

aiosqlite hands each step of each statement (cursor, execution, rows, close) to a thread: right for what may take long, and dear for statements of
some microseconds, which is what claims, hints and commits consist of. On a connection that knows how to be used *at once* they are carried out where
they are asked for; only what waits for the disk, the commit with its flush, goes to the thread. `docs/decisions/0017` has the figures.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Connection, event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["AtOnce", "at_once_of", "teach_at_once"]


class AtOnce(AsyncAdapt_aiosqlite_connection):
    """A connection whose statements are carried out by its thread, or `at_once`."""

    __slots__ = ("at_once", "busy_timeout")

    def __init__(self, dbapi: Any, connection: Any, *, busy_timeout: timedelta) -> None:
        super().__init__(dbapi, connection)
        self.at_once = False
        self.busy_timeout = busy_timeout

    def cursor(self, server_side: bool = False) -> Any:  # noqa: FBT001, FBT002  # SQLAlchemy's signature
        return self._driver.cursor() if self.at_once else super().cursor(server_side)

    def became_writer(self) -> bool:
        """Try to become the one writer of the file without waiting. False: somebody else writes, or something is wrong; ask in the usual way."""
        try:
            driver = self._driver
            driver.execute("PRAGMA busy_timeout=0")
            try:
                driver.execute("BEGIN IMMEDIATE")
            finally:
                driver.execute(f"PRAGMA busy_timeout={self.busy_timeout // timedelta(milliseconds=1)}")
        except sqlite3.Error:
            return False
        return True

    def rollback(self) -> None:
        # Asked after each read as well, when there is nothing to roll back.
        if self._connection._connection is None or self._driver.in_transaction:  # noqa: SLF001  # as `_driver`
            super().rollback()

    @property
    def _driver(self) -> sqlite3.Connection:
        # SQLAlchemy reaches for it in the same way. It is opened for use by any thread, and never used by two at the same time.
        try:
            return cast("sqlite3.Connection", self._connection._conn)  # noqa: SLF001
        except ValueError as error:  # what aiosqlite says of a connection that was closed
            raise sqlite3.OperationalError("no active connection") from error


def teach_at_once(engine: AsyncEngine, *, busy_timeout: timedelta) -> None:
    """Let each connection of this engine be one that can be used at once."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> AtOnce:
        plain = dialect.dbapi.connect(*arguments, **options)
        return AtOnce(dialect.dbapi, plain.driver_connection, busy_timeout=busy_timeout)


def at_once_of(connection: Connection) -> AtOnce:
    """The connection below one of such an engine."""
    below: object = connection.connection.dbapi_connection
    assert isinstance(below, AtOnce)
    return below
