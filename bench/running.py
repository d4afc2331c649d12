"""What the bench's own programs share: the event loop that Drempel uses, standard input as the sign to end, and figures of a process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bench.figures import Machine

T = TypeVar("T")
PROC = Path("/proc")
KIB_PER_MIB = 1024
IN_MEMORY = {"tmpfs", "ramfs"}
FLUSHES = 50


def with_uvloop(program: Coroutine[Any, Any, T]) -> T:
    """Run in uvloop where there is one, as `drempel serve` does."""
    try:
        import uvloop  # noqa: PLC0415  # not there on every platform
    except ImportError:
        loop_factory = None
    else:
        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(program)


async def stdin_lines() -> asyncio.StreamReader:
    """Standard input, line by line."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def until_stdin_ends() -> None:
    """The bench holds the other end: when it goes, however it goes, so do we."""
    reader = await stdin_lines()
    while await reader.read(4096):
        pass


def cpu_seconds(pid: int) -> float | None:
    """What a process has used so far, in all its threads; None where /proc is not."""
    with contextlib.suppress(OSError):
        after_name = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
    return None


def memory_mib(pid: int) -> tuple[float, float] | None:
    """Peak and present resident memory; None where /proc is not."""
    with contextlib.suppress(OSError):
        lines = dict(line.split(":", 1) for line in (PROC / str(pid) / "status").read_text().splitlines())
        peak, now = (int(lines[key].split()[0]) / KIB_PER_MIB for key in ("VmHWM", "VmRSS"))
        return peak, now
    return None


def working_folder(wanted: Path | None) -> Path:
    """Where the databases go: a disk, not memory, or the flush that durability costs would be free."""
    candidates = [wanted] if wanted is not None else [Path(tempfile.gettempdir()), Path("/var/tmp")]
    for candidate in candidates:
        if filesystem(candidate) not in IN_MEMORY:
            return candidate
    raise SystemExit(f"{candidates[0]} lies in memory: flushing to it costs nothing. Name a folder on a disk with --folder.")


def filesystem(folder: Path) -> str:
    """The kind of file system below a folder, or "unknown"."""
    try:
        mounts = [line.split() for line in (PROC / "mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    real = folder.resolve()
    holding = [mount for mount in mounts if real.is_relative_to(mount[1])]
    return max(holding, key=lambda mount: len(mount[1]))[2] if holding else "unknown"


def flush_ms(folder: Path) -> float:
    """What it takes to write 4 KiB and have the disk say that it is kept: the median of some."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(FLUSHES):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[FLUSHES // 2] * 1000


def machine_of(place: Path) -> Machine:
    """This machine, as it is now; the databases lie at `place`."""
    return Machine(
        at=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        system=_system(),
        filesystem=filesystem(place),
        flush_ms=flush_ms(place),
        load_before=os.getloadavg()[0],
    )


def _system() -> str:
    with contextlib.suppress(OSError):
        found = platform.freedesktop_os_release()
        return f"{found['NAME'].removesuffix(' GNU/Linux')} {found.get('VERSION_ID', '')}".strip()
    return platform.system()
