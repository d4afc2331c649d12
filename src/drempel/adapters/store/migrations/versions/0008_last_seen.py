"""What was last seen: the last hint of a booking, the last use of an API key, what the last audit of a site found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bookings", sa.Column("hinted_at", sa.BigInteger(), nullable=True, comment="the last hint"))
    op.add_column(
        "api_keys",
        sa.Column("used_at", sa.BigInteger(), nullable=True, comment="to some minutes; null: never, as far as is known"),
    )
    op.create_table(
        "audits",
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("audited_at", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False, comment="JSON; figures, and the live sets that our record does not know"),
        sa.PrimaryKeyConstraint("connection_id", "site_id", name=op.f("pk_audits")),
        comment="What the last audit of a site found.",
    )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
