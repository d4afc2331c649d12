"""The load, in phases. The bench only sends, looks on and compares clocks; what happened is read from the simulators afterwards."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp

from bench.contenders import Contender
from bench.figures import CallCounts, Hints, Latency, Throughput, milliseconds
from bench.processes import BenchFailed, Child
from bench.running import cpu_seconds

__all__ = ["Simulated", "all_told", "hint_latency", "latency", "throughput", "warm_up"]

SENDERS = 64
LOOK_SECONDS = 0.02
QUIET_SECONDS = 0.3
PHASE_SECONDS = 60.0
BOOKING_OF = re.compile(r"-club-([0-9]+)-[0-9]+$")


class Simulated:
    """The simulators, seen from the bench."""

    def __init__(self, world: dict[str, Any], session: aiohttp.ClientSession, process: Child) -> None:
        self.world = world
        self.process = process
        self._session = session

    async def make_bookings(self, count: int, **also: Any) -> list[str]:
        """`in_seconds`: when each starts, counted from now. `status`: another than the trigger status."""
        ids: list[str] = await self._ask("POST", "bookings", json={"count": count, **also})
        return ids

    async def set_status(self, ids: Sequence[str], status: str) -> None:
        await self._ask("POST", "status", json={"ids": list(ids), "status": status})

    async def limit(self, calls_per_second: int | None) -> None:
        """How many calls a second Resivo takes from now on."""
        await self._ask("POST", "limit", json={"calls_per_second": calls_per_second})

    async def resivo_calls(self) -> list[tuple[str, float, int | None]]:
        """Operation, moment and status of each call since the mark."""
        return [(operation, at, status) for operation, at, status in await self._ask("GET", "resivo-calls")]

    async def reads(self) -> dict[str, int]:
        """Booking id -> how often it was read since the mark."""
        reads: dict[str, int] = await self._ask("GET", "reads")
        return reads

    async def set_moments(self) -> dict[str, float]:
        """When each booking got its first set since the mark."""
        found: dict[str, float] = {}
        for row in await self._ask("GET", "sets"):
            if match := BOOKING_OF.search(row["name"]):
                found.setdefault(match[1], row["at"])
        return found

    async def mark(self) -> None:
        """Count sets and calls from here."""
        await self._ask("POST", "mark")

    async def sets(self) -> int:
        count: int = (await self._ask("GET", "progress"))["sets"]
        return count

    async def calls(self) -> CallCounts:
        calls: CallCounts = (await self._ask("GET", "progress"))["calls"]
        return calls

    async def granted_at(self, ids: Sequence[str]) -> dict[str, float]:
        """When each booking got its set. Raises `BenchFailed` unless each has exactly one, and its id in the field."""
        rows = await self._ask("GET", "sets")
        found = [(match[1], row["at"]) for row in rows if (match := BOOKING_OF.search(row["name"]))]
        counts = Counter(booking_id for booking_id, _ in found)
        if len(found) != len(rows) or counts != Counter(ids):
            wrong = len(set(ids) - counts.keys()), sum(count > 1 for count in counts.values())
            raise BenchFailed(f"Not one set for each booking: {wrong[0]} have none, {wrong[1]} have several.")
        written: int = await self._ask("GET", "fields", json=list(ids))
        if written != len(ids):
            raise BenchFailed(f"Only {written} of {len(ids)} booking fields hold an id.")
        return dict(found)

    async def granted_ids(self) -> list[str]:
        """Bookings that got their set since the mark."""
        rows = await self._ask("GET", "sets")
        return [match[1] for row in rows if (match := BOOKING_OF.search(row["name"]))]

    async def echo_to(self, hook_url: str | None) -> None:
        """Let i-Reserve send `booking_updated` to this address, and to no other; None = to nobody."""
        await self._ask("POST", "echo", json={"url": hook_url})

    async def quiet(self, contender: Contender) -> None:
        """Return when nobody has called for a moment."""
        seen, since = await self.calls(), time.monotonic()
        deadline = since + PHASE_SECONDS
        while time.monotonic() - since < QUIET_SECONDS:
            contender.child.check()
            if time.monotonic() > deadline:
                raise BenchFailed(f"{contender.name} does not come to rest.")
            await asyncio.sleep(LOOK_SECONDS)
            if (now := await self.calls()) != seen:
                seen, since = now, time.monotonic()

    async def _ask(self, method: str, path: str, **body: Any) -> Any:
        async with self._session.request(method, f"{self.world['control']}/{path}", **body) as answer:
            if answer.status >= 300:
                raise BenchFailed(f"The simulators answered {path} with {answer.status}.\n{self.process.told()}")
            return await answer.json() if answer.status == 200 else None


async def warm_up(contender: Contender, simulated: Simulated, count: int) -> None:
    """Connections, caches, statements: not measured."""
    await throughput(contender, simulated, count)


async def throughput(contender: Contender, simulated: Simulated, count: int) -> Throughput:
    """All at once, with bounded concurrency, until the last set exists."""
    ids = await simulated.make_bookings(count)
    await simulated.mark()
    used = cpu_seconds(contender.child.pid), cpu_seconds(simulated.process.pid)
    told: list[float] = []
    began, began_monotonic = time.time(), time.perf_counter()
    await all_told(contender, ids, told)
    accepted = time.perf_counter() - began_monotonic
    await _until_sets(contender, simulated, count)
    await simulated.quiet(contender)
    after = cpu_seconds(contender.child.pid), cpu_seconds(simulated.process.pid)
    granted = await simulated.granted_at(ids)
    seconds = max(granted.values()) - began
    own, theirs = (None if a is None or b is None else b - a for a, b in zip(used, after, strict=True))
    return Throughput(
        bookings=count,
        seconds=seconds,
        per_second=count / seconds,
        accepted_seconds=accepted,
        hints=milliseconds(told) if contender.hook_url else None,
        cpu_ms_per_booking=None if own is None else own / count * 1000,
        simulators_cpu_ms_per_booking=None if theirs is None else theirs / count * 1000,
        calls=await simulated.calls(),
    )


async def latency(contender: Contender, simulated: Simulated, *, per_second: float, seconds: float) -> Latency:
    """Events at a fixed modest rate: from the event to the set."""
    ids = await simulated.make_bookings(round(per_second * seconds))
    await simulated.mark()
    told_at: dict[str, float] = {}

    async def tell(booking_id: str) -> None:
        told_at[booking_id] = time.time()
        await contender.tell(booking_id)

    late = await _at_rate(ids, per_second, tell)
    await _until_sets(contender, simulated, len(ids))
    await simulated.quiet(contender)
    granted = await simulated.granted_at(ids)
    return Latency(
        per_second=per_second,
        event_to_set=milliseconds([granted[booking_id] - at for booking_id, at in told_at.items()]),
        sender_late_ms=late * 1000,
    )


async def hint_latency(contender: Contender, ids: Sequence[str], *, per_second: float, seconds: float) -> Hints:
    """Hints for bookings whose access is right already: from sending to 202, while the worker reads them again."""
    told: list[float] = []

    async def tell(booking_id: str) -> None:
        began = time.perf_counter()
        await contender.tell(booking_id)
        told.append(time.perf_counter() - began)

    count = round(per_second * seconds)
    late = await _at_rate([ids[number % len(ids)] for number in range(count)], per_second, tell)
    contender.child.check()
    return Hints(per_second=per_second, to_accepted=milliseconds(told), sender_late_ms=late * 1000)


async def all_told(contender: Contender, ids: Sequence[str], told: list[float]) -> None:
    """Send a hint for each, 64 at a time; `told` gets how long each took."""
    waiting = list(reversed(ids))

    async def send() -> None:
        while waiting:
            began = time.perf_counter()
            await contender.tell(waiting.pop())
            told.append(time.perf_counter() - began)

    async with asyncio.timeout(PHASE_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(SENDERS):
            group.create_task(send())


async def _at_rate(ids: Sequence[str], per_second: float, tell: Callable[[str], Awaitable[None]]) -> float:
    """Each at its own time, whatever became of those before; how late the latest was sent."""
    began = time.perf_counter()
    latest = 0.0

    async def one(booking_id: str, due: float) -> None:
        nonlocal latest
        latest = max(latest, time.perf_counter() - due)
        await tell(booking_id)

    async with asyncio.timeout(len(ids) / per_second + PHASE_SECONDS), asyncio.TaskGroup() as group:
        for number, booking_id in enumerate(ids):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(booking_id, due))
    return latest


async def _until_sets(contender: Contender, simulated: Simulated, count: int) -> None:
    deadline = time.monotonic() + PHASE_SECONDS
    while (now := await simulated.sets()) < count:
        contender.child.check()
        if time.monotonic() > deadline:
            raise BenchFailed(
                f"{contender.name}: only {now} of {count} sets after {PHASE_SECONDS:g} s.\n{contender.child.told()}"
            )
        await asyncio.sleep(LOOK_SECONDS)
