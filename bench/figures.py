"""What is measured, as data: what goes into bench.json, and from there into the table, the plot and the page."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["CallCounts", "Figures", "Hints", "Latency", "Machine", "Run", "Spread", "Throughput", "milliseconds"]

CallCounts = dict[str, int]
"""How many calls of each operation the simulators saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Of some durations, in milliseconds."""

    p50: float
    p99: float
    longest: float
    count: int


def milliseconds(seconds: Sequence[float]) -> Spread:
    """By nearest rank: each figure was really measured."""
    ordered = sorted(seconds)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000

    return Spread(p50=rank(0.5), p99=rank(0.99), longest=ordered[-1] * 1000, count=len(ordered))


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """Everything at once, until the last set exists."""

    bookings: int
    seconds: float
    per_second: float
    accepted_seconds: float
    """Until the last hint was answered."""
    hints: Spread | None
    """Hint to 202 while everything comes at once."""
    cpu_ms_per_booking: float | None
    simulators_cpu_ms_per_booking: float | None
    calls: CallCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """From the event to the set, at a modest rate."""

    per_second: float
    event_to_set: Spread
    sender_late_ms: float
    """How late the bench itself was at worst: if it is much, the machine was busy and the figures are of no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """From a hint to its 202."""

    per_second: float
    to_accepted: Spread
    sender_late_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one contender."""

    name: str
    throughput: list[Throughput]
    """One for each repeat."""
    latency: Latency | None = None
    hints: Hints | None = None
    peak_mib: float | None = None
    end_mib: float | None = None

    @property
    def per_second(self) -> float:
        """The median of the repeats."""
        return statistics.median(one.per_second for one in self.throughput)

    @property
    def per_second_range(self) -> tuple[float, float]:
        rates = [one.per_second for one in self.throughput]
        return min(rates), max(rates)

    @property
    def cpu_ms_per_booking(self) -> float | None:
        used = [one.cpu_ms_per_booking for one in self.throughput if one.cpu_ms_per_booking is not None]
        return statistics.median(used) if used else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where it was measured."""

    at: str
    cores: int
    python: str
    system: str
    filesystem: str
    flush_ms: float
    load_before: float
    """Programs that wanted to run in the minute before, on average: 0 is quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the bench."""

    machine: Machine
    resivo_ms: float
    ireserve_ms: float
    bookings: int
    echo: bool
    profiled: bool
    contenders: list[Figures] = field(default_factory=list)

    @property
    def calls_ms(self) -> float:
        """The calls that each booking makes before its set exists: booking, customer, create. The doors are read for many at once."""
        return 2 * self.ireserve_ms + self.resivo_ms

    @property
    def sender_late_ms(self) -> float:
        """How late the bench itself was at worst."""
        timed = [one for of in self.contenders for one in (of.latency, of.hints) if one is not None]
        return max((one.sender_late_ms for one in timed), default=0.0)

    @property
    def bare(self) -> Figures:
        return self.contenders[0]

    def ratio(self, of: Figures) -> float:
        """Its throughput beside that of the bare client."""
        return of.per_second / self.bare.per_second
