"""From the set-up file to the first visitor, with the commands that a person would say."""

from __future__ import annotations

import asyncio

import pytest

from drempel.simulators.ireserve import Fate
from tests.processes.conftest import Opening
from tests.processes.programs import eventually
from tests.processes.world import SOUTH

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]


async def test_the_first_day_of_a_club(new_world: Opening) -> None:
    async with new_world(prepared=False, poll_seconds=1) as world:
        had_before = world.book(status="20")
        file = world.write_set_up()
        assert len((await world.say("apply", str(file))).lines) >= 4
        await asyncio.gather(world.serve(), world.take_key("front-desk"))
        registered = await world.say("hook-register", "club")
        assert len(registered.lines) == 2
        assert {hook.event for hook in world.ireserve.state.hooks.values()} == {"booking_created", "booking_updated"}

        # A booking that was there at a trigger status before Drempel gets nothing by itself.
        await world.read(had_before, "20")
        assert world.sets(had_before) == []

        visit = world.book()
        world.confirm(visit)
        await world.granted(visit)
        doctor = await world.say("doctor")
        assert "problem" not in {line.split()[0] for line in doctor.lines}

        # No webhook tells of these: the poll finds them.
        unheard = world.book()
        world.ireserve.switches.deliveries = Fate.DROP
        world.confirm(unheard)
        await world.granted(unheard)
        world.cancel(unheard)
        await world.revoked(unheard)
        world.ireserve.switches.deliveries = Fate.SEND

        [message] = world.resivo.messages_to(visit.email)
        door = f"{SOUTH}.hall-1"
        assert message.link_token is not None
        assert not world.resivo.open_door(message.link_token, door)
        world.ireserve.reschedule_as_admin(visit.id, world.now(), world.now(hours=1))
        await eventually(lambda: len(world.sets(visit)) == 2 and len(world.live(visit)) == 1, saying=world.told)
        link = world.resivo.messages_to(visit.email)[-1].link_token
        assert link is not None
        assert world.resivo.open_door(link, door)
        world.cancel(visit)
        await world.revoked(visit, messages=2)
        assert not world.resivo.open_door(link, door)

        await world.say("apply", str(file), "--issue-existing")
        await world.granted(had_before)
