"""Deliveries of webhooks: what is to be sent, when it is tried again, and what became of it. No network here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve.records import HookRecord
from drempel.simulators.ireserve.switches import Fate, Switches

__all__ = ["Deliveries", "Delivery", "DeliveryState", "Try"]

KEPT: Final = 5_000
JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Try:
    """One try: when, and what came of it in a word or a status."""

    at: datetime
    ok: bool
    outcome: str


@dataclass(slots=True, eq=False)
class Delivery:
    """One event on its way to one webhook."""

    number: int
    hook_id: str
    url: str = field(repr=False)
    event: str
    booking_id: str
    content_type: str
    body: bytes = field(repr=False)
    made_at: datetime
    next_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    tries: list[Try] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "hook_id": self.hook_id,
            "url": self.url,
            "event": self.event,
            "booking_id": self.booking_id,
            "state": self.state,
            "made_at": self.made_at.isoformat(),
            "next_at": self.next_at.isoformat() if self.state is DeliveryState.WAITING else None,
            "tries": [{"at": one.at.isoformat(), "ok": one.ok, "outcome": one.outcome} for one in self.tries],
        }


class Deliveries:
    """Whoever sends takes what is `due`, tries it, and says what came of it with `done`."""

    def __init__(self, *, clock: SimulatorClock, switches: Switches, seed: int) -> None:
        self._clock = clock
        self._switches = switches
        self._seed = seed
        self._numbers = count(1)
        self._later: list[tuple[datetime, int, Delivery]] = []
        self._ready: dict[int, Delivery] = {}
        self._log: deque[Delivery] = deque(maxlen=KEPT)
        self._on_new: Callable[[], None] | None = None

    def on_new(self, listener: Callable[[], None] | None) -> None:
        """Call this whenever something is to be sent, so that a sender wakes at once."""
        self._on_new = listener

    def add(self, hook: HookRecord, *, event: str, booking_id: str, body: bytes) -> None:
        """Make a delivery, or none or two of it, as its fate wants."""
        fate = self._take_fate()
        now = self._clock.now()
        delay = timedelta(seconds=self._switches.delivery_delay_seconds) if fate is Fate.DELAY else timedelta()
        first = Delivery(
            number=next(self._numbers),
            hook_id=hook.id,
            url=hook.target_url,
            event=event,
            booking_id=booking_id,
            content_type=JSON_TYPE if hook.json else FORM_TYPE,
            body=body,
            made_at=now,
            next_at=now + delay + timedelta(seconds=self._switches.try_seconds[0]),
        )
        self._log.append(first)
        if fate is Fate.DROP:
            first.state = DeliveryState.DROPPED
            return
        self._wait(first)
        if fate is Fate.DOUBLE:
            self._again(first, at=now)

    def send_again(self, number: int) -> None:
        """Make a new delivery of one in the log, due now. Raises `KeyError` for one that is not there."""
        found = next((one for one in self._log if one.number == number), None)
        if found is None:
            raise KeyError(f"delivery {number}")
        self._again(found, at=self._clock.now())

    def due(self, now: datetime) -> list[Delivery]:
        """What should be tried at `now`. A delivery stays due until `done` is told."""
        while self._later and self._later[0][0] <= now:
            _, _, delivery = heappop(self._later)
            self._ready[delivery.number] = delivery
        if self._switches.reordered:
            return sorted(self._ready.values(), key=self._shuffled)
        return list(self._ready.values())

    def done(self, delivery: Delivery, *, ok: bool, outcome: str = "") -> None:
        """Say what came of a try. After the last failed try the delivery has failed for good."""
        if self._ready.pop(delivery.number, None) is None:
            return  # it was cleared, or somebody said it already
        delivery.tries.append(Try(self._clock.now(), ok, outcome or ("delivered" if ok else "failed")))
        schedule = self._switches.try_seconds
        if ok:
            delivery.state = DeliveryState.DELIVERED
        elif len(delivery.tries) >= len(schedule):
            delivery.state = DeliveryState.FAILED
        else:
            delivery.next_at = delivery.tries[0].at + timedelta(seconds=schedule[len(delivery.tries)] - schedule[0])
            self._wait(delivery)

    def next_due_at(self) -> datetime | None:
        """When something that waits becomes due; None if nothing waits for its time."""
        return self._later[0][0] if self._later else None

    def log(self) -> list[Delivery]:
        """The last deliveries, newest first."""
        return list(reversed(self._log))

    def of_booking(self, booking_id: str) -> list[Delivery]:
        return [one for one in reversed(self._log) if one.booking_id == booking_id]

    def waiting(self) -> int:
        return len(self._later) + len(self._ready)

    def clear(self) -> None:
        """Forget every delivery, also those that wait."""
        self._later.clear()
        self._ready.clear()
        self._log.clear()

    def _again(self, delivery: Delivery, *, at: datetime) -> None:
        twin = replace(delivery, number=next(self._numbers), made_at=at, next_at=at, state=DeliveryState.WAITING, tries=[])
        self._log.append(twin)
        self._wait(twin)

    def _wait(self, delivery: Delivery) -> None:
        heappush(self._later, (delivery.next_at, delivery.number, delivery))
        if self._on_new is not None:
            self._on_new()

    def _take_fate(self) -> Fate:
        if not self._switches.next_deliveries:
            return self._switches.deliveries
        fate, *rest = self._switches.next_deliveries
        self._switches.next_deliveries = tuple(rest)
        return fate

    def _shuffled(self, delivery: Delivery) -> bytes:
        return blake2b(f"{self._seed}:{delivery.number}:{len(delivery.tries)}".encode(), digest_size=8).digest()
