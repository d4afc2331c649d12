"""The chore of the slow loop that erases: what persons ordered, once nothing of it is live; and what ended long ago.

In small batches, each one transaction, so that no worker waits. What may be erased is decided by `domain/retention`, within that transaction.
"""

from __future__ import annotations

from typing import Final

from drempel.engine.records import Records
from drempel.engine.run import Tools

__all__ = ["Retention"]

BATCH: Final = 50
BATCHES_MAX: Final = 20
"""In one turn; the next turn goes on from there."""
AGED_EACH_SECONDS: Final = 3600.0
"""So often all that is old is looked through."""


class Retention:
    """Erases what is due, a bounded part at each turn."""

    def __init__(self, tools: Tools, records: Records) -> None:
        self._tools = tools
        self._records = records
        self._after = ""
        """Where the look through what is old goes on."""
        self._aged_from = float("-inf")

    async def run_once(self) -> None:
        """What was ordered, all of it; then a part of what is old."""
        await self._erase_ordered()
        if self._tools.limits.retention is not None and self._tools.clock.monotonic() >= self._aged_from:
            await self._erase_aged()

    async def _erase_ordered(self) -> None:
        count = 0
        after: int | None = 0
        while after is not None:
            erased, after = await self._records.erase_ordered(limit=BATCH, after=after)
            count += erased
        if count:
            self._tools.watcher.note("bookings.erased", cause="order", count=count)

    async def _erase_aged(self) -> None:
        retention = self._tools.limits.retention
        assert retention is not None
        before = await self._tools.store.now() - retention
        count = 0
        for _ in range(BATCHES_MAX):
            erased, after = await self._records.erase_aged(before=before, limit=BATCH, after=self._after)
            count += erased
            self._after = after or ""
            if after is None:
                self._aged_from = self._tools.clock.monotonic() + AGED_EACH_SECONDS
                break
        if count:
            self._tools.watcher.note("bookings.erased", cause="age", count=count)
