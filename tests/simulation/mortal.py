"""Workers whose every step is told: a life goes on when it is let, stands still as long as one likes, and ends at any await. No patching: they are
handed mortal ports.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

__all__ = ["Killed", "Life", "Mortal"]

CALM_ROUNDS = 12
"""A life counts as standing still when the event loop went round so often without anything of it moving."""


class Killed(BaseException):
    """SIGKILL in this world: nothing after it runs, no cleanup counts."""


class Life:
    """One worker process. `gated`: it stands at each step until it is let go; else it runs until `die_at` or `stand_at`, if that is given."""

    def __init__(self, *, gated: bool = False, die_at: int | None = None, stand_at: int | None = None) -> None:
        self.gated = gated
        self.die_at = die_at
        self.stand_at = stand_at
        self.dead = False
        self.steps = 0
        self.places: list[str] = []
        """Where each step was: the port's method, before or after it."""
        self._standing: list[tuple[str, asyncio.Future[None]]] = []
        self._under_way = 0
        self._moved = asyncio.Event()

    async def step(self, place: str) -> None:
        if self.dead:
            raise Killed
        self.steps += 1
        self.places.append(place)
        if self.steps == self.die_at:
            self.end()
            raise Killed
        if self.steps == self.stand_at:
            self.gated = True
        if not self.gated:
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._standing.append((place, turn))
        self._moved.set()
        await turn
        if self.dead:
            raise Killed

    @property
    def stands_at(self) -> list[str]:
        """Where its tasks stand now, the one that came first first."""
        return [place for place, _ in self._standing]

    def let_go_on(self) -> None:
        """The task that stands longest makes its step."""
        _, turn = self._standing.pop(0)
        if not turn.done():
            turn.set_result(None)

    def run_free(self) -> None:
        """It stands nowhere any more."""
        self.gated = False
        while self._standing:
            self.let_go_on()

    def end(self) -> None:
        """It dies where it stands."""
        self.dead = True
        while self._standing:
            self.let_go_on()

    async def stands_still(self, task: asyncio.Task[Any]) -> None:
        """Return when its task has ended, or all that it does waits for a turn."""
        calm, before = 0, -1
        while not task.done() and calm < CALM_ROUNDS:
            if self._under_way:
                # Something of it is with the store: in a thread, or in a commit that others share.
                self._moved.clear()
                moved = asyncio.ensure_future(self._moved.wait())
                await asyncio.wait({moved, task}, return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()
                calm = 0
                continue
            await asyncio.sleep(0)
            calm = calm + 1 if before == self.steps else 0
            before = self.steps

    async def carry_out(self, label: str, call: Any, *arguments: Any, **options: Any) -> Any:
        """One call of a port, between two steps."""
        await self.step(f"before {label}")
        self._under_way += 1
        try:
            result = await call(*arguments, **options)
        finally:
            self._under_way -= 1
            self._moved.set()
        await self.step(f"after {label}")
        return result


class Mortal:
    """A port whose every asynchronous method is two steps of a life: before it and after it."""

    def __init__(self, inner: Any, life: Life, *, name: str) -> None:
        self._inner = inner
        self._life = life
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def mortal(*arguments: Any, **options: Any) -> Any:
            return await self._life.carry_out(f"{self._name}.{name}", found, *arguments, **options)

        return mortal
