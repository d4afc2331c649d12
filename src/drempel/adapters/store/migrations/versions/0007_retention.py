"""What is erased, by a person's order or by its age: the marks on the booking, the receipts, and the indexes to find what is old.

Texts of other people in a booking field are kept as keyed hashes from now on; those that were kept as they are, are forgotten: the next reading
notes them anew.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "bookings",
        sa.Column(
            "erase_ordered_at",
            sa.BigInteger(),
            nullable=True,
            comment="a person's order to erase it waits for its access to be gone",
        ),
    )
    op.add_column(
        "bookings",
        sa.Column("erased_at", sa.BigInteger(), nullable=True, comment="what stays of an erased booking holds no personal data"),
    )
    kept, ordered = sa.text("erased_at IS NULL"), sa.text("erase_ordered_at IS NOT NULL")
    op.create_index("ix_bookings_kept", "bookings", ["ends_at", "id"], unique=False, sqlite_where=kept, postgresql_where=kept)
    op.create_index("ix_bookings_erase_ordered", "bookings", ["id"], unique=False, sqlite_where=ordered, postgresql_where=ordered)
    op.create_table(
        "receipts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True, comment="null: ordered, and waiting for access to be gone"),
        sa.Column(
            "revoked",
            sa.Text(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="JSON; ids of sets whose revoke was confirmed",
        ),
        sa.Column(
            "ended",
            sa.Text(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="JSON; ids of sets that ended by their window",
        ),
        sa.Column("removed", sa.Text(), server_default=sa.text("'{}'"), nullable=False, comment="JSON; how much of what"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        comment="What a person had erased. They outlive the booking and its source.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_receipts_booking", "receipts", ["source", "booking_id"], unique=False)
    _forget_texts_of_others(op.get_bind())


def _forget_texts_of_others(connection: sa.Connection) -> None:
    connection.execute(sa.text("UPDATE bookings SET field_seen = NULL, overwrite_value = NULL"))
    read = sa.text(
        "SELECT id, field_written FROM bookings WHERE field_written IS NOT NULL AND id > :after ORDER BY id LIMIT 1000"
    )
    write = sa.text("UPDATE bookings SET field_written = :kept WHERE id = :id")
    after = -1
    while rows := list(connection.execute(read, {"after": after})):
        after = rows[-1].id
        told = [{"id": row.id, "kept": _ours(row.field_written)} for row in rows]
        connection.execute(write, told)


def _ours(field_written: str) -> str:
    """What was written, where the field held that, or a part of it, afterwards."""
    writes: dict[str, list[str]] = json.loads(field_written)
    return json.dumps({name: write for name, write in writes.items() if write[0].startswith(write[1])})


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
