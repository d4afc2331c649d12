"""The record on SQLite or PostgreSQL, one code path for both."""

from drempel.adapters.store.schema import SchemaState
from drempel.adapters.store.store import SchemaNotCurrent, SqlStore, open_store

__all__ = ["SchemaNotCurrent", "SchemaState", "SqlStore", "open_store"]
