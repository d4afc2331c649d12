"""The tortures. Each row has a club and a subject of its own, tells it of bookings, makes something go wrong, and counts what became of them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from bench.club import CANCELLED, CONFIRMED, OBJECTS, Club
from bench.kills.oracle import look
from bench.processes import BenchFailed
from bench.torture.subjects import Opening, Subject
from bench.torture.tally import Tally, Told, count

__all__ = ["ROWS", "Row", "Scored", "score"]

SLOW_MS, QUICK_MS = 1500.0, 20.0
AT_ONCE = 20
FIRST_START_DAYS = 2
DOWN_SECONDS = 20.0
STARTS = 3
POLL_SECONDS = 0.03
AFTER_READY_SECONDS = 2.0
CHECK_AGAIN_SECONDS = 4.0
LOOK_SECONDS = 0.5


@dataclass
class Play:
    """What a row acts with."""

    club: Club
    subject: Subject
    session: aiohttp.ClientSession
    told: list[Told] = field(default_factory=list)
    fair_from: float = 0.0
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def book(self) -> tuple[str, frozenset[str]]:
        number = len(self.club.ireserve.state.bookings)
        day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=FIRST_START_DAYS + number % 28)
        booking_id, *addresses = self.club.book(list(OBJECTS)[number % len(OBJECTS)], day, status=CONFIRMED)
        return booking_id, frozenset(addresses)

    async def tell(self, document: dict[str, object]) -> int:
        """One webhook; the status that answered it, 0 for none."""
        try:
            async with self.session.post(self.subject.hook_url, json=document) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def tell_all(self, bookings: int, *, times: int = 1) -> None:
        """So many new bookings, told so many times each, some at a time. Each must be acknowledged."""
        waiting = [self.book() for _ in range(bookings)]

        async def send() -> None:
            while waiting:
                booking_id, addresses = waiting.pop()
                document = self.club.document(booking_id)
                statuses = [await self.tell(document) for _ in range(times)]
                if not all(200 <= status < 300 for status in statuses):
                    raise BenchFailed(f"A hint was answered with {statuses}.")
                self.told.append(Told(booking_id=booking_id, addresses=addresses, wanted=True, at=time.time()))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, bookings)):
                group.create_task(send())


Scene = Callable[[Play], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One torture."""

    name: str
    scene: Scene
    latency_ms: float = QUICK_MS
    late_after: float = 20.0
    """Seconds from the acknowledgement, or from the end of what went wrong, after which access counts as late."""
    limit_seconds: float = 60.0
    """So long after the scene a subject that may still have plans is given."""
    fresh: bool = False
    """The scene itself starts the subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a subject has made of a row."""

    row: str
    subject: str
    tally: Tally
    late_after: float
    notes: Sequence[str]
    broken: Sequence[str]
    """Promises broken beside the counts."""

    @property
    def kept(self) -> bool:
        return self.tally.kept and not self.broken


async def score(row: Row, name: str, opening: Opening, folder: Path) -> Scored:
    """Play a row for a subject, wait until nothing more will come, count."""
    try:
        async with (
            asyncio.timeout(row.limit_seconds + 180),
            Club.open(resivo_ms=row.latency_ms, ireserve_ms=5.0) as club,
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session,
            opening(club, folder) as subject,
        ):
            play = Play(club, subject, session)
            if not row.fresh:
                await subject.start()
                await subject.ready()
            await row.scene(play)
            tally = await _at_rest(play, row)
            return Scored(
                row=row.name, subject=name, tally=tally, late_after=row.late_after, notes=play.notes, broken=play.broken
            )
    except TimeoutError:
        raise BenchFailed(f"{row.name}, {name}: not done within {row.limit_seconds + 180:g} s.") from None


async def _at_rest(play: Play, row: Row) -> Tally:
    """Until all is well and stays so for a moment; or nothing more will come; or the time is up."""
    club, subject = play.club, play.subject
    began = still_since = time.monotonic()
    calls = -1
    well_since: float | None = None
    while True:
        tally = await _count(play, row)
        now = time.monotonic()
        well_since = (well_since or now) if tally.kept else None
        seen = sum(club.resivo.calls.counts.values()) + sum(club.ireserve.calls.counts.values())
        if seen != calls:
            calls, still_since = seen, now
        gave_up = subject.gives_up_after is not None and now - still_since > subject.gives_up_after
        if gave_up or now - began > row.limit_seconds or (well_since is not None and now - well_since > CHECK_AGAIN_SECONDS):
            return tally
        await asyncio.sleep(LOOK_SECONDS)


async def _count(play: Play, row: Row) -> Tally:
    ids = [one.booking_id for one in play.told]
    outside = look(play.club, ids)
    known = {"fair_from": play.fair_from, "late_after": row.late_after}
    tally = count(play.told, outside.sets, outside.fields, traces=(), **known)
    if not tally.silent:
        return tally
    return count(play.told, outside.sets, outside.fields, traces=await play.subject.traces(ids), **known)


