"""`python -m bench.scale`: several workers on one PostgreSQL, and many bookings that wait. docs/scale.md explains.

Ends with 1 if a booking got anything but one set.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.markdown import Markdown

from bench.__main__ import OUT, simulated
from bench.contenders import SECRET_KEY, Drempel, drempel
from bench.figures import Machine, Spread, milliseconds
from bench.load import Simulated, hint_latency, throughput, warm_up
from bench.processes import BenchFailed, Child, child
from bench.running import PROC, cpu_seconds, machine_of, with_uvloop, working_folder
from bench.scale_page import PAGE, block, write
from bench.waiting import database_bytes, fill
from drempel.adapters.clock import SystemClock
from drempel.adapters.secrets import Keyring
from drempel.adapters.store import SqlStore, open_store

WORKERS = (1, 2, 4)
CLAIMS = 100
HINTS_PER_SECOND, HINTS_SECONDS = 100.0, 3.0
START_SECONDS = 30.0
DUE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """So many workers on one database. CPU in milliseconds for each booking."""

    workers: int
    bookings: int
    per_second: float
    workers_cpu_ms: float
    web_cpu_ms: float
    database_cpu_ms: float
    made: list[int]
    """Accesses that each worker created."""
    wal_bytes: float
    """For each booking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """With so many bookings waiting for their time."""

    store: str
    waiting: int
    claim: Spread
    hint: Spread
    idle_cpu_seconds: float
    """Of the process with the worker, in a minute in which nothing is due."""
    bytes: int


@dataclass(slots=True, kw_only=True)
class Scale:
    """One run."""

    machine: Machine
    workers: list[Workers] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    bytes_per_booking: dict[str, float] = field(default_factory=dict)
    claim_of_due_ms: float = 0.0
    plan: list[str] = field(default_factory=list)


