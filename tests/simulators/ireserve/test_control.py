"""The control routes below `/_sim/`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drempel.simulators.control import control_routes
from drempel.simulators.ireserve import IReserveSimulator, seed_demo
from drempel.simulators.ireserve.api import OPERATIONS
from drempel.simulators.ireserve.control import CONTROLS, environment_routes
from drempel.simulators.ireserve.panel import Panel
from drempel.simulators.ireserve.switches import Switches
from tests.simulators.ireserve.environment import START, Caller, book, new_simulator


@pytest.fixture
def sim() -> IReserveSimulator:
    return new_simulator()


@pytest.fixture
def caller(sim: IReserveSimulator) -> Caller:
    return Caller(sim, account=None)


async def test_the_state_goes_out_and_in_again(sim: IReserveSimulator, caller: Caller) -> None:
    seed_demo(sim)
    sim.set_field(3691, 5, "set-1")
    sim.add_hook("booking_updated", "http://receiver.test/")
    _, document = await caller.json("GET", "/_sim/state")
    other = new_simulator()
    assert (await Caller(other).send("PUT", "/_sim/state", json.dumps(document).encode())).status == 204
    assert other.state.bookings == sim.state.bookings
    assert other.state.customers == sim.state.customers
    assert other.state.hooks == sim.state.hooks
    assert book(other) == str(max(int(one) for one in sim.state.bookings) + 1)


async def test_a_part_that_is_left_out_stays(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    assert (await caller.json("PUT", "/_sim/state", {"hooks": []}))[0] == 204
    assert list(sim.state.bookings) == ["3691"]


BOOKING = {
    "id": "1",
    "object_id": "81",
    "start": "2026-03-14T09:00:00Z",
    "end": "2026-03-14T10:00:00Z",
    "status": "20",
    "customer_id": "123",
}


@pytest.mark.parametrize(
    "document",
    [
        {"bookings": [BOOKING]},  # no such customer
        {"bookings": [{**BOOKING, "id": "x"}]},
        {"bookings": "x"},
        {"objects": [{"id": "a", "name": "x"}]},
        {"objects": [{"id": "1", "name": "x"}, {"id": "1", "name": "y"}]},
        {"statuses": [{"code": "1", "name": "x", "color": "pink"}]},
        {"customers": [{"id": "123", "lastname": "L"}], "bookings": [{**BOOKING, "end": BOOKING["start"]}]},
        {"customers": [{"id": "123", "lastname": "L"}], "bookings": [{**BOOKING, "start": "2026-03-14T09:00:00"}]},
    ],
)
async def test_a_state_that_does_not_fit_together_is_refused_and_changes_nothing(
    sim: IReserveSimulator, caller: Caller, document: dict[str, Any]
) -> None:
    before = await caller.json("GET", "/_sim/state")
    status, answer = await caller.json("PUT", "/_sim/state", document)
    assert status == 400
    assert answer["message"]
    assert await caller.json("GET", "/_sim/state") == before


async def test_switches_are_set_one_by_one_and_a_wrong_one_changes_nothing(sim: IReserveSimulator, caller: Caller) -> None:
    status, answer = await caller.json("PUT", "/_sim/switches", {"padded": False, "next_deliveries": ["drop", "double"]})
    assert (status, answer["padded"], answer["wrapped"]) == (200, False, False)
    for wrong in ({"nothing": 1}, {"padded": True, "shape": "round"}, {"try_seconds": []}):
        assert (await caller.json("PUT", "/_sim/switches", wrong))[0] == 400
    assert sim.switches.padded is False
    assert [str(one) for one in sim.switches.next_deliveries] == ["drop", "double"]


async def test_bookings_are_made_and_changed(sim: IReserveSimulator, caller: Caller) -> None:
    await caller.json("POST", "/_sim/objects", {"id": 90, "name": "Theater De Brug"})
    new = {"object_id": 90, "start": "2026-03-14T10:00:00+01:00", "end": "2026-03-14T12:00:00+01:00", "email": "a@example.com"}
    assert await caller.json("POST", "/_sim/bookings", new) == (201, {"id": "3691"})
    times = {"start": "2026-03-15T10:00:00+01:00", "end": "2026-03-15T12:00:00+01:00"}
    for action, body in (
        ("status", {"status": 20}),
        ("reschedule", times),
        ("object", {"object_id": "81"}),
        ("field", {"number": 5, "value": "set-1"}),
        ("reschedule-as-customer", times),
        ("cancel", {}),
    ):
        assert (await caller.json("POST", f"/_sim/bookings/3691/{action}", body))[0] == 204
    _, booking = await caller.json("GET", "/_sim/bookings/3691")
    assert (booking["status"], booking["object_id"], booking["fields"]) == ("70", "81", {"5": "set-1"})
    assert (await caller.json("POST", f"/_sim/customers/{booking['customer_id']}", {"tel_mob": "06"}))[0] == 204
    assert sim.customer(booking["customer_id"]).tel_mob == "06"
    assert (await caller.json("POST", "/_sim/bookings/3691/delete"))[0] == 204
    assert (await caller.json("GET", "/_sim/bookings/3691"))[0] == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_sim/bookings", {}, 400),
        ("/_sim/bookings", {"object_id": 99, "start": "2026-03-14T10:00:00Z", "end": "2026-03-14T11:00:00Z"}, 404),
        ("/_sim/bookings", {"object_id": 81, "start": "2026-03-14T10:00:00", "end": "2026-03-14T11:00:00Z"}, 400),
        ("/_sim/bookings/3691/status", {"status": 21}, 404),
        ("/_sim/bookings/3691/status", {"stauts": 20}, 400),
        ("/_sim/bookings/3691/explode", {}, 404),
        ("/_sim/bookings/9999/cancel", {}, 404),
        ("/_sim/customers/9", {"email": ""}, 404),
        ("/_sim/deliveries/9/again", {}, 404),
        ("/_sim/objects", {"id": "x", "name": "y"}, 400),
    ],
)
async def test_wrong_input_is_told(sim: IReserveSimulator, caller: Caller, path: str, body: Any, status: int) -> None:
    book(sim)
    answered, answer = await caller.json("POST", path, body)
    assert (answered, bool(answer["message"])) == (status, True)


async def test_deliveries_are_listed_repeated_and_forgotten(sim: IReserveSimulator, caller: Caller) -> None:
    sim.add_hook("booking_created", "http://receiver.test/")
    book(sim)
    _, answer = await caller.json("GET", "/_sim/deliveries")
    assert answer["waiting"] == 1
    assert answer["deliveries"][0]["booking_id"] == "3691"
    number = answer["deliveries"][0]["number"]
    assert (await caller.json("POST", f"/_sim/deliveries/{number}/again"))[0] == 204
    assert (await caller.json("GET", "/_sim/deliveries"))[1]["waiting"] == 2
    assert (await caller.send("DELETE", "/_sim/deliveries")).status == 204
    assert (await caller.json("GET", "/_sim/deliveries"))[1] == {"waiting": 0, "deliveries": []}
    assert sim.deliveries.due(sim.clock.now()) == []


async def test_faults_clock_and_calls_are_those_of_every_simulator(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    assert (await caller.json("POST", "/_sim/faults", {"operation": "read_object", "kind": "status", "status": 503}))[0] == 201
    assert (await caller.send("GET", "/api/rest/object/81")).status == 503
    assert (await caller.json("GET", "/_sim/calls"))[1]["counts"] == {"read_object": 1}
    assert (await caller.json("PUT", "/_sim/clock", {"now": START.isoformat()}))[0] == 200
    assert sim.clock.now() == START


async def test_the_page_of_controls_lists_every_route_operation_and_switch(sim: IReserveSimulator, caller: Caller) -> None:
    page = (await caller.send("GET", "/_sim/")).body.decode()
    for name in [*OPERATIONS, *Switches.model_fields]:
        assert name in page
    listed = {path.replace("{id}", "{}").replace("{number}", "{}") for _, path, _ in CONTROLS}
    for route in [*environment_routes(sim, Panel(sim).pages), *control_routes(sim)]:
        plain = route.path
        for name in ("{booking_id}", "{customer_id}", "{number:int}"):
            plain = plain.replace(name, "{}")
        assert route.path == "/_sim/" or any(
            one == plain or plain.replace("{action}", "") == one[: one.rindex("/") + 1] for one in listed
        )