# ----------------------------------------------------------------------------------------------------------------------- the scenes


async def killed(play: Play) -> None:
    await play.tell_all(100)
    await play.subject.kill()
    await _restarted(play)


async def ended(play: Play) -> None:
    await play.tell_all(100)
    began = time.monotonic()
    code = await play.subject.stop()
    play.notes.append(f"ended with {code} after {time.monotonic() - began:.1f} s")
    if code and play.subject.gives_up_after is None:
        play.broken.append(f"SIGTERM ended with {code}")
    await _restarted(play)


async def _restarted(play: Play) -> None:
    made = len(look(play.club, ()).sets)
    await play.subject.start()
    await play.subject.ready()
    play.fair_from = time.time()
    play.notes.append(f"{made} had access before")


async def provider_down(play: Play) -> None:
    await play.club.resivo_server.stop()
    await play.tell_all(30)
    await asyncio.sleep(DOWN_SECONDS)
    await play.club.resivo_server.start()
    play.fair_from = time.time()


async def told_three_times(play: Play) -> None:
    await play.tell_all(20, times=3)


async def commits_then_500(play: Play) -> None:
    for number in range(20):
        # Each waits for as many creates as went by unharmed before it: one of five fails.
        play.club.resivo.faults.add(operation="create_remote_access", kind="status", status=500, done=True, after=4 * number + 4)
    await play.tell_all(100)
    await asyncio.sleep(5)
    failed = sum(call.status == 500 for call in play.club.resivo.calls.of("create_remote_access"))
    play.notes.append(f"{failed} creates answered 500")


async def told_while_it_starts(play: Play) -> None:
    answers: Counter[int] = Counter()
    for start in range(STARTS):
        if start:
            await play.subject.kill()
        await play.subject.start()
        ready = asyncio.create_task(play.subject.ready())
        ready_since: float | None = None
        try:
            while ready_since is None or time.monotonic() - ready_since < AFTER_READY_SECONDS:
                booking_id, addresses = play.book()
                status = await play.tell(play.club.document(booking_id))
                answers[status] += 1
                if 200 <= status < 300:
                    play.told.append(Told(booking_id=booking_id, addresses=addresses, wanted=True, at=time.time()))
                if ready.done():
                    ready.result()
                    ready_since = ready_since or time.monotonic()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            ready.cancel()
    play.fair_from = time.time()
    play.notes.append("answers " + ", ".join(f"{n} {status or 'none'}" for status, n in sorted(answers.items())))


async def cold_token(play: Play) -> None:
    await play.tell_all(100)
    await asyncio.sleep(5)
    asked = play.club.resivo.calls.counts["token"]
    play.notes.append(f"{asked} token request{'' if asked == 1 else 's'}")


async def told_in_reverse(play: Play) -> None:
    for _ in range(20):
        booking_id, addresses = play.book()
        created = play.club.document(booking_id)
        play.club.ireserve.set_status(booking_id, CANCELLED)
        statuses = [await play.tell(play.club.document(booking_id)), await play.tell(created)]
        _acknowledged(statuses)
        play.told.append(Told(booking_id=booking_id, addresses=addresses, wanted=False, at=time.time()))


async def cancelled_at_once(play: Play) -> None:
    for _ in range(20):
        booking_id, addresses = play.book()
        statuses = [await play.tell(play.club.document(booking_id))]
        play.club.ireserve.set_status(booking_id, CANCELLED)
        statuses.append(await play.tell(play.club.document(booking_id)))
        _acknowledged(statuses)
        play.told.append(Told(booking_id=booking_id, addresses=addresses, wanted=False, at=time.time()))


def _acknowledged(statuses: Sequence[int]) -> None:
    if not all(200 <= status < 300 for status in statuses):
        raise BenchFailed(f"Hints were answered with {statuses}.")


ROWS = (
    Row(name="100 told, then SIGKILL", scene=killed, latency_ms=SLOW_MS, late_after=60, limit_seconds=120),
    Row(name="100 told, then SIGTERM", scene=ended, latency_ms=SLOW_MS, late_after=60, limit_seconds=120),
    Row(name="Resivo down 20 s, 30 told", scene=provider_down, late_after=60, limit_seconds=120),
    Row(name="each webhook three times", scene=told_three_times),
    Row(name="500 after the work, 20 of 100", scene=commits_then_500),
    Row(name="told while it starts, 3 times", scene=told_while_it_starts, fresh=True),
    Row(name="no token yet, 20 at once", scene=cold_token),
    Row(name="cancel told before create", scene=told_in_reverse),
    Row(name="cancelled right after create", scene=cancelled_at_once),
)
