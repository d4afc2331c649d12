"""`python -m bench.backlog`: far more is due at once than Resivo takes. Who comes first, what is wasted, is the limit used?

A real `drempel serve` over real HTTP. Bookings far in the future, some that start within the hour, one in two minutes, and cancellations of access
that is running now become due together; Resivo answers more than a few calls a second with 429. It runs until what is urgent is done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.__main__ import OUT, simulated
from bench.contenders import STORES, Drempel, drempel
from bench.figures import Spread, milliseconds
from bench.load import Simulated, all_told
from bench.processes import BenchFailed, output_of
from bench.running import with_uvloop, working_folder

IMMINENT_SECONDS = 120.0
PREPARED_SECONDS = 40.0
"""About so long it takes to tell of everything while the integration is paused."""
LOOK_SECONDS = 1.0
BUCKET_SECONDS = 10
REFUSED = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What was measured. Waits are milliseconds from the moment at which everything became due."""

    store: str
    bookings: int
    calls_per_second: int
    read_before: bool
    imminent_starts_in_seconds: float
    imminent_ms: float
    revokes: Spread
    starts_soon: Spread
    seconds: float
    calls_well: int
    calls_refused: int
    rate: list[float]
    """Calls a second that went well, in each ten seconds."""
    reads: int
    reads_of_handled: Spread
    """How often those were read that got or lost access, not milliseconds."""


async def measure(options: argparse.Namespace, console: Console) -> Backlog:
    folder = Path(tempfile.mkdtemp(prefix="drempel-backlog-", dir=working_folder(options.folder)))
    try:
        async with simulated(options, folder) as world, drempel(options.store, world.world, folder) as serve:
            return await _measured(serve, world, options, console)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measured(serve: Drempel, world: Simulated, options: argparse.Namespace, console: Console) -> Backlog:
    with console.status("giving access that will be running") as status:
        running = await world.make_bookings(options.running, in_seconds=[-60.0] * options.running)
        await world.mark()
        await _hinted(serve, running)
        await _until(serve, lambda: _count_sets(world, running), options.running, "running accesses")
        before = "10" if options.read_before else "20"
        status.update("making bookings")
        soon = await world.make_bookings(
            options.soon, in_seconds=[600.0 + number * 3000 / options.soon for number in range(options.soon)], status=before
        )
        far = await world.make_bookings(options.bookings - len(running) - len(soon) - 1, status=before)
        if options.read_before:
            status.update("letting each be read once, before it is confirmed")
            await world.mark()
            await _hinted(serve, [*soon, *far])
            await _until(serve, lambda: _count_reads(world), len(soon) + len(far), "bookings read")
        starts_at = time.time() + IMMINENT_SECONDS + PREPARED_SECONDS
        imminent = await world.make_bookings(1, in_seconds=[IMMINENT_SECONDS + PREPARED_SECONDS], status=before)
        if options.read_before:
            await _hinted(serve, imminent)
        await world.quiet(serve)
        status.update("confirming and cancelling all of them while the integration is paused")
        await output_of(["-m", "drempel", "pause", "doors"], environ=serve.environ)
        await world.set_status([*soon, *imminent, *far], "20")
        await world.set_status(running, "70")
        everything = [*running, *soon, *far]
        random.Random(1).shuffle(everything)
        everything.insert(len(everything) // 2, *imminent)
        await _hinted(serve, everything)
        await world.limit(options.calls_per_second)
        await world.mark()
        status.update("working on what is urgent")
        await output_of(["-m", "drempel", "resume", "doors"], environ=serve.environ)
        # The command itself takes a moment to start: what counts is when it took effect.
        began = min([time.time(), *(at for _, at, _ in await world.resivo_calls())])
        await _urgent_done(serve, world, len(running), {*soon, *imminent}, options.limit_seconds)
    calls = await world.resivo_calls()
    granted = await world.set_moments()
    revoked = [at for operation, at, status in calls if operation == "revoke_authorization" and _is_well(status)]
    well = [at for _, at, status in calls if status != REFUSED]
    reads = await world.reads()
    handled = [count for booking_id, count in reads.items() if booking_id in granted or booking_id in set(running)]
    return Backlog(
        store=serve.name,
        bookings=options.bookings,
        calls_per_second=options.calls_per_second,
        read_before=options.read_before,
        imminent_starts_in_seconds=starts_at - began,
        imminent_ms=(granted[imminent[0]] - began) * 1000,
        revokes=milliseconds([at - began for at in revoked]),
        starts_soon=milliseconds([granted[booking_id] - began for booking_id in soon]),
        seconds=max(well) - began,
        calls_well=len(well),
        calls_refused=len(calls) - len(well),
        rate=_rate(well, began),
        reads=sum(reads.values()),
        reads_of_handled=milliseconds([count / 1000 for count in handled]),
    )


async def _hinted(serve: Drempel, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), 5000):
        await all_told(serve, ids[start : start + 5000], [])


