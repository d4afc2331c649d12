"""The statuses that an environment starts with: i-Reserve contract, section 4. Administrators rename and add."""

from __future__ import annotations

from typing import Final

from drempel.simulators.ireserve.records import Status

__all__ = [
    "CANCELLED",
    "CHANGED",
    "COLORS",
    "CUSTOMER_CANCELS_BELOW",
    "CUSTOMER_CHANGES_BELOW",
    "NEW",
    "default_statuses",
    "takes_room",
]

NEW: Final = "10"
CHANGED: Final = "40"
CANCELLED: Final = "70"
CUSTOMER_CANCELS_BELOW: Final = 70
CUSTOMER_CHANGES_BELOW: Final = 90
COLORS: Final = ("dark-blue", "purple", "light-blue", "green", "orange", "red", "grey", "light-green")
_FREE_AGAIN: Final = range(70, 90)

_DEFAULTS: Final = (
    ("10", "NEW", "dark-blue"),
    ("11", "NEW", "purple"),
    ("20", "OPEN", "light-blue"),
    ("30", "PAID", "green"),
    ("40", "CHANGED", "orange"),
    ("70", "CANCELLED", "red"),
    ("80", "REJECTED", "red"),
    ("90", "CLOSED", "grey"),
    ("98", "LOCATION", "light-green"),
    ("99", "DUMMY", "light-green"),
)


def default_statuses() -> dict[str, Status]:
    return {code: Status(code=code, name=name, color=color) for code, name, color in _DEFAULTS}


def takes_room(status: str) -> bool:
    """Does a booking of this status count for availability? Cancelled and rejected ones do not."""
    return int(status) not in _FREE_AGAIN
