"""What sites and doors were called when Resivo was asked last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import last_names
from drempel.adapters.store.work import Work
from drempel.engine.last_names import LastNames

__all__ = ["NameRows"]


class NameRows:
    """One row for each site: what is told anew is written over what was told before."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def keep_site(self, site_id: str, name: str) -> None:
        put = self._database.insert(last_names).values(site_id=site_id, name=name, doors="{}")
        await self._put(put.on_conflict_do_update(index_elements=["site_id"], set_={"name": put.excluded.name}))

    async def keep_doors(self, site_id: str, doors: Mapping[str, str]) -> None:
        put = self._database.insert(last_names).values(site_id=site_id, name="", doors=json.dumps(doors, ensure_ascii=False))
        await self._put(put.on_conflict_do_update(index_elements=["site_id"], set_={"doors": put.excluded.doors}))

    async def all(self) -> LastNames:
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(last_names).order_by(last_names.c.site_id))).all()
        return LastNames(
            sites={row.site_id: row.name for row in rows if row.name},
            by_site={row.site_id: json.loads(row.doors) for row in rows},
        )

    async def _put(self, statement: Any) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(statement)

        await self._work.alone(carry_out)
