"""Other shapes of the same provider, end to end: unversioned paths without a list, and one that differs wherever a profile can say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from drempel.resivo import load_profile
from tests.processes.conftest import Opening
from tests.processes.programs import eventually
from tests.processes.world import NORTH, SOUTH

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]

QUITE_OTHER = """
name = "quite-other"
time_decimals = 0

[operations.list_components]
path = "/v9/estates/{site_id}/doors"
items = "data.rows"
[operations.list_components.response]
id = "uuid"
display_name = "label.text"
online = "connection.status"

[operations.create_remote_access]
path = "/v9/estates/{site_id}/remote-access-authorization-sets"
success = [200]
items = "data"
[operations.create_remote_access.request]
display_name = "name"
component_ids = "doors"
valid_from = "validity.0.from"
valid_to = "validity.0.to"
recipient_emails = "notify.emails"
recipient_phone_numbers = "notify.phoneNumbers"
[operations.create_remote_access.response]
id = "result.uuid"
component_ids = "result.doors"

[operations.list_authorizations]
path = "/v9/estates/{site_id}/authorizations"
items = "page.rows"
query_names = { display_name = "name", status = "state", page = "p", page_size = "size" }
[operations.list_authorizations.response]
id = "uuid"
display_name = "name"
component_ids = "doors"
valid_from = "validity.0.from"
valid_to = "validity.0.to"
status = "state.word"
credentials = "state.credentials"

[operations.read_authorization]
path = "/v9/estates/{site_id}/authorizations/{authorization_id}"
items = "data"

[operations.revoke_authorization]
method = "POST"
path = "/v9/estates/{site_id}/authorizations/{authorization_id}/end"
success = [200]
body_constant = '{"reason": "booking"}'

[values]
status_active = "ENABLED"
type_remote_access = "REMOTE"
[values.map.online]
online = true
offline = false
"""


async def test_without_a_list_a_person_says_what_became_of_a_lost_answer(new_world: Opening) -> None:
    async with new_world(profile=load_profile("onegov-literal"), profile_name="onegov-literal") as world:
        await world.serve()
        usual = world.confirmed()
        await world.granted(usual)
        lost = []
        for kind in ("lost_after", "lost_before"):
            fault = world.resivo_fault("create_remote_access", kind)
            lost.append(world.confirmed())
            await world.taken(fault)
        done, not_done = lost
        for visit in lost:
            seen = await world.until(visit, "needs_person", "access.outcome_unknown_no_list")
            assert seen["authorization_sets"][0]["display_name"] in seen["failure"]["remedy"]
        await world.hint(*lost)
        await world.order(f"/bookings/club/{done.id}/retry")
        await world.until(done, "needs_person", "access.outcome_unknown_no_list")
        assert [len(world.sets(visit)) for visit in lost] == [1, 0]

        [made] = world.live(done)
        await world.say("resolve", "club", done.id, "--created", made.id)
        await world.order(f"/bookings/club/{not_done.id}/resolve", {"not_created": True})
        await world.granted(usual, done, not_done)
        refused = await world.call_as_person("POST", f"/bookings/club/{done.id}/resolve", {"not_created": True})
        assert refused.status == 409

        for visit in (usual, done, not_done):
            world.cancel(visit)
        await world.revoked(usual, done, not_done)
        assert len(world.resivo.calls.of("list_authorizations")) == 0


async def test_a_profile_of_ones_own_works_from_the_first_booking_to_the_last(new_world: Opening, tmp_path: Path) -> None:
    file = tmp_path / "quite-other.toml"
    file.write_text(QUITE_OTHER, "utf-8")
    async with new_world(profile=load_profile(file), profile_name=str(file)) as world:
        await world.serve()
        visits = []
        for kind in ("lost_after", "lost_before"):
            fault = world.resivo_fault("create_remote_access", kind)
            visits.append(world.confirmed())
            await world.taken(fault)
        visits.append(world.confirmed("83"))
        await world.granted(*visits[:2])
        await world.granted(visits[2], sites=2)
        world.reschedule(visits[0])
        await eventually(lambda: len(world.sets(visits[0])) == 2, saying=world.told)
        await world.granted(visits[0], messages=2)
        world.resivo_fault("revoke_authorization", "lost_before")
        world.cancel(visits[1])
        await world.revoked(visits[1])
        for visit in (visits[0], visits[2]):
            world.cancel(visit)
        await world.revoked(visits[0], visits[2], messages=2)
        paths = {call.path for call in world.resivo.calls.of("create_remote_access")}
        assert paths == {f"/v9/estates/{site}/remote-access-authorization-sets" for site in (SOUTH, NORTH)}
