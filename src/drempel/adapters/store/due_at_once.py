"""Bookings made due by one statement that is a transaction of its own: on PostgreSQL a hint costs one round trip.

Each round trip waits for its turn in an event loop that is busy with outside calls; the six of a shared transaction were most of what a hint waited
for (`docs/decisions/0030`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, Executable, Text, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.operations import Due, Operation
from drempel.adapters.store.tables import bookings
from drempel.adapters.store.wakes import CHANNEL
from drempel.adapters.store.work_statements import due_again, due_fresh

__all__ = ["DueAtOnce"]


class DueAtOnce:
    """Carries dues out, on a connection that commits by itself. Done twice they do no harm: a booking is due once more."""

    def __init__(self, database: Database) -> None:
        self._time = database.time
        self._statements = {hinted: _make_due_and_tell(database, hinted=hinted) for hinted in (True, False)}

    async def apply(self, connection: AsyncConnection, operations: Sequence[Operation]) -> Sequence[object]:
        """An answer for each, which is None."""
        for hinted, statement in self._statements.items():
            names = Counter(
                (due.source, booking_id)
                for due in operations
                if isinstance(due, Due) and due.hinted is hinted
                for booking_id in due.booking_ids
            )
            if names:
                sources, booking_ids = zip(*names, strict=True)
                times = list(names.values())
                values = {"of_sources": list(sources), "of_bookings": list(booking_ids), "times": times, **self._time.params()}
                await connection.execute(statement, values)
        return [None] * len(operations)


def _make_due_and_tell(database: Database, *, hinted: bool) -> Executable:
    told = (
        func.unnest(
            bindparam("of_sources", type_=ARRAY(Text)),
            bindparam("of_bookings", type_=ARRAY(Text)),
            bindparam("times", type_=ARRAY(BigInteger)),
        )
        .table_valued("source", "booking_id", "times")
        .render_derived("told")
    )
    # Those that are there are locked in order of their keys, as every writer does it: nobody waits in a circle.
    held = (
        select(bookings.c.id)
        .join(told, (bookings.c.source == told.c.source) & (bookings.c.booking_id == told.c.booking_id))
        .order_by(bookings.c.id)
        .with_for_update(of=bookings)
        .cte("held")
        .prefix_with("MATERIALIZED")
    )
    now = database.time.sql
    fresh = due_fresh(now, hinted=hinted, times=told.c.times)
    rows = (
        select(told.c.source, told.c.booking_id, *fresh.values())
        # Always true; asked so that the locks are taken before anything is written.
        .where(select(func.count()).select_from(held).scalar_subquery() >= text("0"))
        .order_by(told.c.source, told.c.booking_id)
    )
    put = database.insert(bookings).from_select(["source", "booking_id", *fresh], rows)
    again = due_again(now, hinted=hinted, times=put.excluded.version)
    due = put.on_conflict_do_update(index_elements=["source", "booking_id"], set_=again).cte("due")
    return select(func.pg_notify(text(f"'{CHANNEL}'"), text("''"))).add_cte(due)
