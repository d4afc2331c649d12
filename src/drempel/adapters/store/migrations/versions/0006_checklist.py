"""What a person ticked off on the checklist of an integration: a table of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist",
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("ticked_by", sa.Text(), nullable=False),
        sa.Column("ticked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration"], ["integrations.name"], name="fk_checklist_integration_integrations", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("integration", "item", name="pk_checklist"),
        comment="what a person has ticked off; what a probe can tell is not kept",
    )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
