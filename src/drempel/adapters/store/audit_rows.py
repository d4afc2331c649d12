"""What the last audit of each site found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.tables import audits
from drempel.adapters.store.work import Work
from drempel.domain.window import AccessWindow
from drempel.engine.audit import Kind
from drempel.engine.kept_audit import KeptAudit, Orphan

__all__ = ["AuditRows"]


class AuditRows:
    """One row for each site of a connection: an audit writes over the one before."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def keep(self, kept: KeptAudit) -> None:
        values = {
            "connection_id": kept.connection_id,
            "site_id": kept.site_id,
            "audited_at": kept.at,
            "found": json.dumps(_json_of(kept), ensure_ascii=False),
        }
        put = self._database.insert(audits).values(**values)
        over = put.on_conflict_do_update(
            index_elements=["connection_id", "site_id"],
            set_={"audited_at": put.excluded.audited_at, "found": put.excluded.found},
        )

        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(over)

        await self._work.alone(carry_out)

    async def all(self) -> list[KeptAudit]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(audits).order_by(audits.c.connection_id, audits.c.site_id))).all()
        return [_kept(row) for row in rows]


def _json_of(kept: KeptAudit) -> dict[str, Any]:
    return {
        "listed": kept.listed,
        "counts": {kind.value: count for kind, count in kept.counts.items()},
        "orphans": [
            {
                "id": one.authorization_id,
                "name": one.display_name,
                "doors": one.doors,
                "readable": one.readable,
                "window": None if one.window is None else [one.window.valid_from.isoformat(), one.window.valid_to.isoformat()],
            }
            for one in kept.orphans
        ],
    }


def _kept(row: Any) -> KeptAudit:
    found = json.loads(row.found)
    known = {kind.value for kind in Kind}
    return KeptAudit(
        connection_id=row.connection_id,
        site_id=row.site_id,
        at=row.audited_at,
        listed=found["listed"],
        # A class that a later version knows is not counted by this one.
        counts={Kind(kind): count for kind, count in found["counts"].items() if kind in known},
        orphans=tuple(
            Orphan(
                authorization_id=one["id"],
                display_name=one["name"],
                site_id=row.site_id,
                doors=one["doors"],
                readable=one["readable"],
                window=None if one["window"] is None else _window(*one["window"]),
            )
            for one in found["orphans"]
        ),
    )


def _window(begin: str, end: str) -> AccessWindow:
    return AccessWindow(
        valid_from=datetime.fromisoformat(begin).astimezone(UTC), valid_to=datetime.fromisoformat(end).astimezone(UTC)
    )
