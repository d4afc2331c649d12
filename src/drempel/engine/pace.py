"""How fast one credential may be used, learned from its 429s. Pure: the store keeps it in one row that every process shares.

After a 429 calls go one by one, as far apart as the second before it shows that they may. Successes bring them nearer; a refusal puts them further
apart, and then the pace is kept for a while, because each try to go faster costs one more 429 and the pause that it asks for. When nothing is held
back any more there is no pace. All times are the database's: no clock of a machine counts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Self

from drempel.domain.values import value

__all__ = ["WINDOW", "Pace", "Places"]

WINDOW: Final = timedelta(seconds=1)
"""The refusals of so long count as one: what was sent together is refused together."""
APART_MIN: Final = timedelta(milliseconds=2)
APART_MAX: Final = timedelta(seconds=5)
SLOWER: Final = 1.1
SLOWER_AFTER_LONG: Final = 3.0
"""After a long pause: the provider counts by the minute, and so little would not be noticed."""
LONG: Final = timedelta(seconds=5)
FASTER: Final = 0.99
FASTER_AT_FIRST: Final = 0.97
"""Before the second refusal the pace is a guess, too slow where other processes share the limit."""
FASTER_AT_ONCE_MAX: Final = 0.9
"""However much went well since the last places were given out."""
STEADY: Final = timedelta(seconds=30)
STEADY_AT_FIRST: Final = timedelta(seconds=5)


@value(frozen=True, slots=True, kw_only=True)
class Places:
    """Places in the line that were given out: the first in `first` from now, each next one `apart` later."""

    first: timedelta
    apart: timedelta
    count: int


@value(frozen=True, slots=True, kw_only=True)
class Pace:
    """Calls go `apart` from each other; the next one that nobody has is at `next_at`."""

    apart: timedelta
    next_at: datetime
    slowed_at: datetime
    steady_until: datetime
    """Until then successes do not bring calls nearer."""

    @classmethod
    def after_first_refusal(cls, now: datetime, *, retry_after: timedelta, well_lately: int) -> Self:
        """`well_lately`: calls that went well within the last `WINDOW`, as far as who was refused knows."""
        apart = _apart_by(well_lately)
        return cls(apart=apart, next_at=now + retry_after, slowed_at=now, steady_until=now + STEADY_AT_FIRST)

    @property
    def is_a_guess(self) -> bool:
        """Whether it was refused only once so far."""
        return self.steady_until - self.slowed_at < STEADY

    def refused(self, now: datetime, *, retry_after: timedelta, well_lately: int = 0) -> Pace:
        """Another 429. Many of one moment count once; the longest pause that was asked for is kept in any case.

        `well_lately` as in `after_first_refusal`: who tells of the first refusal may be the one process of which no call went well, so the first
        guess goes by whoever has seen most.
        """
        waiting = replace(self, next_at=max(self.next_at, now + retry_after))
        if now - self.slowed_at < WINDOW:
            return replace(waiting, apart=min(self.apart, _apart_by(well_lately))) if self.is_a_guess else waiting
        slower = SLOWER_AFTER_LONG if retry_after >= LONG else SLOWER
        steady = now + max(STEADY, 2 * retry_after)
        return replace(waiting, apart=min(self.apart * slower, APART_MAX), slowed_at=now, steady_until=steady)

    def taken(self, now: datetime, *, count: int, went_well: int) -> tuple[Pace, Places] | None:
        """Give out the next `count` places; `went_well`: successes since who asks asked last. None: nothing is held back any more."""
        apart = self.apart
        if now >= self.steady_until:
            apart *= max((FASTER_AT_FIRST if self.is_a_guess else FASTER) ** went_well, FASTER_AT_ONCE_MAX)
        if apart < APART_MIN:
            return None
        begin = max(now, self.next_at)
        left = replace(self, apart=apart, next_at=begin + count * apart)
        return left, Places(first=begin - now, apart=apart, count=count)


def _apart_by(well_lately: int) -> timedelta:
    return min(max(WINDOW / max(well_lately, 1) * SLOWER, APART_MIN), APART_MAX)
