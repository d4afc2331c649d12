"""What happens while nothing can be stored: no hint is acknowledged, nothing dies, and afterwards everything goes on."""

from __future__ import annotations

import resource
import sys

import pytest

from tests.processes.conftest import Opening
from tests.processes.world import World

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits can be set on Linux only")
async def test_with_no_byte_left_for_database_and_log_hints_are_refused_until_there_is_room(new_world: Opening) -> None:
    async with new_world(environ={"DREMPEL_LOG_LEVEL": "debug"}) as world:
        serving = await world.serve()
        had = world.confirmed()
        await world.granted(had)
        resource.prlimit(serving.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        assert await _answers(world, 5) == {503}
        waiting = world.confirmed()
        resource.prlimit(serving.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
        await world.granted(had, waiting)
        assert serving.runs


async def _answers(world: World, count: int) -> set[int]:
    hook = f"/hooks/club/{world.hook_tokens['club']}"
    return {(await world.call("POST", hook, {"id": "3691"})).status for _ in range(count)}
