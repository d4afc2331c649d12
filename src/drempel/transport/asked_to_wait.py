"""How long an answer asks to be left alone: RFC 9110, section 10.2.3. The same for every system that speaks HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from drempel.transport import Response

__all__ = ["asked_to_wait"]

PAUSE_MAX: Final = timedelta(days=1)


def asked_to_wait(response: Response, now: Callable[[], datetime]) -> timedelta | None:
    """The pause of `Retry-After`, given in seconds or as a date; None without one that can be read; a day at most.

    A date is one of *their* clock, so it is measured from the answer's own `Date`: measured by ours, a clock that is hours behind would make
    every booking wait for these hours. `now` serves where the answer has no date that can be read.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), PAUSE_MAX)
    until = _moment(text)
    if until is None:
        return None
    asked_at = _moment(response.headers.get("date", "")) or now()
    return min(max(until - asked_at, timedelta(0)), PAUSE_MAX)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
        # "-0000" is read without a zone: UTC, from a machine that does not know its own.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
