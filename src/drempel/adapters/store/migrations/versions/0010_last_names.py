"""What sites and doors were called when Resivo was asked last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "last_names",
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("doors", sa.Text(), nullable=False, comment="JSON; component id to name"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_last_names")),
        comment="What sites and doors were called when Resivo was asked last. Shown to people; nothing decides by it.",
    )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
