"""Long work that a person ordered from a page: it goes on while the page reloads itself. In this process alone, one of a kind at a time, with an end.

Nothing rests on an errand: what it does is committed step by step, and what was left undone when the process died shows again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from drempel.engine.ports import Clock

__all__ = ["Errand", "ErrandEnd", "Errands"]

ERRANDS_MAX: Final = 50
SECONDS_MAX: Final = 300.0


class ErrandEnd(StrEnum):
    """How an errand ended."""

    DONE = "done"
    TOO_LATE = "too_late"
    """It took longer than it may."""
    FAULT = "fault"
    """Something that nobody foresaw; it is in the log."""


@dataclass(slots=True, kw_only=True)
class Errand:
    """One of them, while it goes on and after its end."""

    began_at: datetime
    done: int = 0
    total: int | None = None
    """Of how many, if that is known."""
    end: ErrandEnd | None = None
    result: Any = None
    """What it found, once it is done."""
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def progress(self, done: int, total: int | None) -> None:
        """How far it is."""
        self.done, self.total = done, total

    @property
    def under_way(self) -> bool:
        return self.end is None


Work = Callable[[Errand], Awaitable[Any]]


class Errands:
    """By key. Those that ended are kept until others push them out."""

    def __init__(self, clock: Clock, *, on_fault: Callable[[Exception], None], seconds_max: float = SECONDS_MAX) -> None:
        self._clock = clock
        self._on_fault = on_fault
        self._seconds_max = seconds_max
        self._errands: OrderedDict[str, Errand] = OrderedDict()

    def of(self, key: str) -> Errand | None:
        """The one under way, or the last that ended."""
        return self._errands.get(key)

    def start(self, key: str, work: Work) -> Errand:
        """Begin it; the one that is under way already if there is one."""
        there = self._errands.get(key)
        if there is not None and there.under_way:
            return there
        made = Errand(began_at=self._clock.now())
        self._errands[key] = made
        self._errands.move_to_end(key)
        while len(self._errands) > ERRANDS_MAX and not next(iter(self._errands.values())).under_way:
            self._errands.popitem(last=False)
        made.task = asyncio.create_task(self._run(made, work))
        return made

    def drop(self, key: str) -> None:
        """Forget one that has ended."""
        there = self._errands.get(key)
        if there is not None and not there.under_way:
            del self._errands[key]

    async def give(self, errand: Errand, *, seconds: float) -> None:
        """A moment in which it may end, so that the next page shows what it found."""
        if errand.task is not None:
            await asyncio.wait({errand.task}, timeout=seconds)

    async def lately(self, key: str, work: Work, *, within: timedelta, seconds: float) -> Errand:
        """The last of this key if it began no longer ago, else a new one; with a moment in which it may end. For pages that load themselves anew."""
        there = self.of(key)
        if there is not None and self._clock.now() - there.began_at >= within:
            self.drop(key)
        there = self.of(key) or self.start(key, work)
        await self.give(there, seconds=seconds)
        return there

    async def close(self) -> None:
        """Break off what is under way, which is no worse than a crash."""
        tasks = [each.task for each in self._errands.values() if each.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, errand: Errand, work: Work) -> None:
        try:
            async with asyncio.timeout(self._seconds_max):
                errand.result = await work(errand)
            errand.end = ErrandEnd.DONE
        except TimeoutError:
            errand.end = ErrandEnd.TOO_LATE
        except asyncio.CancelledError:
            errand.end = ErrandEnd.TOO_LATE
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the page says that it ended
            self._on_fault(error)
            errand.end = ErrandEnd.FAULT
