"""Many processes on one PostgreSQL: what one leaves behind another takes over, and nothing is done twice."""

from __future__ import annotations

import pytest

from tests.databases import make_database
from tests.processes.conftest import Opening
from tests.processes.programs import eventually

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]


async def test_a_worker_takes_over_what_another_one_died_over(new_world: Opening, postgresql: str) -> None:
    url = await make_database(postgresql, "processes")
    environ = {"DREMPEL_DATABASE_URL": url, "DREMPEL_SWEEP_SECONDS": "600"}
    async with new_world(environ=environ, prepared=False) as world:
        assert "schema is current" in (await world.say("migrate")).out
        await world.prepare()
        await world.serve("--no-worker")
        first = await world.programs.start("worker")
        mortal = world.confirmed()
        await world.granted(mortal)

        in_hand = world.resivo_fault("create_remote_access", "hold_before")
        dying = world.confirmed()
        await world.held(in_hand)
        second = await world.programs.start("worker", "--concurrency", "4")
        await first.kill()
        world.release(in_hand)
        world.cancel(mortal)
        await world.revoked(mortal)
        await world.granted(dying)
        assert (await world.history(dying))["access.found"] == 1

        third = await world.programs.start("worker")
        world.resivo.latency_ms = 20
        while "access.created" not in third.err.read_text("utf-8"):
            assert third.runs
            wave = [world.book(status="20") for _ in range(6)]
            await world.hint(*wave)
            await world.granted(*wave)
        visits = [world.book(status="20") for _ in range(30)]
        await world.hint(*visits, *visits)
        await eventually(lambda: sum(bool(world.field(visit)) for visit in visits) > 5, saying=second.tail)
        await third.stop()
        await world.granted(*visits, dying)
        assert [len(world.sets(visit)) for visit in visits] == [1] * len(visits)
        await second.stop()
