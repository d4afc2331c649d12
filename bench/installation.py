"""A Drempel of its own for a scene: set up on a store, with processes that can be started, killed and told to end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import aiohttp

from bench.club import Club
from bench.contenders import SECRET_KEY, setup_text
from bench.processes import BenchFailed, Child, output_of, start

__all__ = ["Installation"]

READY_SECONDS = 60.0
LOOK_SECONDS = 0.05
_numbers = count(1)


@dataclass
class Installation:
    """What runs on one store, or may be started on it."""

    name: str
    folder: Path
    database_url: str
    environ: Mapping[str, str]
    port: int
    hook_url: str
    session: aiohttp.ClientSession
    children: list[Child] = field(default_factory=list)

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, club: Club, folder: Path, *, name: str, database_url: str | None, settings: Mapping[str, str], told: bool = True
    ) -> AsyncIterator[Installation]:
        """Set up by `drempel apply`; nothing runs yet. `told`: i-Reserve tells it of everything. Afterwards nothing runs."""
        data = folder / f"{next(_numbers):02}-{name}"
        data.mkdir(parents=True)
        port = steady_port()
        url = database_url or f"sqlite:///{data / 'drempel.sqlite'}"
        environ = {
            "DREMPEL_DATA_DIR": str(data),
            "DREMPEL_DATABASE_URL": url,
            "DREMPEL_SECRET_KEY": SECRET_KEY,
            "DREMPEL_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DREMPEL_LOG_FORMAT": "json",
            **settings,
        }
        setup_file = data / "setup.toml"
        setup_file.write_text(setup_text(club.world), "utf-8")
        await output_of(["-m", "drempel", "apply", str(setup_file)], environ=environ)
        hook_url = await output_of(["-m", "drempel", "hook-url", "club"], environ=environ)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
            installed = cls(name, data, url, environ, port, hook_url, session)
            if told:
                club.tell(hook_url)
            try:
                yield installed
            finally:
                await asyncio.shield(installed.end())

    async def serve(self, *options: str, environ: Mapping[str, str] | None = None) -> Child:
        """`drempel serve`, started; whether it is ready is another question."""
        return await self.run("drempel", "serve", "--port", str(self.port), *options, environ=environ)

    async def worker(self, *, module: str = "drempel", environ: Mapping[str, str] | None = None) -> Child:
        return await self.run(module, "worker", environ=environ)

    async def run(self, module: str, *arguments: str, environ: Mapping[str, str] | None = None) -> Child:
        name = f"{len(self.children):03}-{arguments[0]}"
        child = await start(name, ["-m", module, *arguments], folder=self.folder, environ={**self.environ, **(environ or {})})
        self.children.append(child)
        return child

    async def command(self, *arguments: str) -> str:
        """What a command of Drempel prints."""
        return await output_of(["-m", "drempel", *arguments], environ=self.environ)

    async def ready(self, child: Child) -> None:
        """Return when the web answers that all is well."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not await self.is_ready():
                    child.check()
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise BenchFailed(f"{child.name} was not ready within {READY_SECONDS:g} s.\n{child.told()}") from None

    async def is_ready(self) -> bool:
        try:
            async with self.session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def told(self) -> str:
        """The last words of each process that told anything of a fault."""
        return "\n".join(f"--- {child.name}\n{child.told()[-600:]}" for child in self.children[-3:])

    async def end(self) -> None:
        """End what still runs."""
        await asyncio.gather(*(child.end() for child in self.children))


def steady_port() -> int:
    """Outside the range from which the system takes ports for outgoing connections, so that it is still free after a kill."""
    while True:
        port = random.randint(20_000, 29_999)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
