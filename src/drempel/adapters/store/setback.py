"""What a clock that was ahead has left behind, once it is set right (`docs/decisions/0025`)."""

from __future__ import annotations

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.due import due_where
from drempel.adapters.store.tables import bookings, chores, pauses, sources
from drempel.adapters.store.times import SET_BACK, span
from drempel.adapters.store.work import Work

__all__ = ["SetBack"]


class SetBack:
    """Finds moments that cannot be."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work

    async def forget_the_future(self) -> int:
        """See the port."""
        now = self._time.sql
        later = now + span(SET_BACK)
        # Source by source, as the index has it.
        done_later = and_(bookings.c.source.in_(select(sources.c.name)), bookings.c.done_at > later)
        hinted_later = and_(bookings.c.hinted, bookings.c.next_at > later, bookings.c.failure_code.is_(None))
        seen = (done_later, pauses.c.since > later, chores.c.taken_at > later)
        async with self._database.reading() as connection:
            asked = select(or_(*(exists().where(each) for each in seen)))
            if not (await connection.execute(asked, self._time.params())).scalar_one():
                return 0

        async def carry_out(connection: AsyncConnection) -> int:
            for written in (
                update(pauses).where(pauses.c.since > later).values(since=now, probe_at=now),
                update(chores).where(chores.c.taken_at > later).values(taken_at=now),
            ):
                await connection.execute(written, self._time.params())
            woken = due_where(or_(done_later, hinted_later), now).returning(bookings.c.id)
            return len((await connection.execute(woken, self._time.params())).all())

        return await self._work.alone(carry_out, wakes=True)
