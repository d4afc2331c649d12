"""Why calls wait, and the blast-radius brakes of sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, delete, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.due import due_where
from drempel.adapters.store.tables import bookings, brakes, pauses, sets, sources
from drempel.adapters.store.times import MICROSECOND, SET_BACK, span
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.domain.access import SetState
from drempel.engine.ports import GoneCount, Pause
from drempel.engine.records import Brake
from drempel.engine.trail import TrailEntry

__all__ = ["Pauses"]

BRAKE_TRIPPED: Final = "brake.tripped"
INSTANT_AFTER: Final = timedelta(microseconds=1)


class Pauses:
    """Pauses of credentials, sites and sources; brakes of sources."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work

    # --- pauses

    async def all(self) -> Mapping[str, Pause]:
        found = await self._database.glance(lambda on: on.execute(select(pauses)).all())
        return {
            row.key: Pause(
                key=row.key,
                code=row.code,
                detail=row.detail,
                since=row.since,
                probe_at=row.probe_at,
                apart=None if row.apart is None else row.apart * MICROSECOND,
            )
            for row in found
        }

    async def pause(self, key: str, *, code: str, detail: str, probe_at: datetime, since: datetime | None = None) -> bool:
        """Start or prolong: of two who say how long, the longer wins. True if it is new; it began now unless `since` says otherwise."""

        async def carry_out(connection: AsyncConnection) -> bool:
            began = self._time.sql if since is None else since
            fresh = self._database.insert(pauses).values(key=key, code=code, detail=detail, since=began, probe_at=probe_at)
            added = await connection.execute(fresh.on_conflict_do_nothing().returning(pauses.c.key), self._time.params())
            if added.first() is not None:
                return True
            changed = update(pauses).where(pauses.c.key == key).values(code=code, detail=detail)
            await connection.execute(changed)
            await connection.execute(changed.where(pauses.c.probe_at < probe_at).values(probe_at=probe_at))
            return False

        return await self._work.alone(carry_out)

    async def take_probe(self, key: str, *, next_probe_at: datetime) -> bool:
        async def carry_out(connection: AsyncConnection) -> bool:
            now = self._time.sql
            # Begun, or put off further than any probe ever is, by a clock that has been set back since.
            set_back = or_(pauses.c.since > now + span(SET_BACK), pauses.c.probe_at > next_probe_at + SET_BACK)
            is_due = or_(pauses.c.probe_at <= now, set_back)
            since = case((pauses.c.since > now, now), else_=pauses.c.since)
            due = update(pauses).where(pauses.c.key == key, is_due).values(probe_at=next_probe_at, since=since)
            taken = await connection.execute(due, self._time.params())
            return taken.rowcount == 1

        return await self._work.alone(carry_out)

    async def unpause(self, key: str) -> bool:
        async def carry_out(connection: AsyncConnection) -> bool:
            ended = (await connection.execute(delete(pauses).where(pauses.c.key == key))).rowcount == 1
            if ended:
                statement = due_where(bookings.c.waiting_for == key, self._time.sql, waiting_for=null())
                await connection.execute(statement, self._time.params())
            return ended

        return await self._work.alone(carry_out, wakes=True)

    # --- the brake

    async def gone_count(self, source: str, *, since: datetime) -> GoneCount:
        """Bookings whose access was already revoked within the time count on both sides: they were live when the hour began."""
        revoked_since = select(sets.c.booking_key).where(
            sets.c.booking_key == bookings.c.id, sets.c.state == SetState.REVOKED.value, sets.c.revoked_at >= since
        )
        going = select(sets.c.booking_key).where(sets.c.booking_key == bookings.c.id, sets.c.state == SetState.REVOKING.value)
        was_live = or_(bookings.c.live_from.is_not(None), going.exists(), revoked_since.exists())
        gone = and_(bookings.c.source == source, bookings.c.gone_at >= since, was_live)
        live = and_(bookings.c.source == source, bookings.c.live_from.is_not(None))
        async with self._database.snapshot() as connection:
            count_gone = (await connection.execute(select(func.count()).select_from(bookings).where(gone))).scalar_one()
            no_more_live = and_(gone, bookings.c.live_from.is_(None))
            count_before = (await connection.execute(select(func.count()).select_from(bookings).where(no_more_live))).scalar_one()
            count_live = (await connection.execute(select(func.count()).select_from(bookings).where(live))).scalar_one()
        return GoneCount(gone=count_gone, live=count_live + count_before)

    async def brake(self, source: str) -> tuple[datetime | None, datetime | None]:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(brakes).where(brakes.c.source == source))).first()
        return (row.tripped_at, row.released_at) if row is not None else (None, None)

    async def brakes(self) -> list[Brake]:
        """Of every source, whether it ever tripped or not, by name."""
        every = select(sources.c.name, brakes.c.tripped_at, brakes.c.released_at).join(
            brakes, brakes.c.source == sources.c.name, isouter=True
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(every.order_by(sources.c.name))).all()
        return [Brake(source=row.name, tripped_at=row.tripped_at, released_at=row.released_at) for row in found]

    async def trip(self, source: str) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            known = await self._brake_locked(connection, source)
            if known.holds:
                return
            now = await self._time.read(connection)
            # Later than its release, even within the same microsecond: a brake that tripped holds.
            tripped_at = max(now, known.released_at + INSTANT_AFTER) if known.released_at is not None else now
            await connection.execute(update(brakes).where(brakes.c.source == source).values(tripped_at=tripped_at))

        await self._work.alone(carry_out)

    async def release(self, source: str, entries: Sequence[TrailEntry]) -> bool:
        """Raises `KeyError` for an unknown source."""

        async def carry_out(connection: AsyncConnection) -> bool:
            known = await self._brake_locked(connection, source)
            if not known.holds:
                return False
            assert known.tripped_at is not None
            released_at = max(await self._time.read(connection), known.tripped_at)
            await connection.execute(update(brakes).where(brakes.c.source == source).values(released_at=released_at))
            braked = and_(bookings.c.source == source, bookings.c.failure_code == BRAKE_TRIPPED)
            at_work = and_(bookings.c.source == source, bookings.c.leased_until.is_not(None))
            await connection.execute(due_where(or_(braked, at_work), self._time.sql), self._time.params())
            await put_entries(connection, self._time, *entries)
            return True

        return await self._work.alone(carry_out, wakes=True)

    async def _brake_locked(self, connection: AsyncConnection, source: str) -> Brake:
        known = (await connection.execute(select(sources.c.name).where(sources.c.name == source))).first()
        if known is None:
            raise KeyError(source)
        await connection.execute(self._database.insert(brakes).values(source=source).on_conflict_do_nothing())
        row = (await connection.execute(select(brakes).where(brakes.c.source == source).with_for_update())).one()
        return Brake(source=source, tripped_at=row.tripped_at, released_at=row.released_at)
