"""A clock that moves only when it is told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """Fills the port `Clock`. Sleeping only lets others run: time is moved by `advance`."""

    def __init__(self, now: datetime) -> None:
        assert now.tzinfo is UTC
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def advance(self, by: timedelta | float) -> None:
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        assert step >= timedelta(), "time does not go back here"
        self._now += step
        self._monotonic += step.total_seconds()

    def jump(self, by: timedelta) -> None:
        """The wall clock is set; monotonic time does not notice."""
        self._now += by
