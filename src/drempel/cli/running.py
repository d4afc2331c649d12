"""How a command runs: settings in, store opened, work done, and every end told as a sentence with an exit code.

Exit codes: 0 fine, 1 a problem was found, 2 wrong use or wrong settings.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

import typer

from drempel.cli.machine import Machine, OpenStore

if TYPE_CHECKING:
    from drempel.settings import Settings

__all__ = ["PROBLEM", "WRONG_USE", "CommandFailed", "examples", "machine_of", "run_async", "settings_of", "with_store"]

PROBLEM: Final = 1
WRONG_USE: Final = 2

T = TypeVar("T")


class CommandFailed(Exception):
    """The command ends here: sentences for standard error, and the exit code."""

    def __init__(self, *sentences: str, code: int = PROBLEM) -> None:
        super().__init__("\n".join(sentences))
        self.code = code


def machine_of(context: typer.Context) -> Machine:
    """What this command stands on."""
    machine = context.find_object(Machine)
    return Machine() if machine is None else machine


def settings_of(machine: Machine) -> Settings:
    """The settings; what looks like a mistake is told on standard error, and logging begins. Raises `SettingsError`."""
    from drempel.adapters.logs import configure_logging  # noqa: PLC0415  # only commands that do something pay for it
    from drempel.settings import read_settings  # noqa: PLC0415

    settings = read_settings(machine.environ, terminal=sys.stderr.isatty())
    configure_logging(log_format=settings.log_format, log_level=settings.log_level, stream=sys.stderr)
    for warning in settings.warnings:
        typer.echo(f"Warning: {warning}", err=True)
    return settings


def with_store(context: typer.Context, work: Callable[[OpenStore, Settings], Awaitable[T]], *, any_schema: bool = False) -> T:
    """Open the store, do the work, close the store."""
    machine = machine_of(context)
    settings = settings_of(machine)

    async def do() -> T:
        async with machine.open_records(settings, any_schema=any_schema) as opened:
            return await work(opened, settings)

    return run_async(do())


def examples(*lines: str) -> str:
    """The end of a command's help: commands to copy."""
    return "\b\nExamples:\n" + "\n".join(f"    {line}" for line in lines)


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a loop of its own."""
    return asyncio.run(work)
