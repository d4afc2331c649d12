"""Doors with access that were offline at the last look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offline_doors",
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("doors", sa.Text(), nullable=False, comment="JSON; ids and names, and since when each was seen so"),
        sa.PrimaryKeyConstraint("connection_id", "site_id", name=op.f("pk_offline_doors")),
        comment="Doors with access that were offline at the last look at a site; no row where there was none.",
    )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