async def measure(options: argparse.Namespace, console: Console) -> Scale:
    place = working_folder(options.folder)
    run = Scale(machine=machine_of(place))
    folder = Path(tempfile.mkdtemp(prefix="drempel-scale-", dir=place))
    try:
        async with asyncio.timeout(options.limit_seconds), simulated(options, folder) as world:
            await _sqlite(run, world, folder, options, console)
            await _postgresql(run, world, folder, options, console)
    except TimeoutError:
        raise BenchFailed(f"Not done within {options.limit_seconds:g} s; give it more with --limit-seconds.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return run


async def _postgresql(run: Scale, world: Simulated, folder: Path, options: argparse.Namespace, console: Console) -> None:
    async with drempel("postgresql", world.world, folder, options=["--no-worker"]) as web:
        url = web.environ["DREMPEL_DATABASE_URL"]
        for count in WORKERS:
            async with _workers(count, web, folder) as workers:
                await warm_up(web, world, 60)
                run.workers.append(await _worked(web, workers, world, folder, options.bookings))
                console.print(f"{count} workers: {run.workers[-1].per_second:.0f} bookings/s", highlight=False)
        filled = 0
        for waiting in (0, *options.waiting):
            before, began = await database_bytes(url), time.monotonic()
            if waiting:
                await fill(url, first=filled + 1, last=waiting, history=not filled)
            if waiting and not filled:
                run.bytes_per_booking["postgresql"] = (await database_bytes(url) - before) / waiting
            filled = waiting
            seconds = time.monotonic() - began
            async with _workers(1, web, folder) as workers:
                run.waiting.append(await _waited("PostgreSQL", waiting, web, workers[0], world, options))
            console.print(f"PostgreSQL, {waiting:,} waiting (put there in {seconds:.0f} s)", highlight=False)
        run.plan, run.claim_of_due_ms = await _plan(url)


async def _sqlite(run: Scale, world: Simulated, folder: Path, options: argparse.Namespace, console: Console) -> None:
    async with drempel("sqlite", world.world, folder) as serve:
        url = serve.environ["DREMPEL_DATABASE_URL"]
        await warm_up(serve, world, 60)
        for waiting in (0, options.waiting[0]):
            before = await database_bytes(url)
            if waiting:
                await fill(url, first=1, last=waiting, history=True)
                run.bytes_per_booking["sqlite"] = (await database_bytes(url) - before) / waiting
            run.waiting.append(await _waited("SQLite", waiting, serve, serve.child, world, options))
            console.print(f"SQLite, {waiting:,} waiting", highlight=False)


@contextlib.asynccontextmanager
async def _workers(count: int, web: Drempel, folder: Path) -> AsyncIterator[list[Child]]:
    """`drempel worker` processes that listen."""
    async with contextlib.AsyncExitStack() as stack:
        started = [
            await stack.enter_async_context(
                child(f"worker-{number}", ["-m", "drempel", "worker"], folder=folder, environ=web.environ)
            )
            for number in range(count)
        ]
        connection = await asyncpg.connect(web.environ["DREMPEL_DATABASE_URL"])
        try:
            async with asyncio.timeout(START_SECONDS):
                listening = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'drempel listening'"
                while await connection.fetchval(listening) < count:
                    for each in started:
                        each.check()
                    await asyncio.sleep(0.1)
        finally:
            await connection.close()
        yield started


async def _worked(web: Drempel, workers: Sequence[Child], world: Simulated, folder: Path, bookings: int) -> Workers:
    """All at once. `throughput` raises unless each booking has exactly one set."""
    url = web.environ["DREMPEL_DATABASE_URL"]
    connection = await asyncpg.connect(url)
    try:
        cpu = [_cpu([each.pid for each in workers]), _cpu([web.child.pid]), _cpu(_postgres(folder))]
        made = [_made(each) for each in workers]
        wal = await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        result = await throughput(web, world, bookings)
        wal = await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn") - wal
        after = [_cpu([each.pid for each in workers]), _cpu([web.child.pid]), _cpu(_postgres(folder))]
    finally:
        await connection.close()
    used = [(b - a) / bookings * 1000 for a, b in zip(cpu, after, strict=True)]
    return Workers(
        workers=len(workers),
        bookings=bookings,
        per_second=result.per_second,
        workers_cpu_ms=used[0],
        web_cpu_ms=used[1],
        database_cpu_ms=used[2],
        made=[_made(each) - before for each, before in zip(workers, made, strict=True)],
        wal_bytes=float(wal) / bookings,
    )


async def _waited(
    store: str, waiting: int, web: Drempel, worker: Child, world: Simulated, options: argparse.Namespace
) -> Waiting:
    url = web.environ["DREMPEL_DATABASE_URL"]
    # What was put there is on its way to the disk, and every commit would wait behind it.
    await asyncio.to_thread(os.sync)
    ids = await world.make_bookings(30)
    await world.mark()
    await _granted(web, world, ids)
    hints = await hint_latency(web, ids, per_second=HINTS_PER_SECOND, seconds=HINTS_SECONDS)
    await world.quiet(web)
    used, began = cpu_seconds(worker.pid) or 0.0, time.monotonic()
    await asyncio.sleep(options.idle_seconds)
    idle = ((cpu_seconds(worker.pid) or 0.0) - used) / (time.monotonic() - began) * 60
    return Waiting(
        store=store,
        waiting=waiting,
        claim=milliseconds(await _claims(url)),
        hint=hints.to_accepted,
        idle_cpu_seconds=idle,
        bytes=await database_bytes(url),
    )


async def _granted(web: Drempel, world: Simulated, ids: Sequence[str]) -> None:
    for booking_id in ids:
        await web.tell(booking_id)
    async with asyncio.timeout(START_SECONDS):
        while await world.sets() < len(ids):  # noqa: ASYNC110  # in another process
            await asyncio.sleep(0.05)


async def _claims(url: str) -> list[float]:
    """How long a claim takes that finds nothing due."""
    store: SqlStore = await open_store(url, keyring=Keyring(SECRET_KEY), clock=SystemClock(), lease=timedelta(seconds=30))
    taken = []
    try:
        for _ in range(CLAIMS):
            began = time.perf_counter()
            for claim in await store.claim(limit=64):
                await store.release(claim.lease, next_at=claim.record.next_at or claim.lease.now)
            taken.append(time.perf_counter() - began)
    finally:
        await store.close()
    return taken


async def _plan(url: str) -> tuple[list[str], float]:
    """The claim's plan with `DUE` of the waiting bookings due, and how long it takes. Nothing of it is kept."""
    store: SqlStore = await open_store(url, keyring=Keyring(SECRET_KEY), clock=SystemClock(), lease=timedelta(seconds=30))
    writer = store._database.writer  # noqa: SLF001  # the very statement, on the very connection: a copy of it would tell nothing
    statement = store._work._transaction._statements.claim.compile(dialect=writer.dialect)  # noqa: SLF001
    try:
        async with writer.connect() as connection:
            due = f"UPDATE bookings SET next_at = 1, hinted = true WHERE id IN (SELECT id FROM bookings WHERE booking_id LIKE 'w%' LIMIT {DUE})"
            await connection.exec_driver_sql(due)
            lines = (await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", (64,))).scalars().all()
            await connection.rollback()
    finally:
        await store.close()
    took = next(line for line in lines if line.startswith("Execution Time"))
    return list(lines), float(took.split()[2])


# ------------------------------------------------------------------------------------------------------------------- of processes


def _cpu(pids: Sequence[int]) -> float:
    return sum(cpu_seconds(pid) or 0.0 for pid in pids)


def _postgres(folder: Path) -> list[int]:
    """The server and its processes: those that end between two looks are missed, and those live as long as their connection."""
    server = int((folder / "pg" / "postmaster.pid").read_text().splitlines()[0])
    found = [server]
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, ValueError):
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(after_name[1]) == server:
                    found.append(int(entry.name))
    return found


def _made(worker: Child) -> int:
    return worker.errors.read_text("utf-8", "replace").count("access.created")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--bookings", type=int, default=400, help="at once, for each number of workers (default 400)")
    parser.add_argument(
        "--waiting",
        type=lambda text: tuple(int(one) for one in text.split(",")),
        default=(100_000, 1_000_000),
        help="how many bookings wait (default 100000,1000000; SQLite gets the first)",
    )
    parser.add_argument("--idle-seconds", type=float, default=15.0, help="how long an idle worker is looked at (default 15)")
    parser.add_argument("--latency-ms", type=float, default=20.0)
    parser.add_argument("--ireserve-latency-ms", type=float, default=5.0)
    parser.add_argument("--folder", type=Path, help="where the databases go: a disk, not memory (default the temporary folder)")
    parser.add_argument("--limit-seconds", type=float, default=360.0)
    parser.add_argument("--write-docs", action="store_true", help="put the figures into docs/scale.md")
    options = parser.parse_args(sys.argv[1:])
    console = Console()
    try:
        run = with_uvloop(measure(options, console))
    except BenchFailed as failed:
        console.print(f"[red]{failed}[/red]", highlight=False)
        raise SystemExit(1) from None
    console.print(Markdown(block(run, plan=False)))
    OUT.mkdir(exist_ok=True)
    (OUT / "scale.json").write_text(json.dumps(asdict(run), indent=2) + "\n", "utf-8")
    if options.write_docs:
        write(run)
        console.print(f"Written: {os.path.relpath(PAGE)}")


if __name__ == "__main__":
    main()
