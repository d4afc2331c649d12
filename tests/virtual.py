"""Virtual time: it passes when everybody waits for it, and at once."""

from __future__ import annotations

import asyncio
import heapq
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.clock import ManualClock

T = TypeVar("T")
WAKES_MAX = 20_000
"""What takes longer than so many moments never ends."""
TURNS = 12
"""So often the loop goes round with nothing under way before everybody is taken to wait."""


class SleepersClock(ManualClock):
    """Who sleeps wakes when time has come to him; time goes from one sleeper to the next."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = 0

    async def sleep(self, seconds: float) -> None:
        self._number += 1
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, self._number, waking))
        await waking

    def wake_next(self, advance: Callable[[timedelta], None]) -> None:
        at, _, waking = heapq.heappop(self._sleepers)
        advance(timedelta(seconds=max(0.0, at - self.monotonic())))
        if not waking.done():
            waking.set_result(None)


class Counting:
    """A store that counts what is asked of it, and knows when nothing is under way."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()
        self.busy = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def counted(*args: Any, **kwargs: Any) -> Any:
            self.asked[name] += 1
            self.busy += 1
            try:
                return await found(*args, **kwargs)
            finally:
                self.busy -= 1

        return counted


async def played(
    clock: SleepersClock, stores: list[Counting], doing: Awaitable[T], *, advance: Callable[[timedelta], None] | None = None
) -> T:
    """Let time pass only when everybody waits for it; `advance` moves further clocks along."""
    task = asyncio.ensure_future(doing)
    for _ in range(WAKES_MAX):
        if task.done():
            return task.result()
        idle = 0
        while idle < TURNS and not task.done():
            await asyncio.sleep(0)
            idle = 0 if any(store.busy for store in stores) else idle + 1
        if not task.done():
            clock.wake_next(advance or clock.advance)
    task.cancel()
    raise AssertionError("what was waited for does not come, however much time passes")
