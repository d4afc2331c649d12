"""What a process that died left leased, taken over at once by the next one on the same SQLite file."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, and_, func, literal_column, null, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import bookings, sets
from drempel.adapters.store.times import span
from drempel.adapters.store.work import Work

__all__ = ["Takeover"]


class Takeover:
    """Ends leases before their time. Only for who is certainly alone: the one that holds the lock of the SQLite file."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def end_leases(self, *, call_timeout: timedelta) -> int:
        """End every lease; how many there were.

        A create that the dead process may have sent is looked for one call time-out from now: so long its request may still be under way.
        """
        now = self._database.time.sql
        params = self._database.time.params()

        async def carry_out(connection: AsyncConnection) -> int:
            ended = (
                update(bookings)
                .where(bookings.c.leased_until.is_not(None))
                .values(leased_until=null(), token=bookings.c.token + literal_column("1", BigInteger))
                .returning(bookings.c.id)
            )
            count = len((await connection.execute(ended)).all())
            soon = now + span(call_timeout)
            sent = and_(sets.c.maybe_sent, sets.c.look_at > soon)
            await connection.execute(update(sets).where(sent).values(look_at=func.min(sets.c.look_at, soon)), params)
            return count

        count: int = await self._work.alone(carry_out, wakes=True)
        return count
