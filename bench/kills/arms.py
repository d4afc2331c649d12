"""The kills themselves: `serve` on SQLite, `worker` alone, and two of three workers on PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from bench.kills.scene import SETTINGS, Play, Stage
from bench.kills.takeover import Hand, Leases, PostgresLeases, SqliteLeases
from bench.processes import BenchFailed, Child

__all__ = ["kill_serve", "kill_two_of_three", "kill_worker"]

TERM_SHARE = 0.3
EARLY_SHARE = 0.2
"""So many kills come while the process may still be starting."""
AT_ONCE_SHARE = 0.6
"""So often it is started again at once; else after a pause."""
TERM_SECONDS = float(SETTINGS["DREMPEL_CALL_TIMEOUT_SECONDS"]) + 5.0
"""What `drempel` itself says that an end may take: one call time-out, and five seconds."""
SLACK_SECONDS = 5.0
"""Of a busy machine."""
TAKEOVER_SECONDS = 30.0
LOOK_SECONDS = 0.05
WORKERS = 3


def kill_serve(kills: int) -> Play:
    """The single machine: one process, again and again."""

    async def scene(stage: Stage) -> None:
        leases = SqliteLeases(stage.drempel.folder / "drempel.sqlite", stage.club)
        serving = await stage.drempel.serve()
        await stage.drempel.ready(serving)
        early = False
        async with stage.load():
            for _ in range(kills):
                if early:
                    await stage.pause(0.05, 1.5)
                else:
                    await stage.drempel.ready(serving)
                    await stage.pause(0.1, 2.0)
                hand = await _end(stage, [serving], leases, gently=not early and stage.chance.random() < TERM_SHARE)
                serving = await stage.drempel.serve()
                early = stage.chance.random() < EARLY_SHARE
                if not early:
                    await _watch(stage, leases, hand)
            await stage.drempel.ready(serving)

    return scene


def kill_worker(kills: int) -> Play:
    """One worker alone beside a web that lives on."""
    return _workers(kills, workers=1, at_once=1)


def kill_two_of_three(kills: int) -> Play:
    """Two of three workers at the same moment; the third takes over what they had in hand."""
    return _workers(kills, workers=WORKERS, at_once=2)


def _workers(kills: int, *, workers: int, at_once: int) -> Play:
    async def scene(stage: Stage) -> None:
        async with stage.server().looking_at(stage.drempel.database_url) as connection:
            leases = PostgresLeases(connection)
            await stage.drempel.ready(await stage.drempel.serve("--no-worker"))
            running = [await stage.drempel.worker() for _ in range(workers)]
            await _all_at_work(leases, workers)
            async with stage.load():
                while stage.result.kills < kills:
                    early = stage.chance.random() < EARLY_SHARE
                    if not early:
                        await _all_at_work(leases, workers)
                    await stage.pause(0.1, 2.0)
                    dying = stage.chance.sample(running, min(at_once, kills - stage.result.kills))
                    # A SIGTERM to a Python that has not even read its program finds nobody who could hear it.
                    hand = await _end(stage, dying, leases, gently=not early and stage.chance.random() < TERM_SHARE)
                    running = [child for child in running if child not in dying]
                    running += [await stage.drempel.worker() for _ in dying]
                    await _watch(stage, leases, hand)
                await stage.pause(1.0, 1.0)

    return scene


async def _all_at_work(leases: PostgresLeases, workers: int) -> None:
    try:
        async with asyncio.timeout(TAKEOVER_SECONDS):
            while await leases.workers_at_work() != workers:  # noqa: ASYNC110  # another process tells us nothing
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise BenchFailed(f"not all workers were at work within {TAKEOVER_SECONDS:g} s.") from None


async def _end(stage: Stage, dying: Sequence[Child], leases: Leases, *, gently: bool) -> Hand | None:
    """Kill, or ask to end; look what was in hand; perhaps let a while pass."""
    killed_at = time.time()
    if gently:
        began = time.monotonic()
        codes = await asyncio.gather(*(_told_to_end(stage, child) for child in dying))
        stage.result.terms += len(dying)
        stage.result.ends.append(time.monotonic() - began)
        if any(codes):
            stage.result.broken.append(f"SIGTERM ended with {codes}, not with 0")
    else:
        await asyncio.gather(*(child.kill() for child in dying))
    stage.result.kills += len(dying)
    stage.advance(len(dying))
    hand = None if gently else await leases.in_hand(killed_at)
    if stage.chance.random() > AT_ONCE_SHARE:
        await stage.pause(0.2, 1.0)
    return hand


async def _told_to_end(stage: Stage, child: Child) -> int:
    began = time.monotonic()
    code = await child.stop(TERM_SECONDS + SLACK_SECONDS)
    if (taken := time.monotonic() - began) > TERM_SECONDS:
        stage.result.facts.append(f"an end took {taken:.1f} s")
    return code


async def _watch(stage: Stage, leases: Leases, hand: Hand | None) -> None:
    """Measure the take-over, if anything was in hand."""
    if hand is None or not hand.tokens:
        return
    try:
        async with asyncio.timeout(TAKEOVER_SECONDS):
            taken = await leases.taken(hand)
    except TimeoutError:
        raise BenchFailed(f"nobody took over within {TAKEOVER_SECONDS:g} s.\n{stage.drempel.told()}") from None
    if taken is not None:
        stage.result.takeovers.append(taken)
