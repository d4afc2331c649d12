"""The trail of what somebody changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.people_tables import trail
from drempel.adapters.store.times import StoreTime
from drempel.adapters.store.work import Work
from drempel.engine.trail import ALL_LINES, TRAIL_TYPES, Actor, ActorKind, TrailEntry, TrailFilter, TrailLine

__all__ = ["TrailRows", "put_entries"]


class TrailRows:
    """`drempel.engine.trail.Trail`."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def add(self, *entries: TrailEntry) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            await put_entries(connection, self._database.time, *entries)

        await self._work.alone(carry_out)

    async def page(self, *, limit: int, before: int | None, only: TrailFilter = ALL_LINES) -> tuple[list[TrailLine], int | None]:
        newest = select(trail).where(*_wanted(only)).order_by(trail.c.id.desc()).limit(limit + 1)
        if before is not None:
            newest = newest.where(trail.c.id < before)
        async with self._database.reading() as connection:
            found = (await connection.execute(newest)).all()
        shown = found[:limit]
        # What a later version wrote is not shown by this one.
        lines = [_line(row) for row in shown if row.type in TRAIL_TYPES]
        return lines, shown[-1].id if len(found) > limit else None

    async def actors(self) -> list[Actor]:
        known = select(trail.c.actor_kind, trail.c.actor).distinct().order_by(trail.c.actor, trail.c.actor_kind)
        kinds = {kind.value for kind in ActorKind}
        async with self._database.reading() as connection:
            found = (await connection.execute(known)).all()
        return [Actor(ActorKind(kind), name) for kind, name in found if kind in kinds]


def _wanted(only: TrailFilter) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if only.actor is not None:
        wanted += [trail.c.actor_kind == only.actor.kind.value, trail.c.actor == only.actor.name]
    if only.since is not None:
        wanted.append(trail.c.at >= only.since)
    if only.until is not None:
        wanted.append(trail.c.at < only.until)
    return wanted


async def put_entries(connection: AsyncConnection, time: StoreTime, *entries: TrailEntry) -> None:
    """Write them within a transaction, with the store's time."""
    if not entries:
        return
    now = await time.read(connection)
    rows = [
        {
            "at": now,
            "actor_kind": entry.actor.kind.value,
            "actor": entry.actor.name,
            "type": entry.type,
            "about": entry.about,
            "before": entry.before,
            "after": entry.after,
        }
        for entry in entries
    ]
    await connection.execute(insert(trail), rows)


def _line(row: Row[Any]) -> TrailLine:
    actor = Actor(ActorKind(row.actor_kind), row.actor)
    entry = TrailEntry(actor=actor, type=row.type, about=row.about, before=row.before, after=row.after)
    return TrailLine(id=row.id, at=row.at, entry=entry)
