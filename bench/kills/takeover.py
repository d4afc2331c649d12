"""What a process had in hand when it died, and when somebody else took it up.

The store is looked at from outside: whoever is named in it as leased was in hand. On SQLite a copy of the file is read, because looking into the
file itself would already mend what the dead process left.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import asyncpg

from bench.club import Club

__all__ = ["Hand", "Leases", "PostgresLeases", "SqliteLeases"]

LOOK_SECONDS = 0.02
LOOK_AT_CALLS_SECONDS = 0.1
"""The calls have their times written beside them: looking later makes no figure worse."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The bookings that were in hand at a kill, with the fence that each was held by."""

    at: float
    tokens: dict[str, int]
    done_at: dict[str, int | None] = field(default_factory=dict)
    """When each was last completed, where the store says it."""


class Leases(Protocol):
    """A store's leases, seen from outside."""

    async def in_hand(self, killed_at: float) -> Hand:
        """What is leased, right after a kill."""
        ...

    async def taken(self, hand: Hand) -> float | None:
        """Return when another process has taken up the first of these: the seconds since the kill. None if the dead had none of them."""
        ...


class SqliteLeases:
    """On one file only one process works; the next one's first read of such a booking shows that it has taken it up."""

    def __init__(self, file: Path, club: Club) -> None:
        self._file = file
        self._club = club

    async def in_hand(self, killed_at: float) -> Hand:
        return Hand(killed_at, await asyncio.to_thread(self._leased))

    def _leased(self) -> dict[str, int]:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / self._file.name
            for suffix in ("", "-wal"):
                if (part := Path(f"{self._file}{suffix}")).exists():
                    shutil.copy(part, f"{copy}{suffix}")
            database = sqlite3.connect(copy)
            try:
                return dict(database.execute("SELECT booking_id, token FROM bookings WHERE leased_until IS NOT NULL").fetchall())
            finally:
                database.close()

    async def taken(self, hand: Hand) -> float | None:
        while True:
            # What the dead process had sent is still being answered for a moment; a new process needs longer than that to start.
            calls = self._club.ireserve.calls.of("read_booking")[-2000:]
            after = [
                call.at.timestamp() - hand.at
                for call in calls
                if call.path.rpartition("/")[2] in hand.tokens and call.at > datetime.fromtimestamp(hand.at + 0.1, UTC)
            ]
            if after:
                return after[0]
            await asyncio.sleep(LOOK_AT_CALLS_SECONDS)


class PostgresLeases:
    """Whoever claims a booking raises its token; a booking that was completed under its old token was not taken over."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def in_hand(self, killed_at: float) -> Hand:
        rows = await self._connection.fetch("SELECT booking_id, token, done_at FROM bookings WHERE leased_until IS NOT NULL")
        tokens = {row["booking_id"]: row["token"] for row in rows}
        return Hand(killed_at, tokens, {row["booking_id"]: row["done_at"] for row in rows})

    async def taken(self, hand: Hand) -> float | None:
        waiting = dict(hand.tokens)
        while waiting:
            rows = await self._connection.fetch(
                "SELECT booking_id, token, leased_until, done_at FROM bookings WHERE booking_id = ANY($1::text[])", list(waiting)
            )
            for row in rows:
                if row["leased_until"] is None or row["done_at"] != hand.done_at[row["booking_id"]]:
                    # A survivor held it, and is done.
                    del waiting[row["booking_id"]]
                elif row["token"] != waiting[row["booking_id"]]:
                    return time.time() - hand.at
            await asyncio.sleep(LOOK_SECONDS)
        return None

    async def workers_at_work(self) -> int:
        """How many workers are there: each listens to what others make due."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'drempel listening' AND datname = current_database()"
        )
        return count
