"""Times as i-Reserve writes them, read into UTC without ever guessing and without the zone of this machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from drempel.ireserve.errors import Reason

__all__ = ["YEAR_FIRST", "YEAR_LAST", "TimeRefused", "read_date_and_time", "read_iso_time", "wall_time_to_utc", "zone_named"]

YEAR_FIRST: Final = 1970
YEAR_LAST: Final = 2999
"""Bookings lie between these; a year outside is a mistake, and arithmetic near the ends of the calendar overflows."""

_DATE: Final = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_CLOCK: Final = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_FRACTION: Final = r"(?:[.,][0-9]{1,9})?"
"""Read over: bookings begin and end at whole seconds."""
_OFFSET: Final = r"(?P<offset>Z|(?P<sign>[+-])(?P<offset_hours>[0-9]{2})(?::?(?P<offset_minutes>[0-9]{2}))?)?"
_ISO_TIME: Final = re.compile(f"{_DATE}T{_CLOCK}{_FRACTION}{_OFFSET}")
_DATE_AND_TIME: Final = re.compile(f"{_DATE} {_CLOCK}")


class TimeRefused(ValueError):
    """The text is no time, or no single one."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises `ValueError` with a sentence."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all; the name of a folder
        raise ValueError(f"There is no time zone named {name!r}; use an IANA name such as Europe/Amsterdam.") from None


def read_iso_time(text: str, *, zone: ZoneInfo) -> datetime:
    """`2026-03-14T10:00:00+0100`, the offset with or without colon, `Z`, or none: then it is a wall time of `zone`."""
    found = _ISO_TIME.fullmatch(text.strip())
    if found is None:
        raise TimeRefused(Reason.NOT_A_TIME)
    wall = _wall_time(found)
    if found["offset"] is None:
        return wall_time_to_utc(wall, zone=zone)
    return wall.replace(tzinfo=_offset(found)).astimezone(UTC)


def read_date_and_time(date: str, time: str, *, zone: ZoneInfo) -> datetime:
    """`2026-03-14` and `10:00` or `10:00:00`: a wall time of `zone`."""
    found = _DATE_AND_TIME.fullmatch(f"{date.strip()} {time.strip()}")
    if found is None:
        raise TimeRefused(Reason.NOT_A_TIME)
    return wall_time_to_utc(_wall_time(found), zone=zone)


def wall_time_to_utc(wall: datetime, *, zone: ZoneInfo) -> datetime:
    """The one instant at which the clocks of `zone` show `wall`; refused if there is none, or if there are two."""
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    first_offset, second_offset = first.utcoffset(), second.utcoffset()
    assert first_offset is not None
    assert second_offset is not None
    if first_offset < second_offset:
        raise TimeRefused(Reason.NO_ZONE_GAP)
    if first_offset > second_offset:
        raise TimeRefused(Reason.NO_ZONE_OVERLAP)
    return first.astimezone(UTC)


def _wall_time(found: re.Match[str]) -> datetime:
    year = int(found["year"])
    if not YEAR_FIRST <= year <= YEAR_LAST:
        raise TimeRefused(Reason.NOT_A_TIME)
    try:
        return datetime(  # noqa: DTZ001  a wall time: its zone is given, or refused, by the caller
            year,
            int(found["month"]),
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
        )
    except ValueError:
        raise TimeRefused(Reason.NOT_A_TIME) from None


def _offset(found: re.Match[str]) -> timezone:
    if found["offset"] == "Z":
        return UTC
    hours, minutes = int(found["offset_hours"]), int(found["offset_minutes"] or 0)
    if hours > 23 or minutes > 59:
        raise TimeRefused(Reason.NOT_A_TIME)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if found["sign"] == "+" else -offset)
