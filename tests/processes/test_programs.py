"""Starting, stopping and wrong use: exit codes, sentences, and what is in hand."""

from __future__ import annotations

import asyncio
import signal

import pytest

from drempel.transport import TransportError
from tests.processes.conftest import Opening
from tests.processes.programs import eventually
from tests.processes.world import SECRET_KEY, World

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]

NEW_KEY = "the-second-key-which-came-after-the-first"


async def test_sigterm_finishes_what_is_in_hand_and_a_new_key_opens_what_the_old_one_sealed(new_world: Opening) -> None:
    async with new_world(environ={"DREMPEL_CALL_TIMEOUT_SECONDS": "8", "DREMPEL_LEASE_SECONDS": "20"}) as world:
        serving = await world.serve()
        another, worker = await asyncio.gather(
            world.say("serve", "--port", "0", code=2),
            world.say("worker", code=2),
        )
        for refused in (another, worker):
            assert "Another `drempel serve` or `drempel worker` works on" in refused.err
            assert refused.out == ""
        in_hand = world.resivo_fault("create_remote_access", "hold_before")
        visit = world.confirmed()
        await world.held(in_hand)
        serving.send(signal.SIGTERM)
        await eventually(lambda: _refused(world))
        assert serving.runs
        world.release(in_hand)
        assert await serving.ended() == 0
        assert [one.id for one in world.live(visit)] == [world.field(visit)]
        assert world.messages(visit) == [1, 1]

        world.keep_secret(NEW_KEY, "the new secret key")
        rotated = await world.say("rotate-key", environ={"DREMPEL_SECRET_KEY": f"{NEW_KEY},{SECRET_KEY}"})
        assert "encrypted anew" in rotated.out
        wrong = await world.say("bookings", code=2)
        assert "DREMPEL_SECRET_KEY" in wrong.err
        await world.serve(environ={"DREMPEL_SECRET_KEY": NEW_KEY})
        await world.granted(visit)
        world.cancel(visit)
        await world.revoked(visit)


async def _refused(world: World) -> bool:
    try:
        await world.call("GET", "/healthz")
    except TransportError:
        return True
    return False


async def test_a_wrong_set_up_file_is_refused_with_its_line_and_changes_nothing(club: World) -> None:
    file = club.write_set_up()
    wrong = file.with_name("wrong.toml")
    text = file.read_text("utf-8").replace("time_before_minutes = 15", 'time_before_minutes = 15\nrevoke_statusses = ["70"]', 1)
    wrong.write_text(text.replace('trigger_statuses = ["20", "30"]', 'trigger_statuses = ["20", "40"]', 1), "utf-8")
    line = text[: text.index("revoke_statusses")].count("\n") + 1
    refused = await club.say("apply", str(wrong), code=2)
    told = f"{wrong}, line {line}: integrations[1].revoke_statusses: unknown key. Did you mean revoke_statuses?"
    assert told in refused.err.splitlines()
    assert "Nothing was changed." in refused.err
    said = await club.say("apply", str(file))
    assert said.out == "nothing to change\n"


async def test_wrong_use_ends_with_2_and_an_unknown_booking_with_1(club: World) -> None:
    commands = {
        ("retry", "nowhere", "1"): 2,
        ("retry", "club", "424242"): 1,
    }
    ended = await asyncio.gather(*(club.say(*arguments, code=code) for arguments, code in commands.items()))
    for said in ended:
        assert said.out == ""
        assert said.err.strip()
    settings = await club.say("bookings", code=2, environ={"DREMPEL_LEASE_SECONDS": "2", "DREMPEL_CALL_TIMEOUT_SECONDS": "1"})
    assert "DREMPEL_LEASE_SECONDS" in settings.err
