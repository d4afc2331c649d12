"""Statements for many rows, compiled once: SQLAlchemy looks at the statement, and not again at each row or at each execution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, Dialect, Row, Select, bindparam
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

__all__ = ["ManyRows", "RowsByKey"]


class ManyRows:
    """An INSERT, UPDATE or DELETE for one database. `columns` are those that its rows bring, where the statement does not say."""

    def __init__(self, statement: Executable, dialect: Dialect, *, columns: Iterable[str] | None = None) -> None:
        element = cast("ClauseElement", statement)
        compiled = cast("SQLCompiler", element.compile(dialect=dialect, column_keys=None if columns is None else list(columns)))
        assert compiled.positiontup is not None
        parameters = [compiled.binds[name] for name in compiled.positiontup]
        assert all(parameter.required for parameter in parameters), "a constant stands in the statement itself"
        self._sql = str(compiled)
        self._names = [parameter.key for parameter in parameters]
        processors = [parameter.type.dialect_impl(dialect).bind_processor(dialect) for parameter in parameters]
        self._processed = [(place, process) for place, process in enumerate(processors) if process is not None]

    def write(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Carry it out for each row."""
        connection.exec_driver_sql(self._sql, [self._values(row) for row in rows])

    def _values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        values = [row[name] for name in self._names]
        for place, process in self._processed:
            values[place] = process(values[place])
        return tuple(values)


class RowsByKey:
    """A SELECT by a number of keys, compiled once for each such number: callers ask for few different ones (`padded`).

    Its rows come as the driver gives them: an instant is a number of microseconds.
    """

    def __init__(self, statement: Callable[[Sequence[BindParameter[Any]]], Select[Any]], dialect: Dialect) -> None:
        self._statement = statement
        self._dialect = dialect
        self._by_count: dict[int, str] = {}

    def read(self, connection: Connection, keys: Sequence[int]) -> Sequence[Row[Any]]:
        """The rows of these keys."""
        sql = self._by_count.get(len(keys))
        if sql is None:
            statement = self._statement([bindparam(f"key_{place}") for place in range(len(keys))])
            sql = self._by_count[len(keys)] = str(statement.compile(dialect=self._dialect))
        return connection.exec_driver_sql(sql, tuple(keys)).all()
