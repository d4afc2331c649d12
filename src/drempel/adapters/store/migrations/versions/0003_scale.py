"""What many bookings and many processes need: a pace that all share, and indexes by which nothing reads everything.

Throttles of before were pauses that end by themselves: they are forgotten.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM pauses WHERE key LIKE 'throttle:%'")
    op.add_column(
        "pauses", sa.Column("apart", sa.BigInteger(), nullable=True, comment="of a throttle: microseconds between two calls")
    )
    op.add_column(
        "pauses", sa.Column("slowed_at", sa.BigInteger(), nullable=True, comment="of a throttle: the last refusal that counted")
    )
    op.add_column(
        "pauses", sa.Column("steady_until", sa.BigInteger(), nullable=True, comment="of a throttle: until then the pace is kept")
    )
    live = sa.text("live_from IS NOT NULL")
    op.create_index(
        "ix_bookings_live", "bookings", ["source", "booking_id"], unique=False, sqlite_where=live, postgresql_where=live
    )
    op.add_column(
        "sets",
        sa.Column(
            "doors",
            sa.Text(),
            nullable=False,
            server_default=sa.text("''"),
            comment="JSON; the doors alone, equal for many bookings",
        ),
    )
    _fill_doors(op.get_bind())
    is_live = sa.text("state = 'live'")
    op.create_index(
        "ix_sets_doors",
        "sets",
        ["connection_id", "site_id", "doors"],
        unique=False,
        sqlite_where=is_live,
        postgresql_where=is_live,
    )


def _fill_doors(connection: sa.Connection) -> None:
    """What a set says of its doors, in a column of its own."""
    page = sa.text(
        "SELECT booking_key, number, intent, details FROM sets WHERE booking_key > :after ORDER BY booking_key LIMIT 1000"
    )
    rest = sa.text("SELECT booking_key, number, intent, details FROM sets WHERE booking_key = :last")
    write = sa.text("UPDATE sets SET doors = :doors WHERE booking_key = :key AND number = :number")
    after = -1
    while rows := list(connection.execute(page, {"after": after})):
        after = rows[-1].booking_key
        # A page may end in the middle of a booking.
        rows = [row for row in rows if row.booking_key != after] + list(connection.execute(rest, {"last": after}))
        connection.execute(write, [{"key": row.booking_key, "number": row.number, "doors": _doors(row)} for row in rows])


def _doors(row: sa.Row[Any]) -> str:
    intent, details = json.loads(row.intent), json.loads(row.details)
    doors = [intent["component_ids"], intent["component_names"], sorted(details["dropped_ids"]), intent["adds_dropped"]]
    return json.dumps(doors, ensure_ascii=False, separators=(",", ":"))


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
