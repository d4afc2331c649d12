"""Many bookings that wait for their time, put straight into the tables: copies of one that Drempel itself gave access to, over the coming weeks."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

__all__ = ["database_bytes", "fill"]

WEEKS_SECONDS = 60 * 24 * 3600
"""They start within so long after the copied one."""
STEP = 7919
"""A prime: so the copies lie in another order by time than by key."""
MOVED = ("starts_at", "ends_at", "next_at", "live_from", "live_to")
FILL_SECONDS = 300.0


async def fill(url: str, *, first: int, last: int, history: bool) -> None:
    """Bookings `w<first>` to `w<last>`; with `history` each has the copied one's events too, else none."""
    if url.startswith("sqlite:///"):
        await asyncio.to_thread(_fill_sqlite, Path(url.removeprefix("sqlite:///")), first, last, history)
        return
    connection = await asyncpg.connect(url)
    try:
        columns = {
            table: [
                row["column_name"]
                for row in await connection.fetch(
                    "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1",
                    table,
                )
            ]
            for table in ("bookings", "sets")
        }
        # Indexes are made anew afterwards: a million entries one by one, in no order, would take minutes.
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('bookings', 'sets', 'events') AND indexname LIKE 'ix_%'"
        )
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['indexname']}")
        numbers = f"generate_series({first}::bigint, {last}::bigint) AS n(i)"
        for statement in _statements(columns, numbers, first, last, history=history):
            await connection.execute(statement, timeout=FILL_SECONDS)
        for index in indexes:
            await connection.execute(index["indexdef"], timeout=FILL_SECONDS)
        await connection.execute("VACUUM ANALYZE", timeout=FILL_SECONDS)
        await connection.execute("CHECKPOINT", timeout=FILL_SECONDS)
    finally:
        await connection.close()


def _fill_sqlite(path: Path, first: int, last: int, history: bool) -> None:  # noqa: FBT001
    connection = sqlite3.connect(path, timeout=60)
    try:
        columns = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in ("bookings", "sets")}
        numbers = f"(WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n) AS n"
        for statement in _statements(columns, numbers, first, last, history=history):
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _statements(columns: dict[str, list[str]], numbers: str, first: int, last: int, *, history: bool) -> Sequence[str]:
    kept = [name for name in columns["bookings"] if name not in {"id", "booking_id", "reread_at", *MOVED}]
    later = f"(n.i * {STEP} % {WEEKS_SECONDS}) * 1000000"
    moved = ", ".join(f"b.{name} + {later}" for name in MOVED)
    # Read again next year: the booking system of the bench knows none of the copies.
    next_year = "b.ends_at + 31536000000000"
    model = "(SELECT booking_key FROM sets WHERE state = 'live' ORDER BY booking_key LIMIT 1)"
    copies = f"b.booking_id LIKE 'w%' AND CAST(substr(b.booking_id, 2) AS BIGINT) BETWEEN {first} AND {last}"
    of_set = [
        name
        for name in columns["sets"]
        if name not in {"booking_key", "display_name", "authorization_id", "valid_from", "valid_to"}
    ]
    copied_set = ", ".join(f"s.{name}" for name in of_set)
    statements = [
        f"""INSERT INTO bookings (booking_id, reread_at, {", ".join(MOVED)}, {", ".join(kept)})
        SELECT 'w' || n.i, {next_year}, {moved}, {", ".join(f"b.{name}" for name in kept)}
        FROM bookings b, {numbers} WHERE b.id = {model}""",
        f"""INSERT INTO sets (booking_key, display_name, authorization_id, valid_from, valid_to, {", ".join(of_set)})
        SELECT b.id, replace(s.display_name, '-club-', '-club-' || b.booking_id || '-'),
        substr(s.authorization_id, 1, 24) || (100000000000 + b.id), b.live_from, b.live_to, {copied_set}
        FROM bookings b, sets s WHERE s.booking_key = {model} AND {copies}""",
    ]
    if history:
        statements.append(
            f"""INSERT INTO events (booking_key, at, type, data) SELECT b.id, e.at, e.type, e.data
            FROM bookings b, events e WHERE e.booking_key = {model} AND {copies} ORDER BY b.id"""
        )
    return statements


async def database_bytes(url: str) -> int:
    """Tables and indexes."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size  # noqa: ASYNC240  # one look
    connection: Any = await asyncpg.connect(url)
    try:
        size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
    finally:
        await connection.close()
    return size
