"""The tables of people who sign in, and of the trail."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, text

from drempel.adapters.store.tables import metadata
from drempel.adapters.store.times import Instant

__all__ = ["links", "people", "sessions", "trail", "tries"]

# SQLite counts up by itself only in an INTEGER key.
_Key: Final = BigInteger().with_variant(Integer(), "sqlite")

people: Final = Table(
    "people",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True, comment="what two names have in common that are one"),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, comment="argon2id; null: invited, not come yet"),
    Column("created_at", Instant, nullable=False),
    Column("signed_in_at", Instant),
    # A number is never used again: who kept one must not meet somebody else.
    sqlite_autoincrement=True,
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("token_hash", Text, nullable=False, unique=True, comment="SHA-256; the token itself is kept nowhere"),
    Column("person_id", _Key, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("browser", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="to some minutes"),
    sqlite_autoincrement=True,
)

links: Final = Table(
    "links",
    metadata,
    Column("person_id", _Key, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("token_hash", Text, nullable=False, unique=True, comment="SHA-256; the token itself is kept nowhere"),
    Column("valid_until", Instant, nullable=False),
    comment="One-time links; one that was used is gone.",
)

tries: Final = Table(
    "tries",
    metadata,
    Column("key", Text, primary_key=True, comment="keyed hash of a name, an address or a browser"),
    Column("tried", BigInteger, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("next_at", Instant, nullable=False, comment="nobody may try before"),
    comment="Tries to sign in that did not succeed.",
)

trail: Final = Table(
    "trail",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("about", Text, nullable=False, server_default=text("''")),
    Column("before", Text, nullable=False, server_default=text("''")),
    Column("after", Text, nullable=False, server_default=text("''")),
    comment="What somebody changed; only ever added to.",
    sqlite_autoincrement=True,
)
Index("ix_trail_at", trail.c.at)
