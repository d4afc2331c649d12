"""Where calls wait for their turn while a credential is held back: whoever is most urgent gets the next place.

The store gives out places, so that all processes together keep one pace; a place belongs to the process that asked for it, and who of those that
wait here gets it is chosen when its moment has come. Each eighth place goes to whoever has stood here longest, so that nobody is passed for ever.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from drempel.domain.values import value
from drempel.engine.pace import WINDOW
from drempel.engine.ports import Clock, Store

__all__ = ["LINE_SECONDS_MAX", "Rank", "TooLong", "Urgency", "WaitingLine"]

LINE_SECONDS_MAX: Final = 8.0
"""Longer than this nobody waits with a booking in hand: what was read of it would no longer be fresh."""
RESERVED_SECONDS: Final = 0.5
"""So much of the line is asked for at once: one statement for several calls, and no process keeps the others waiting."""
IN_HAND_SECONDS: Final = 2.0
"""So many bookings are taken in hand as this process may make calls for within this time."""
IN_HAND_MIN: Final = 4
LONGEST_EACH: Final = 8
SAME_SECONDS: Final = 0.5
WEIGHT_OF_NEWEST: Final = 0.2


class Rank(IntEnum):
    """What goes before everything else, in order."""

    ENDS_RUNNING_ACCESS = 0
    STARTS_SOON = 1
    LATER = 2
    BACKGROUND = 3


@value(frozen=True, slots=True, order=True)
class Urgency:
    """The smaller, the sooner: by rank, then by the start of the booking."""

    rank: Rank
    begins: datetime


class TooLong(Exception):
    """Who stands here would have to wait for `wait_seconds`: longer than he may."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"{wait_seconds:.1f} s")
        self.wait_seconds = wait_seconds


@dataclass(slots=True)
class _Waiter:
    urgency: Callable[[], Urgency]
    until: float
    turn: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class WaitingLine:
    """The line of one throttle in one process. Times are monotonic seconds; only lengths of time come from the store."""

    def __init__(self, key: str, *, store: Store, clock: Clock) -> None:
        self._key = key
        self._store = store
        self._clock = clock
        self._waiting: list[_Waiter] = []
        self._places: deque[float] = deque()
        self._apart = 0.0
        self._own_apart = 0.0
        """What is left of the pace for this process, where others use it too."""
        self._not_before = float("-inf")
        self._refused_at = float("-inf")
        self._given = 0
        self._given_at: float | None = None
        """When the last place was given, if others were still waiting then."""
        self._went_well = 0
        self._serving: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing is held back, as far as is known here."""
        return not self._apart

    @property
    def room(self) -> int:
        """How many bookings may be in hand, so that none of them waits long after it was read."""
        now = self._clock.monotonic()
        if max(self._not_before, self._places[0] if self._places else now) - now > LINE_SECONDS_MAX:
            # Each is read, told that it has to wait, and given back: one by one is soon enough.
            return 1
        apart = max(self._own_apart, self._apart)
        return max(IN_HAND_MIN, round(IN_HAND_SECONDS / apart)) if apart else IN_HAND_MIN

    def note_apart(self, apart: timedelta) -> None:
        """What the store says of the pace, before places were asked for."""
        self._apart = self._apart or apart.total_seconds()

    def went_well(self) -> None:
        """A call was answered with anything but a refusal."""
        self._went_well += 1

    def refused(self, retry_after: timedelta) -> bool:
        """A call was refused: what was given out for the time until then is void. Whether the store does not know of it yet."""
        now = self._clock.monotonic()
        until = now + retry_after.total_seconds()
        is_news = until > self._not_before + SAME_SECONDS or now - self._refused_at >= WINDOW.total_seconds()
        if is_news:
            self._refused_at = now
        self._apart = self._apart or WINDOW.total_seconds()
        self._not_before = max(self._not_before, until)
        while self._places and self._places[0] < self._not_before:
            self._places.popleft()
        return is_news

    async def stand(self, urgency: Callable[[], Urgency], *, patience: float = LINE_SECONDS_MAX) -> None:
        """Return when it is this caller's turn. Raises `TooLong` as soon as it is clear that his turn does not come within `patience`."""
        waiter = _Waiter(urgency, self._clock.monotonic() + patience)
        self._waiting.append(waiter)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        try:
            await waiter.turn
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def _serve(self) -> None:
        try:
            while self._waiting:
                await self._serve_next()
        except BaseException as error:
            for waiter in self._take_all():
                if isinstance(error, asyncio.CancelledError):
                    waiter.turn.cancel()
                else:
                    waiter.turn.set_exception(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._serving = None

    async def _serve_next(self) -> None:
        place = await self._next_place()
        if place is None:
            for waiter in self._take_all():
                waiter.turn.set_result(None)
            return
        wait = max(0.0, place - self._clock.monotonic())
        for waiter in [each for each in self._waiting if each.until < place]:
            # Places only get later: this one, and each after it, comes too late for him.
            self._waiting.remove(waiter)
            if not waiter.turn.done():
                waiter.turn.set_exception(TooLong(wait))
        if not self._waiting:
            # Kept for whoever comes before its time, or places would be lost with everybody who does not want to wait so long.
            self._places.appendleft(place)
            return
        if wait:
            await self._clock.sleep(wait)
        if place >= self._not_before:
            self._give(place)

    async def _next_place(self) -> float | None:
        now = self._clock.monotonic()
        while self._places and self._places[0] < now - self._apart:
            self._places.popleft()
        if self._places:
            return self._places.popleft()
        count = max(1, min(len(self._waiting), round(RESERVED_SECONDS / self._apart) if self._apart else 1))
        told, self._went_well = self._went_well, 0
        places = await self._store.take_places(self._key, count=count, went_well=told)
        if places is None:
            self._apart = self._own_apart = 0.0
            return None
        # From the moment of the answer: a place may come a little late, never early.
        first = self._clock.monotonic() + places.first.total_seconds()
        self._apart = places.apart.total_seconds()
        self._places.extend(first + number * self._apart for number in range(places.count))
        return self._places.popleft()

    def _give(self, place: float) -> None:
        waiting = [each for each in self._waiting if not each.turn.done()]
        if not waiting:
            return
        self._given += 1
        chosen = waiting[0] if self._given % LONGEST_EACH == 0 else min(waiting, key=lambda each: each.urgency())
        self._waiting.remove(chosen)
        chosen.turn.set_result(None)
        # Measured while somebody waits; with nobody waiting the whole pace may be ours.
        measured = self._apart if self._given_at is None else min(place - self._given_at, LINE_SECONDS_MAX)
        self._own_apart += (measured - self._own_apart) * (WEIGHT_OF_NEWEST if self._own_apart else 1.0)
        self._given_at = place if len(waiting) > 1 else None

    def _take_all(self) -> list[_Waiter]:
        waiting, self._waiting = [each for each in self._waiting if not each.turn.done()], []
        return waiting
