"""Time in the database: microseconds since the epoch, UTC, as a whole number, so that arithmetic in SQL is the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Dialect, bindparam, cast, func, literal_column, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator

from drempel.engine.ports import Clock

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "SET_BACK",
    "Instant",
    "StoreTime",
    "from_microseconds",
    "microseconds",
    "microseconds_of",
    "span",
]

SET_BACK: Final = timedelta(seconds=5)
"""What lies further in the future than this was written by a clock that has been set back since."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since the epoch."""
    return (moment - EPOCH) // MICROSECOND


def microseconds_of(moment: datetime | None) -> int | None:
    """The same, where there may be none."""
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def from_microseconds(value: int | None) -> datetime | None:
    """The moment, in UTC."""
    return None if value is None else EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as BIGINT."""

    impl = BigInteger
    cache_ok = True

    # Not `process_bind_param` and `process_result_value`, which are called through a function of SQLAlchemy's: once for each value that is written.

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:  # noqa: ARG002  # SQLAlchemy's signature
        return microseconds_of

    def result_processor(
        self,
        dialect: Dialect,  # noqa: ARG002  # SQLAlchemy's signature
        coltype: object,  # noqa: ARG002
    ) -> Callable[[int | None], datetime | None]:
        return from_microseconds


def span(length: timedelta) -> ColumnElement[datetime]:
    """A length of time that may be added to an instant in SQL; written out, so that no driver has to guess its type."""
    return type_coerce(literal_column(str(length // MICROSECOND), BigInteger), Instant)


# The time at which the statement began, not `clock_timestamp()`: that one is volatile, and PostgreSQL compares no index with a volatile value,
# so each claim would read the whole table. Between the two lies less than the statement's own run time, and always on the safe side of a lease.
_DATABASE_NOW: Final[ColumnElement[datetime]] = type_coerce(
    cast(func.extract("epoch", func.statement_timestamp()) * literal_column("1000000"), BigInteger), Instant
)


class StoreTime:
    """The one time of the store: the database's own clock, or a clock that was handed in.

    On PostgreSQL workers on many machines share the database's clock, so that no skew between them moves a lease. SQLite has no clock of its
    own: its users sit on one machine, whose clock is handed in.
    """

    def __init__(self, clock: Clock, *, database_now: bool) -> None:
        self._clock = clock
        self._database_now = database_now
        self.sql: ColumnElement[datetime] = _DATABASE_NOW if database_now else bindparam("now", type_=Instant)
        """Now, for use in statements that are executed with `params()`."""

    @property
    def is_handed_in(self) -> bool:
        """Whether the time is a parameter, told by a clock that was handed in."""
        return not self._database_now

    def params(self) -> dict[str, Any]:
        """What a statement with `sql` in it needs."""
        return {} if self._database_now else {"now": self._clock.now()}

    def told(self) -> datetime:
        """Now, by the clock that was handed in."""
        assert self.is_handed_in
        return self._clock.now()

    async def read(self, connection: AsyncConnection) -> datetime:
        """Now."""
        if not self._database_now:
            return self._clock.now()
        return (await connection.execute(_SELECT_NOW)).scalar_one()


_SELECT_NOW: Final = select(_DATABASE_NOW)
