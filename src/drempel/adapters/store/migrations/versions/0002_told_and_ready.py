"""When somebody told us first, and which bookings are not ready though they start soon.

Before the new version runs: the one before it neither reads nor writes these columns.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = sa.Column(
        "told_at", sa.BigInteger(), nullable=True, comment="the first hint, or order to revoke, since the last completed reading"
    )
    op.add_column("bookings", told)
    op.add_column("bookings", sa.Column("not_ready", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("bookings", sa.Column("warned", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_index(
        "ix_bookings_not_ready",
        "bookings",
        ["ends_at"],
        unique=False,
        sqlite_where=sa.text("not_ready != ''"),
        postgresql_where=sa.text("not_ready != ''"),
    )


def downgrade() -> None:
    raise NotImplementedError("A schema only goes forward: restore the backup that was made before.")
