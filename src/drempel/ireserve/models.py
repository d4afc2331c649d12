"""What the client returns. Everything is frozen, times are UTC, ids are text, and no `repr` shows a visitor's data."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from drempel.ireserve.errors import BookingUnreadable, Reason
from drempel.ireserve.json_values import text_of

__all__ = [
    "BookedObject",
    "Booking",
    "BookingFields",
    "Customer",
    "FieldReading",
    "FilterResult",
    "FilterRow",
    "WrittenField",
    "field_number_of",
    "padded_key",
    "unpadded_key",
]

FIELD_NUMBER_MAX: Final = 999
_ANY_FIELD_KEY: Final = re.compile(r"custom[0-9]{1,4}")
_FIELD_KEY: Final = re.compile(r"custom0?([1-9][0-9]{0,2})")


def field_number_of(key: str) -> int:
    """5 of `custom05` and of `custom5`. Raises `ValueError` with a sentence for anything else."""
    found = _FIELD_KEY.fullmatch(key)
    if found is None or key not in {padded_key(number := int(found[1])), unpadded_key(number)}:
        raise ValueError(f"{key!r} is no booking field; write it as custom05.")
    return number


def padded_key(number: int) -> str:
    """`custom05`."""
    return f"custom{number:02}"


def unpadded_key(number: int) -> str:
    """`custom5`."""
    return f"custom{number}"


class FieldReading(NamedTuple):
    """The value of a booking field, and the key under which it came: None if it did not come at all."""

    value: str
    key: str | None


class BookingFields:
    """The booking fields of one booking: `customXX`, whatever form their keys have."""

    __slots__ = ("_answer",)

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._answer = raw

    @property
    def _raw(self) -> dict[str, Any]:
        return {key: value for key, value in self._answer.items() if _ANY_FIELD_KEY.fullmatch(key)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BookingFields) and self._raw == other._raw

    __hash__ = None  # type: ignore[assignment]  # it holds what JSON holds

    def __repr__(self) -> str:
        return f"BookingFields({sorted(self._raw)})"

    def read(self, number: int) -> FieldReading:
        """Missing reads as empty. Raises `BookingUnreadable` if the value is no text, or two keys say different things."""
        found = [
            FieldReading(self._text(key), key)
            for key in dict.fromkeys((padded_key(number), unpadded_key(number)))
            if key in self._answer
        ]
        if not found:
            return FieldReading("", None)
        if any(reading.value != found[0].value for reading in found):
            raise BookingUnreadable(field=padded_key(number), reason=Reason.CUSTOM_KEYS_DIFFER)
        return found[0]

    def _text(self, key: str) -> str:
        value = text_of(self._answer[key])
        if value is None:
            raise BookingUnreadable(field=key, reason=Reason.NOT_TEXT)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One booking as it is now."""

    id: str
    object_id: str
    object_name: str
    status_code: str
    status_name: str
    start: datetime
    end: datetime
    customer_id: str | None
    customer_name: str = dataclasses.field(repr=False)
    email: str = dataclasses.field(repr=False)
    fields: BookingFields

    def __post_init__(self) -> None:
        assert self.start.tzinfo is UTC
        assert self.end.tzinfo is UTC
        assert self.start < self.end

    def field(self, number: int) -> FieldReading:
        """The value and the key form of booking field `number`: `booking.field(5)` is `("", "custom05")`."""
        try:
            return self.fields.read(number)
        except BookingUnreadable as problem:
            problem.status_code = self.status_code
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who made a booking. `tel_mob` is the mobile number as it was typed in."""

    id: str
    email: str = dataclasses.field(repr=False)
    initials: str = dataclasses.field(repr=False)
    lastname: str = dataclasses.field(repr=False)
    tel_mob: str = dataclasses.field(repr=False)

    @property
    def name(self) -> str:
        """`A Lovelace`, for a booking that names nobody."""
        return f"{self.initials} {self.lastname}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedObject:
    """What can be booked: a name to show beside an id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRow:
    """A hint that this booking exists. `values` are the asked columns in their order, raw where i-Reserve gave raw."""

    booking_id: str
    values: tuple[str, ...] = dataclasses.field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterResult:
    """All rows found, each booking once. If not `complete`, a booking that is missing here may exist all the same."""

    rows: tuple[FilterRow, ...]
    complete: bool
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenField:
    """A booking field after a write: what was wanted, what the answer of the write showed, and what a reading found."""

    wanted: str
    answered: str | None = dataclasses.field(repr=False)
    stored: str = dataclasses.field(repr=False)
    key: str | None

    @property
    def kept(self) -> bool:
        """False if i-Reserve stored something else: a field that is too short cuts the value."""
        return self.stored == self.wanted
