"""Child processes: each is started by us, ended by its id, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BenchFailed", "Child", "child", "output_of", "start"]

ROOT = Path(__file__).parents[1]
END_SECONDS = 30.0
COMMAND_SECONDS = 60.0
LOG_CHARACTERS = 3000
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "XDG_RUNTIME_DIR")


class BenchFailed(Exception):
    """The measurement cannot go on, with a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process that runs, with pipes to its standard input and output. Its errors go to a file."""

    name: str
    process: asyncio.subprocess.Process
    errors: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def check(self) -> None:
        """Raise `BenchFailed` if it has ended."""
        if self.process.returncode is not None:
            raise BenchFailed(f"{self.name} has ended with {self.process.returncode}.\n{self.told()}")

    async def line(self, within: float) -> str:
        """The next line of its output."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(within):
                line = await self.process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            raise BenchFailed(f"{self.name} did not start.\n{self.told()}")
        return line.decode().strip()

    def write(self, text: str) -> None:
        """To its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())

    def told(self) -> str:
        """The end of what it wrote to standard error."""
        return self.errors.read_text("utf-8", "replace")[-LOG_CHARACTERS:]

    async def kill(self) -> None:
        """The machine loses power, as far as this process can tell."""
        self.check()
        self.process.kill()
        await self.process.wait()

    async def stop(self, within: float) -> int:
        """Ask it to end; its exit code. Raises `BenchFailed` if it takes longer."""
        self.check()
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(within):
                return await self.process.wait()
        except TimeoutError:
            raise BenchFailed(f"{self.name} did not end within {within:g} s of SIGTERM.\n{self.told()}") from None

    async def end(self) -> None:
        """Ask it to end; make it, if it does not."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.process.wait()
        finally:
            if self.process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self.process.kill()
                await self.process.wait()


async def start(
    name: str, arguments: Sequence[str], *, folder: Path, environ: Mapping[str, str] | None = None, program: str = sys.executable
) -> Child:
    """This Python, or another program, with these arguments. Whoever starts it ends it; Ctrl-C reaches us alone.

    What another program says goes to the same file as its errors: nobody reads the pipe, and a full one would stop it.
    """
    errors = folder / f"{name}.log"
    with errors.open("wb") as to_errors:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE if program == sys.executable else to_errors,
            stderr=to_errors,
            env=_environ(environ),
            cwd=ROOT,
            start_new_session=True,
        )
    return Child(name, process, errors)


@contextlib.asynccontextmanager
async def child(
    name: str, arguments: Sequence[str], *, folder: Path, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """The same, until the end of the block."""
    started = await start(name, arguments, folder=folder, environ=environ)
    try:
        yield started
    finally:
        # Shielded: a second Ctrl-C must not leave the process behind.
        await asyncio.shield(started.end())


async def output_of(arguments: Sequence[str], *, environ: Mapping[str, str]) -> str:
    """Run to the end, which must be 0; its output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environ(environ),
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BenchFailed(f"{' '.join(arguments)} ended with {process.returncode}.\n{errors.decode()}")
    return out.decode().strip()


def _environ(own: Mapping[str, str] | None) -> dict[str, str]:
    """No setting of Drempel that happens to stand in the environment counts here."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(own or {})
