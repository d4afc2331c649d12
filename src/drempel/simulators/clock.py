"""The clock of a simulator: real time with an offset, or frozen, as the test wishes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

__all__ = ["SimulatorClock"]


class SimulatorClock:
    """Tells an aware time in UTC. Given `frozen_at` it stands still until it is set or advanced."""

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        self._frozen_at = None if frozen_at is None else _in_utc(frozen_at)
        self._offset = timedelta()

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> datetime:
        if self._frozen_at is not None:
            return self._frozen_at
        return _real_now() + self._offset

    def set(self, at: datetime) -> None:
        """Move to `at`. A frozen clock stays frozen, a running one runs on from there."""
        if self._frozen_at is not None:
            self._frozen_at = _in_utc(at)
        else:
            self._offset = _in_utc(at) - _real_now()

    def advance(self, by: timedelta) -> None:
        self.set(self.now() + by)

    def freeze(self) -> None:
        self._frozen_at = self.now()

    def run(self) -> None:
        """Run on in real time, from the time shown now."""
        shown, self._frozen_at = self.now(), None
        self.set(shown)

    async def pause(self, seconds: float) -> None:
        """Wait in real seconds, whatever this clock shows: a slow answer is slow for a real socket."""
        await asyncio.sleep(seconds)  # noqa: TID251  # this is the clock that is handed in


def _real_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a simulator's clock is where its time comes from


def _in_utc(at: datetime) -> datetime:
    assert at.tzinfo is not None, "a clock shows an instant; a naive time is none"
    return at.astimezone(UTC)
