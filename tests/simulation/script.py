"""A script: the weather and the actions of one world, drawn from a seed, written as text, and made shorter while it still fails."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from tests.simulation.actions import ACTIONS, NEVER_LEFT_OUT, WEIGHTS

__all__ = ["STEPS", "Script", "shorter"]

STEPS = 28
NUMBERS = 1 << 16


@dataclass(frozen=True)
class Script:
    """`weather` and each action's number decide what is drawn; leaving an action out changes no other."""

    weather: int
    steps: tuple[tuple[str, int], ...]

    @classmethod
    def of_seed(cls, seed: int, *, steps: int = STEPS) -> Self:
        """Each seed leaves out some actions and does others oftener, so that rare things meet each other somewhere."""
        draw = random.Random(seed)
        weights = {
            name: weight * (draw.choice((1, 1, 2)) if name in NEVER_LEFT_OUT else draw.choice((0, 1, 1, 3)))
            for name, weight in WEIGHTS.items()
        }
        # Without a booking nothing can happen to one.
        names = ["book"] * draw.choice((1, 2, 3)) + ["deliver"]
        names += draw.choices(list(weights), list(weights.values()), k=steps - len(names))
        return cls(weather=draw.randrange(NUMBERS), steps=tuple((name, draw.randrange(NUMBERS)) for name in names))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError` for a text that is no script."""
        words = [word.partition(":") for word in text.split()]
        if not words or words[0][0] != "weather" or any(name not in ACTIONS for name, _, _ in words[1:]):
            raise ValueError("A script is written as weather:7 book:12 work:3 and so on.")
        return cls(weather=int(words[0][2]), steps=tuple((name, int(number)) for name, _, number in words[1:]))

    def __str__(self) -> str:
        return " ".join((f"weather:{self.weather}", *(f"{name}:{number}" for name, number in self.steps)))


async def shorter(script: Script, fails: Callable[[Script], Awaitable[bool]]) -> Script:
    """Leave out what does not matter: halves first, then quarters, at last single actions."""
    size = max(1, len(script.steps) // 2)
    while size:
        at = 0
        while at < len(script.steps):
            candidate = Script(script.weather, (*script.steps[:at], *script.steps[at + size :]))
            if await fails(candidate):
                script = candidate
            else:
                at += size
        size //= 2
    return script
