"""The bookings of a day, however many there are on others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, CompoundSelect, Select, literal_column, select, text, type_coerce, union

from drempel.adapters.store.database import Database
from drempel.adapters.store.rows import RECORD_COLUMNS, record_of
from drempel.adapters.store.tables import bookings
from drempel.adapters.store.times import microseconds
from drempel.adapters.store.work import Work
from drempel.domain.access import BookingState
from drempel.engine.records import BookingView

__all__ = ["Days", "touching"]

_RECORD: Final = select(bookings.c.id, *(bookings.c[name] for name in RECORD_COLUMNS))

LONG: Final = timedelta(days=2)
"""Longer bookings are few and have an index of their own; so a day is a range of starts that begins this much earlier. Of `ix_bookings_long`."""
# Written out, as in the index: a database uses a partial index only for a condition that it can see to imply its own.
_IS_LONG: Final = text("bookings.ends_at - bookings.starts_at > 172800000000")


class Days:
    """Bookings by when they are."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def bookings_touching(self, source: str, *, begin: datetime, end: datetime, limit: int) -> list[BookingView]:
        """By start. Each of the three ways to touch the span is a range of an index."""
        ids = touching(source, begin, end).subquery()
        return await self._by_start(_RECORD.where(bookings.c.id.in_(select(ids.c.id))), limit)

    async def bookings_not_ready(self, *, state: BookingState, limit: int) -> list[BookingView]:
        """A range of an index that holds only the few which are not ready."""
        time = self._database.time
        # As an expression: SQLite, which knows no figures, would take the index of all states.
        is_state = bookings.c.state.concat("") == state.value
        wanted = _RECORD.where(bookings.c.not_ready != text("''"), bookings.c.ends_at > time.sql, is_state)
        return await self._by_start(wanted, limit, time.params())

    async def _by_start(self, wanted: Select[Any], limit: int, params: Mapping[str, Any] | None = None) -> list[BookingView]:
        ordered = wanted.order_by(bookings.c.starts_at, bookings.c.id).limit(limit)
        async with self._database.snapshot() as connection:
            found = (await connection.execute(ordered, params)).all()
            sets = await self._work.sets_of(connection, [row.id for row in found])
        return [BookingView(record=record_of(row), sets=sets.get(row.id, ())) for row in found]


def touching(source: str, begin: datetime, end: datetime) -> CompoundSelect[tuple[int]]:
    """The keys of what touches the span."""
    return union(_starting_near(source, begin, end), _long(source, begin, end), _live(source, begin, end))


def _of(source: str) -> Select[tuple[int]]:
    return select(bookings.c.id).where(bookings.c.source == source)


def _starting_near(source: str, begin: datetime, end: datetime) -> Select[tuple[int]]:
    starts = bookings.c.starts_at
    return _of(source).where(starts >= begin - LONG, starts < end, bookings.c.ends_at > begin)


def _long(source: str, begin: datetime, end: datetime) -> Select[tuple[int]]:
    # By the end alone: SQLite, which knows no figures, would take the index of all starts.
    starts_at = type_coerce(bookings.c.starts_at, BigInteger) + literal_column("0", BigInteger)
    return _of(source).where(_IS_LONG, bookings.c.ends_at > begin, starts_at < microseconds(end))


def _live(source: str, begin: datetime, end: datetime) -> Select[tuple[int]]:
    """Also what was moved to another day, as long as its old access opens doors."""
    live_from = bookings.c.live_from
    return _of(source).where(live_from.is_not(None), live_from < end, bookings.c.live_to > begin)
