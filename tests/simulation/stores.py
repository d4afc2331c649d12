"""The stores of worlds: SQLite in memory-backed files, opened again and again, so that statements are compiled once for each process."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from drempel.adapters.secrets import Keyring
from drempel.adapters.store import SqlStore
from drempel.adapters.store import open_store as open_sql_store
from drempel.adapters.store.database import Database, open_database
from drempel.adapters.store.tables import bookings
from drempel.adapters.store.times import StoreTime
from drempel.engine.limits import Limits
from tests.simulation.inline_sqlite import Disk, connect_inline

__all__ = ["fast_folder", "next_due", "open_again", "open_at", "open_sqlite", "settle_memory"]

LEASE = Limits().lease
NEXT_DUE: Final = select(func.min(bookings.c.next_at))


def settle_memory() -> None:
    """Worlds come and go whole: a quarter of the time would be spent on looking for what nobody needs any more."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def fast_folder() -> str | None:
    """Where files are kept in memory, if there is such a place."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Shelf:
    """What one process keeps from world to world: an empty database as a file, and the engines with their compiled statements."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._free: list[tuple[Path, Database, Disk]] = []

    @property
    def template(self) -> Path:
        """The empty database, once one was made."""
        assert self._folder is not None
        return self._folder / "template"

    async def open(self, clock: Any) -> SqlStore:
        """A store over an empty database."""
        keyring = Keyring("a secret key for tests only")
        folder = await self._made(keyring, clock)
        path, database, disk = self._free.pop() if self._free else _database(folder, clock)
        for left in folder.glob(f"{path.name}*"):
            left.unlink()
        shutil.copyfile(folder / "template", path)
        database.time = StoreTime(clock, database_now=False)
        store = ShelvedStore(database, keyring=keyring, clock=clock, lease=LEASE)
        store.shelf, store.disk = (self._free, path, database, disk), disk
        await store.open()
        return store

    async def _made(self, keyring: Keyring, clock: Any) -> Path:
        if self._folder is None or not self._folder.exists():
            self._folder = Path(tempfile.mkdtemp(prefix="drempel-world-", dir=fast_folder()))
            self._free = []
            url = f"sqlite:///{self._folder / 'template'}"
            store = await open_sql_store(url, keyring=keyring, clock=clock, lease=LEASE, synchronous="OFF")
            await store.close()
        return self._folder


class ShelvedStore(SqlStore):
    """A store whose engines go back to the shelf when it is closed."""

    shelf: tuple[list[tuple[Path, Database, Disk]], Path, Database, Disk]
    disk: Disk

    async def close(self) -> None:
        await super().close()
        free, path, database, disk = self.shelf
        free.append((path, database, disk))


def _database(folder: Path, clock: Any) -> tuple[Path, Database, Disk]:
    path = Path(tempfile.mktemp(prefix="world-", dir=folder))  # our own folder
    disk = Disk()
    connect = connect_inline(path, disk)
    database = open_database(f"sqlite:///{path}", clock=clock, database_now=None, synchronous="OFF", sqlite_connect=connect)
    return path, database, disk


_SHELF = Shelf()


async def open_at(path: Path, clock: Any) -> Any:
    """A fresh store in this file, for who wants to look at the file itself."""
    await (await _SHELF.open(clock)).close()
    shutil.copyfile(_SHELF.template, path)
    return await open_again(path, clock)


async def open_again(path: Path, clock: Any) -> Any:
    """The store in this file."""
    keyring = Keyring("a secret key for tests only")
    connect = connect_inline(path)
    return await open_sql_store(
        f"sqlite:///{path}", keyring=keyring, clock=clock, lease=LEASE, synchronous="OFF", sqlite_connect=connect
    )


async def open_sqlite(_path: Path, clock: Any) -> Any:
    """A fresh store."""
    return await _SHELF.open(clock)


async def next_due(store: Any) -> datetime | None:
    """When the first booking of any is due."""
    async with store._database.reading() as connection:
        found: datetime | None = (await connection.execute(NEXT_DUE)).scalar_one()
    return found
