"""One scene: a club, a Drempel, people who book all the while, something that goes wrong, and the verdict once everything has come to rest."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.club import Club
from bench.installation import Installation
from bench.kills.disk import SmallDisk
from bench.kills.oracle import Outside, Verdict, judge, look, waits
from bench.kills.people import People
from bench.kills.proxy import Proxy
from bench.postgres import PostgreSQL
from bench.processes import BenchFailed

__all__ = ["SETTINGS", "Planned", "Play", "Result", "Stage", "play"]

SETTINGS = {
    "DREMPEL_CALL_TIMEOUT_SECONDS": "0.8",
    "DREMPEL_LEASE_SECONDS": "2",
    "DREMPEL_RETRY_FIRST_SECONDS": "0.1",
    "DREMPEL_RETRY_MAX_SECONDS": "1",
    "DREMPEL_SWEEP_SECONDS": "5",
    "DREMPEL_GONE_CONFIRM_SECONDS": "1",
}
"""Short, so that hundreds of kills fit into minutes; the product's own are some ten times as long."""
RESIVO_MS, IRESERVE_MS = 150.0, 5.0
REST_SECONDS = 60.0
"""Everything must be as it should be within so long after the last thing went wrong and the last person acted."""
STILL_SECONDS = 2.0
LOOK_SECONDS = 0.25
WAITING_MAX = 40
"""While so many bookings wait for what they want, nobody else acts: a machine that is too slow for the load shows nothing but that."""
ATTENTION_SECONDS = 1.0


@dataclass(slots=True)
class Result:
    """What a scene has shown."""

    name: str
    store: str
    kills: int = 0
    terms: int = 0
    """How many of the kills were a SIGTERM."""
    actions: int = 0
    bookings: int = 0
    sets: int = 0
    lost: int = 0
    left_live: int = 0
    unsaid: int = 0
    doubled: int = 0
    foreign: int = 0
    takeovers: list[float] = field(default_factory=list)
    """Seconds from each kill to the moment that the first booking that was in hand was taken up by another process."""
    ends: list[float] = field(default_factory=list)
    """Seconds that each SIGTERM took."""
    waits: list[float] = field(default_factory=list)
    """For each booking, the seconds from the wish to the access."""
    slowest: str = ""
    """The booking that waited longest."""
    rest_seconds: float = 0.0
    """From the end of the load until all was as it should be."""
    hints: dict[str, int] = field(default_factory=dict)
    """How the tries to deliver a hint ended."""
    facts: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Each broken promise, in a line."""
    seconds: float = 0.0


@dataclass
class Stage:
    """What a scene acts with."""

    club: Club
    drempel: Installation
    people: People
    chance: random.Random
    result: Result
    postgres: PostgreSQL | None
    proxy: Proxy | None
    disk: SmallDisk | None
    advance: Callable[[int], None]
    per_second: float

    @contextlib.asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        """People act until the end of the block."""
        stop = asyncio.Event()
        stream = asyncio.create_task(self.people.stream(self.per_second, stop))
        attending = asyncio.create_task(self._attend())
        try:
            yield
        finally:
            attending.cancel()
            stop.set()
            await stream

    async def _attend(self) -> None:
        """Until cancelled: let people wait while many do already, and i-Reserve never give a delivery up."""
        while True:
            self.club.insist()
            visits = self.people.visits
            verdict = judge(visits, look(self.club, [visit.booking_id for visit in visits]), foreign_before=())
            self.people.patient = len(verdict.lost) >= WAITING_MAX
            await asyncio.sleep(ATTENTION_SECONDS)

    async def pause(self, shortest: float, longest: float) -> None:
        """A while of random length."""
        await asyncio.sleep(self.chance.uniform(shortest, longest))

    def server(self) -> PostgreSQL:
        """The PostgreSQL of a scene that has one."""
        assert self.postgres is not None
        return self.postgres

    def tries(self) -> Counter[str]:
        """How the tries to deliver a hint have ended so far."""
        return Counter(one.outcome for delivery in self.club.ireserve.deliveries.log() for one in delivery.tries)


Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A scene that is to be played."""

    name: str
    store: str
    scene: Play
    kills: int = 0
    limit_seconds: float = 180.0
    settings: Mapping[str, str] = field(default_factory=dict)
    small_disk: bool = False
    """Whether its files lie on a disk that can be filled."""
    proxied: bool = False
    """Whether Drempel reaches its PostgreSQL through a proxy that can cut connections."""


