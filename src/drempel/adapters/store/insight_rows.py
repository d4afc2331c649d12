"""`drempel.engine.insight.Insight`: what the pages of the set-up show of our record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.activity_rows import activity_of
from drempel.adapters.store.database import Database
from drempel.adapters.store.rows import RECORD_COLUMNS, record_of
from drempel.adapters.store.tables import bookings, chores, integrations, metadata, poll_rows, sets
from drempel.adapters.store.times import Instant
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.domain.access import BookingState, SetState
from drempel.engine.insight import (
    Activity,
    ActivityCursor,
    ActivityKind,
    ActivityLine,
    Figures,
    HintSeen,
    ObjectSeen,
    SourceSigns,
    Tick,
)
from drempel.engine.records import BookingView
from drempel.engine.trail import TrailEntry

__all__ = ["InsightRows", "checklist"]

SEEN_MAX: Final = 200
_OPEN: Final = (SetState.LIVE.value, SetState.UNKNOWN.value, SetState.REVOKING.value)

checklist: Final = Table(
    "checklist",
    metadata,
    Column("integration", Text, ForeignKey("integrations.name", ondelete="CASCADE"), nullable=False),
    Column("item", Text, nullable=False),
    Column("ticked_by", Text, nullable=False),
    Column("ticked_at", Instant, nullable=False),
    PrimaryKeyConstraint("integration", "item"),
    comment="what a person has ticked off; what a probe can tell is not kept",
)


class InsightRows:
    """Reads, and the one small table of ticks."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work

    async def figures(self, integration: str, *, elsewhere: Collection[str] = ()) -> Figures:
        to_come, mark = self._to_come(integration), _marked(integration, elsewhere)
        mine = select(func.count()).select_from(sets).where(sets.c.integration == integration)
        made = mine.where(sets.c.authorization_id.is_not(None))
        async with self._database.snapshot() as connection:

            async def count(statement: object) -> int:
                return int((await connection.execute(statement, self._time.params())).scalar_one())  # type: ignore[call-overload]

            return Figures(
                live=await count(mine.where(sets.c.state.in_(_OPEN))),
                existing=await count(select(func.count()).select_from(bookings).where(to_come, mark)),
                inactive=await count(
                    select(func.count())
                    .select_from(bookings)
                    .where(to_come, bookings.c.reason == "integration.inactive", bookings.c.existing == "")
                ),
                ever_created=await count(made) > 0,
                ever_revoked=await count(made.where(sets.c.state == SetState.REVOKED.value)) > 0,
            )

    async def statuses(self, source: str) -> Sequence[tuple[str, int]]:
        seen = (
            select(bookings.c.status, func.count())
            .where(bookings.c.source == source, bookings.c.status.is_not(None))
            .group_by(bookings.c.status)
            .order_by(bookings.c.status)
            .limit(SEEN_MAX)
        )
        async with self._database.reading() as connection:
            return [(status, count) for status, count in await connection.execute(seen)]

    async def objects(self, source: str) -> Sequence[ObjectSeen]:
        seen = (
            select(bookings.c.object_id, func.max(bookings.c.object_name), func.count())
            .where(bookings.c.source == source, bookings.c.object_id.is_not(None), bookings.c.ends_at > self._time.sql)
            .group_by(bookings.c.object_id)
            .order_by(bookings.c.object_id)
            .limit(SEEN_MAX)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(seen, self._time.params())).all()
        return [ObjectSeen(id=object_id, name=name, to_come=count) for object_id, name, count in rows]

    async def signs(self, source: str) -> SourceSigns:
        hinted = select(func.count(bookings.c.hinted_at), func.max(bookings.c.hinted_at)).where(bookings.c.source == source)
        begun = select(chores.c.taken_at).where(chores.c.name == f"poll:{source}")
        rows = select(func.count()).select_from(poll_rows).where(poll_rows.c.source == source)
        async with self._database.reading() as connection:
            count, last_at = (await connection.execute(hinted)).one()
            return SourceSigns(
                hinted=count,
                hinted_at=last_at,
                polled_at=(await connection.execute(begun)).scalar_one_or_none(),
                poll_rows=int((await connection.execute(rows)).scalar_one()),
            )

    async def activity(
        self, of: Activity, *, limit: int, before: ActivityCursor | None, kind: ActivityKind = ActivityKind.ALL
    ) -> tuple[list[ActivityLine], ActivityCursor | None]:
        return await activity_of(self._database, of, limit=limit, before=before, kind=kind)

    async def hints(self, source: str, *, limit: int) -> list[HintSeen]:
        latest = (
            select(bookings.c.booking_id, bookings.c.hinted_at, bookings.c.state)
            .where(bookings.c.source == source, bookings.c.hinted_at.is_not(None))
            .order_by(bookings.c.hinted_at.desc(), bookings.c.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(latest)).all()
        return [HintSeen(booking_id=row.booking_id, at=row.hinted_at, state=BookingState(row.state)) for row in rows]

    async def with_live_sets(self, integration: str, *, limit: int) -> list[BookingView]:
        live = select(sets.c.booking_key).where(sets.c.integration == integration, sets.c.state == SetState.LIVE.value)
        return await self._soonest(bookings.c.id.in_(live), limit=limit)

    async def from_before(self, integration: str, *, limit: int, elsewhere: Collection[str] = ()) -> list[BookingView]:
        return await self._soonest(and_(self._to_come(integration), _marked(integration, elsewhere)), limit=limit)

    def _to_come(self, integration: str) -> ColumnElement[bool]:
        """Bookings of its source that are not over."""
        of_source = select(integrations.c.source).where(integrations.c.name == integration).scalar_subquery()
        return and_(bookings.c.source == of_source, or_(bookings.c.ends_at.is_(None), bookings.c.ends_at > self._time.sql))

    async def _soonest(self, which: ColumnElement[bool], *, limit: int) -> list[BookingView]:
        wanted = (
            select(bookings.c.id, *(bookings.c[name] for name in RECORD_COLUMNS))
            .where(which)
            .order_by(bookings.c.starts_at, bookings.c.id)
            .limit(limit)
        )
        async with self._database.snapshot() as connection:
            found = (await connection.execute(wanted, self._time.params())).all()
            of_them = await self._work.sets_of(connection, [row.id for row in found])
        return [BookingView(record=record_of(row), sets=of_them.get(row.id, ())) for row in found]

    async def ticks(self, integration: str) -> Mapping[str, Tick]:
        mine = select(checklist).where(checklist.c.integration == integration)
        async with self._database.reading() as connection:
            rows = (await connection.execute(mine)).all()
        return {row.item: Tick(by=row.ticked_by, at=row.ticked_at) for row in rows}

    async def set_tick(self, integration: str, item: str, *, by: str | None, entries: Sequence[TrailEntry] = ()) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(delete(checklist).where(checklist.c.integration == integration, checklist.c.item == item))
            if by is not None:
                now = await self._time.read(connection)
                await connection.execute(
                    insert(checklist).values(integration=integration, item=item, ticked_by=by, ticked_at=now)
                )
            await put_entries(connection, self._time, *entries)

        await self._work.alone(carry_out)


def _marked(integration: str, elsewhere: Collection[str]) -> ColumnElement[bool]:
    here = or_(bookings.c.object_id.is_(None), bookings.c.object_id.not_in(sorted(elsewhere)))
    return and_(bookings.c.existing.contains(f" {integration} ", autoescape=True), here)
