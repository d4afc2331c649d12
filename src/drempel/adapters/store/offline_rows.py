"""Which doors with access were offline when the slow loop looked last."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import offline_doors
from drempel.adapters.store.work import Work
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors

__all__ = ["OfflineRows"]


class OfflineRows:
    """One row for each site of a connection at which a door is offline: a look writes over the one before, and takes it away."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def keep(self, seen: OfflineDoors) -> None:
        doors = [{"id": door.component_id, "name": door.name, "since": door.since.isoformat()} for door in seen.doors]
        put = self._database.insert(offline_doors).values(
            connection_id=seen.connection_id,
            site_id=seen.site_id,
            looked_at=seen.looked_at,
            doors=json.dumps(doors, ensure_ascii=False),
        )
        over = put.on_conflict_do_update(
            index_elements=["connection_id", "site_id"],
            set_={"looked_at": put.excluded.looked_at, "doors": put.excluded.doors},
        )
        there = and_(offline_doors.c.connection_id == seen.connection_id, offline_doors.c.site_id == seen.site_id)

        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(over if doors else delete(offline_doors).where(there))

        await self._work.alone(carry_out)

    async def all(self) -> list[OfflineDoors]:
        wanted = select(offline_doors).order_by(offline_doors.c.connection_id, offline_doors.c.site_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted)).all()
        return [
            OfflineDoors(
                connection_id=row.connection_id,
                site_id=row.site_id,
                looked_at=row.looked_at,
                doors=tuple(
                    OfflineDoor(component_id=door["id"], name=door["name"], since=_moment(door["since"]))
                    for door in json.loads(row.doors)
                ),
            )
            for row in rows
        ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
