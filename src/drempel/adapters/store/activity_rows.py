"""What happened lately: events of bookings and lines of the trail, woven by their times."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select

from drempel.adapters.store.database import Database
from drempel.adapters.store.people_tables import trail
from drempel.adapters.store.tables import bookings, events
from drempel.domain.events import EVENT_TYPES
from drempel.engine.insight import Activity, ActivityCursor, ActivityKind, ActivityLine
from drempel.engine.trail import Actor, ActorKind, TrailEntry

__all__ = ["activity_of"]

QUIET: Final = frozenset(
    {"booking.read", "access.intended", "access.handed_over", "access.kept", "writeback.written", "writeback.cleared"}
)
"""Too many to be news."""
_TROUBLE: Final = frozenset({"failure", "booking.not_ready", "access.outcome_unknown", "writeback.cut"})
_OF_KIND: Final = {
    ActivityKind.ALL: frozenset(EVENT_TYPES) - QUIET,
    ActivityKind.ACCESS: frozenset(name for name in EVENT_TYPES if name.startswith("access.")) - QUIET - _TROUBLE,
    ActivityKind.FAILURES: _TROUBLE,
    ActivityKind.ORDERS: frozenset(name for name in EVENT_TYPES if name.startswith("person.")),
}
_WITH_EDITS: Final = frozenset({ActivityKind.ALL, ActivityKind.ORDERS})


async def activity_of(
    database: Database, of: Activity, *, limit: int, before: ActivityCursor | None, kind: ActivityKind
) -> tuple[list[ActivityLine], ActivityCursor | None]:
    """A page of it. Both tables are read as far as the page could need, by the order in which they were written."""
    happened = (
        select(events.c.id, events.c.at, events.c.type, events.c.data, bookings.c.booking_id)
        .join(bookings, bookings.c.id == events.c.booking_key)
        .where(bookings.c.source == of.source, events.c.type.in_(sorted(_OF_KIND[kind])))
        .order_by(events.c.id.desc())
        .limit(limit + 1)
    )
    changed = select(trail).where(_about(of)).order_by(trail.c.id.desc()).limit(limit + 1)
    if before is not None:
        happened, changed = happened.where(events.c.id < before.event_id), changed.where(trail.c.id < before.trail_id)
    async with database.reading() as connection:
        of_bookings = (await connection.execute(happened)).all()
        edits = (await connection.execute(changed)).all() if kind in _WITH_EDITS else []
    found: list[tuple[datetime, int, int, ActivityLine]] = [
        (row.at, row.id, 0, ActivityLine(at=row.at, booking_id=row.booking_id, type=row.type, data=json.loads(row.data)))
        for row in of_bookings
    ]
    found += [
        (
            row.at,
            0,
            row.id,
            ActivityLine(
                at=row.at,
                edit=TrailEntry(
                    actor=Actor(ActorKind(row.actor_kind), row.actor),
                    type=row.type,
                    about=row.about,
                    before=row.before,
                    after=row.after,
                ),
            ),
        )
        for row in edits
    ]
    # By time; within each table by the order of writing, which a clock that was set back does not change.
    shown = _woven(found)[:limit]
    if len(found) <= limit:
        return [line for *_, line in shown], None
    begin = before or ActivityCursor(_END, _END)
    cursor = ActivityCursor(
        min([begin.event_id, *(event_id for _, event_id, _, _ in shown if event_id)]),
        min([begin.trail_id, *(trail_id for _, _, trail_id, _ in shown if trail_id)]),
    )
    return [line for *_, line in shown], cursor


_END: Final = 2**62
"""Higher than any id: nothing of that table was shown yet."""

_Line = tuple[datetime, int, int, ActivityLine]


def _woven(found: list[_Line]) -> list[_Line]:
    """Two lists that are each newest first, as one. Neither is sorted by time: what is left out of a page must be older by its id."""
    left = [line for line in found if line[1]]
    right = [line for line in found if line[2]]
    woven: list[_Line] = []
    while left and right:
        woven.append(left.pop(0) if left[0][0] >= right[0][0] else right.pop(0))
    return [*woven, *left, *right]


def _about(of: Activity) -> ColumnElement[bool]:
    """What was changed of it: the trail holds names and the sentences of the set-up."""
    what, name = ("integration", of.integration) if of.integration else ("source", of.source)
    about = trail.c.about
    change = and_(
        trail.c.type == "setup.change",
        or_(
            about.startswith(f"changed {what} {name}: ", autoescape=True),
            about.startswith(f"created {what} {name} (", autoescape=True),
            about == f"removed {what} {name}",
        ),
    )
    if of.integration:
        named = and_(trail.c.type.in_(["integration.pause", "integration.resume", "setup.replace"]), about == name)
        return or_(change, named, and_(trail.c.type == "setup.tick", about.startswith(f"{name}: ", autoescape=True)))
    return or_(change, and_(trail.c.type.in_(["hook.register", "hook.rotate", "brake.release"]), about == name))
