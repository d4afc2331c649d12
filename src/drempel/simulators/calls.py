"""What was called, when, with which answer: the log that tests count on. It holds no body, no query and no secret."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

__all__ = ["Call", "CallLog"]

CALLS_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API. `status` is None when no answer was sent."""

    operation: str
    method: str
    path: str
    at: datetime
    status: int | None
    fault: str | None


class CallLog:
    """The last calls, and how many there were of each operation since the log was cleared."""

    def __init__(self) -> None:
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.counts: Counter[str] = Counter()

    def add(self, call: Call) -> None:
        self.calls.append(call)
        self.counts[call.operation] += 1

    def of(self, operation: str) -> list[Call]:
        return [call for call in self.calls if call.operation == operation]

    def clear(self) -> None:
        self.calls.clear()
        self.counts.clear()

    def as_json(self) -> dict[str, Any]:
        calls = [
            {
                "operation": call.operation,
                "method": call.method,
                "path": call.path,
                "at": call.at.isoformat(),
                "status": call.status,
                "fault": call.fault,
            }
            for call in self.calls
        ]
        return {"counts": dict(self.counts), "calls": calls}
