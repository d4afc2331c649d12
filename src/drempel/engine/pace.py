"""How fast one credential may be used, learned from its 429s. Pure but for the times that are handed in.

After a 429 calls go one by one, as far apart as the second before it shows that they may; each success brings them a little nearer, until nothing
is held back any more. Without it everybody who was told to wait comes back at once, and the reads of many eat what one needs for its revoke.
"""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["Pace"]

WINDOW_SECONDS: Final = 1.0
SLOWER: Final = 1.3
FASTER: Final = 0.97
APART_SECONDS_MIN: Final = 0.01
APART_SECONDS_MAX: Final = 5.0


class Pace:
    """The pace of one credential. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._apart = 0.0
        self._next = float("-inf")
        self._slowed_at = float("-inf")
        self._went_well: deque[float] = deque(maxlen=1000)

    def wait(self, now: float) -> float:
        """How long the next call would have to wait, in seconds."""
        return max(0.0, self._next - now) if self._apart else 0.0

    def take(self, now: float) -> None:
        """Take the next place in the line."""
        if self._apart:
            self._next = max(now, self._next) + self._apart

    def went_well(self, now: float) -> None:
        """A call was answered with anything but 429."""
        self._went_well.append(now)
        self._apart *= FASTER
        if self._apart < APART_SECONDS_MIN:
            self._apart = 0.0

    def refused(self, now: float, *, retry_after: float) -> None:
        """A call was answered with 429. Many that were sent together count as one."""
        self._next = max(self._next, now + retry_after)
        if now - self._slowed_at < WINDOW_SECONDS:
            return
        self._slowed_at = now
        in_a_second = sum(1 for at in self._went_well if now - at <= WINDOW_SECONDS)
        self._apart = min(max(WINDOW_SECONDS / max(in_a_second, 1), self._apart * SLOWER), APART_SECONDS_MAX)
