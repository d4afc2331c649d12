"""Two engines on one database: one that writes, and one that reads.

SQLite lets one writer in at a time; with one connection the waiting happens here, in order, and not in a lock with a time-out. On PostgreSQL one more
connection takes the hints; few writers are what lets commits be shared. Readers never wait for them on either.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from drempel.adapters.store.at_once import at_once_of, teach_at_once
from drempel.adapters.store.times import StoreTime
from drempel.engine.ports import Clock

__all__ = ["Database", "open_database"]

T = TypeVar("T")

BUSY_TIMEOUT: Final = timedelta(seconds=10)
CONNECT_TIMEOUT: Final = timedelta(seconds=10)
COMMAND_TIMEOUT: Final = timedelta(seconds=30)
IDLE_IN_TRANSACTION: Final = timedelta(seconds=15)
"""A process that froze with a transaction open holds its row locks no longer than this."""
READERS: Final = 4
WRITERS: Final = 3
"""On PostgreSQL: one for hints, two for everything else that is written (`Work`)."""


class Database:
    """A database in use: engines, time, dialect."""

    def __init__(self, *, url: URL, writer: AsyncEngine, reader: AsyncEngine, time: StoreTime) -> None:
        self.url = url
        self.writer = writer
        self.time = time
        self.is_postgresql = url.get_backend_name() == "postgresql"
        self.writer_connects = 0
        """How often a writer had to connect: what was on the other side may have changed since."""
        self.writer_autocommit = writer.execution_options(isolation_level="AUTOCOMMIT") if self.is_postgresql else writer
        """On PostgreSQL each statement is a transaction, and takes no more than one round trip."""
        self._reader = reader
        self._snapshots = reader.execution_options(isolation_level="REPEATABLE READ") if self.is_postgresql else reader

        @event.listens_for(writer.sync_engine, "connect")
        def count(_connection: Any, _record: Any) -> None:
            self.writer_connects += 1

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that knows ON CONFLICT; both dialects spell it alike."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """For one read, or several that need not agree with each other."""
        async with self._reader.connect() as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """For several reads of one and the same moment."""
        async with self._snapshots.connect() as connection:
            if not self.is_postgresql:
                await connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                await connection.rollback()

    async def at_once(self, connection: AsyncConnection, work: Callable[[Connection], T]) -> T:
        """Short statements by key, one after the other; on SQLite in this thread. What may take long has no place in it."""
        if self.is_postgresql:
            return await connection.run_sync(work)

        def carry_out(on: Connection) -> T:
            below = at_once_of(on)
            below.at_once = True
            try:
                return work(on)
            finally:
                below.at_once = False

        return await connection.run_sync(carry_out)

    @contextlib.contextmanager
    def unhurried(self, on: Connection) -> Iterator[None]:
        """Within `at_once`: what may take longer after all, and goes to SQLite's thread as usual."""
        if self.is_postgresql:
            yield
            return
        below = at_once_of(on)
        below.at_once = False
        try:
            yield
        finally:
            below.at_once = True

    async def glance(self, work: Callable[[Connection], T]) -> T:
        """A read of a few rows by key, `at_once`."""
        async with self._reader.connect() as connection:
            return await self.at_once(connection, work)

    async def cut_journal(self) -> bool:
        """SQLite: bring everything into the file and empty the journal, which still has what the file no longer has. False: somebody is
        reading or writing just now, so it was not done. PostgreSQL sees to its own.
        """
        if self.is_postgresql:
            return True
        async with self.reading() as connection:
            # Not to be waited for: a writer would wait with it.
            await connection.exec_driver_sql("PRAGMA busy_timeout=0")
            try:
                found = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).first()
            finally:
                await connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT // timedelta(milliseconds=1)}")
        return found is not None and found[0] == 0

    async def close(self) -> None:
        await self.writer.dispose()
        await self._reader.dispose()


