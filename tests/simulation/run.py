"""Run seeds of the world: `python -m tests.simulation.run --seeds 1000 --jobs 2`; one with its trace: `--seed 4711`, or `--script "..."`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.simulation.actions import ACTIONS
from tests.simulation.resting import settle_down
from tests.simulation.script import Script, shorter
from tests.simulation.stores import fast_folder, open_sqlite, settle_memory
from tests.simulation.weather import draw_weather
from tests.simulation.world import World

__all__ = ["Outcome", "play_script", "play_seed", "run_seeds"]


@dataclass(kw_only=True)
class Outcome:
    """What became of one script."""

    broken: list[str]
    played: Counter[str] = field(default_factory=Counter)
    """Actions, faults and calls, counted."""


async def play_script(
    script: Script,
    folder: Path,
    *,
    open_store: Callable[..., Any] | None = None,
    show: Callable[[World], Any] | None = None,
) -> Outcome:
    """Play it to its end; every broken promise, a fault of ours among them."""
    path = folder / "world.sqlite"
    # Errors of workers that were killed are theirs; nobody fetches them.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    world = await World.begin(script.weather, open_store or open_sqlite, path, weather=draw_weather(script.weather))
    try:
        await _play(world, script)
        if show is not None:
            await show(world)
        broken = list(dict.fromkeys(world.broken))
        return Outcome(broken=broken, played=Counter(world.played) + Counter(world.witness.counts))
    finally:
        for index in range(len(world.crews)):
            await world.kill(index)
        await world.store.close()
        for left in folder.glob("world.sqlite*"):
            left.unlink()


async def _play(world: World, script: Script) -> None:
    import random

    try:
        for name, number in script.steps:
            said = await ACTIONS[name](world, random.Random(f"{name}:{number}"))
            world.note_truth()
            world.broken += world.witness.at_each_step()
            if said:
                world.played[name] = world.played.get(name, 0) + 1
                world.trace.append(f"{world.now:%d %H:%M:%S} {said}")
            if world.broken:
                return
        await settle_down(world)
    except Exception as error:  # noqa: BLE001  # a fault is a finding
        world.broken.append(f"fault: {type(error).__name__}: {error}")


async def play_seed(seed: int, folder: Path, **options: Any) -> Outcome:
    """Every broken promise of this seed."""
    return await play_script(Script.of_seed(seed), folder, **options)


def _run_seed(seed: int) -> tuple[int, Outcome]:
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        return seed, asyncio.run(play_seed(seed, Path(folder)))


def run_seeds(
    first: int, count: int, *, jobs: int, told: Callable[[int, int, Outcome], None] = lambda *_: None, stop_at_first: bool = False
) -> tuple[int, Counter[str], list[int]]:
    """Play so many seeds: how many were played, what happened in them, and which failed."""
    played: Counter[str] = Counter()
    failed: list[int] = []
    done = 0
    seeds = range(first, first + count)
    with contextlib.ExitStack() as stack:
        if jobs > 1:
            pool = stack.enter_context(ProcessPoolExecutor(jobs, initializer=settle_memory))
            futures = [pool.submit(_run_seed, seed) for seed in seeds]
            outcomes = (future.result() for future in as_completed(futures))
        else:
            settle_memory()
            futures, outcomes = [], map(_run_seed, seeds)
        for seed, outcome in outcomes:
            done += 1
            played += outcome.played
            if outcome.broken:
                failed.append(seed)
            told(done, seed, outcome)
            if failed and stop_at_first:
                for future in futures:
                    future.cancel()
                break
    return done, played, failed


def main() -> int:
    parser = argparse.ArgumentParser(description="Play seeds of the world and ask whether the promise holds.")
    parser.add_argument("--seed", type=int, help="play this one seed and print its steps")
    parser.add_argument("--script", help="play this script and print its steps")
    parser.add_argument(
        "--shorten", action="store_true", help="with --seed or --script: leave out what does not matter, then show"
    )
    parser.add_argument("--seeds", type=int, default=1000, help="play so many seeds")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--stop", action="store_true", help="stop at the first seed that fails")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.script is not None:
        return asyncio.run(_show(Script.parse(options.script), shorten=options.shorten))
    if options.seed is not None:
        return asyncio.run(_show(Script.of_seed(options.seed), shorten=options.shorten))
    began = time.monotonic()
    failures = 0

    def told(done: int, seed: int, outcome: Outcome) -> None:
        nonlocal failures
        if outcome.broken:
            failures += 1
            print(
                f"seed {seed}: {outcome.broken[0]}\n  replay: python -m tests.simulation.run --seed {seed} --shorten", flush=True
            )
        if done % 100 == 0:
            passed = timedelta(seconds=round(time.monotonic() - began))
            print(f"{done} of {options.seeds} seeds, {failures} failed, {passed}", flush=True)

    done, _, failed = run_seeds(options.first, options.seeds, jobs=options.jobs, told=told, stop_at_first=options.stop)
    print(f"{done - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


async def _show(script: Script, *, shorten: bool) -> int:
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        if shorten:

            async def fails(candidate: Script) -> bool:
                return bool((await play_script(candidate, Path(folder))).broken)

            if await fails(script):
                script = await shorter(script, fails)
        outcome = await play_script(script, Path(folder), show=_tell)
    print("\n".join(outcome.broken) or "every promise holds")
    print(f'replay: python -m tests.simulation.run --script "{script}"')
    return 1 if outcome.broken else 0


async def _tell(world: World) -> None:
    print(replace(world.weather))
    print("\n".join(world.trace))
    for booking_id in world.bookings:
        try:
            view = await world.records.booking("club", booking_id)
        except Exception as error:  # noqa: BLE001
            print(booking_id, type(error).__name__)
            continue
        print(booking_id, view.record.state, view.record.reason, view.record.failure, "next", view.record.next_at)
        for each in view.sets:
            window = each.intent.window
            print(
                "   set",
                each.number,
                each.state,
                each.authorization_id,
                window.valid_from,
                window.valid_to,
                "watch",
                each.watch_at,
            )
        for event in view.history:
            print("   ", event.at.strftime("%d %H:%M:%S"), event.type, dict(event.data))
    print("\n".join(line for line in world.watcher.lines if "fault" in line))
    for row in world.resivo.authorizations():
        print(row.display_name, row.id, row.status, row.valid_from, row.valid_to, "made", f"{row.created_at:%d %H:%M:%S}")
    print(f"now {world.now}")
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
