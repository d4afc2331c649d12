"""People who sign in: their sessions, one-time links and tries, and the trail of what somebody changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite counts up by itself only in an INTEGER key.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False, comment="what two names have in common that are one"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True, comment="argon2id; null: invited, not come yet"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("name_key", name="uq_people_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256; the token itself is kept nowhere"),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="to some minutes"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256; the token itself is kept nowhere"),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_links_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name="pk_links"),
        sa.UniqueConstraint("token_hash", name="uq_links_token_hash"),
        comment="One-time links; one that was used is gone.",
    )
    op.create_table(
        "tries",
        sa.Column("key", sa.Text(), nullable=False, comment="keyed hash of a name, an address or a browser"),
        sa.Column("tried", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False, comment="nobody may try before"),
        sa.PrimaryKeyConstraint("key", name="pk_tries"),
        comment="Tries to sign in that did not succeed.",
    )
    op.create_index("ix_tries_last_at", "tries", ["last_at"], unique=False)
    op.create_table(
        "trail",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("before", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("after", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id", name="pk_trail"),
        comment="What somebody changed; only ever added to.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_trail_at", "trail", ["at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before.")
