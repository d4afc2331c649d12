"""What a clock that was ahead has left behind, once it is set right (`docs/decisions/0025`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.due import due_where
from drempel.adapters.store.tables import bookings, chores, pauses, sources
from drempel.adapters.store.times import SET_BACK, span
from drempel.adapters.store.work import Work

__all__ = ["SetBack"]

TRACED_EACH: Final = timedelta(minutes=2)
"""The slow loop takes a chore at least so often: what came after its last trace came within this time."""


class SetBack:
    """Finds moments that cannot be."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work

    async def forget_the_future(self) -> int:
        """See the port."""
        latest = await self._latest_trace()
        if latest is None:
            return 0
        now = self._time.sql
        later = now + span(SET_BACK)
        # Source by source, as the index has it.
        done_later = and_(bookings.c.source.in_(select(sources.c.name)), bookings.c.done_at > later)
        # A hint, or the slow loop, made it due at what was now then. A timer that happens to lie there only leads to a reading.
        due_then = and_(bookings.c.next_at > later, bookings.c.next_at <= latest + TRACED_EACH)

        async def carry_out(connection: AsyncConnection) -> int:
            for written in (
                update(pauses).where(pauses.c.since > later).values(since=now, probe_at=now),
                update(chores).where(chores.c.taken_at > later).values(taken_at=now),
            ):
                await connection.execute(written, self._time.params())
            woken = due_where(or_(done_later, due_then), now).returning(bookings.c.id)
            return len((await connection.execute(woken, self._time.params())).all())

        return await self._work.alone(carry_out, wakes=True)

    async def _latest_trace(self) -> datetime | None:
        """The latest moment that was written as *now* and lies in the future; None if there is none."""
        done = (
            select(func.max(bookings.c.done_at)).where(bookings.c.source == sources.c.name).correlate(sources).scalar_subquery()
        )
        async with self._database.reading() as connection:
            later = await self._time.read(connection) + SET_BACK
            found = [
                *(await connection.scalars(select(done).select_from(sources))).all(),
                *(await connection.scalars(select(func.max(pauses.c.since)))).all(),
                *(await connection.scalars(select(func.max(chores.c.taken_at)))).all(),
            ]
        return max((moment for moment in found if moment is not None and moment > later), default=None)
