"""The rule of a 429 as somebody would check it who stands between: once one process was asked to wait, none calls there until the time is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["AskedToWait", "Wait"]

SECONDS_MIN: Final = 30
"""A shorter wait may be stood through in line, and in the world nobody can see time pass there."""
STOOD_SECONDS: Final = 20
"""So long before the end a call may stand in line already."""
HEARD_SECONDS: Final = 2
"""So soon everybody knows of it."""
ALLOWED: Final = 1
"""Besides those of the bookings in hand, each of which may have been let through before: the slow loop's."""
CALLS_EACH: Final = 2
"""A booking and its customer are read by what was known when the first was asked."""


@dataclass
class Wait:
    """One side asked for it. Monotonic seconds."""

    told_at: float
    until: float
    teller: AskedToWait
    """The process that heard it: one that died on the spot, or stands in the middle, has told nobody."""


class AskedToWait:
    """What one process does about it."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._born_at = world.clock.monotonic()
        self._left: dict[tuple[str, float], int] = {}
        """By host and by when it was told: how many more calls may have been let through before."""
        self.in_hand: Callable[[], int] = lambda: 0
        """How many bookings this process has in hand."""
        self.is_dead: Callable[[], bool] = lambda: False

    def asks(self, request: Any) -> str | None:
        """A request is about to be sent; what is wrong with that, if anything."""
        host, now = urlsplit(request.url).netloc, self._world.clock.monotonic()
        wait = self._world.waits.get(host)
        if wait is None or self._world.jumped or not wait.told_at + HEARD_SECONDS <= now < wait.until:
            return None
        if wait.teller is not self and (wait.teller.is_dead() or wait.teller.in_hand()):
            return None
        key = (host, wait.told_at)
        if key not in self._left:
            self._left[key] = 0 if self._born_at >= wait.told_at + HEARD_SECONDS else self.in_hand() * CALLS_EACH + ALLOWED
        self._left[key] -= 1
        return f"never chatty: {host} asked to wait, and is called on and on" if self._left[key] == -1 else None

    def answered(self, request: Any, response: Any) -> None:
        """The answer came."""
        told = response.headers.get("retry-after", "")
        if response.status != 429 or not told.isdigit() or int(told) < SECONDS_MIN:
            return
        host, now = urlsplit(request.url).netloc, self._world.clock.monotonic()
        until = now + int(told) - STOOD_SECONDS
        known = self._world.waits.get(host)
        if known is None or until > known.until:
            self._world.waits[host] = Wait(now, until, self)
