"""Search texts for `booking/filter`. Only numbers and known names ever get into one, so nothing can be smuggled in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["STATUS_CRITERION", "all_of", "booking_above", "bookings", "objects", "start_between", "statuses"]

STATUS_CRITERION: Final = "STATUS"
DAYS_MAX: Final = 3660
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def bookings(booking_ids: Iterable[str | int]) -> str:
    """`BOOKING_ID IN (3691,3692)`."""
    return f"BOOKING_ID IN ({_numbers(booking_ids)})"


def booking_above(booking_id: str | int) -> str:
    """`BOOKING_ID > 3600`: what was made after that one."""
    return f"BOOKING_ID > {_number(booking_id)}"


def start_between(first_day: int, last_day: int) -> str:
    """`startdatum >= "-1d" AND startdatum <= "30d"`: days from today in the environment's zone, both included."""
    for day in (first_day, last_day):
        if isinstance(day, bool) or not isinstance(day, int) or abs(day) > DAYS_MAX:
            raise ValueError(f"A day is a whole number from -{DAYS_MAX} to {DAYS_MAX}, counted from today.")
    return f'startdatum >= "{first_day}d" AND startdatum <= "{last_day}d"'


def objects(object_ids: Iterable[str | int]) -> str:
    """`product IN (81,82)`."""
    return f"product IN ({_numbers(object_ids)})"


def statuses(codes: Iterable[str | int], *, criterion: str = STATUS_CRITERION) -> str:
    """`STATUS IN (20,30)`. The criterion's name is not documented, so it can be set; i-Reserve answers 412 to a wrong one."""
    if _NAME.fullmatch(criterion) is None:
        raise ValueError("The name of a criterion has letters, digits and underscores.")
    return f"{criterion} IN ({_numbers(codes)})"


def all_of(*terms: str) -> str:
    """Terms that must all hold. `AND` binds tighter than `OR`, and none of these terms contains an `OR`."""
    if not terms:
        raise ValueError("A search has at least one term.")
    return " AND ".join(terms)


def _numbers(values: Iterable[str | int]) -> str:
    numbers = ",".join(_number(value) for value in values)
    if not numbers:
        raise ValueError("A list in a search has at least one number.")
    return numbers


def _number(value: str | int) -> str:
    text = str(value)
    if isinstance(value, bool) or _NUMBER.fullmatch(text) is None:
        raise ValueError("Only whole numbers can stand in a search.")
    return text
