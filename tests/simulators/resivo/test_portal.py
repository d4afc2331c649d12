"""What a portal user does, what a door does, and what the oracle says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.transport import NeverSent, OutcomeUnknown
from tests.simulators.resivo.callers import NOW, Caller, make_caller, read

ADA = "ada@example.com"


async def with_access() -> tuple[Caller, str]:
    """A caller, the id of its access from 8:45 to 11:00, and a clock at 9:00."""
    caller = await make_caller()
    identity = read(await caller.create())["id"]
    caller.sim.clock.set(NOW + timedelta(hours=1))
    await caller.sign_in()
    return caller, identity


def link(caller: Caller) -> str:
    token = caller.sim.messages_to(ADA)[0].link_token
    assert token is not None
    return token


async def test_the_window_is_half_open() -> None:
    caller, _ = await with_access()
    door = caller.doors[0]
    start, end = NOW + timedelta(minutes=45), NOW + timedelta(hours=3)
    moments = [start - timedelta(microseconds=1), start, end - timedelta(microseconds=1), end]
    assert [caller.sim.may_open(ADA, door, at) for at in moments] == [False, True, True, False]


async def test_the_door_opens_for_the_link_that_was_sent() -> None:
    caller, _ = await with_access()
    assert caller.sim.open_door(link(caller), caller.doors[0])
    assert not caller.sim.open_door(link(caller), caller.doors[2])
    assert not caller.sim.open_door("unknown", caller.doors[0])
    assert [opening.reason for opening in caller.sim.state.openings] == ["", "this door does not belong to the access"]


async def test_nobody_else_may_open() -> None:
    caller, _ = await with_access()
    assert caller.sim.may_open("+31612345678", caller.doors[0])
    assert not caller.sim.may_open("bob@example.com", caller.doors[0])


async def test_a_revoke_shuts_the_door_at_once() -> None:
    caller, identity = await with_access()
    caller.sim.portal_revoke(identity)
    assert not caller.sim.may_open(ADA, caller.doors[0])
    assert caller.sim.press(link(caller), caller.doors[0]).reason == "the access was revoked"
    assert caller.sim.live() == []


async def test_an_offline_door_stays_shut_until_it_is_back() -> None:
    caller, _ = await with_access()
    caller.sim.set_online(caller.doors[0], False)
    assert not caller.sim.may_open(ADA, caller.doors[0])
    caller.sim.set_online(caller.doors[0], True)
    assert caller.sim.may_open(ADA, caller.doors[0])


async def test_a_new_id_under_the_same_name_is_another_door() -> None:
    caller, _ = await with_access()
    new = caller.sim.renew_component_id(caller.doors[0])
    assert new.display_name == "Main entrance"
    assert not caller.sim.may_open(ADA, caller.doors[0])
    assert not caller.sim.may_open(ADA, new.id)
    rows = read(await caller.send("GET", f"/v8/sites/{caller.site.id}/components?scope=all"))
    assert [row["displayName"] for row in rows] == ["Main entrance", "Hall 1", "Storage"]
    assert rows[0]["id"] == new.id


async def test_doors_are_renamed_removed_and_doubled() -> None:
    caller = await make_caller()
    caller.sim.rename_component(caller.doors[0], "Front door")
    caller.sim.remove_component(caller.doors[2])
    caller.sim.add_component(caller.site.id, "Hall 1")
    rows = read(await caller.send("GET", f"/v8/sites/{caller.site.id}/components?scope=all"))
    assert [row["displayName"] for row in rows] == ["Front door", "Hall 1", "Hall 1"]


async def test_a_changed_authorization_is_answered_as_changed() -> None:
    caller, identity = await with_access()
    caller.sim.portal_change(
        identity, display_name="renamed", component_ids=caller.doors[:1], valid_to=NOW + timedelta(hours=2), status="paused"
    )
    assert await caller.list("?displayName=ireserve-3691-1") == []
    (row,) = await caller.list("?displayName=renamed")
    assert row["componentIds"] == caller.doors[:1]
    assert row["restrictions"]["validTo"] == "2026-03-14T10:00:00.000Z"
    assert row["status"] == "paused"
    assert not caller.sim.may_open(ADA, caller.doors[0])


async def test_a_deleted_authorization_is_gone_with_its_link() -> None:
    caller, identity = await with_access()
    token = link(caller)
    caller.sim.portal_delete(identity)
    assert (await caller.send("GET", caller.path(identity))).status == 404
    assert await caller.list() == []
    assert await caller.list("?displayName=ireserve-3691-1") == []
    assert not caller.sim.open_door(token, caller.doors[0])


async def test_quirks_change_what_is_answered_and_not_what_is() -> None:
    caller, _ = await with_access()
    caller.sim.quirks.status_word = "verifying"
    caller.sim.quirks.credentials_missing = True
    caller.sim.quirks.extra_keys = True
    (row,) = await caller.list()
    assert row["status"] == "verifying"
    assert "credentials" not in row
    assert row["revision"] == 7
    assert caller.sim.may_open(ADA, caller.doors[0])


@pytest.mark.parametrize(
    ("kind", "error", "sets"), [("refuse", NeverSent, 0), ("lost_before", OutcomeUnknown, 0), ("lost_after", OutcomeUnknown, 1)]
)
async def test_a_fault_strikes_one_operation(kind: str, error: type[Exception], sets: int) -> None:
    caller = await make_caller()
    caller.sim.faults.add(operation="create_remote_access", kind=kind)
    with pytest.raises(error):
        await caller.create()
    assert len(caller.sim.live()) == sets
    assert len(caller.sim.outbox) == 2 * sets
    assert (await caller.create()).status == 201
    assert [call.fault for call in caller.sim.calls.of("create_remote_access")] == [kind, None]


async def test_two_late_creates_are_both_done_and_neither_inside_the_other() -> None:
    caller = await make_caller()
    for _ in range(2):
        caller.sim.faults.add(operation="create_remote_access", kind="late", late_seconds=60)
        with pytest.raises(OutcomeUnknown):
            await caller.create()
    assert caller.sim.live() == []
    caller.sim.advance(timedelta(seconds=61))
    assert len(caller.sim.live()) == 2
    assert [one.created_at for one in caller.sim.authorizations()] == [NOW + timedelta(seconds=60)] * 2


async def test_a_late_create_that_became_impossible_makes_nothing() -> None:
    caller = await make_caller()
    caller.sim.faults.add(operation="create_remote_access", kind="late", late_seconds=4 * 3600)
    with pytest.raises(OutcomeUnknown):
        await caller.create()
    caller.sim.clock.advance(timedelta(days=1))
    assert caller.sim.authorizations() == []


async def test_the_whole_state_can_be_taken_and_put_back() -> None:
    caller, identity = await with_access()
    answer = await caller.send("GET", "/_sim/state")
    state = read(answer)
    other = await make_caller()
    assert (await other.send("PUT", "/_sim/state", value=state)).status == 204
    assert read(await other.send("GET", "/_sim/state")) == state
    assert (await other.list() if other.token else None) == {"message": "Unauthorized"}
    other.sim.clock.set(NOW + timedelta(hours=1))
    await other.sign_in(caller.credential)
    assert other.sim.open_door(link(other), caller.doors[0])
    other.sim.portal_revoke(identity)
    assert len(caller.sim.live()) == 1
    made = read(
        await other.send("POST", f"/v8/sites/{caller.site.id}/authorizations/remote-access", value=caller.remote_access())
    )["id"]
    assert made not in {one["id"] for one in state["authorizations"]}


@pytest.mark.parametrize(
    "state",
    [
        {"sites": [{"id": "1", "site_owner_id": "nobody", "display_name": "x"}]},
        {"nonsense": []},
        {"sites": [{"id": "1"}]},
        {"components": "all"},
        {
            "site_owners": [{"id": "o", "display_name": "O"}],
            "sites": [{"id": "s", "site_owner_id": "o", "display_name": "S"}],
            "authorizations": [
                {
                    "id": "a",
                    "site_id": "s",
                    "type": "remote-access",
                    "display_name": "x",
                    "component_ids": [],
                    "valid_from": None,
                    "valid_to": "2026-03-14T11:00:00",
                    "created_at": "2026-03-14T11:00:00Z",
                }
            ],
        },
    ],
)
async def test_a_state_that_cannot_be_changes_nothing(state: object) -> None:
    caller, _ = await with_access()
    assert (await caller.send("PUT", "/_sim/state", value=state)).status in {400, 404}
    assert len(caller.sim.live()) == 1
