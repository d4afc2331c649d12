"""Outages of what Drempel stands on: its database away, cut off, locked, full; a clock that is wrong."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta

from bench.kills.scene import Planned, Stage
from bench.kills.shifted import SHIFT
from bench.processes import BenchFailed

__all__ = ["OUTAGES"]

CUTS = 30
LOCKED_SECONDS = (3.0, 12.0)
"""Once shorter and once longer than Drempel waits for a lock."""
FULL_SECONDS = 8.0
SHIFT_SECONDS = 120
ENDS_WITHIN = timedelta(seconds=SHIFT_SECONDS - 5)
"""A clock that is ahead by `SHIFT_SECONDS` would take these bookings for over."""


async def postgres_restarted(stage: Stage) -> None:
    """Stopped by its administrator, then crashed, each time under load."""
    await _serve_and_worker(stage)
    server = stage.server()
    async with stage.load():
        await stage.pause(3, 4)
        for away in (server.stop, server.crash):
            before = stage.tries()
            await away()
            await stage.pause(2, 3)
            await server.start()
            stage.result.facts.append(f"{'stopped' if away == server.stop else 'crashed'}: {_told(stage.tries() - before)}")
            await stage.pause(4, 5)


async def connections_cut(stage: Stage) -> None:
    """In turn every connection to PostgreSQL at a random moment, and one between a COMMIT and its answer."""
    await _serve_and_worker(stage)
    assert stage.proxy is not None
    async with stage.load():
        for number in range(CUTS):
            await stage.pause(0.05, 0.9)
            if number % 2:
                await stage.proxy.cut()
            else:
                stage.proxy.arm()
    proxy = stage.proxy
    stage.result.facts.append(
        f"{proxy.cuts} connections cut at {CUTS // 2} moments, {proxy.cut_after_commit} after a COMMIT: {_told(stage.tries())}"
    )


async def file_locked(stage: Stage) -> None:
    """Another program holds the SQLite file, as a backup tool may."""
    serving = await stage.drempel.serve()
    await stage.drempel.ready(serving)
    async with stage.load():
        for seconds in LOCKED_SECONDS:
            await stage.pause(1, 2)
            before = stage.tries()
            other = sqlite3.connect(
                stage.drempel.folder / "drempel.sqlite", isolation_level=None, timeout=10, check_same_thread=False
            )
            await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
            await asyncio.sleep(seconds)
            other.execute("ROLLBACK")
            other.close()
            await stage.pause(2, 3)
            stage.result.facts.append(f"locked for {seconds:g} s: {_told(stage.tries() - before)}")
    serving.check()


async def disk_full(stage: Stage) -> None:
    """What cannot be stored must not be acknowledged; then there is room again."""
    serving = await stage.drempel.serve()
    await stage.drempel.ready(serving)
    assert stage.disk is not None
    async with stage.load():
        await stage.pause(3, 4)
        stage.disk.fill(serving.pid)
        await asyncio.sleep(1)
        before = stage.tries()
        await asyncio.sleep(FULL_SECONDS)
        refused = stage.tries() - before
        stage.disk.clear(serving.pid)
        stage.result.facts.append(f"{stage.disk.kind}, full for {FULL_SECONDS:g} s: {_told(refused)}")
        if not refused["503"]:
            raise BenchFailed(f"The disk was not full: {_told(refused)}.\n{stage.drempel.told()}")
        await stage.pause(3, 4)
    serving.check()


def clock_off(seconds: int) -> Planned:
    """One of two workers lives at another time; the one with the right time is killed."""

    async def scene(stage: Stage) -> None:
        await stage.drempel.ready(await stage.drempel.serve("--no-worker"))
        await stage.drempel.worker(module="bench.kills.shifted", environ={SHIFT: str(seconds)})
        right = await stage.drempel.worker()
        await asyncio.sleep(2)
        now = datetime.now(UTC).replace(microsecond=0)
        for number in range(8):
            # Under way, and over for a clock that is ahead; and in turn over, but not for a clock that is behind.
            over = number % 2
            end = now - timedelta(seconds=20) if over else now + ENDS_WITHIN
            stage.people.book_at(end - timedelta(hours=1), over=bool(over))
        async with stage.load():
            await stage.pause(3, 4)
            await right.kill()
            await stage.pause(4, 5)
            await stage.drempel.worker()
            await stage.pause(3, 4)
        stage.result.kills += 1

    side = "ahead" if seconds > 0 else "behind"
    return Planned(name=f"clock {abs(seconds)} s {side}", store="postgresql", scene=scene)


async def _serve_and_worker(stage: Stage) -> None:
    serving = await stage.drempel.serve()
    await stage.drempel.worker()
    await stage.drempel.ready(serving)
    await asyncio.sleep(1)


def _told(tries: Counter[str]) -> str:
    """How hints were answered, most first."""
    return "tries of hints answered " + ", ".join(f"{outcome}: {count}" for outcome, count in tries.most_common())


OUTAGES: tuple[Planned, ...] = (
    Planned(name="PostgreSQL restarted", store="postgresql", scene=postgres_restarted),
    Planned(name="connections cut", store="postgresql", scene=connections_cut, proxied=True),
    Planned(name="SQLite file locked", store="sqlite", scene=file_locked),
    Planned(name="disk full", store="sqlite", scene=disk_full, small_disk=True),
    clock_off(SHIFT_SECONDS),
    clock_off(-SHIFT_SECONDS),
)
