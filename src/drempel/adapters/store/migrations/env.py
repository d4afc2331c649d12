"""Carries migrations out on the connection that `drempel.adapters.store.schema` hands in."""

from __future__ import annotations

from alembic import context

from drempel.adapters.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=False)
with context.begin_transaction():
    context.run_migrations()
