"""The tables. Texts are ids, codes and JSON without visitor data; secrets are encrypted before they come here.

A booking's row is also its work item: there is no queue beside it that could disagree (design section 2).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)

from drempel.adapters.store.times import Instant

__all__ = [
    "api_keys",
    "audits",
    "bookings",
    "brakes",
    "chores",
    "connections",
    "events",
    "hook_tokens",
    "integrations",
    "last_names",
    "markers",
    "meta",
    "metadata",
    "offline_doors",
    "pauses",
    "policies",
    "poll_rows",
    "receipts",
    "sets",
    "sources",
]

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite counts up by itself only in an INTEGER key.
_Key: Final = BigInteger().with_variant(Integer(), "sqlite")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=False, server_default=false())


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"))


meta: Final = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="One value each: set-up version, instance, check of the secret key, fingerprint key.",
)

markers: Final = Table(
    "markers",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("marker", Text, nullable=False, unique=True),
    Column("drawn_at", Instant, nullable=False),
    comment="What proves that a set is ours; the last one drawn is used, all are owned.",
    sqlite_autoincrement=True,
)

sources: Final = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("password", Text, nullable=False, comment="encrypted"),
    Column("time_zone", Text, nullable=False),
    Column("poll_seconds", BigInteger, nullable=False),
    _flag("allow_insecure"),
    _flag("poll_without_status"),
)

integrations: Final = Table(
    "integrations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, ForeignKey("sources.name"), nullable=False, index=True),
    Column("paused_at", Instant, comment="null: not paused"),
    Column("policy_version", BigInteger, nullable=False),
    Column("site_id", Text),
    _words("target_mobile_app_id"),
    _flag("allow_insecure"),
    _flag("issue_existing"),
    _flag("first_poll_done"),
)

policies: Final = Table(
    "policies",
    metadata,
    Column("integration", Text, ForeignKey("integrations.name", ondelete="CASCADE"), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("policy", Text, nullable=False, comment="JSON"),
    Column("mappings", Text, nullable=False, comment="JSON"),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("integration", "version"),
    comment="Every version of an integration's policy and mappings; a set keeps the version that it was made under.",
)

connections: Final = Table(
    "connections",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("integration", Text, ForeignKey("integrations.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("base_url", Text),
    Column("site_owner_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("profile", Text, nullable=False, comment="JSON"),
    Column("client_secret", Text, nullable=False, comment="encrypted"),
    Column("secret_version", BigInteger, nullable=False),
    _flag("current"),
    comment="Never reused ids: a set keeps the connection that it was made with.",
    sqlite_autoincrement=True,
)

bookings: Final = Table(
    "bookings",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("source", Text, ForeignKey("sources.name"), nullable=False),
    Column("booking_id", Text, nullable=False),
    # --- the work item
    Column("next_at", Instant, comment="due from then on; null: parked"),
    Column("leased_until", Instant, comment="null: nobody works on it; a hint never touches it"),
    Column("token", BigInteger, nullable=False, server_default=text("0"), comment="rises with each claim: the fence"),
    Column("version", BigInteger, nullable=False, server_default=text("0"), comment="rises with each hint"),
    Column("done_at", Instant, comment="last completed"),
    Column("live_from", Instant, comment="earliest start of a live set's window; null: none is live"),
    Column("live_to", Instant, comment="latest end of a live set's window"),
    # --- the record
    Column("status", Text),
    Column("object_id", Text),
    _words("object_name"),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("state", Text, nullable=False, server_default=text("'none'")),
    _words("reason"),
    Column("failure_code", Text),
    Column("failure_params", Text, comment="JSON"),
    Column("failure_next", Text),
    _words("facts_seen"),
    _count("tries"),
    _flag("hinted"),
    Column("told_at", Instant, comment="the first hint, or order to revoke, since the last completed reading"),
    Column("hinted_at", Instant, comment="the last hint"),
    Column("recheck_soon_at", Instant),
    Column("recheck_late_at", Instant),
    Column("reread_at", Instant),
    Column("gone_at", Instant),
    _flag("gone_confirmed"),
    _count("last_number"),
    _flag("withheld"),
    _words("existing"),
    _flag("retry_ordered"),
    Column("field_written", Text),
    Column("field_seen", Text),
    Column("overwrite_value", Text),
    Column("waiting_for", Text),
    _words("not_ready"),
    _words("warned"),
    Column("erase_ordered_at", Instant, comment="a person's order to erase it waits for its access to be gone"),
    Column("erased_at", Instant, comment="what stays of an erased booking holds no personal data"),
    UniqueConstraint("source", "booking_id"),
    sqlite_autoincrement=True,
)
Index("ix_bookings_due", bookings.c.next_at)
Index("ix_bookings_state", bookings.c.state, bookings.c.id)
Index("ix_bookings_starts", bookings.c.source, bookings.c.starts_at)
# Longer than two days, in microseconds.
_long: Final = text("ends_at - starts_at > 172800000000")
Index("ix_bookings_long", bookings.c.source, bookings.c.ends_at, sqlite_where=_long, postgresql_where=_long)
Index("ix_bookings_done", bookings.c.source, bookings.c.done_at)
_waiting: Final = bookings.c.waiting_for.is_not(None)
Index("ix_bookings_waiting", bookings.c.waiting_for, sqlite_where=_waiting, postgresql_where=_waiting)
_reread: Final = bookings.c.reread_at.is_not(None)
Index("ix_bookings_reread", bookings.c.source, bookings.c.reread_at, sqlite_where=_reread, postgresql_where=_reread)
_live: Final = bookings.c.live_from.is_not(None)
Index("ix_bookings_live_from", bookings.c.source, bookings.c.live_from, sqlite_where=_live, postgresql_where=_live)
Index("ix_bookings_live", bookings.c.source, bookings.c.booking_id, sqlite_where=_live, postgresql_where=_live)
_gone: Final = bookings.c.gone_at.is_not(None)
Index("ix_bookings_gone", bookings.c.source, bookings.c.gone_at, sqlite_where=_gone, postgresql_where=_gone)

_not_ready: Final = bookings.c.not_ready != text("''")
Index("ix_bookings_not_ready", bookings.c.ends_at, sqlite_where=_not_ready, postgresql_where=_not_ready)
_kept: Final = bookings.c.erased_at.is_(None)
Index("ix_bookings_kept", bookings.c.ends_at, bookings.c.id, sqlite_where=_kept, postgresql_where=_kept)
_ordered: Final = bookings.c.erase_ordered_at.is_not(None)
Index("ix_bookings_erase_ordered", bookings.c.id, sqlite_where=_ordered, postgresql_where=_ordered)

sets: Final = Table(
    "sets",
    metadata,
    Column("booking_key", _Key, ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("integration", Text, nullable=False),
    Column("connection_id", BigInteger, nullable=False),
    Column("policy_version", BigInteger, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("site_id", Text, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant, nullable=False),
    Column("intent", Text, nullable=False, comment="JSON; with the columns above it is never changed"),
    Column("state", Text, nullable=False),
    Column("authorization_id", Text),
    Column("maybe_sent", Boolean(create_constraint=False), nullable=False),
    Column("revoked_at", Instant),
    Column("details", Text, nullable=False, comment="JSON"),
    Column("doors", Text, nullable=False, server_default=text("''"), comment="JSON; the doors alone, equal for many bookings"),
    PrimaryKeyConstraint("booking_key", "number"),
    # No foreign keys to integrations and connections: the history of a booking outlives both.
)
Index("ix_sets_authorization", sets.c.authorization_id)
Index("ix_sets_name", sets.c.display_name)
Index("ix_sets_at", sets.c.state, sets.c.connection_id, sets.c.site_id)
_is_live: Final = sets.c.state == literal_column("'live'")
Index(
    "ix_sets_doors",
    sets.c.connection_id,
    sets.c.site_id,
    sets.c.doors,
    sqlite_where=_is_live,
    postgresql_where=_is_live,
)

events: Final = Table(
    "events",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("booking_key", _Key, ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False, comment="JSON"),
    comment="Only ever added to.",
)
Index("ix_events_booking", events.c.booking_key, events.c.id)

receipts: Final = Table(
    "receipts",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("booking_id", Text, nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("ordered_by", Text, nullable=False),
    Column("erased_at", Instant, comment="null: ordered, and waiting for access to be gone"),
    Column("revoked", Text, nullable=False, server_default=text("'[]'"), comment="JSON; ids of sets whose revoke was confirmed"),
    Column("ended", Text, nullable=False, server_default=text("'[]'"), comment="JSON; ids of sets that ended by their window"),
    Column("removed", Text, nullable=False, server_default=text("'{}'"), comment="JSON; how much of what"),
    comment="What a person had erased. They outlive the booking and its source.",
    sqlite_autoincrement=True,
)
Index("ix_receipts_booking", receipts.c.source, receipts.c.booking_id)

pauses: Final = Table(
    "pauses",
    metadata,
    Column("key", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("probe_at", Instant, nullable=False),
    Column("apart", BigInteger, comment="of a throttle: microseconds between two calls"),
    Column("slowed_at", Instant, comment="of a throttle: the last refusal that counted"),
    Column("steady_until", Instant, comment="of a throttle: until then the pace is kept"),
)

chores: Final = Table(
    "chores",
    metadata,
    Column("name", Text, primary_key=True),
    Column("taken_at", Instant, nullable=False),
)

audits: Final = Table(
    "audits",
    metadata,
    Column("connection_id", BigInteger, nullable=False),
    Column("site_id", Text, nullable=False),
    Column("audited_at", Instant, nullable=False),
    Column("found", Text, nullable=False, comment="JSON; figures, and the live sets that our record does not know"),
    PrimaryKeyConstraint("connection_id", "site_id"),
    comment="What the last audit of a site found.",
)

offline_doors: Final = Table(
    "offline_doors",
    metadata,
    Column("connection_id", BigInteger, nullable=False),
    Column("site_id", Text, nullable=False),
    Column("looked_at", Instant, nullable=False),
    Column("doors", Text, nullable=False, comment="JSON; ids and names, and since when each was seen so"),
    PrimaryKeyConstraint("connection_id", "site_id"),
    comment="Doors with access that were offline at the last look at a site; no row where there was none.",
)

last_names: Final = Table(
    "last_names",
    metadata,
    Column("site_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("doors", Text, nullable=False, comment="JSON; component id to name"),
    comment="What sites and doors were called when Resivo was asked last. Shown to people; nothing decides by it.",
)

brakes: Final = Table(
    "brakes",
    metadata,
    Column("source", Text, ForeignKey("sources.name", ondelete="CASCADE"), primary_key=True),
    Column("tripped_at", Instant),
    Column("released_at", Instant),
)

poll_rows: Final = Table(
    "poll_rows",
    metadata,
    Column("source", Text, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("booking_id", Text, nullable=False),
    Column("row_hash", Text, nullable=False),
    PrimaryKeyConstraint("source", "booking_id"),
)

hook_tokens: Final = Table(
    "hook_tokens",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("source", Text, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("token", Text, nullable=False, comment="encrypted"),
    Column("valid_until", Instant, comment="null: the current one"),
    sqlite_autoincrement=True,
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("key_hash", Text, nullable=False, unique=True, comment="SHA-256; the key itself is kept nowhere"),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("used_at", Instant, comment="to some minutes; null: never, as far as is known"),
)
_in_use: Final = api_keys.c.revoked_at.is_(None)
Index("uq_api_keys_name_in_use", api_keys.c.name, unique=True, sqlite_where=_in_use, postgresql_where=_in_use)
