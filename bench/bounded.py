"""A run that ends: at its time limit, at Ctrl-C, at SIGTERM; each time with everything ended that it started."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from rich.console import Console

from bench.processes import BenchFailed
from bench.running import with_uvloop

__all__ = ["run_bounded"]

T = TypeVar("T")


def run_bounded(run: Coroutine[Any, Any, T], *, limit_seconds: float, console: Console) -> T:
    """Run to the end. Leaves the program with a sentence and exit code 1 if it fails, 130 if it was ended."""
    try:
        return with_uvloop(_bounded(run, limit_seconds))
    except BenchFailed as failed:
        console.print(str(failed), style="red", highlight=False, markup=False)
        raise SystemExit(1) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Ended before its time; nothing was written.")
        raise SystemExit(130) from None


async def _bounded(run: Coroutine[Any, Any, T], limit_seconds: float) -> T:
    task = asyncio.current_task()
    assert task is not None

    def end() -> None:
        # Once: what is begun is being ended, within bounds, and a second signal must not leave processes behind.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    try:
        async with asyncio.timeout(limit_seconds):
            return await run
    except TimeoutError:
        raise BenchFailed(f"Not done within {limit_seconds:g} s; give it more with --limit-seconds.") from None
    except BaseExceptionGroup as group:
        failed, _ = group.split(BenchFailed)
        raise BenchFailed("\n".join(str(one) for one in _leaves(failed or group))) from group


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    leaves: list[BaseException] = []
    for one in group.exceptions:
        leaves += _leaves(one) if isinstance(one, BaseExceptionGroup) else [one]
    return leaves
