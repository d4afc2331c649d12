"""Worlds for tests with real processes. `club` is shared by the tests of one test process and stays healthy; `new_world` makes one to be broken."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.processes.world import World

Opening = Callable[..., AbstractAsyncContextManager[World]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World.open(tmp_path_factory.mktemp("club"), environ={"DREMPEL_LOG_LEVEL": "debug"}) as world:
        await world.serve()
        yield world
        assert world.serving is not None
        await world.serving.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def club(shared_world: World) -> AsyncIterator[World]:
    """The shared world, as it should be left: no fault waits, and the output is clean, though every library tells what it does."""
    yield shared_world
    shared_world.resivo.faults.clear()
    shared_world.ireserve.faults.clear()
    shared_world.check_output()


@pytest.fixture
def new_world(tmp_path: Path) -> Opening:
    """`async with new_world(...) as world`: a world of its own, not yet serving."""

    @contextlib.asynccontextmanager
    async def open_world(**options: Any) -> AsyncIterator[World]:
        async with World.open(tmp_path / "world", **options) as world:
            yield world

    return open_world
