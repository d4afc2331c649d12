"""The client against the simulator, in every form in which an environment may answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from drempel.ireserve import (
    BookingUnreadable,
    CredentialRefused,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    RetryLater,
    booking_id_of,
    search,
)
from drempel.simulators.ireserve import ACCOUNT, ACCOUNT_PASSWORD, IReserveSimulator
from drempel.simulators.server import SimulatorServer
from drempel.transport.over_http import HttpTransport
from tests.simulators.ireserve.environment import END, START, book, client_of, new_simulator

FORMS = list(
    product(
        ["field_list", "legacy"],
        [True, False],
        [True, False],
        ["as_published", "strings", "numbers"],
        ["plain", "colon", "utc", "none"],
    )
)


@pytest.mark.parametrize(("shape", "padded", "wrapped", "numbers", "offsets"), FORMS)
async def test_a_booking_means_the_same_in_every_form(
    shape: Any, padded: bool, wrapped: bool, numbers: Any, offsets: Any
) -> None:
    sim = new_simulator()
    sim.add_hook("booking_created", "http://receiver.test/")
    sim.switches.shape, sim.switches.padded, sim.switches.wrapped = shape, padded, wrapped
    sim.switches.numbers, sim.switches.offsets = numbers, offsets
    one = book(sim, fields={5: "set-0"})
    client = client_of(sim, status_codes_by_name={"OPEN": "20"}, object_ids_by_name={"Hall 1": "81"})
    booking = await client.read_booking(one)
    assert (booking.id, booking.object_id, booking.status_code, booking.start, booking.end) == (one, "81", "20", START, END)
    assert booking.field(5) == ("set-0", "custom05" if padded else "custom5")
    written = await client.write_and_read_back(one, field_number=5, value="set-1", key=booking.field(5).key)
    assert (written.answered, written.stored, written.kept) == ("set-1", "set-1", True)
    [delivery] = sim.deliveries.due(sim.clock.now())
    assert booking_id_of(delivery.body) == one


async def test_the_published_legacy_example_is_named_as_unreadable() -> None:
    sim = new_simulator()
    sim.switches.shape = "legacy_as_published"
    one = book(sim)
    with pytest.raises(BookingUnreadable) as raised:
        await client_of(sim, status_codes_by_name={"OPEN": "20"}).read_booking(one)
    assert (raised.value.field, raised.value.reason, raised.value.status_code) == ("fromtime", "missing", "20")


async def test_a_customer_and_an_object_are_read() -> None:
    sim = new_simulator()
    one = book(sim, initials="A", tel_mob="0031 6 1234 5678")
    client = client_of(sim)
    customer = await client.read_customer((await client.read_booking(one)).customer_id or "")
    assert (customer.name, customer.email, customer.tel_mob) == ("A Lovelace", "ada@example.com", "0031 6 1234 5678")
    assert (await client.read_object("81")).name == "Hall 1"


async def test_writing_back_never_creates_a_booking() -> None:
    sim = new_simulator()
    with pytest.raises(PreconditionFailed):
        await client_of(sim).write_booking_field("9999", field_number=5, value="x")
    assert not sim.state.bookings


async def test_a_field_that_is_too_short_shows_when_it_is_read_back() -> None:
    sim = new_simulator()
    sim.switches.field_length = 10
    written = await client_of(sim).write_and_read_back(book(sim), field_number=5, value="x" * 36)
    assert (written.kept, written.stored) == (False, "x" * 10)


async def test_writing_by_put() -> None:
    sim = new_simulator()
    one = book(sim)
    client = client_of(sim, write_with_put=True)
    with pytest.raises(NotFound):
        await client.write_booking_field(one, field_number=5, value="x")
    sim.switches.put_booking = True
    assert await client.write_booking_field(one, field_number=5, value="x") == "x"


async def test_a_filter_finds_all_pages() -> None:
    sim = new_simulator()
    made = [book(sim, start=START + timedelta(hours=index), end=END + timedelta(hours=index)) for index in range(230)]
    sim.set_status(made[7], 70)
    text = search.all_of(search.start_between(0, 60), search.statuses([20, 30]))
    result = await client_of(sim).filter_bookings(search=text, columns=("RES_FROMDATE", "RES_FROMTIME"))
    assert result.complete
    assert [row.booking_id for row in result.rows] == [one for one in made if one != made[7]]
    assert result.rows[0].values == ("2026-03-14", "36000")
    assert sim.calls.counts["filter_bookings"] == 4


async def test_a_source_that_refuses_the_status_criterion_says_412() -> None:
    sim = new_simulator()
    sim.switches.filter_status = False
    with pytest.raises(PreconditionFailed):
        await client_of(sim).filter_bookings(search=search.statuses([20]))


async def test_webhooks_are_registered_and_removed() -> None:
    sim = new_simulator()
    client = client_of(sim)
    hook_id = await client.subscribe("booking_updated", "https://access.example.com/hooks/x")
    assert sim.state.hooks[hook_id].event == "booking_updated"
    await client.unsubscribe(hook_id)
    await client.unsubscribe(hook_id)
    assert not sim.state.hooks
    with pytest.raises(PreconditionFailed):
        await client.subscribe("booking_deleted", "https://access.example.com/hooks/x")


async def test_a_wrong_password_is_a_refused_credential() -> None:
    sim = new_simulator()
    with pytest.raises(CredentialRefused):
        await client_of(sim, password="wrong").read_booking(book(sim))


@pytest.mark.parametrize(
    ("fault", "of_read", "of_write", "written"),
    [
        ({"kind": "status", "status": 500}, RetryLater, OutcomeUnknown, False),
        ({"kind": "status", "status": 503, "done": True}, RetryLater, OutcomeUnknown, True),
        ({"kind": "status", "status": 401}, CredentialRefused, CredentialRefused, False),
        ({"kind": "refuse"}, NotSent, NotSent, False),
        ({"kind": "lost_before"}, RetryLater, OutcomeUnknown, False),
        ({"kind": "lost_after"}, RetryLater, OutcomeUnknown, True),
    ],
)
async def test_each_scripted_fault_is_seen_for_what_it_is(
    fault: dict[str, Any], of_read: Any, of_write: Any, written: bool
) -> None:
    sim = new_simulator()
    one, client = book(sim), client_of(sim)
    sim.faults.add(operation="*", times=2, **fault)
    with pytest.raises(of_read):
        await client.read_booking(one)
    with pytest.raises(of_write):
        await client.write_booking_field(one, field_number=5, value="x")
    assert (sim.booking(one).fields.get(5) == "x") is written
    assert await client.write_booking_field(one, field_number=5, value="x") == "x"


async def test_over_real_http_a_cut_connection_is_an_unknown_outcome() -> None:
    sim = IReserveSimulator()
    sim.add_object(81, "Hall 1")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    one = book(sim)
    async with SimulatorServer(sim.app) as server, HttpTransport(call_timeout_seconds=5) as transport:
        client = client_of(
            sim, transport=transport, base_url=server.url, username=ACCOUNT, password=ACCOUNT_PASSWORD, now=lambda: now
        )
        assert (await client.read_booking(one)).id == one
        sim.faults.add(operation="write_booking_field", kind="lost_after")
        with pytest.raises(OutcomeUnknown):
            await client.write_booking_field(one, field_number=5, value="x")
        assert (await client.read_booking(one)).field(5).value == "x"
        result = await client.filter_bookings(search=search.bookings([one]))
        assert [row.booking_id for row in result.rows] == [one]
    with pytest.raises(NotSent):
        async with HttpTransport(call_timeout_seconds=5) as transport:
            await client_of(sim, transport=transport, base_url=server.url).read_booking(one)
