"""The API as the i-Reserve contract, section 12, has it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.ireserve.state import NoSuch
from tests.ireserve.answers import unhurried
from tests.simulators.ireserve.environment import END, START, Caller, book, new_simulator


@pytest.fixture
def sim() -> IReserveSimulator:
    return new_simulator()


@pytest.fixture
def caller(sim: IReserveSimulator) -> Caller:
    return Caller(sim)


async def test_a_booking_reads_exactly_as_the_contract_shows_it(sim: IReserveSimulator, caller: Caller) -> None:
    customer = sim.add_customer(lastname="Lovelace", initials="Mrs. A.", email="ada@example.com")
    book(sim, customer_id=customer)
    assert await caller.json("GET", "/api/rest/booking/3691") == (
        200,
        {
            "id": "3691",
            "object_id": 81,
            "object": "HALL1",
            "object_desc": "Hall 1",
            "date_from": "2026-03-14T10:00:00+0100",
            "date_till": "2026-03-14T12:00:00+0100",
            "number": 1,
            "remarks": "",
            "mainobject_id": 0,
            "mainobject_desc": "",
            "fromtime": "10:00:00",
            "tilltime": "12:00:00",
            "status_code": "20",
            "status": "OPEN",
            "customer_id": "123",
            "customer": "Mrs. A. Lovelace",
            "email": "ada@example.com",
            "location_id": "12",
            "location": "ZUID",
            "location_desc": "Sportpark Zuid",
            "event_id": "2026-03-14_1",
            "price": "12.50",
            "currency": "EUR",
            "custom01": "",
            "custom05": "",
        },
    )


async def test_json_is_the_default_format_and_xml_is_not_there(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    assert await caller.json("GET", "/api/rest/json/booking/3691") == await caller.json("GET", "/api/rest/booking/3691")
    assert (await caller.send("GET", "/api/rest/xml/booking/3691")).status == 404


@pytest.mark.parametrize("account", [None, "drempel:wrong", "nobody:drempel-demo", "drempel", ":", "drempel:drempel-demo:x"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/rest/booking/3691"),
        ("GET", "/api/rest/booking/filter"),
        ("GET", "/api/rest/customer/123"),
        ("POST", "/api/rest/hook/booking/"),
        ("POST", "/api/rest/hook/"),
        ("POST", "/api/rest/hook/subscribe/booking_updated"),
        ("DELETE", "/api/rest/hook/2"),
    ],
)
async def test_without_the_account_nothing_is_told(sim: IReserveSimulator, account: str | None, method: str, path: str) -> None:
    book(sim)
    sim.add_hook("booking_updated", "http://receiver.test/")
    assert (await Caller(sim, account=account).send(method, path)).status == 401
    assert len(sim.state.hooks) == 1


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Bearer ZHJlbXBlbDpkcmVtcGVsLWRlbW8=", "Basic /////w=="])
async def test_a_broken_authorization_is_refused(sim: IReserveSimulator, header: str) -> None:
    answer = await Caller(sim, account=None).send("GET", "/api/rest/booking/filter", headers={"Authorization": header})
    assert answer.status == 401


async def test_objects_are_public(sim: IReserveSimulator) -> None:
    status, answer = await Caller(sim, account=None).json("GET", "/api/rest/object/81")
    assert (status, answer["id"], answer["desc"], answer["active"]) == (200, 81, "Hall 1", True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/rest/booking/9999", 404),
        ("GET", "/api/rest/customer/9999", 404),
        ("GET", "/api/rest/object/9999", 404),
        ("GET", "/api/rest/", 404),
        ("GET", "/api/rest/nothing/1", 404),
        ("GET", "/api/rest/booking/3691/players", 404),
        ("PATCH", "/api/rest/booking/3691", 404),
        ("PUT", "/api/rest/booking/3691", 404),
        ("DELETE", "/api/rest/hook/9999", 404),
    ],
)
async def test_what_is_not_there_is_not_found(caller: Caller, method: str, path: str, status: int) -> None:
    assert (await caller.send(method, path, b"{}")).status == status


async def test_a_customer_has_a_mobile_number_on_the_admin_form_only(sim: IReserveSimulator, caller: Caller) -> None:
    sim.add_customer(lastname="Lovelace", initials="A", email="ada@example.com", tel_mob="0031 6 1234 5678")
    assert await caller.json("GET", "/api/rest/customer/123?admin=1&raw=1") == (
        200,
        {
            "customer_id": "123",
            "email": "ada@example.com",
            "initials": "A",
            "lastname": "Lovelace",
            "postal": "1200AA",
            "tel_mob": "0031 6 1234 5678",
            "tel_mob_raw": "0031 6 1234 5678",
        },
    )
    _, plain = await caller.json("GET", "/api/rest/customer/123")
    assert "tel_mob" not in plain


# Registering webhooks


async def test_webhooks_register_in_both_ways(sim: IReserveSimulator, caller: Caller) -> None:
    target = {"target_url": "https://access.example.com/hooks/x"}
    assert await caller.json("POST", "/api/rest/hook/subscribe/booking_created", target) == (
        200,
        {"id": "2", "Location": "http://club.test/api/rest/hook/2"},
    )
    assert await caller.json("POST", "/api/rest/hook/", target | {"event": "booking_updated"}) == (200, {"id": "3"})
    assert {hook.event for hook in sim.state.hooks.values()} == {"booking_created", "booking_updated"}
    assert await caller.json("DELETE", "/api/rest/hook/2") == (200, {})
    assert (await caller.send("DELETE", "/api/rest/hook/2")).status == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/rest/hook/subscribe/booking_deleted", {"target_url": "https://x.example"}),
        ("/api/rest/hook/subscribe/booking_updated", {}),
        ("/api/rest/hook/subscribe/booking_updated", {"target_url": "ftp://x.example"}),
        ("/api/rest/hook/subscribe/booking_updated", {"target_url": "https://[x"}),
        ("/api/rest/hook/subscribe/booking_updated", {"target_url": "https://x.example/\r\nX: y"}),
        ("/api/rest/hook/subscribe/booking_updated", {"target_url": 5}),
        ("/api/rest/hook/", {"target_url": "https://x.example"}),
        ("/api/rest/hook/", []),
    ],
)
async def test_a_webhook_that_cannot_be_is_refused(sim: IReserveSimulator, caller: Caller, path: str, body: Any) -> None:
    assert (await caller.json("POST", path, body))[0] == 412
    assert not sim.state.hooks


# hook/booking


@pytest.mark.parametrize("key", ["custom05", "custom5"])
async def test_a_field_is_written_under_either_key_and_shown(sim: IReserveSimulator, caller: Caller, key: str) -> None:
    book(sim)
    status, answer = await caller.json("POST", "/api/rest/hook/booking/", {"id": "3691", key: "set-1"})
    assert (status, answer["id"], answer["custom05"]) == (200, "3691", "set-1")
    assert sim.booking(3691).fields[5] == "set-1"


async def test_an_unknown_id_alone_creates_nothing(sim: IReserveSimulator, caller: Caller) -> None:
    assert (await caller.json("POST", "/api/rest/hook/booking/", {"id": "9999", "custom05": "x"}))[0] == 412
    assert not sim.state.bookings
    assert not sim.state.customers


CORE = {"object_id": 81, "date_from": "2026-03-14T10:00:00+0100", "date_till": "2026-03-14T12:00:00+0100", "number": 1}


async def test_an_unknown_id_with_the_core_values_really_creates(sim: IReserveSimulator, caller: Caller) -> None:
    sim.add_hook("booking_created", "http://receiver.test/")
    status, answer = await caller.json("POST", "/api/rest/hook/booking/", {"id": "9999", "email": "x@example.com"} | CORE)
    assert (status, answer["id"], answer["status_code"], answer["email"]) == (200, "3691", "10", "x@example.com")
    assert len(sim.deliveries.due(sim.clock.now())) == 1


async def test_a_booking_is_found_by_its_external_id(sim: IReserveSimulator, caller: Caller) -> None:
    await caller.json("POST", "/api/rest/hook/booking/", {"external_id": "abc"} | CORE)
    status, answer = await caller.json("POST", "/api/rest/hook/booking/", {"external_id": "abc", "remarks": "late"})
    assert (status, answer["id"], answer["remarks"]) == (200, "3691", "late")
    assert len(sim.state.bookings) == 1


async def test_a_status_code_in_a_write_changes_the_status(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    await caller.json("POST", "/api/rest/hook/booking/", {"id": 3691, "status_code": 70})
    assert sim.booking(3691).status == "70"


async def test_an_email_in_a_write_attaches_another_customer(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    other = sim.add_customer(lastname="Hopper", email="grace@example.com")
    await caller.json("POST", "/api/rest/hook/booking/", {"id": "3691", "email": "grace@example.com"})
    assert sim.booking(3691).customer_id == other


@pytest.mark.parametrize(
    "body",
    [
        {"id": "3691", "status_code": "21"},
        {"id": "3691", "object_id": 99},
        {"id": "3691", "cust_id": "99"},
        {"id": "3691", "date_from": "2026-03-14"},
        {"id": "3691", "date_from": "2026-03-14T13:00:00+0100"},
        {"id": "3691", "date_from": "2026-02-30T10:00:00+0100"},
        {"id": "3691", "custom05": {"a": 1}},
        {"id": ["3691"], "custom05": "x"},
        {"id": True, "custom05": "x"},
        {"id": 3691.0, "custom05": "x"},
        {"id": "3691", "number": "many"},
        {"id": "9999", **CORE, "date_till": CORE["date_from"]},
        {},
        [],
        None,
        "x",
    ],
)
async def test_a_write_that_cannot_be_is_refused_and_changes_nothing(sim: IReserveSimulator, caller: Caller, body: Any) -> None:
    book(sim)
    before, customers = dict(sim.state.bookings), dict(sim.state.customers)
    assert (await caller.json("POST", "/api/rest/hook/booking/", body))[0] == 412
    assert (sim.state.bookings, sim.state.customers) == (before, customers)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b"{", b'{"id": ' + b"9" * 5000 + b"}"])
async def test_a_body_that_is_no_json_is_refused(caller: Caller, body: bytes) -> None:
    assert (await caller.send("POST", "/api/rest/hook/booking/", body)).status == 412


async def test_a_body_that_is_too_long_is_refused(caller: Caller) -> None:
    assert (await caller.send("POST", "/api/rest/hook/booking/", b" " * 1_100_000)).status == 413


async def test_text_that_cannot_be_answered_is_replaced(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    answer = await caller.send("POST", "/api/rest/hook/booking/", b'{"id": "3691", "custom05": "a\\ud800b"}')
    assert json.loads(answer.body)["custom05"] == "a?b"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.sampled_from(["3691", "81", "20"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["id", "external_id", "cust_id", "email", "status_code", "custom05", "remarks", *CORE]


@unhurried
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, json_values)))
async def test_no_write_breaks_the_environment(body: dict[str, Any]) -> None:
    sim = new_simulator()
    book(sim)
    status, _ = await Caller(sim).json("POST", "/api/rest/hook/booking/", body)
    assert status in {200, 412}
    for booking_id in sim.state.bookings:
        assert (await Caller(sim).json("GET", f"/api/rest/booking/{booking_id}"))[0] == 200


# booking/check and booking/add

WANTED = {"object_id": 81, "fromdate": "2026-08-26", "fromtime": "10:15", "tilldate": "2026-08-26", "tilltime": "12:15"}


async def test_anybody_may_check_and_book_where_there_is_room(sim: IReserveSimulator) -> None:
    public = Caller(sim, account=None)
    assert (await public.json("POST", "/api/rest/booking/check", WANTED))[1]["status"] is True
    customer = {"lastname": "Hopper", "email": "grace@example.com", "tel_mob": "0612345678"}
    status, answer = await public.json("POST", "/api/rest/booking/add", WANTED | {"customer": customer})
    assert (status, answer) == (200, {"status": True, "booking_id": 3691, "messages": ["Booking made"]})
    assert sim.booking(3691).start == datetime(2026, 8, 26, 8, 15, tzinfo=UTC)
    assert sim.customer(sim.booking(3691).customer_id).email == "grace@example.com"
    for path in ("check", "add"):
        _, answer = await public.json("POST", f"/api/rest/booking/{path}", WANTED)
        assert answer == {"status": False, "messages": ["The selected period is not available"]}
    sim.set_status(3691, 70)
    assert (await public.json("POST", "/api/rest/booking/check", WANTED))[1]["status"] is True


@pytest.mark.parametrize("changes", [{"fromdate": "26-08-2026"}, {"tilltime": "10:15"}, {"fromtime": ""}, {"object_id": [1]}])
async def test_a_wish_that_makes_no_sense_is_refused(caller: Caller, changes: dict[str, Any]) -> None:
    for path in ("check", "add"):
        assert (await caller.json("POST", f"/api/rest/booking/{path}", WANTED | changes))[0] == 412


# Switches


async def read(sim: IReserveSimulator) -> Any:
    return (await Caller(sim).json("GET", "/api/rest/booking/3691"))[1]


async def test_the_shapes_of_a_booking(sim: IReserveSimulator) -> None:
    book(sim, fields={5: "set-1"})
    sim.switches.padded = False
    assert (await read(sim))["custom5"] == "set-1"
    assert "custom05" not in await read(sim)
    sim.switches.wrapped = True
    assert (await read(sim))["booking"]["id"] == "3691"
    sim.switches.wrapped = False
    sim.switches.numbers = "strings"
    assert {type(value) for value in (await read(sim)).values()} == {str}
    sim.switches.numbers = "numbers"
    assert [(await read(sim))[key] for key in ("id", "object_id", "status_code", "customer_id")] == [3691, 81, 20, 123]
    sim.switches.numbers = "as_published"
    sim.switches.shape = "legacy"
    assert await read(sim) == {
        "booking_id": "3691",
        "object_desc": "Hall 1",
        "status": "Open",
        "fromdate": "2026-03-14",
        "fromtime": "10:00:00",
        "tilldate": "2026-03-14",
        "tilltime": "12:00:00",
        "number": "1",
        "custom1": "",
        "custom5": "set-1",
    }
    sim.switches.shape = "legacy_as_published"
    assert await read(sim) == {
        "booking_id": "3691",
        "object_desc": "Hall 1",
        "status": "Open",
        "fromdate": "100000",
        "tilldate": "120000",
        "number": "1",
    }


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ("plain", "2026-07-01T10:00:00+0200"),
        ("colon", "2026-07-01T10:00:00+02:00"),
        ("utc", "2026-07-01T08:00:00Z"),
        ("none", "2026-07-01T10:00:00"),
    ],
)
async def test_times_in_every_form(sim: IReserveSimulator, offsets: Any, expected: str) -> None:
    start = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    book(sim, start=start, end=start + timedelta(hours=1))
    sim.switches.offsets = offsets
    assert (await read(sim))["date_from"] == expected


async def test_a_field_is_cut_and_a_field_that_does_not_exist_ignores_a_write(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    sim.switches.field_length = 4
    _, answer = await caller.json("POST", "/api/rest/hook/booking/", {"id": "3691", "custom05": "0123456789", "custom09": "x"})
    assert answer["custom05"] == "0123"
    assert "custom09" not in answer


async def test_put_writes_only_where_it_is_switched_on_and_never_creates(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    sim.switches.put_booking = True
    status, answer = await caller.json("PUT", "/api/rest/booking/3691", {"id": "3691", "custom05": "x"})
    assert (status, answer["custom05"]) == (200, "x")
    assert (await caller.json("PUT", "/api/rest/booking/9999", CORE))[0] == 404


# Faults and calls


async def test_faults_are_played_and_calls_are_kept(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    sim.faults.add(operation="read_booking", kind="status", status=429, retry_after=30)
    answer = await caller.send("GET", "/api/rest/booking/3691")
    assert (answer.status, answer.headers["retry-after"]) == (429, "30")
    assert (await caller.send("GET", "/api/rest/booking/3691")).status == 200
    assert [(call.operation, call.status, call.fault) for call in sim.calls.calls] == [
        ("read_booking", 429, "status"),
        ("read_booking", 200, None),
    ]


async def test_a_late_write_is_done_when_the_clock_says_so(sim: IReserveSimulator, caller: Caller) -> None:
    from drempel.transport import OutcomeUnknown

    book(sim)
    sim.faults.add(operation="write_booking_field", kind="late", late_seconds=90)
    with pytest.raises(OutcomeUnknown):
        await caller.json("POST", "/api/rest/hook/booking/", {"id": "3691", "custom05": "late"})
    assert 5 not in sim.booking(3691).fields
    sim.clock.advance(timedelta(seconds=90))
    assert sim.booking(3691).fields[5] == "late"


def test_a_booking_that_makes_no_sense_is_refused_before_anything_is_made(sim: IReserveSimulator) -> None:
    for options in ({"object_id": 99}, {"status": 21}):
        with pytest.raises(NoSuch):
            book(sim, **options)
    for options in ({"end": START}, {"start": START.replace(tzinfo=None)}):
        with pytest.raises(ValueError, match="A "):
            book(sim, **options)
    assert not sim.state.bookings
    assert not sim.state.customers
    assert END > START
