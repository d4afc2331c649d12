"""The day as a picture: doors as rows, windows as bars. Places along the day are percents, so that it fits any screen without script or style."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from drempel.engine.day import Day, DayOf, Opening, Overlap, Visit

__all__ = ["Bar", "Lane", "Picture", "picture"]

LEVEL_PIXELS: Final = 30
EARLIEST_HOUR: Final = 7
"""So much of the day is shown though nothing is open."""
LATEST_HOUR: Final = 22
HOUR: Final = timedelta(hours=1)
MARK_EM: Final = 3.4
"""How wide the mark of this moment is."""
EDGE: Final = 0.12
"""Of the picture, on each side: there the mark leaves its line bit by bit, until at the very edge it lies beside it. So much is enough for it on a
phone with large letters too.
"""
WIDE: Final = 0.04
"""The part of a wide picture that the mark takes; what lies under it is not written."""
NARROW: Final = 0.15
"""The same on a phone."""
LETTERS: Final = 0.3
"""Of the mark, how far the label of an hour reaches to each side of its line."""


class Bar(NamedTuple):
    """One window at one door. `before`: the share of the time before in it; none where the access lacks the door, which opens at no time."""

    visit: Visit
    is_without: bool
    x: str
    width: str
    y: int
    before: str
    rest: str


class Strip(NamedTuple):
    """Where more than one booking opens the door."""

    overlap: Overlap
    x: str
    width: str


class Hour(NamedTuple):
    """A line with its hour. The label is empty under the mark of this moment; where the screen is narrow every second one has a label."""

    x: str
    label: str
    is_even: bool


class Now(NamedTuple):
    """Where the line of this moment is, and where its mark lies beside it, so that the mark is whole at the edges of the picture too."""

    x: str
    mark_x: str
    text_x: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One door."""

    of: DayOf
    height: int
    bars: tuple[Bar, ...]
    strips: tuple[Strip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All doors that have something on this day."""

    lanes: tuple[Lane, ...]
    hours: tuple[Hour, ...]
    now: Now | None
    """None if this moment is not in the picture."""


class _Frame:
    """The hours that are shown."""

    def __init__(self, day: Day) -> None:
        zone = ZoneInfo(day.zone)
        begin, end = day.begin.astimezone(zone), day.end.astimezone(zone)
        opens = [opening.visit.window.valid_from for door in day.doors for opening in door.openings]
        shuts = [opening.visit.window.valid_to for door in day.doors for opening in door.openings]
        first, last = begin.replace(hour=EARLIEST_HOUR), begin.replace(hour=LATEST_HOUR)
        # Whole hours, by the clock on the wall.
        self.begin = max(begin, min([first, *(at.astimezone(zone).replace(minute=0, second=0, microsecond=0) for at in opens)]))
        self.end = min(end, max([last, *(_up_to_the_hour(at.astimezone(zone)) for at in shuts)]))

    @property
    def length(self) -> timedelta:
        return self._utc(self.end) - self._utc(self.begin)

    def share(self, length: timedelta) -> str:
        return f"{100 * (length / self.length):.3f}%"

    def x(self, at: datetime) -> str:
        return f"{100 * self.part(at):.3f}%"

    def part(self, at: datetime) -> float:
        """Of the length, from 0 to 1."""
        return (self._utc(self.within(at)) - self._utc(self.begin)) / self.length

    def within(self, at: datetime) -> datetime:
        return min(max(at, self.begin), self.end)

    def hours(self) -> list[datetime]:
        count = int(self.length / HOUR)
        return [(self._utc(self.begin) + n * HOUR).astimezone(self.begin.tzinfo) for n in range(1, count)]

    @staticmethod
    def _utc(at: datetime) -> datetime:
        # Differences of two moments on one wall clock would forget that it was changed between them.
        return at.astimezone(ZoneInfo("UTC"))


def picture(day: Day, now: datetime) -> Picture:
    """Where everything lies."""
    frame = _Frame(day)
    return Picture(
        lanes=tuple(_lane(frame, door) for door in day.doors),
        hours=tuple(_hour(frame, at, now) for at in frame.hours()),
        now=_now(frame, now) if frame.begin <= now < frame.end else None,
    )


def _hour(frame: _Frame, at: datetime, now: datetime) -> Hour:
    def covered(mark: float) -> bool:
        middle = frame.part(now) + _aside(frame, now) * mark / 2
        return frame.begin <= now < frame.end and abs(frame.part(at) - middle) < mark * (0.5 + LETTERS)

    return Hour(frame.x(at), "" if covered(WIDE) else f"{at:%H}", at.hour % 2 == 0 and not covered(NARROW))


def _aside(frame: _Frame, now: datetime) -> float:
    """How far the mark has left its line: 1 is half its width to the right, -1 to the left."""
    part = frame.part(now)
    return max(0.0, 1 - part / EDGE) - max(0.0, 1 - (1 - part) / EDGE)


def _now(frame: _Frame, now: datetime) -> Now:
    middle = _aside(frame, now) * MARK_EM / 2
    return Now(x=frame.x(now), mark_x=f"{middle - MARK_EM / 2:.2f}em", text_x=f"{middle:.2f}em")


def _lane(frame: _Frame, door: DayOf) -> Lane:
    return Lane(
        of=door,
        height=door.levels * LEVEL_PIXELS + 8,
        bars=tuple(_bar(frame, opening) for opening in door.openings),
        strips=tuple(Strip(one, frame.x(one.begin), _width(frame, one.begin, one.end)) for one in door.overlaps),
    )


def _bar(frame: _Frame, opening: Opening) -> Bar:
    window = opening.visit.window
    shown_from, shown_to = frame.within(window.valid_from), frame.within(window.valid_to)
    before = timedelta() if opening.is_without else max(frame.within(opening.visit.start) - shown_from, timedelta())
    whole = max(shown_to - shown_from, timedelta(minutes=1))
    share = min(before / whole, 1.0)
    return Bar(
        visit=opening.visit,
        is_without=opening.is_without,
        x=frame.x(window.valid_from),
        width=_width(frame, window.valid_from, window.valid_to),
        y=opening.level * LEVEL_PIXELS + 4,
        before=f"{100 * share:.3f}%",
        rest=f"{100 * (1 - share):.3f}%",
    )


def _width(frame: _Frame, begin: datetime, end: datetime) -> str:
    utc = ZoneInfo("UTC")
    return frame.share(frame.within(end).astimezone(utc) - frame.within(begin).astimezone(utc))


def _up_to_the_hour(at: datetime) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if whole == at else whole + HOUR
