"""Real Drempel processes: started, told, killed; everything that they print is kept."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.03
COMMAND_SECONDS = 90.0
OVERLAP = 300
NOT_OURS = '"error": "OperationalError"'
"""The slow loop met a database that could not be written: on a full disk that is so, and is to be told."""
FAULTS = ("Traceback", "booking.fault", "sweep.fault", "web.failed", "internal.error", "Drempel itself failed")


async def eventually(
    what: Callable[[], T | Awaitable[T]], *, within: float = PATIENCE_SECONDS, saying: Callable[[], str] | None = None
) -> T:
    """The first answer of `what` that counts as true. What it raises as `AssertionError` is told if the time runs out."""
    deadline = time.monotonic() + within
    while True:
        said: object = None
        try:
            said = what()
            if inspect.isawaitable(said):
                said = await said
        except AssertionError as error:
            said = error
        else:
            if said:
                return said  # type: ignore[return-value]
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {said}" + (f"\n{saying()}" if saying is not None else ""))
        await asyncio.sleep(LOOK_SECONDS)


def free_port() -> int:
    """Outside the range from which the system takes ports for outgoing connections, so that it is still free after a kill."""
    while True:
        port = random.randint(20_000, 29_999)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Program:
    """One process and its output."""

    arguments: tuple[str, ...]
    process: asyncio.subprocess.Process
    out: Path
    err: Path
    may_show: tuple[str, ...] = ()
    """Secrets that this command is asked to print."""
    searched: int = 0
    """How much of its output was searched already."""

    @property
    def runs(self) -> bool:
        return self.process.returncode is None

    def send(self, number: signal.Signals) -> None:
        """To this process alone, by its id."""
        assert self.runs, f"drempel {' '.join(self.arguments)} has ended with {self.process.returncode}:\n{self.tail()}"
        self.process.send_signal(number)

    async def ended(self, *, within: float = COMMAND_SECONDS) -> int:
        async with asyncio.timeout(within):
            return await self.process.wait()

    async def kill(self) -> None:
        """The machine loses power, as far as this process can tell."""
        self.send(signal.SIGKILL)
        assert await self.ended() == -signal.SIGKILL

    async def stop(self) -> None:
        """SIGTERM must end with 0."""
        self.send(signal.SIGTERM)
        code = await self.ended()
        assert code == 0, f"drempel {' '.join(self.arguments)} ended with {code}:\n{self.tail()}"

    def tail(self, characters: int = 4000) -> str:
        told = [line for line in self.err.read_text("utf-8").splitlines() if '"level": "debug"' not in line]
        return self.out.read_text("utf-8") + "\n".join(told)[-characters:]


@dataclass
class Programs:
    """All processes of one world. They share their settings."""

    folder: Path
    environ: dict[str, str]
    all: list[Program] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    async def start(self, *arguments: str, environ: Mapping[str, str] | None = None, may_show: tuple[str, ...] = ()) -> Program:
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / f"{next(self._numbers):02}-{arguments[0]}"
        out, err = place.with_suffix(".out"), place.with_suffix(".err")
        here = {name: value for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if (value := os.environ.get(name)) is not None}
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "drempel",
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=to_out,
                stderr=to_err,
                env={**here, **self.environ, **(environ or {})},
                cwd=self.folder,
            )
        program = Program(arguments, process, out, err, may_show)
        self.all.append(program)
        return program

    async def say(
        self, *arguments: str, code: int = 0, environ: Mapping[str, str] | None = None, may_show: tuple[str, ...] = ()
    ) -> Said:
        """Run a command to its end, which must be this exit code."""
        program = await self.start(*arguments, environ=environ, may_show=may_show)
        ended = await program.ended()
        said = Said(ended, program.out.read_text("utf-8"), program.err.read_text("utf-8"))
        assert said.code == code, f"drempel {' '.join(arguments)} ended with {said.code}:\n{said.out}\n{said.err}"
        return said

    async def kill_what_is_left(self) -> None:
        for program in self.all:
            if program.runs:
                await program.kill()

    def told(self, secrets: Mapping[str, str]) -> list[str]:
        """What must not stand in any output, and does; and every fault of Drempel's own that a process told of.

        Each time what is new since the last time is searched: a secret cannot be told before there is one.
        """
        broken = []
        for program in self.all:
            name = f"drempel {program.arguments[0]}"
            whole = program.out.read_text("utf-8") + program.err.read_text("utf-8")
            text = whole[max(0, program.searched - OVERLAP) :]
            program.searched = len(whole)
            for secret, what in secrets.items():
                if secret in text and secret not in program.may_show:
                    broken.append(f"{name} tells {what}: {_around(text, secret)}")
            own = "\n".join(line for line in text.splitlines() if not ("sweep.fault" in line and NOT_OURS in line))
            broken += [f"{name} has a fault of its own: {_around(own, fault)}" for fault in FAULTS if fault in own]
        return broken


def _around(text: str, part: str) -> str:
    at = text.index(part)
    return text[max(0, at - 200) : at + len(part) + 200]
