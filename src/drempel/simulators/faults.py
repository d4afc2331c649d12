"""The script of faults: what goes wrong with which call, in which order, how often."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from enum import StrEnum
from itertools import count
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveInt, model_validator

__all__ = ["ANY_OPERATION", "Fault", "FaultKind", "FaultList"]

ANY_OPERATION: Final = "*"


class FaultKind(StrEnum):
    STATUS = "status"
    """Answers with `status` and a `body`; the work is not done, unless `done` is true (a proxy's 503 after the commit)."""
    REFUSE = "refuse"
    """The connection is refused. Over real HTTP: cut as soon as the request is known, before any work."""
    LOST_BEFORE = "lost_before"
    """No work, no answer."""
    LOST_AFTER = "lost_after"
    """The work is done, the answer is lost."""
    LATE = "late"
    """No answer; the work is done once the simulator's clock has moved on by `late_seconds`."""
    HOLD_BEFORE = "hold_before"
    """Held before the work, until released."""
    HOLD_AFTER = "hold_after"
    """The work is done; its answer is held until released."""
    SLOW = "slow"
    """The answer takes `seconds` in real time; the work is done at once, or with `work = "after"` at the end of the wait."""


OPTIONS: Final[dict[FaultKind, frozenset[str]]] = {
    FaultKind.STATUS: frozenset({"status", "body", "message", "retry_after", "retry_after_as", "done"}),
    FaultKind.LATE: frozenset({"late_seconds"}),
    FaultKind.SLOW: frozenset({"seconds", "work"}),
}
GENERAL: Final = frozenset({"id", "operation", "kind", "times", "after"})


class Fault(BaseModel):
    """One entry of the script. `times = null` never ends; `after = 2` lets the first two calls that it matches pass."""

    model_config = ConfigDict(extra="forbid", validate_assignment=False)

    id: str = ""
    operation: str
    kind: FaultKind
    times: PositiveInt | None = 1
    after: NonNegativeInt = 0

    status: int = Field(default=500, ge=100, le=599)
    body: Literal["json", "empty", "html"] = "json"
    message: str = "Scripted fault"
    retry_after: NonNegativeInt | None = None
    retry_after_as: Literal["seconds", "date"] = "seconds"
    done: bool = False

    late_seconds: NonNegativeFloat = 60.0

    seconds: NonNegativeFloat = 1.0
    work: Literal["before", "after"] = "before"

    @model_validator(mode="after")
    def _options_belong_to_the_kind(self) -> Self:
        foreign = self.model_fields_set - GENERAL - OPTIONS.get(self.kind, frozenset())
        if foreign:
            raise ValueError(f"a fault of kind {self.kind} has no option {', '.join(sorted(foreign))}")
        return self


class FaultList:
    """The script in its order: each call consumes the first fault that matches its operation."""

    def __init__(self, operations: Iterable[str]) -> None:
        self._operations = frozenset(operations) | {ANY_OPERATION}
        self._faults: list[Fault] = []
        self._gates: dict[str, _Gate] = {}
        self._numbers = count(1)

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, *, operation: str, kind: str, times: int | None = 1, after: int = 0, **options: Any) -> str:
        """Append a fault; its id is answered. A word that the simulator does not know is refused with `ValueError`."""
        return self.add_fault(Fault(operation=operation, kind=FaultKind(kind), times=times, after=after, **options))

    def add_fault(self, fault: Fault) -> str:
        if fault.operation not in self._operations:
            raise ValueError(f"no operation {fault.operation!r}; known are {', '.join(sorted(self._operations))}")
        identity = fault.id or f"fault-{next(self._numbers)}"
        if identity in self._gates:
            raise ValueError(f"there is a fault {identity!r} already")
        self._faults.append(fault.model_copy(update={"id": identity}))
        self._gates[identity] = _Gate()
        return identity

    def take(self, operation: str) -> Fault | None:
        """The fault of this call, consumed; None for a call that goes well."""
        if not self._faults:
            return None
        for fault in self._faults:
            if fault.operation not in {operation, ANY_OPERATION}:
                continue
            if fault.after:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
            return fault
        return None

    async def hold(self, identity: str) -> None:
        """Wait until the fault is released."""
        await self._gates[identity].pass_through()

    async def wait_until_held(self, identity: str) -> None:
        """Wait until a call stands at this fault: then is the moment to kill its caller."""
        await self._gates[identity].reached.wait()

    def held(self) -> list[str]:
        """The faults at which a call stands now."""
        return [identity for identity, gate in self._gates.items() if gate.waiting]

    def release(self, identity: str) -> None:
        """Let every call that stands, or will stand, at this fault go on. `KeyError` for a fault that never was."""
        self._gates[identity].opened.set()

    def clear(self) -> None:
        """Forget the script and release whatever it holds."""
        self._faults.clear()
        for gate in self._gates.values():
            gate.opened.set()

    def as_json(self) -> list[dict[str, Any]]:
        return [fault.model_dump(mode="json", exclude_unset=True) | {"id": fault.id} for fault in self._faults]


class _Gate:
    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.reached = asyncio.Event()
        self.waiting = 0

    async def pass_through(self) -> None:
        self.waiting += 1
        self.reached.set()
        try:
            await self.opened.wait()
        finally:
            self.waiting -= 1
