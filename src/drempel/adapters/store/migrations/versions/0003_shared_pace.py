"""The pace of each throttle, shared by all processes. Throttles of before were pauses that end by themselves: they are forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
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


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
