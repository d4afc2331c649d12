"""A disk that is full, and has room again.

Root gets a small file system in memory that is really filled. Anybody else gets a limit on how long a file of that process may grow: the same
refusal to write a byte more, under another name.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
from collections.abc import AsyncIterator
from pathlib import Path

__all__ = ["SmallDisk"]

MIB = 1024 * 1024
SIZE_MIB = 48
FILLER = "filler"


class SmallDisk:
    """A folder for a Drempel, and the power over its room."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self._mounted = mounted

    @property
    def kind(self) -> str:
        return f"a disk of {SIZE_MIB} MiB" if self._mounted else "a limit on the size of files"

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[SmallDisk]:
        folder.mkdir()  # noqa: ASYNC240  # a moment's work
        mounted = os.geteuid() == 0 and await _said("mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder))
        try:
            yield cls(folder, mounted=mounted)
        finally:
            if mounted:
                await asyncio.shield(_said("umount", "-l", str(folder)))

    def fill(self, pid: int) -> None:
        """From now on this process can write nothing that is longer than what is there."""
        if not self._mounted:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (MIB // 8, resource.RLIM_INFINITY))
            return
        with (self.folder / FILLER).open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * (MIB // 8))
        # The last bytes as well.
        with (self.folder / FILLER).open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 512)

    def clear(self, pid: int) -> None:
        """There is room again."""
        if self._mounted:
            (self.folder / FILLER).unlink()
        else:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


async def _said(*command: str) -> bool:
    """Whether a command of the system went well."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return False
    return await process.wait() == 0
