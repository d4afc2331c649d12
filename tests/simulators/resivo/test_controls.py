"""The control API under `/_sim/`: what a test in another process uses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drempel.transport import OutcomeUnknown
from tests.simulators.resivo.callers import make_caller, read


async def test_faults_are_added_shown_and_forgotten() -> None:
    caller = await make_caller()
    answer = await caller.send("POST", "/_sim/faults", value={"operation": "create_remote_access", "kind": "lost_after"})
    assert (answer.status, read(answer)) == (201, {"id": "fault-1"})
    assert read(await caller.send("GET", "/_sim/faults"))["faults"][0]["kind"] == "lost_after"
    with pytest.raises(OutcomeUnknown):
        await caller.create()
    await caller.send("POST", "/_sim/faults", value={"operation": "token", "kind": "refuse", "times": None})
    assert (await caller.send("DELETE", "/_sim/faults")).status == 204
    assert read(await caller.send("GET", "/_sim/faults")) == {"faults": [], "held": []}


async def test_a_held_call_is_released_from_outside() -> None:
    caller = await make_caller()
    value = {"id": "stop-here", "operation": "create_remote_access", "kind": "hold_after"}
    await caller.send("POST", "/_sim/faults", value=value)
    call = asyncio.create_task(caller.create())
    await caller.sim.faults.wait_until_held("stop-here")
    assert read(await caller.send("GET", "/_sim/faults"))["held"] == ["stop-here"]
    assert (await caller.send("POST", "/_sim/release", value={"id": "stop-here"})).status == 204
    assert (await call).status == 201


async def test_the_clock_is_set_frozen_and_advanced() -> None:
    caller = await make_caller()
    assert read(await caller.send("GET", "/_sim/clock")) == {"now": "2026-03-14T08:00:00+00:00", "frozen": True}
    answer = await caller.send("PUT", "/_sim/clock", value={"now": "2026-06-01T10:00:00+02:00"})
    assert read(answer)["now"] == "2026-06-01T08:00:00+00:00"
    answer = await caller.send("POST", "/_sim/clock/advance", value={"seconds": 90})
    assert read(answer)["now"] == "2026-06-01T08:01:30+00:00"
    assert read(await caller.send("PUT", "/_sim/clock", value={"frozen": False}))["frozen"] is False


async def test_outbox_calls_oracle_and_doors_are_told() -> None:
    caller = await make_caller()
    await caller.create()
    outbox = read(await caller.send("GET", "/_sim/outbox"))
    assert [(one["recipient"], one["channel"], one["locale"]) for one in outbox] == [
        ("ada@example.com", "email", "nl"),
        ("+31612345678", "sms", "nl"),
    ]
    assert read(await caller.send("GET", "/_sim/calls"))["counts"]["create_remote_access"] == 1
    door = caller.doors[0]
    query = f"?recipient=ada@example.com&component_id={door}"
    assert read(await caller.send("GET", f"/_sim/oracle{query}")) == {"may_open": False}
    assert read(await caller.send("GET", f"/_sim/oracle{query}&at=2026-03-14T09:00:00Z")) == {"may_open": True}
    pressed = {"link_token": outbox[0]["door_link"].rpartition("/")[2], "component_id": door}
    assert read(await caller.send("POST", "/_sim/open", value=pressed)) == {"opened": False, "reason": "it is too early"}
    assert (await caller.send("DELETE", "/_sim/outbox")).status == 204
    assert (await caller.send("DELETE", "/_sim/calls")).status == 204
    assert caller.sim.outbox == []


async def test_doors_and_authorizations_are_changed() -> None:
    caller = await make_caller()
    door = caller.doors[0]
    added = read(await caller.send("POST", "/_sim/components", value={"site_id": caller.site.id, "display_name": "Hall 3"}))
    assert added["online"] is True
    changed = await caller.send("PATCH", f"/_sim/components/{door}", value={"display_name": "Front", "online": False})
    assert read(changed)["display_name"] == "Front"
    renewed = read(await caller.send("POST", f"/_sim/components/{door}/renew"))
    assert renewed["id"] != door
    assert (await caller.send("DELETE", f"/_sim/components/{added['id']}")).status == 204
    identity = read(await caller.create(componentIds=[caller.doors[1]]))["id"]
    answer = await caller.send("PATCH", f"/_sim/authorizations/{identity}", value={"status": "paused"})
    assert read(answer)["status"] == "paused"
    assert (await caller.send("POST", f"/_sim/authorizations/{identity}/revoke")).status == 204
    assert (await caller.send("POST", f"/_sim/authorizations/{identity}/revoke")).status == 400
    assert (await caller.send("DELETE", f"/_sim/authorizations/{identity}")).status == 204


async def test_quirks_are_set_one_by_one_and_all_set_back() -> None:
    caller = await make_caller()
    answer = await caller.send("PATCH", "/_sim/quirks", value={"list_missing": 405, "calls_per_second": 1000})
    assert read(answer)["list_missing"] == 405
    assert (await caller.send("GET", f"/v8/sites/{caller.site.id}/authorizations")).status == 405
    assert read(await caller.send("DELETE", "/_sim/quirks"))["list_missing"] is None
    assert await caller.list() == []


async def test_tokens_are_ended() -> None:
    caller = await make_caller()
    assert (await caller.send("DELETE", "/_sim/tokens")).status == 204
    assert (await caller.send("GET", f"/v8/sites/{caller.site.id}")).status == 401


@pytest.mark.parametrize(
    ("method", "path", "value", "status"),
    [
        ("POST", "/_sim/faults", {"operation": "fly", "kind": "refuse"}, 400),
        ("POST", "/_sim/faults", {"operation": "token", "kind": "explode"}, 400),
        ("POST", "/_sim/faults", {"operation": "token", "kind": "refuse", "status": 500}, 400),
        ("POST", "/_sim/faults", [], 400),
        ("POST", "/_sim/release", {"id": "never"}, 404),
        ("PUT", "/_sim/clock", {"now": "2026-03-14T08:00:00"}, 400),
        ("PUT", "/_sim/clock", {"now": "soon"}, 400),
        ("POST", "/_sim/clock/advance", {"seconds": "9"}, 400),
        ("POST", "/_sim/clock/advance", {"seconds": 1e300}, 400),
        ("POST", "/_sim/clock/advance", {}, 400),
        ("GET", "/_sim/oracle", None, 400),
        ("GET", "/_sim/oracle?recipient=a&component_id=b&at=now", None, 400),
        ("POST", "/_sim/open", {"link_token": "x", "component_id": "y"}, 404),
        ("POST", "/_sim/components", {"site_id": "x", "display_name": "y"}, 404),
        ("PATCH", "/_sim/components/x", {"display_name": "y"}, 404),
        ("PATCH", "/_sim/components/x", {"colour": "y"}, 400),
        ("PATCH", "/_sim/quirks", {"colour": 1}, 400),
        ("PATCH", "/_sim/quirks", {"list_missing": 500}, 400),
        ("DELETE", "/_sim/authorizations/x", None, 404),
        ("GET", "/_sim/nowhere", None, 404),
    ],
)
async def test_a_wrong_control_request_is_refused_with_a_sentence(method: str, path: str, value: Any, status: int) -> None:
    caller = await make_caller()
    answer = await caller.send(method, path, value=value)
    assert answer.status == status
    assert answer.body