async def _count_sets(world: Simulated, ids: Sequence[str]) -> int:
    return len(set(ids) & (await world.set_moments()).keys())


async def _count_reads(world: Simulated) -> int:
    return len(await world.reads())


async def _until(serve: Drempel, count: Callable[[], Awaitable[int]], wanted: int, what: str) -> None:
    deadline = time.monotonic() + 180
    while (now := await count()) < wanted:
        serve.child.check()
        if time.monotonic() > deadline:
            raise BenchFailed(f"Only {now} of {wanted} {what}.\n{serve.child.told()}")
        await asyncio.sleep(LOOK_SECONDS / 2)


async def _urgent_done(serve: Drempel, world: Simulated, revokes: int, soon: set[str], within: float) -> None:
    deadline = time.monotonic() + within
    while True:
        calls = await world.resivo_calls()
        done = sum(operation == "revoke_authorization" and _is_well(status) for operation, _, status in calls)
        missing = soon - (await world.set_moments()).keys()
        if done >= revokes and not missing:
            return
        serve.child.check()
        if time.monotonic() > deadline:
            raise BenchFailed(f"Within {within:g} s: {done} of {revokes} revokes, {len(missing)} soon ones without access.")
        await asyncio.sleep(LOOK_SECONDS)


def _is_well(status: int | None) -> bool:
    return status is not None and status < 300


def _rate(moments: Sequence[float], began: float) -> list[float]:
    counts = Counter(int((at - began) // BUCKET_SECONDS) for at in moments)
    return [counts[bucket] / BUCKET_SECONDS for bucket in range(max(counts))]


def terminal(of: Backlog) -> Table:
    table = Table(
        title=f"{of.bookings} due at once, Resivo takes {of.calls_per_second} calls/s: {of.store}", title_justify="left"
    )
    table.add_column("")
    table.add_column("", justify="right")
    for row in rows(of):
        table.add_row(*row)
    return table


def rows(of: Backlog) -> list[tuple[str, str]]:
    def waits(spread: Spread) -> str:
        return f"{spread.p50 / 1000:.1f} / {spread.p99 / 1000:.1f} / {spread.longest / 1000:.1f} s"

    return [
        (
            f"the one that starts in {of.imminent_starts_in_seconds:.0f} s: wait until it has access",
            f"{of.imminent_ms / 1000:.1f} s",
        ),
        (f"running access, {of.revokes.count} revokes: wait p50 / p99 / longest", waits(of.revokes)),
        (f"starts within the hour, {of.starts_soon.count}: wait p50 / p99 / longest", waits(of.starts_soon)),
        ("calls that went well", f"{of.calls_well} in {of.seconds:.0f} s"),
        ("calls wasted on 429", f"{of.calls_refused}"),
        ("calls a second, each ten seconds", " ".join(f"{one:.1f}" for one in of.rate)),
        ("bookings read at i-Reserve, all together", f"{of.reads}"),
        (
            "reads of a booking that was served: p50 / p99 / most",
            f"{of.reads_of_handled.p50:.0f} / {of.reads_of_handled.p99:.0f} / {of.reads_of_handled.longest:.0f}",
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.backlog", description=__doc__)
    parser.add_argument("--bookings", type=int, default=10_000, help="due at once (default 10000)")
    parser.add_argument("--running", type=int, default=150, help="of these, cancellations of running access (default 150)")
    parser.add_argument("--soon", type=int, default=50, help="of these, start within the hour (default 50)")
    parser.add_argument("--calls-per-second", type=int, default=5, help="that Resivo takes (default 5)")
    parser.add_argument("--unread", dest="read_before", action="store_false", help="nothing is known of them beforehand")
    parser.add_argument("--store", choices=list(STORES), default="sqlite")
    parser.add_argument("--latency-ms", type=float, default=20.0)
    parser.add_argument("--ireserve-latency-ms", type=float, default=5.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--limit-seconds", type=float, default=180.0, help="for the urgent part (default 180)")
    options = parser.parse_args(sys.argv[1:])
    console = Console()
    try:
        figures = with_uvloop(measure(options, console))
    except BenchFailed as failed:
        console.print(f"[red]{failed}[/red]", highlight=False)
        raise SystemExit(1) from None
    console.print(terminal(figures))
    OUT.mkdir(exist_ok=True)
    (OUT / "backlog.json").write_text(json.dumps(asdict(figures), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
