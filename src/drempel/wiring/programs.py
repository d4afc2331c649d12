"""The programs: `serve` and `worker`, from start to a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from starlette.types import ASGIApp

from drempel.adapters.store import SchemaState
from drempel.engine.intake import take_hint
from drempel.engine.ports import Clock
from drempel.ireserve import booking_id_of
from drempel.settings import Refused, Settings
from drempel.web.app import WebServices, create_app
from drempel.web.site import Site
from drempel.wiring.listening import serve_app
from drempel.wiring.people import open_sign_in, pages_of, welcome
from drempel.wiring.services import Services, open_services

__all__ = ["run_serve", "run_worker", "until_signal", "web_app", "work_until"]

READY_WITHIN_SECONDS: Final = 30.0
READY_ANSWER_SECONDS: Final = 5.0
LAST_WORK_SECONDS: Final = 5.0
"""What a worker may take beyond one call time-out to finish what is in hand; then it is cut off, which is no worse than a crash."""


async def run_serve(settings: Settings, host: str, port: int, *, worker: bool, say: Callable[[str], None] | None = None) -> None:
    """Web and, unless told otherwise, worker in one process, until SIGTERM or SIGINT.

    `say` prints to the terminal of who started it; None if there is no such person.
    """
    with _alone(settings):
        async with open_services(settings) as services, open_sign_in(services.opened) as sign_in:
            await welcome(sign_in, say=say, watcher=services.tools.watcher)
            stop = until_signal()
            _settle_memory()
            app = web_app(services, with_worker=worker, site=await pages_of(services, sign_in))
            tasks = [asyncio.create_task(serve_app(app, host=host, port=port, stop=stop))]
            if worker:
                await _take_over(services)
                tasks.append(asyncio.create_task(work_until(services, stop)))
            await _all_or_none(tasks, stop)


async def run_worker(settings: Settings, concurrency: int, *, clock: Clock | None = None) -> None:
    """Worker alone, until SIGTERM or SIGINT. `clock`: another than the machine's, to show what a wrong one does."""
    with _alone(settings):
        async with open_services(settings, concurrency=concurrency, clock=clock) as services:
            await _take_over(services)
            _settle_memory()
            await work_until(services, until_signal())


def _settle_memory() -> None:
    """What start-up made stays: the collector need not look at it again, and a full collection would hold up every hint for a moment."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def _take_over(services: Services) -> None:
    """On a SQLite file whose lock we hold nobody else can be at work: what a dead process had leased is ours now, not after its lease."""
    settings = services.opened.settings
    if settings.sqlite_path is None:
        return
    count = await services.opened.store.end_leases(call_timeout=timedelta(seconds=settings.call_timeout_seconds))
    if count:
        services.tools.watcher.note("leases.taken_over", count=count)


async def work_until(services: Services, stop: asyncio.Event) -> None:
    """Worker and sweep until `stop`; then what is in hand is finished, within bounds."""
    listening = asyncio.create_task(services.opened.store.listen(services.worker.wake))
    tasks = [asyncio.create_task(services.worker.run(stop)), asyncio.create_task(services.sweep.run(stop))]
    try:
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        grace = services.opened.settings.call_timeout_seconds + LAST_WORK_SECONDS
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def web_app(services: Services, *, with_worker: bool, site: Site | None = None) -> ASGIApp:
    """The ASGI application of one process."""
    store, clock = services.opened.store, services.opened.clock

    async def take(source: str, booking_id: str) -> None:
        await take_hint(store, source=source, booking_id=booking_id)

    def worker_alive() -> bool:
        return not with_worker or clock.monotonic() - services.worker.ticked_monotonic <= READY_WITHIN_SECONDS

    async def readiness() -> str | None:
        try:
            async with asyncio.timeout(READY_ANSWER_SECONDS):
                if await store.schema_state() is not SchemaState.CURRENT:
                    return "The schema of the database is not current."
        except Exception as error:  # noqa: BLE001  # whatever it is: the database does not answer
            return f"The database does not answer ({type(error).__name__})."
        return None if worker_alive() else "The worker does not come round."

    return create_app(
        WebServices(
            records=store,
            auditor=services.auditor,
            take_hint=take,
            booking_id_of=booking_id_of,
            readiness=readiness,
            is_https=urlsplit(services.opened.settings.public_url).scheme == "https",
            registry=services.registry,
            clock=clock,
            watcher=services.tools.watcher,
        ),
        pages=() if site is None else site.routes,
        problem_pages=None if site is None else site.problems,
    )


def until_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop


async def _all_or_none(tasks: list[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Run together; if one ends, all end. The first error is raised."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


@contextlib.contextmanager
def _alone(settings: Settings) -> Generator[None]:
    """One `serve` or `worker` on one SQLite file. The system releases the lock when the process dies, however it dies."""
    path = settings.sqlite_path
    if path is None:
        yield
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(Path(f"{path}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise Refused(
            f"Another `drempel serve` or `drempel worker` works on {path}. Stop it first, or use PostgreSQL for several workers."
        ) from error
    try:
        yield
    finally:
        lock.release()
