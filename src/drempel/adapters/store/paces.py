"""The pace of each throttle, in one row that every process shares. How it changes is pure code; here it is read, locked and written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import pauses
from drempel.adapters.store.times import MICROSECOND, SET_BACK
from drempel.adapters.store.work import Work
from drempel.engine.pace import Pace, Places

__all__ = ["Paces"]


class Paces:
    """Paces are rows among the pauses, so that the one read of why calls wait tells of both."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work

    async def slow_down(self, key: str, *, code: str, detail: str, retry_after: timedelta, well_lately: int) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            now = await self._time.read(connection)
            first = Pace.after_first_refusal(now, retry_after=retry_after, well_lately=well_lately)
            fresh = self._database.insert(pauses).values(key=key, code=code, detail=detail, since=now, **_values(first))
            added = await connection.execute(fresh.on_conflict_do_nothing().returning(pauses.c.key))
            if added.first() is None and (row := await self._locked(connection, key)) is not None:
                # The time after the lock: another process may have held it for a moment.
                now = await self._time.read(connection)
                slower = _pace(row).refused(now, retry_after=retry_after, well_lately=well_lately)
                await connection.execute(update(pauses).where(pauses.c.key == key).values(since=now, **_values(slower)))

        await self._work.alone(carry_out)

    async def take_places(self, key: str, *, count: int, went_well: int) -> Places | None:
        async def carry_out(connection: AsyncConnection) -> Places | None:
            row = await self._locked(connection, key)
            if row is None:
                return None
            now = await self._time.read(connection)
            taken = _pace(row).taken(now, count=count, went_well=went_well)
            if taken is None:
                await connection.execute(delete(pauses).where(pauses.c.key == key))
                return None
            left, places = taken
            # By whose clock the places are told shows in `since`: one that was ahead is found out by it.
            await connection.execute(update(pauses).where(pauses.c.key == key).values(since=now, **_values(left)))
            return places

        return await self._work.alone(carry_out)

    async def _locked(self, connection: AsyncConnection, key: str) -> Row[Any] | None:
        row = (await connection.execute(select(pauses).where(pauses.c.key == key).with_for_update())).first()
        if row is not None and max(row.since, row.slowed_at) > await self._time.read(connection) + SET_BACK:
            # Written by a clock that has been set back since: nobody waits hours for such a place, or goes as slowly as that for hours.
            await connection.execute(delete(pauses).where(pauses.c.key == key))
            return None
        return row


def _pace(row: Row[Any]) -> Pace:
    return Pace(apart=row.apart * MICROSECOND, next_at=row.probe_at, slowed_at=row.slowed_at, steady_until=row.steady_until)


def _values(pace: Pace) -> dict[str, Any]:
    return {
        "apart": pace.apart // MICROSECOND,
        "probe_at": pace.next_at,
        "slowed_at": pace.slowed_at,
        "steady_until": pace.steady_until,
    }