async def play(
    planned: Planned,
    *,
    folder: Path,
    postgres: PostgreSQL | None,
    seed: int,
    per_second: float,
    advance: Callable[[int], None],
) -> Result:
    """Set up, play, let come to rest, judge."""
    name, limit_seconds = planned.name, planned.limit_seconds
    result = Result(name=name, store=planned.store)
    began = time.monotonic()
    try:
        async with asyncio.timeout(limit_seconds), contextlib.AsyncExitStack() as stack:
            proxy = await stack.enter_async_context(Proxy.open(postgres)) if postgres is not None and planned.proxied else None
            database_url = None if postgres is None else await postgres.database()
            if proxy is not None and database_url is not None:
                database_url = proxy.address_of(database_url)
            club = await stack.enter_async_context(Club.open(resivo_ms=RESIVO_MS, ireserve_ms=IRESERVE_MS))
            disk = await stack.enter_async_context(SmallDisk.open(folder / "small")) if planned.small_disk else None
            settings = {**SETTINGS, **planned.settings}
            drempel = await stack.enter_async_context(
                Installation.open(
                    club,
                    folder if disk is None else disk.folder,
                    name=planned.store,
                    database_url=database_url,
                    settings=settings,
                )
            )
            people = People(club, random.Random(f"{seed} {name} people"))
            before = look(club, ()).foreign
            chance = random.Random(f"{seed} {name}")
            stage = Stage(club, drempel, people, chance, result, postgres, proxy, disk, advance, per_second)
            try:
                await planned.scene(stage)
            except BenchFailed as failed:
                # What was to be seen did not come: that is a verdict too, and the other scenes are played all the same.
                result.broken.append(str(failed))
            verdict, outside = await _at_rest(stage, before)
            _write_down(result, verdict, outside, stage)
            if result.broken:
                result.broken.append(f"logs of the last processes:\n{drempel.told()}")
    except TimeoutError:
        raise BenchFailed(f"{name}: not done within {limit_seconds:g} s.") from None
    result.seconds = time.monotonic() - began
    return result


async def _at_rest(stage: Stage, foreign_before: Sequence[str]) -> tuple[Verdict, Outside]:
    """Wait until nothing is unfinished and Resivo has had no call for a moment; bounded."""
    began = time.monotonic()
    calls, still_since = -1, began
    visits = stage.people.visits
    while True:
        stage.club.insist()
        outside = look(stage.club, [visit.booking_id for visit in visits])
        verdict = judge(visits, outside, foreign_before=foreign_before)
        now = time.monotonic()
        if verdict.unfinished:
            stage.result.rest_seconds = now - began
        if (count := stage.club.resivo.calls.counts["create_remote_access"]) != calls or verdict.unfinished:
            calls, still_since = count, now
        if now - still_since >= STILL_SECONDS or now - began >= REST_SECONDS:
            return verdict, outside
        await asyncio.sleep(LOOK_SECONDS)


def _write_down(result: Result, verdict: Verdict, outside: Outside, stage: Stage) -> None:
    result.actions = stage.people.actions
    result.bookings = len(stage.people.visits)
    result.sets = len(outside.sets)
    result.lost, result.left_live, result.unsaid = len(verdict.lost), len(verdict.left_live), len(verdict.unsaid)
    result.doubled, result.foreign = len(verdict.doubled), len(verdict.foreign)
    result.broken += verdict.lines
    waited = waits(stage.people.visits, outside)
    result.waits = list(waited.values())
    result.slowest = max(waited, key=lambda booking_id: waited[booking_id], default="")
    result.hints = dict(stage.tries())
