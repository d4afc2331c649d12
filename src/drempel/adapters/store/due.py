"""Make many bookings due at once, whatever the reason."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Update, literal_column, select, update

from drempel.adapters.store.tables import bookings

__all__ = ["due_where"]


def due_where(condition: ColumnElement[bool], now: ColumnElement[Any], **also: Any) -> Update:
    """Due now, as a hint would have it: a worker who is at one of these will not be the last to look.

    The rows are locked in order of their keys first, as every writer does it; so nobody waits in a circle. `also` sets further columns.
    """
    pick = (
        select(bookings.c.id).where(condition).order_by(bookings.c.id).with_for_update().cte("pick").prefix_with("MATERIALIZED")
    )
    raised = bookings.c.version + literal_column("1", BigInteger)
    return update(bookings).where(bookings.c.id == pick.c.id).values(next_at=now, version=raised, **also)