def open_database(
    url: str,
    *,
    clock: Clock,
    database_now: bool | None,
    synchronous: str = "FULL",
    sqlite_connect: Callable[..., Any] | None = None,
) -> Database:
    """Make the engines; nothing is connected yet. Raises `ValueError` with a sentence for an address that cannot be used.

    `database_now` None means: the database's clock where it has one. `synchronous` is SQLite's: OFF only where a lost database is no loss.
    `sqlite_connect` opens SQLite's connections in another way than aiosqlite does.
    """
    parsed = _parsed(url)
    is_postgresql = parsed.get_backend_name() == "postgresql"
    use_database_clock = is_postgresql if database_now is None else database_now
    if use_database_clock and not is_postgresql:
        raise ValueError("SQLite has no clock of its own. Leave database_now out.")
    time = StoreTime(clock, database_now=use_database_clock)
    if is_postgresql:
        return Database(url=parsed, writer=_postgresql(parsed, writes=True), reader=_postgresql(parsed, writes=False), time=time)
    writer = _sqlite(parsed, writes=True, synchronous=synchronous, connect=sqlite_connect)
    reader = _sqlite(parsed, writes=False, synchronous=synchronous, connect=sqlite_connect)
    return Database(url=parsed, writer=writer, reader=reader, time=time)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(
            "DATABASE_URL is not an address. Write postgresql://user:password@host/name, or sqlite:///path."
        ) from None
    match parsed.get_backend_name():
        case "postgresql" | "postgres":
            # asyncpg calls it `ssl` and knows the same words.
            query = {("ssl" if key == "sslmode" else key): value for key, value in parsed.query.items()}
            return parsed.set(drivername="postgresql+asyncpg", query=query)
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("A database in memory would be forgotten. Write sqlite:///path of a file.")
            return parsed.set(drivername="sqlite+aiosqlite")
        case other:
            raise ValueError(
                f"Drempel keeps its record in SQLite or PostgreSQL, not in {other}. Write postgresql://… or sqlite:///path."
            )


def _postgresql(url: URL, *, writes: bool) -> AsyncEngine:
    settings = {
        "application_name": "drempel",
        "jit": "off",
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION // timedelta(milliseconds=1)),
    }
    if writes:
        # Every statement of the writer has its index. A table that nobody has analyzed yet must not be read as a whole for each claim.
        settings["enable_seqscan"] = "off"
        # A bitmap reads the old versions of rows again at each claim; a plain index scan marks them as dead.
        settings["enable_bitmapscan"] = "off"
    connect: dict[str, Any] = {
        "server_settings": settings,
        "timeout": CONNECT_TIMEOUT.total_seconds(),
        "command_timeout": COMMAND_TIMEOUT.total_seconds(),
    }
    if writes:
        return create_async_engine(
            url, connect_args=connect, pool_size=WRITERS, max_overflow=0, pool_reset_on_return=None, hide_parameters=True
        )
    return create_async_engine(
        url,
        connect_args=connect,
        pool_size=READERS,
        max_overflow=READERS,
        pool_pre_ping=True,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )


def _sqlite(url: URL, *, writes: bool, synchronous: str, connect: Callable[..., Any] | None) -> AsyncEngine:
    # isolation_level None: the driver begins nothing by itself. Left alone it begins late, and then as a reader that may fail to become a writer.
    options: dict[str, Any] = {"isolation_level": None, "timeout": BUSY_TIMEOUT.total_seconds()}
    if connect is not None:
        options["async_creator_fn"] = connect
    if writes:
        engine = create_async_engine(
            url, connect_args=options, pool_size=1, max_overflow=0, pool_reset_on_return=None, hide_parameters=True
        )
    else:
        engine = create_async_engine(url, connect_args=options, pool_size=READERS, max_overflow=READERS, hide_parameters=True)

    teach_at_once(engine, busy_timeout=BUSY_TIMEOUT)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        # What is deleted or replaced is overwritten in the file, so that erased means erased.
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if writes:

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Connection) -> None:
            if not at_once_of(connection).became_writer():
                connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
