"""What happens on a day is found without reading what happens on others: three indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_bookings_starts", "bookings", ["source", "starts_at"], unique=False)
    long = sa.text("ends_at - starts_at > 172800000000")
    op.create_index("ix_bookings_long", "bookings", ["source", "ends_at"], unique=False, sqlite_where=long, postgresql_where=long)
    live = sa.text("live_from IS NOT NULL")
    op.create_index(
        "ix_bookings_live_from", "bookings", ["source", "live_from"], unique=False, sqlite_where=live, postgresql_where=live
    )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
