"""What a process that died left leased, taken over at once by the next one on the same SQLite file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import BigInteger, literal_column, null, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import bookings
from drempel.adapters.store.work import Work
from drempel.engine.ports import Change

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

        async def carry_out(connection: AsyncConnection) -> int:
            ended = (
                update(bookings)
                .where(bookings.c.leased_until.is_not(None))
                .values(leased_until=null(), token=bookings.c.token + literal_column("1", BigInteger))
                .returning(bookings.c.id)
            )
            keys = [row.id for row in await connection.execute(ended)]
            soon = await self._database.time.read(connection) + call_timeout
            for key, sets in (await self._work.sets_of(connection, keys)).items():
                sooner = [replace(s, look_at=soon) for s in sets if s.unsettled and s.look_at is not None and s.look_at > soon]
                if sooner:
                    await self._work.put_change(connection, key, Change(sets=sooner))
            return len(keys)

        count: int = await self._work.alone(carry_out, wakes=True)
        return count
