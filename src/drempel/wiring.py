"""The composition root: settings in, services out. The only file that knows every adapter."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Generator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import uvicorn
from filelock import FileLock, Timeout
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import DBAPIError
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from drempel.adapters.clock import SystemClock, chance
from drempel.adapters.outside import OutsideWorld
from drempel.adapters.secret_key_file import KeyFileError, read_or_make_key
from drempel.adapters.secrets import Keyring, WrongSecretKey
from drempel.adapters.store import SchemaNotCurrent, SchemaState, SqlStore, open_store
from drempel.adapters.watcher import LoggingWatcher
from drempel.engine.calls import Calls
from drempel.engine.doors import Doors
from drempel.engine.intake import take_hint
from drempel.engine.limits import Limits
from drempel.engine.run import Tools
from drempel.engine.sweep import Sweep
from drempel.engine.worker import CONCURRENCY_DEFAULT, Worker
from drempel.ireserve import booking_id_of
from drempel.settings import Refused, Settings
from drempel.transport.over_http import HttpTransport
from drempel.web.app import WebServices, create_app

__all__ = [
    "Opened",
    "Services",
    "limits_of",
    "open_records",
    "open_services",
    "run_serve",
    "run_worker",
    "serve_app",
    "until_signal",
]

READY_WITHIN_SECONDS: Final = 30.0
READY_ANSWER_SECONDS: Final = 5.0
IDENTITY_FILE: Final = "identity.json"
LAST_WORK_SECONDS: Final = 5.0
"""What a worker may take beyond one call time-out to finish what is in hand; then it is cut off, which is no worse than a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An open store. `records` and `store` are the same object, seen from the people's and the engine's side."""

    settings: Settings
    store: SqlStore
    records: SqlStore
    keyring: Keyring
    clock: SystemClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """A store with workers around it."""

    opened: Opened
    tools: Tools
    worker: Worker
    sweep: Sweep
    registry: CollectorRegistry


def limits_of(settings: Settings) -> Limits:
    """The engine's times out of the settings."""
    return Limits(
        call_timeout=timedelta(seconds=settings.call_timeout_seconds),
        lease=timedelta(seconds=settings.lease_seconds),
        retry_first=timedelta(seconds=settings.retry_first_seconds),
        retry_longest=timedelta(seconds=settings.retry_max_seconds),
        sweep=timedelta(seconds=settings.sweep_seconds),
        gone_confirm=timedelta(seconds=settings.gone_confirm_seconds),
    )


@contextlib.asynccontextmanager
async def open_records(settings: Settings, *, any_schema: bool = False) -> AsyncIterator[Opened]:
    """The store, opened. An empty database gets its schema; an older SQLite file is migrated. Raises `Refused` with a sentence.

    `any_schema`: for the commands that look at the schema themselves.
    """
    clock = SystemClock()
    path = settings.sqlite_path
    try:
        secret_key = settings.secret_key or read_or_make_key(settings.data_dir, database_file=path)
        if path is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        keyring = Keyring(secret_key)
        store = await open_store(
            settings.database_url,
            keyring=keyring,
            clock=clock,
            lease=timedelta(seconds=settings.lease_seconds),
            migrate_older=path is not None,
            any_schema=any_schema,
        )
    except (KeyFileError, WrongSecretKey, SchemaNotCurrent, ValueError) as error:
        raise Refused(str(error)) from error
    except (OSError, DBAPIError) as error:
        raise Refused(_unreachable(settings, error)) from error
    try:
        yield Opened(settings=settings, store=store, records=store, keyring=keyring, clock=clock)
    finally:
        await store.close()


def _unreachable(settings: Settings, error: BaseException) -> str:
    where = "The PostgreSQL database" if settings.sqlite_path is None else f"The database file {settings.sqlite_path}"
    kind = type(error.__cause__ or error).__name__
    return f"{where} cannot be used ({kind}). Check that it is there, that this account may use it, and DREMPEL_DATABASE_URL."


@contextlib.asynccontextmanager
async def open_services(settings: Settings, *, concurrency: int = CONCURRENCY_DEFAULT) -> AsyncIterator[Services]:
    """Store, transport, worker and sweep, not running yet. The database says at each start which one it is."""
    async with (
        open_records(settings) as opened,
        HttpTransport(call_timeout_seconds=settings.call_timeout_seconds) as transport,
    ):
        registry = CollectorRegistry()
        watcher = LoggingWatcher(registry)
        store, clock, limits = opened.store, opened.clock, limits_of(settings)
        if await store.claim_identity(settings.data_dir / IDENTITY_FILE if settings.sqlite_path is not None else None):
            watcher.note("marker.drawn")
        outside = OutsideWorld(
            store=store, records=store, transport=transport, clock=clock, fingerprint=opened.keyring.fingerprint
        )
        calls = Calls(store=store, clock=clock, limits=limits, watcher=watcher)
        tools = Tools(
            store=store,
            outside=outside,
            calls=calls,
            doors=Doors(outside=outside, calls=calls, clock=clock),
            clock=clock,
            chance=chance(),
            limits=limits,
            marker=await store.marker(),
            watcher=watcher,
        )
        worker = Worker(tools, concurrency=concurrency)
        store.on_wake(worker.wake)
        yield Services(
            opened=opened, tools=tools, worker=worker, sweep=Sweep(tools, store, on_due=worker.wake), registry=registry
        )


# --------------------------------------------------------------------------------------------------------------------- programs


async def run_serve(settings: Settings, host: str, port: int, *, worker: bool) -> None:
    """Web and, unless told otherwise, worker in one process, until SIGTERM or SIGINT."""
    with _alone(settings):
        async with open_services(settings) as services:
            stop = until_signal()
            app = web_app(services, with_worker=worker)
            tasks = [asyncio.create_task(serve_app(app, host=host, port=port, stop=stop))]
            if worker:
                tasks.append(asyncio.create_task(work_until(services, stop)))
            await _all_or_none(tasks, stop)


async def run_worker(settings: Settings, concurrency: int) -> None:
    """Worker alone, until SIGTERM or SIGINT."""
    with _alone(settings):
        async with open_services(settings, concurrency=concurrency) as services:
            await work_until(services, until_signal())


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


def web_app(services: Services, *, with_worker: bool, pages: Sequence[BaseRoute] | None = None) -> ASGIApp:
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
            take_hint=take,
            booking_id_of=booking_id_of,
            readiness=readiness,
            registry=services.registry,
            clock=clock,
            watcher=services.tools.watcher,
        ),
        pages=pages,
    )


async def serve_app(app: ASGIApp, *, host: str, port: int, stop: asyncio.Event) -> None:
    """Uvicorn in our own loop, until `stop`. Raises `Refused` if the address is taken."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="off",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=16 * 1024,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    try:
        await serving
    except SystemExit as error:
        raise Refused(
            f"The address {host}:{port} cannot be used: it may be taken by another program. Choose another --port."
        ) from error
    if not stop.is_set():
        raise Refused(f"The address {host}:{port} cannot be used: it may be taken by another program. Choose another --port.")


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


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
