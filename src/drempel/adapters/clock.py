"""The only place that asks the machine for time and chance."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime

__all__ = ["SystemClock", "chance"]


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)

    # Seconds that never jump. Asked some sixty times for each booking: the machine's own function, without one of ours around it.
    monotonic = staticmethod(time.monotonic)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def chance() -> random.Random:
    """Chance for jitter; nothing secret hangs on it."""
    return random.Random()  # noqa: S311
