"""What one process knows of its outside calls and shares among all its bookings."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from drempel.engine.ports import Pause
from drempel.engine.waiting_line import WaitingLine

__all__ = ["KnownOfCalls"]


@dataclass(slots=True)
class KnownOfCalls:
    """Of the calls of all its bookings. Times are monotonic seconds."""

    pauses: Mapping[str, Pause] | None = None
    """None: never read yet."""
    read_at: float = float("-inf")
    lines: dict[str, WaitingLine] = field(default_factory=dict)
    silence_noted: dict[str, float] = field(default_factory=dict)
    """When this process last told of it: another may get answers meanwhile, and the two would contradict each other at each call."""
    silent_since: dict[str, float] = field(default_factory=dict)
    """By `Target.silence`, when the first call got no answer of which none has got one since."""
    went_well: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=1000)))
    """By throttle, when the last calls went well: the first refusal shows by them how much is allowed."""
    under_way: int = 0
    """How many calls are out and not answered yet."""
