"""Workers that can die at any outside call or store operation, or freeze there and wake later. No patching: they are handed mortal ports."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any


class Killed(BaseException):
    """SIGKILL in this world: nothing after it runs, no cleanup counts."""


class Life:
    """Counts the steps of one worker. `die_at` kills it there; `freeze_at` holds it there until `thaw` is set."""

    def __init__(self, *, die_at: int | None = None, freeze_at: int | None = None) -> None:
        self.steps = 0
        self.die_at = die_at
        self.freeze_at = freeze_at
        self.dead = False
        self.frozen = asyncio.Event()
        self.thaw = asyncio.Event()

    async def step(self) -> None:
        if self.dead:
            raise Killed
        self.steps += 1
        if self.steps == self.die_at:
            self.dead = True
            raise Killed
        if self.steps == self.freeze_at:
            self.frozen.set()
            await self.thaw.wait()


class Mortal:
    """A port whose every asynchronous method is two steps: before it and after it."""

    def __init__(self, inner: Any, life: Life) -> None:
        self._inner = inner
        self._life = life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def mortal(*args: Any, **kwargs: Any) -> Any:
            await self._life.step()
            result = await found(*args, **kwargs)
            await self._life.step()
            return result

        return mortal
