"""What the last poll showed, row by row. Of an erased booking only that it was there: a hash of its row would be kept of it after all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import and_, bindparam, case, delete, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import bookings, poll_rows
from drempel.adapters.store.work_statements import parts
from drempel.engine.ports import NOT_FOUND

__all__ = ["forget_rows", "put_rows", "rows_of"]

ONLY_THERE: Final = ""
"""In place of the hash."""
_forget_row: Final = delete(poll_rows).where(
    poll_rows.c.source == bindparam("of_source"), poll_rows.c.booking_id == bindparam("gone")
)
_was_missing: Final = and_(
    bookings.c.source == poll_rows.c.source,
    bookings.c.booking_id == poll_rows.c.booking_id,
    bookings.c.erased_at.is_(None),
    # What could not be read for another reason has its own time for the next try.
    or_(
        bookings.c.gone_confirmed,
        and_(bookings.c.status.is_(None), bookings.c.done_at.is_not(None), bookings.c.failure_code.is_(None)),
    ),
)
_rows: Final = select(
    poll_rows.c.booking_id,
    case((exists().where(_was_missing), literal(NOT_FOUND)), else_=poll_rows.c.row_hash).label("row_hash"),
).where(poll_rows.c.source == bindparam("of_source"))


async def rows_of(connection: AsyncConnection, source: str) -> dict[str, str]:
    """Booking id → hash of its row, empty for one that is erased, `NOT_FOUND` for one that was not there when it was read last: where the poll
    shows that it is there after all, it is to be read again. One that is erased no more counts as never seen.
    """
    found = await connection.execute(_rows, {"of_source": source})
    rows = {row.booking_id: row.row_hash for row in found}
    only_there = {booking_id for booking_id, row in rows.items() if row == ONLY_THERE}
    for booking_id in only_there - await _erased(connection, source, only_there):
        del rows[booking_id]
    return rows


async def put_rows(
    database: Database, connection: AsyncConnection, source: str, before: Mapping[str, str], rows: Mapping[str, str]
) -> None:
    """Write those that are new or changed since `before`."""
    changed = {
        booking_id: row
        for booking_id, row in sorted(rows.items())
        if before.get(booking_id) != row and before.get(booking_id) != ONLY_THERE
    }
    if not changed:
        return
    erased = await _erased(connection, source, changed)
    put = database.insert(poll_rows)
    put = put.on_conflict_do_update(index_elements=["source", "booking_id"], set_={"row_hash": put.excluded.row_hash})
    written = [
        {"source": source, "booking_id": booking_id, "row_hash": ONLY_THERE if booking_id in erased else row}
        for booking_id, row in changed.items()
    ]
    await connection.execute(put, written)


async def forget_rows(connection: AsyncConnection, source: str, booking_ids: Sequence[str]) -> None:
    """They are in the poll no more."""
    if booking_ids:
        await connection.execute(_forget_row, [{"of_source": source, "gone": booking_id} for booking_id in booking_ids])


async def _erased(connection: AsyncConnection, source: str, booking_ids: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in parts(booking_ids):
        erased = select(bookings.c.booking_id).where(
            bookings.c.source == source, bookings.c.booking_id.in_(some), bookings.c.erased_at.is_not(None)
        )
        found |= set((await connection.execute(erased)).scalars())
    return found
