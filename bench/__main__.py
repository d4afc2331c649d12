"""`python -m bench`: the whole comparison in one run."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from pathlib import Path

import aiohttp
from rich.console import Console

from bench import page, plot, table
from bench.bounded import run_bounded
from bench.contenders import BARE, CONCURRENCY, STORES, Contender, bare, drempel
from bench.figures import Figures, Run
from bench.load import Simulated, hint_latency, latency, throughput, warm_up
from bench.processes import child
from bench.running import machine_of, memory_mib, working_folder
from bench.sampling import own_times

OUT = Path(__file__).parent / "out"
START_SECONDS = 30.0
WARM_UP = 60
EVENTS_PER_SECOND, EVENTS_SECONDS = 20.0, 10.0
HINTS_PER_SECOND, HINTS_SECONDS = 200.0, 5.0
PROFILE_LINES = 15
BUSY_LOAD = 0.5
LATE_MS = 20.0


def main() -> None:
    options = _options(sys.argv[1:])
    console = Console()
    run = run_bounded(_run(options, console), limit_seconds=options.limit_seconds, console=console)
    _write(run, options, console)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Speed of Drempel beside a bare client that makes the same calls. docs/speed.md explains.",
    )
    parser.add_argument("--bookings", type=_count, default=600, help="how many come at once (default 600)")
    parser.add_argument("--repeat", type=_count, default=3, help="how often they do; the median counts (default 3)")
    parser.add_argument("--stores", type=_stores, default=tuple(STORES), help="sqlite,postgresql (default), or one of them")
    parser.add_argument("--latency-ms", type=float, default=20.0, help="in which Resivo answers (default 20)")
    parser.add_argument("--ireserve-latency-ms", type=float, default=5.0, help="in which i-Reserve answers (default 5)")
    parser.add_argument(
        "--bare-at-once", type=_count, default=CONCURRENCY, help="how many bookings the bare client has in hand (default 64)"
    )
    parser.add_argument("--echo", action="store_true", help="i-Reserve sends each of our write-backs back as a hint")
    parser.add_argument(
        "--profile", action="store_true", help="where the processor time of `drempel serve` goes, not how fast it is"
    )
    parser.add_argument("--write-docs", action="store_true", help="put the figures into docs/speed.md")
    parser.add_argument("--folder", type=Path, help="where the databases go: a disk, not memory (default the temporary folder)")
    parser.add_argument("--limit-seconds", type=float, default=180.0, help="give up after so long (default 180)")
    options = parser.parse_args(arguments)
    if options.profile and options.write_docs:
        parser.error("a profiled run is slow: its figures are not for the page.")
    return options


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _stores(text: str) -> tuple[str, ...]:
    stores = tuple(text.split(","))
    if not set(stores) <= set(STORES) or len(set(stores)) != len(stores):
        raise argparse.ArgumentTypeError(f"{text!r}: name {' or '.join(STORES)}, or both with a comma")
    return stores


# ------------------------------------------------------------------------------------------------------------------------ the run


async def _run(options: argparse.Namespace, console: Console) -> Run:
    place = working_folder(options.folder)
    machine = machine_of(place)
    console.print(
        f"{machine.cores} cores, Python {machine.python}, {machine.system}; databases on {machine.filesystem}, "
        f"a flush takes {machine.flush_ms:.1f} ms; load {machine.load_before:.1f}",
        highlight=False,
    )
    if machine.load_before > BUSY_LOAD:
        console.print("[yellow]The machine is not quiet: the figures will be too low.[/yellow]")
    run = Run(
        machine=machine,
        resivo_ms=options.latency_ms,
        ireserve_ms=options.ireserve_latency_ms,
        bookings=options.bookings,
        echo=options.echo,
        profiled=options.profile,
    )
    OUT.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="drempel-bench-", dir=place))
    try:
        async with simulated(options, folder) as world:
            run.contenders.append(
                await _measured(bare(world.world, folder, at_once=options.bare_at_once), BARE, world, options, console)
            )
            for store in options.stores:
                profile_to = OUT / f"{store}.stacks" if options.profile else None
                opening = drempel(store, world.world, folder, profile_to=profile_to)
                run.contenders.append(await _measured(opening, STORES[store], world, options, console))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return run


@contextlib.asynccontextmanager
async def simulated(options: argparse.Namespace, folder: Path) -> AsyncIterator[Simulated]:
    arguments = ["--resivo-ms", str(options.latency_ms), "--ireserve-ms", str(options.ireserve_latency_ms)]
    async with (
        child("simulators", ["-m", "bench.simulators", *arguments], folder=folder) as process,
        aiohttp.ClientSession() as session,
    ):
        yield Simulated(json.loads(await process.line(START_SECONDS)), session, process)


async def _measured(
    opening: AbstractAsyncContextManager[Contender],
    name: str,
    simulated: Simulated,
    options: argparse.Namespace,
    console: Console,
) -> Figures:
    began = time.monotonic()
    with console.status(f"{name}: starting") as status:
        async with opening as contender:
            hook_url = contender.hook_url
            await simulated.echo_to(hook_url if options.echo else None)
            status.update(f"{name}: warming up")
            await warm_up(contender, simulated, WARM_UP)
            if options.profile and hook_url is not None:
                contender.child.process.send_signal(signal.SIGUSR2)
            figures = Figures(name=name, throughput=[])
            for number in range(options.repeat):
                status.update(f"{name}: {options.bookings} bookings at once, {number + 1} of {options.repeat}")
                figures.throughput.append(await throughput(contender, simulated, options.bookings))
            known = await simulated.granted_ids()
            slow = hints = None
            if not options.profile:
                status.update(f"{name}: {EVENTS_PER_SECOND:g} events a second for {EVENTS_SECONDS:g} s")
                slow = await latency(contender, simulated, per_second=EVENTS_PER_SECOND, seconds=EVENTS_SECONDS)
                if hook_url is not None:
                    status.update(f"{name}: {HINTS_PER_SECOND:g} hints a second for {HINTS_SECONDS:g} s")
                    hints = await hint_latency(contender, known, per_second=HINTS_PER_SECOND, seconds=HINTS_SECONDS)
            await simulated.quiet(contender)
            memory = memory_mib(contender.child.pid)
            await simulated.echo_to(None)
    figures = Figures(
        name=name,
        throughput=figures.throughput,
        latency=slow,
        hints=hints,
        peak_mib=memory[0] if memory else None,
        end_mib=memory[1] if memory else None,
    )
    console.print(f"{name}: {figures.per_second:.0f} bookings/s ({time.monotonic() - began:.0f} s)", highlight=False)
    return figures


# -------------------------------------------------------------------------------------------------------------------- what is left


def _write(run: Run, options: argparse.Namespace, console: Console) -> None:
    if run.profiled:
        for store in options.stores:
            stacks = OUT / f"{store}.stacks"
            console.print(f"{STORES[store]}: own time by function; all stacks, for a flame graph, in {_shown(stacks)}")
            for share, name in own_times(stacks, PROFILE_LINES):
                console.print(f"{share:6.1%}  {name}", highlight=False)
        return
    console.print(table.terminal(run))
    if run.sender_late_ms > LATE_MS:
        console.print(
            f"[yellow]The bench itself was up to {run.sender_late_ms:.0f} ms late: the machine was busy, and p99 shows it.[/yellow]"
        )
    (OUT / "bench.json").write_text(json.dumps(asdict(run), indent=2) + "\n", "utf-8")
    (OUT / "bench.svg").write_text(plot.svg(run), "utf-8")
    console.print(f"Written: {_shown(OUT / 'bench.json')}, {_shown(OUT / 'bench.svg')}")
    if options.write_docs:
        page.write(run)
        console.print(f"Written: {_shown(page.PAGE)}")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
