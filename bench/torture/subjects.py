"""What is tortured: Drempel, and Node-RED with a flow that a capable person would build."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import aiohttp

from bench.club import Club
from bench.installation import Installation, steady_port
from bench.processes import BenchFailed, Child, start
from bench.torture.flow import flow, settings_js

__all__ = ["Opening", "Subject", "drempel", "node_red"]

START_SECONDS = 60.0
LOOK_SECONDS = 0.03
END_SECONDS = 40.0


class Subject(Protocol):
    """Something that takes hints and makes access of them."""

    @property
    def hook_url(self) -> str: ...

    @property
    def gives_up_after(self) -> float | None:
        """After so many seconds without a call it will do nothing more by itself; None = it may still have plans."""
        ...

    async def start(self) -> None:
        """Start it; it may not be ready yet."""
        ...

    async def ready(self) -> None:
        """Return when it says of itself that it is ready."""
        ...

    async def kill(self) -> None: ...

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        ...

    async def traces(self, booking_ids: Collection[str]) -> set[str]:
        """Of these, the bookings that a person is told of."""
        ...


Opening = Callable[[Club, Path], AbstractAsyncContextManager[Subject]]


@dataclass
class DrempelSubject:
    """`drempel serve` on a SQLite file, with the product's own settings."""

    installed: Installation
    api_key: str
    serving: Child | None = None
    gives_up_after: float | None = None

    @property
    def hook_url(self) -> str:
        return self.installed.hook_url

    async def start(self) -> None:
        self.serving = await self.installed.serve()

    async def ready(self) -> None:
        await self.installed.ready(self._running)

    async def kill(self) -> None:
        await self._running.kill()

    async def stop(self) -> int:
        return await self._running.stop(END_SECONDS)

    async def traces(self, booking_ids: Collection[str]) -> set[str]:
        """A booking that is being tried again, or stands on the list of those that need a person, can be seen."""
        found = set()
        for booking_id in booking_ids:
            address = f"http://127.0.0.1:{self.installed.port}/api/v1/bookings/club/{booking_id}"
            headers = {"authorization": f"Bearer {self.api_key}"}
            async with self.installed.session.get(address, headers=headers) as answer:
                if answer.status == 200 and (await answer.json())["state"] in {"needs_person", "pending", "revoking"}:
                    found.add(booking_id)
        return found

    @property
    def _running(self) -> Child:
        assert self.serving is not None, "not started"
        return self.serving


@contextlib.asynccontextmanager
async def drempel(club: Club, folder: Path) -> AsyncIterator[Subject]:
    opening = Installation.open(club, folder, name="drempel", database_url=None, settings={}, told=False)
    async with opening as installed:
        api_key = await installed.command("api-key", "add", "bench", "--scope", "read")
        yield DrempelSubject(installed, api_key)


@dataclass
class NodeRedSubject:
    """Node-RED with one flow, and its flow file on disk."""

    program: str
    folder: Path
    port: int
    session: aiohttp.ClientSession
    children: list[Child] = field(default_factory=list)
    gives_up_after: float | None = 8.0

    @property
    def hook_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/club"

    async def start(self) -> None:
        arguments = ["--userDir", str(self.folder), "--settings", str(self.folder / "settings.js"), "flows.json"]
        name = f"node-red-{len(self.children)}"
        self.children.append(await start(name, arguments, folder=self.folder, program=self.program))

    async def ready(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._answers():
                    self.children[-1].check()
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise BenchFailed(f"Node-RED was not ready within {START_SECONDS:g} s.\n{self.children[-1].told()}") from None

    async def _answers(self) -> bool:
        try:
            async with self.session.get(f"http://127.0.0.1:{self.port}/alive") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def kill(self) -> None:
        await self.children[-1].kill()

    async def stop(self) -> int:
        return await self.children[-1].stop(END_SECONDS)

    async def traces(self, booking_ids: Collection[str]) -> set[str]:
        """What its log names."""
        logs = [await asyncio.to_thread(child.errors.read_text, "utf-8", "replace") for child in self.children]
        said = "\n".join(logs)
        return {booking_id for booking_id in booking_ids if f"booking {booking_id}:" in said}


def node_red(program: str) -> Opening:
    """Node-RED, found at this path."""

    @contextlib.asynccontextmanager
    async def opening(club: Club, folder: Path) -> AsyncIterator[Subject]:
        place = folder / f"node-red-{steady_port()}"
        place.mkdir()
        port = steady_port()
        (place / "flows.json").write_text(json.dumps(flow(club.world, club.doors)), "utf-8")
        (place / "settings.js").write_text(settings_js(port), "utf-8")
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
            subject = NodeRedSubject(program, place, port, session)
            try:
                yield subject
            finally:
                await asyncio.shield(asyncio.gather(*(child.end() for child in subject.children)))

    return opening
