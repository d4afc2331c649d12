"""Run seeds of the world: `python -m tests.simulation.run --seeds 1000 --jobs 2`, or one with its trace: `--seed 4711`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import timedelta
from pathlib import Path
from typing import Any

from drempel.adapters.secrets import Keyring
from drempel.adapters.store import open_store as open_sql_store
from tests.simulation import oracle
from tests.simulation.world import LIMITS, World

STEPS = 45
_TEMPLATE: Path | None = None


async def open_sqlite(path: Path, clock: Any) -> Any:
    """A fresh store; the empty schema is made once for each process and copied."""
    global _TEMPLATE  # noqa: PLW0603  # a cache of this process
    keyring = Keyring("a secret key for tests only")
    if _TEMPLATE is None or not _TEMPLATE.exists():
        template = Path(tempfile.mkdtemp(prefix="drempel-world-")) / "template.sqlite"
        store = await open_sql_store(f"sqlite:///{template}", keyring=keyring, clock=clock, lease=LIMITS.lease, synchronous="OFF")
        await store.close()
        _TEMPLATE = template
    shutil.copyfile(_TEMPLATE, path)
    return await open_again(path, clock)


async def open_again(path: Path, clock: Any) -> Any:
    """The store in this file."""
    keyring = Keyring("a secret key for tests only")
    return await open_sql_store(f"sqlite:///{path}", keyring=keyring, clock=clock, lease=LIMITS.lease, synchronous="OFF")


async def play_seed(
    seed: int, folder: Path, *, steps: int = STEPS, follow: str = "any", open_store: Callable[..., Any] | None = None
) -> tuple[list[str], World]:
    """Every broken promise of this seed."""
    path = folder / f"{seed}.sqlite"
    # Errors of workers that were killed are theirs; nobody fetches them.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    world = await World.begin(seed, open_store or open_sqlite, path, follow=follow)
    try:
        await world.play(steps)
        await world.settle_down()
        return await oracle.check(world), world
    finally:
        await world.store.close()
        for left in folder.glob(f"{seed}.sqlite*"):
            left.unlink()


def _run_seed(seed: int) -> tuple[int, list[str]]:
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
        try:
            broken, _ = asyncio.run(play_seed(seed, Path(folder)))
        except Exception as error:  # noqa: BLE001  # a fault is a finding
            return seed, [f"fault: {type(error).__name__}: {error}"]
        return seed, broken


def _fast_folder() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> int:
    parser = argparse.ArgumentParser(description="Play seeds of the world and ask whether the promise holds.")
    parser.add_argument("--seed", type=int, help="play this one seed and print its steps")
    parser.add_argument("--seeds", type=int, default=1000, help="play so many seeds")
    parser.add_argument("--follow", choices=["any", "trigger"], default="any", help="the setting follow_changes")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.seed is not None:
        return asyncio.run(_show(options.seed, options.follow))
    began = time.monotonic()
    failed = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(_run_seed, seed) for seed in range(options.first, options.first + options.seeds)]
        for done, future in enumerate(as_completed(futures), start=1):
            seed, broken = future.result()
            if broken:
                failed += 1
                print(f"seed {seed}: {'; '.join(broken)}\n  replay: python -m tests.simulation.run --seed {seed}", flush=True)
            if done % 100 == 0:
                print(
                    f"{done} of {options.seeds} seeds, {failed} failed, {timedelta(seconds=round(time.monotonic() - began))}",
                    flush=True,
                )
    print(f"{options.seeds - failed} passed, {failed} failed")
    return 1 if failed else 0


async def _show(seed: int, follow: str) -> int:
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
        world = None
        try:
            asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
            world = await World.begin(seed, open_sqlite, Path(folder) / "world.sqlite", follow=follow)
            with contextlib.suppress(AssertionError):
                await world.play(STEPS)
                await world.settle_down()
            broken = await oracle.check(world)
            print("\n".join(world.trace))
            for booking_id in world.bookings:
                try:
                    view = await world.records.booking("club", booking_id)
                except Exception as error:  # noqa: BLE001
                    print(booking_id, type(error).__name__)
                    continue
                print(booking_id, view.record.state, view.record.reason, view.record.failure, "next", view.record.next_at)
                for each in view.sets:
                    print(
                        "   set",
                        each.number,
                        each.state,
                        each.authorization_id,
                        each.intent.window.valid_from,
                        each.intent.window.valid_to,
                    )
                for event in view.history:
                    print("   ", event.at.strftime("%d %H:%M:%S"), event.type, dict(event.data))
            print("\n".join(line for line in world.watcher.lines if "fault" in line))
            for authorization in world.resivo.authorizations():
                print(
                    authorization.display_name,
                    authorization.id,
                    authorization.status,
                    authorization.valid_from,
                    authorization.valid_to,
                )
            print(f"now {world.clock.now()}")
            print("\n".join(broken) or "every promise holds")
            return 1 if broken else 0
        finally:
            if world is not None:
                await world.store.close()


if __name__ == "__main__":
    sys.exit(main())
