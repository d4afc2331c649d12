"""What the database keeps, read as somebody would read it who got hold of the file: no visitor's address or number stands there in clear."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any, Final

__all__ = ["kept_in_clear"]

VISITORS: Final = ("@example.com", "+316", "0031 6", "1234 5678", "12345678")
"""What addresses and numbers of visitors are made of in this world."""

IDS: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""By chance an id holds digits that look like a number."""


def kept_in_clear(world: Any) -> list[str]:
    """Where a text of the database tells of a visitor, by table and column."""
    shelf = getattr(world.store, "shelf", None)
    if shelf is None:
        return []
    with closing(sqlite3.connect(f"file:{shelf[1]}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [line for table in tables for line in _of_table(database, table)]


def _of_table(database: sqlite3.Connection, table: str) -> list[str]:
    found = database.execute(f'SELECT * FROM "{table}"')  # our own tables
    columns = [column for column, *_ in found.description]
    told = {
        columns[place]
        for row in found
        for place, value in enumerate(row)
        if isinstance(value, str) and any(visitor in IDS.sub("", value) for visitor in VISITORS)
    }
    return [f"never leaking: the database keeps a visitor in clear in {table}.{column}" for column in sorted(told)]
