"""One reservation in the booking system, which stays leading; and the visitor who gets the door link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Final

from drempel.domain.values import value

__all__ = ["Booking", "Visitor", "usable_email"]

EMAIL_CHARACTERS_MAX: Final = 254
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f,;<>]+@[^@\s\x00-\x1f,;<>]+")


@value(frozen=True, slots=True, kw_only=True)
class Booking:
    """What the booking system says of one booking, read now. `start` and `end` are UTC, `start < end`."""

    source: str
    booking_id: str
    status: str
    object_id: str
    object_name: str
    start: datetime
    end: datetime
    customer_id: str | None = None
    email: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Booking fields by their padded name (`custom05`); a missing field is empty."""

    def __post_init__(self) -> None:
        assert self.start.tzinfo is UTC
        assert self.end.tzinfo is UTC
        assert self.start < self.end

    def field_value(self, name: str) -> str:
        """The text in a booking field, trimmed; empty if there is none."""
        return self.fields.get(name, "").strip()


@value(frozen=True, slots=True, kw_only=True)
class Visitor:
    """How Resivo can reach the visitor."""

    email: str | None
    """Empty = there is none that can be used; None = the booking has none and the customer could not be read."""
    mobile: str | None
    """As the booking system gives it; empty = none; None = could not be read (no right for this customer)."""


def usable_email(raw: str) -> str:
    """The address trimmed, or empty if it cannot be one."""
    text = raw.strip()
    return text if len(text) <= EMAIL_CHARACTERS_MAX and _EMAIL.fullmatch(text) else ""
