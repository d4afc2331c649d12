"""SIGKILL at every step. Whoever starts again finds what was done, finishes it, and does nothing twice."""

from __future__ import annotations

import pytest

from tests.processes.conftest import Opening
from tests.processes.programs import eventually

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]

UNHURRIED = {
    "DREMPEL_CALL_TIMEOUT_SECONDS": "1.5",
    "DREMPEL_LEASE_SECONDS": "3.5",
    "DREMPEL_SWEEP_SECONDS": "600",
}
"""Time to bring several bookings to their step before the first call gives up; no sweep that meets a fault in their place."""


async def test_a_create_killed_at_any_step_ends_as_one_set_and_one_message(new_world: Opening) -> None:
    async with new_world(environ=UNHURRIED) as world:
        serving = await world.serve()
        at_write_back = world.ireserve_fault("write_booking_field", "hold_before")
        writing = world.confirmed()
        await world.held(at_write_back)
        at_answer = world.resivo_fault("create_remote_access", "hold_after")
        answered = world.confirmed()
        await world.held(at_answer)
        at_work = world.resivo_fault("create_remote_access", "hold_before")
        working = world.confirmed()
        await world.held(at_work)
        never = world.resivo_fault("create_remote_access", "hold_before")
        not_working = world.confirmed()
        await world.held(never)
        at_doors = world.resivo_fault("list_components", "hold_before")
        resolving = world.confirmed("88")  # at the other site: the doors of this one were read a moment ago
        await world.held(at_doors)
        await serving.kill()
        assert [len(world.sets(visit)) for visit in (writing, answered, working, not_working, resolving)] == [1, 1, 0, 0, 0]

        for fault in (at_answer, at_work, at_doors):
            world.release(fault)
        # The work of a request whose sender is dead; and one that is never done, because that server dies as well.
        await eventually(lambda: len(world.sets(working)) == 1)
        await world.resivo_server.stop()
        await world.resivo_server.start()
        world.release(at_write_back)
        assert world.sets(not_working) == []

        await world.serve()
        visits = [writing, answered, working, not_working, resolving]
        await world.granted(*visits)
        assert [len(world.sets(visit)) for visit in visits] == [1, 1, 1, 1, 1]
        assert len(world.resivo.calls.of("create_remote_access")) == len(visits) + 1
        histories = [await world.history(visit) for visit in visits]
        assert [history["access.found"] for history in histories] == [0, 1, 1, 0, 0]
        assert [history["access.not_found"] for history in histories] == [0, 0, 0, 2, 0]


async def test_a_revoke_killed_at_any_step_is_finished_and_not_repeated(new_world: Opening) -> None:
    async with new_world(environ=UNHURRIED) as world:
        serving = await world.serve()
        visits = [world.confirmed() for _ in range(4)]
        await world.granted(*visits)
        clearing, answered, working, looking = visits
        for visit, script, operation, kind in (
            (clearing, world.ireserve_fault, "write_booking_field", "hold_before"),
            (answered, world.resivo_fault, "revoke_authorization", "hold_after"),
            (working, world.resivo_fault, "revoke_authorization", "hold_before"),
            (looking, world.resivo_fault, "read_authorization", "hold_before"),
        ):
            fault = script(operation, kind)
            world.cancel(visit)
            await world.held(fault)
        await serving.kill()
        assert [len(world.live(visit)) for visit in visits] == [0, 0, 1, 1]
        world.resivo.faults.clear()
        world.ireserve.faults.clear()
        await eventually(lambda: world.live(working) == [])

        await world.serve()
        await world.revoked(*visits)
        assert len(world.resivo.calls.of("revoke_authorization")) == len(visits)


async def test_a_replacement_killed_at_any_step_ends_as_the_new_set_alone(new_world: Opening) -> None:
    async with new_world(environ=UNHURRIED) as world:
        serving = await world.serve()
        visits = [world.confirmed() for _ in range(3)]
        await world.granted(*visits)
        between, answered, working = visits
        for visit, operation, kind in (
            (between, "read_authorization", "hold_before"),
            (answered, "create_remote_access", "hold_after"),
            (working, "create_remote_access", "hold_before"),
        ):
            fault = world.resivo_fault(operation, kind)
            world.reschedule(visit)
            await world.held(fault)
        await serving.kill()
        assert [len(world.live(visit)) for visit in visits] == [2, 2, 1]
        world.resivo.faults.clear()
        await eventually(lambda: len(world.live(working)) == 2)

        await world.serve()
        await world.granted(*visits, messages=2)
        assert [len(world.sets(visit)) for visit in visits] == [2, 2, 2]


async def test_a_hint_that_was_accepted_is_never_lost(new_world: Opening) -> None:
    async with new_world() as world:
        world.ireserve.switches.api_write_fires = False
        for hook in list(world.ireserve.state.hooks):
            world.ireserve.remove_hook(hook)
        serving = await world.serve()
        visits = [world.book(status="20") for _ in range(100)]
        await world.hint(*visits)
        await serving.kill()
        made = sum(len(world.sets(visit)) for visit in visits)
        assert made < len(visits), "the kill came too late to show anything"

        await world.serve()
        await eventually(lambda: all(world.field(visit) for visit in visits), within=40, saying=world.told)
        for visit in visits:
            await world.until(visit, "granted")
        assert [len(world.sets(visit)) for visit in visits] == [1] * len(visits)
        assert [world.messages(visit) for visit in visits] == [[1, 1]] * len(visits)
        assert [world.field(visit) for visit in visits] == [world.live(visit)[0].id for visit in visits]
