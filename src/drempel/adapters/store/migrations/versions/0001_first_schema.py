"""The first schema.

Moments are microseconds since the epoch, UTC.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite counts up by itself only in an INTEGER key.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False, comment="SHA-256; the key itself is kept nowhere"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_index(
        "uq_api_keys_name_in_use",
        "api_keys",
        ["name"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "chores",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chores"),
    )
    op.create_table(
        "markers",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_markers"),
        sa.UniqueConstraint("marker", name="uq_markers_marker"),
        comment="What proves that a set is ours; the last one drawn is used, all are owned.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
        comment="One value each: set-up version, instance, check of the secret key, fingerprint key.",
    )
    op.create_table(
        "pauses",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("probe_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_pauses"),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False, comment="encrypted"),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("poll_seconds", sa.BigInteger(), nullable=False),
        sa.Column("allow_insecure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("poll_without_status", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sources"),
    )
    op.create_table(
        "bookings",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True, comment="due from then on; null: parked"),
        sa.Column("leased_until", sa.BigInteger(), nullable=True, comment="null: nobody works on it; a hint never touches it"),
        sa.Column(
            "token", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="rises with each claim: the fence"
        ),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="rises with each hint"),
        sa.Column("done_at", sa.BigInteger(), nullable=True, comment="last completed"),
        sa.Column(
            "live_from", sa.BigInteger(), nullable=True, comment="earliest start of a live set's window; null: none is live"
        ),
        sa.Column("live_to", sa.BigInteger(), nullable=True, comment="latest end of a live set's window"),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("object_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("failure_params", sa.Text(), nullable=True, comment="JSON"),
        sa.Column("failure_next", sa.Text(), nullable=True),
        sa.Column("facts_seen", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hinted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("recheck_soon_at", sa.BigInteger(), nullable=True),
        sa.Column("recheck_late_at", sa.BigInteger(), nullable=True),
        sa.Column("reread_at", sa.BigInteger(), nullable=True),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.Column("gone_confirmed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("withheld", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("existing", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("retry_ordered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("field_written", sa.Text(), nullable=True),
        sa.Column("field_seen", sa.Text(), nullable=True),
        sa.Column("overwrite_value", sa.Text(), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_bookings_source"),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        sa.UniqueConstraint("source", "booking_id", name="uq_bookings_source_booking_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bookings_done", "bookings", ["source", "done_at"], unique=False)
    op.create_index("ix_bookings_due", "bookings", ["next_at"], unique=False)
    op.create_index(
        "ix_bookings_gone",
        "bookings",
        ["source", "gone_at"],
        unique=False,
        sqlite_where=sa.text("gone_at IS NOT NULL"),
        postgresql_where=sa.text("gone_at IS NOT NULL"),
    )
    op.create_index(
        "ix_bookings_reread",
        "bookings",
        ["source", "reread_at"],
        unique=False,
        sqlite_where=sa.text("reread_at IS NOT NULL"),
        postgresql_where=sa.text("reread_at IS NOT NULL"),
    )
    op.create_index("ix_bookings_state", "bookings", ["state", "id"], unique=False)
    op.create_index(
        "ix_bookings_waiting",
        "bookings",
        ["waiting_for"],
        unique=False,
        sqlite_where=sa.text("waiting_for IS NOT NULL"),
        postgresql_where=sa.text("waiting_for IS NOT NULL"),
    )
    op.create_table(
        "brakes",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tripped_at", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_brakes_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", name="pk_brakes"),
    )
    op.create_table(
        "hook_tokens",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False, comment="encrypted"),
        sa.Column("valid_until", sa.BigInteger(), nullable=True, comment="null: the current one"),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_hook_tokens_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_hook_tokens"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hook_tokens_source", "hook_tokens", ["source"], unique=False)
    op.create_table(
        "integrations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=True, comment="null: not paused"),
        sa.Column("policy_version", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=True),
        sa.Column("target_mobile_app_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("allow_insecure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("issue_existing", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("first_poll_done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_integrations_source"),
        sa.PrimaryKeyConstraint("name", name="pk_integrations"),
    )
    op.create_index("ix_integrations_source", "integrations", ["source"], unique=False)
    op.create_table(
        "poll_rows",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_poll_rows_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "booking_id", name="pk_poll_rows"),
    )
    op.create_table(
        "connections",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=True),
        sa.Column("site_owner_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("client_secret", sa.Text(), nullable=False, comment="encrypted"),
        sa.Column("secret_version", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["integration"], ["integrations.name"], name="fk_connections_integration", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        comment="Never reused ids: a set keeps the connection that it was made with.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_connections_integration", "connections", ["integration"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("booking_key", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False, comment="JSON"),
        sa.ForeignKeyConstraint(["booking_key"], ["bookings.id"], name="fk_events_booking_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        comment="Only ever added to.",
    )
    op.create_index("ix_events_booking", "events", ["booking_key", "id"], unique=False)
    op.create_table(
        "policies",
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("mappings", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["integration"], ["integrations.name"], name="fk_policies_integration", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("integration", "version", name="pk_policies"),
        comment="Every version of an integration's policy and mappings; a set keeps the version that it was made under.",
    )
    op.create_table(
        "sets",
        sa.Column("booking_key", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_version", sa.BigInteger(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False, comment="JSON; with the columns above it is never changed"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("authorization_id", sa.Text(), nullable=True),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON"),
        sa.ForeignKeyConstraint(["booking_key"], ["bookings.id"], name="fk_sets_booking_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("booking_key", "number", name="pk_sets"),
    )
    op.create_index("ix_sets_at", "sets", ["state", "connection_id", "site_id"], unique=False)
    op.create_index("ix_sets_authorization", "sets", ["authorization_id"], unique=False)
    op.create_index("ix_sets_name", "sets", ["display_name"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first schema.")
