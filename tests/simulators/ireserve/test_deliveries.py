"""Events and their deliveries: i-Reserve contract, sections 4 and 12.3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve import Delivery, DeliveryState, Fate, IReserveSimulator
from drempel.simulators.ireserve.changes import NotAllowed
from drempel.simulators.ireserve.state import NoSuch
from drempel.simulators.server import SimulatorServer
from drempel.transport import NeverSent, OutcomeUnknown, Request, Response
from drempel.transport.over_http import HttpTransport
from tests.simulators.ireserve.environment import END, NOW, START, Caller, book, new_simulator

PATIENCE = 30.0


@pytest.fixture
def sim() -> IReserveSimulator:
    sim = new_simulator()
    sim.add_hook("booking_created", "http://receiver.test/hooks/x")
    sim.add_hook("booking_updated", "http://receiver.test/hooks/x")
    return sim


def taken(sim: IReserveSimulator) -> list[Delivery]:
    """Take what is due, as delivered."""
    due = sim.deliveries.due(sim.clock.now())
    for delivery in due:
        sim.deliveries.done(delivery, ok=True)
    return due


def events(sim: IReserveSimulator) -> list[str]:
    return [delivery.event for delivery in taken(sim)]


LATER = (START + timedelta(days=1), END + timedelta(days=1))


@pytest.mark.parametrize(
    ("change", "expected", "status"),
    [
        (lambda sim, one: sim.set_status(one, 30), ["booking_updated"], "30"),
        (lambda sim, one: sim.set_status(one, 20), [], "20"),
        (lambda sim, one: sim.reschedule_as_admin(one, *LATER), ["booking_updated"], "20"),
        (lambda sim, one: sim.reschedule_as_customer(one, *LATER), ["booking_updated"], "40"),
        (lambda sim, one: sim.cancel_as_customer(one), ["booking_updated"], "70"),
        (lambda sim, one: sim.move_object(one, 82), ["booking_updated"], "20"),
        (lambda sim, one: sim.set_field(one, 5, "x"), ["booking_updated"], "20"),
        (lambda sim, one: sim.change_customer(sim.booking(one).customer_id, email="x@example.com"), [], "20"),
    ],
)
def test_each_change_fires_its_event(
    sim: IReserveSimulator, change: Callable[..., None], expected: list[str], status: str
) -> None:
    one = book(sim)
    assert events(sim) == ["booking_created"]
    change(sim, one)
    assert events(sim) == expected
    assert sim.booking(one).status == status


def test_a_deleted_booking_is_gone_without_a_word(sim: IReserveSimulator) -> None:
    one = book(sim)
    taken(sim)
    sim.delete_booking(one)
    assert events(sim) == []
    with pytest.raises(NoSuch):
        sim.booking(one)
    assert book(sim) != one


@pytest.mark.parametrize("status", ["70", "80", "90", "99"])
def test_a_customer_cannot_cancel_what_is_cancelled_or_closed(sim: IReserveSimulator, status: str) -> None:
    one = book(sim, status=status)
    with pytest.raises(NotAllowed):
        sim.cancel_as_customer(one)
    if int(status) >= 90:
        with pytest.raises(NotAllowed):
            sim.reschedule_as_customer(one, *LATER)
    assert sim.booking(one).status == status


def test_a_change_by_an_administrator_can_be_silent(sim: IReserveSimulator) -> None:
    one = book(sim)
    taken(sim)
    sim.switches.admin_change_fires = False
    sim.reschedule_as_admin(one, *LATER)
    sim.move_object(one, 82)
    assert events(sim) == []
    assert (sim.booking(one).start, sim.booking(one).object_id) == (LATER[0], "82")


async def test_an_api_write_fires_an_echo_or_none(sim: IReserveSimulator) -> None:
    book(sim)
    taken(sim)
    write = {"id": "3691", "custom05": "x"}
    await Caller(sim).json("POST", "/api/rest/hook/booking/", write)
    assert events(sim) == ["booking_updated"]
    sim.switches.api_write_fires = False
    await Caller(sim).json("POST", "/api/rest/hook/booking/", write)
    assert events(sim) == []


def test_a_delivery_is_the_bare_booking_with_the_header_that_the_webhook_wants(sim: IReserveSimulator) -> None:
    sim.switches.hook_json = False
    sim.add_hook("booking_created", "http://receiver.test/form")
    book(sim)
    [plain, form] = taken(sim)
    assert json.loads(plain.body)["id"] == "3691"
    assert "event" not in json.loads(plain.body)
    assert plain.body == form.body
    assert (plain.content_type, form.content_type) == ("application/json", "application/x-www-form-urlencoded")


def test_an_event_can_leave_before_its_status_is_stored(sim: IReserveSimulator) -> None:
    sim.switches.event_first = True
    one = book(sim)
    assert events(sim) == ["booking_created"]
    with pytest.raises(NoSuch):
        sim.booking(one)
    sim.clock.advance(timedelta(seconds=5))
    assert sim.booking(one).status == "20"
    sim.set_status(one, 30)
    assert events(sim) == ["booking_updated"]
    assert sim.booking(one).status == "20"
    sim.clock.advance(timedelta(seconds=5))
    assert sim.booking(one).status == "30"


# Fates and tries


def test_a_failed_delivery_is_tried_at_the_given_times_and_then_never_again(sim: IReserveSimulator) -> None:
    book(sim)
    tried: list[datetime] = []
    for _ in range(10):
        for delivery in sim.deliveries.due(sim.clock.now()):
            tried.append(sim.clock.now())
            sim.deliveries.done(delivery, ok=False)
        at = sim.deliveries.next_due_at()
        if at is None:
            break
        assert sim.deliveries.due(at - timedelta(seconds=1)) == []
        sim.clock.set(at)
    assert tried == [NOW + timedelta(seconds=seconds) for seconds in (0, 60, 300, 900, 3600)]
    [delivery] = sim.deliveries.log()
    assert delivery.state is DeliveryState.FAILED
    assert [one.at for one in delivery.tries] == tried


def test_what_is_due_stays_due_until_it_is_done(sim: IReserveSimulator) -> None:
    book(sim)
    assert sim.deliveries.due(NOW) == sim.deliveries.due(NOW)
    taken(sim)
    assert sim.deliveries.due(NOW) == []
    assert sim.deliveries.log()[0].state is DeliveryState.DELIVERED


@pytest.mark.parametrize(
    ("fate", "now", "later"), [(Fate.SEND, 1, 0), (Fate.DROP, 0, 0), (Fate.DOUBLE, 2, 0), (Fate.DELAY, 0, 1)]
)
def test_every_fate_of_a_delivery(sim: IReserveSimulator, fate: Fate, now: int, later: int) -> None:
    sim.switches.next_deliveries = (fate,)
    book(sim)
    assert len(taken(sim)) == now
    sim.clock.advance(timedelta(seconds=30))
    assert len(taken(sim)) == later
    book(sim)
    assert len(taken(sim)) == 1  # the script is used up


def test_every_delivery_can_have_the_same_fate(sim: IReserveSimulator) -> None:
    sim.switches.deliveries = Fate.DROP
    for _ in range(3):
        book(sim)
    assert taken(sim) == []
    assert {one.state for one in sim.deliveries.log()} == {DeliveryState.DROPPED}


def test_reordered_deliveries_come_in_an_order_that_the_seed_decides() -> None:
    def order(seed: int) -> list[str]:
        sim = new_simulator(seed=seed)
        sim.add_hook("booking_created", "http://receiver.test/")
        sim.switches.reordered = True
        made = [book(sim) for _ in range(8)]
        found = [one.booking_id for one in taken(sim)]
        assert sorted(found) == made
        return found

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(5)}) > 1


def test_a_removed_webhook_gets_nothing_more(sim: IReserveSimulator) -> None:
    for hook_id in list(sim.state.hooks):
        sim.remove_hook(hook_id)
    book(sim)
    assert sim.deliveries.log() == []


# The dispatcher


class Receiver:
    """A transport that is a receiver: says what it is told to say, and lets a test wait for what arrived."""

    def __init__(self, *outcomes: int | Exception) -> None:
        self.outcomes = list(outcomes)
        self.requests: asyncio.Queue[Request] = asyncio.Queue()

    async def send(self, request: Request) -> Response:
        await self.requests.put(request)
        outcome = self.outcomes.pop(0) if self.outcomes else 202
        if isinstance(outcome, Exception):
            raise outcome
        return Response(status=outcome)


@pytest.fixture
async def running(sim: IReserveSimulator) -> AsyncIterator[IReserveSimulator]:
    yield sim
    await sim.stop_deliveries()


async def settled(sim: IReserveSimulator) -> Delivery:
    """The newest delivery, once everything due was tried."""
    await asyncio.wait_for(sim.deliveries_settled(), PATIENCE)
    return sim.deliveries.log()[0]


async def test_a_new_delivery_is_sent_at_once(running: IReserveSimulator) -> None:
    receiver = Receiver()
    await running.start_deliveries(receiver)
    await asyncio.wait_for(running.deliveries_settled(), PATIENCE)
    book(running)
    request = await asyncio.wait_for(receiver.requests.get(), PATIENCE)
    assert (request.method, request.url) == ("POST", "http://receiver.test/hooks/x")
    assert request.headers == {"Content-Type": "application/json"}
    assert json.loads(request.body)["id"] == "3691"
    assert (await settled(running)).state is DeliveryState.DELIVERED


@pytest.mark.parametrize(
    ("outcome", "ok", "word"),
    [
        (200, True, "200"),
        (202, True, "202"),
        (302, True, "302"),
        (399, True, "399"),
        (400, False, "400"),
        (404, False, "404"),
        (500, False, "500"),
        (NeverSent("x"), False, "not reached"),
        (OutcomeUnknown("x"), False, "no answer"),
        (TimeoutError(), False, "time-out"),
        (RuntimeError("x"), False, "RuntimeError"),
    ],
)
async def test_success_is_200_to_399(running: IReserveSimulator, outcome: Any, ok: bool, word: str) -> None:
    await running.start_deliveries(Receiver(outcome))
    book(running)
    delivery = await settled(running)
    assert [(one.ok, one.outcome) for one in delivery.tries] == [(ok, word)]
    assert delivery.state is (DeliveryState.DELIVERED if ok else DeliveryState.WAITING)


async def test_a_failed_delivery_is_sent_again_when_the_clock_is_moved(running: IReserveSimulator) -> None:
    await running.start_deliveries(Receiver(503, 503))
    book(running)
    await settled(running)
    running.clock.advance(timedelta(seconds=60))
    await settled(running)
    running.clock.advance(timedelta(seconds=240))
    assert (await settled(running)).state is DeliveryState.DELIVERED


async def test_a_slow_receiver_holds_up_nobody_and_is_given_up(running: IReserveSimulator) -> None:
    class Slow(Receiver):
        async def send(self, request: Request) -> Response:
            if json.loads(request.body)["id"] == "3691":
                await asyncio.Event().wait()
            return await super().send(request)

    receiver = Slow()
    running.switches.try_timeout_seconds = 0.05
    await running.start_deliveries(receiver)
    book(running)
    book(running)
    request = await asyncio.wait_for(receiver.requests.get(), PATIENCE)
    assert json.loads(request.body)["id"] == "3692"
    await settled(running)
    [slow] = running.deliveries.of_booking("3691")
    assert [one.outcome for one in slow.tries] == ["time-out"]


async def test_what_is_broken_off_by_a_stop_is_sent_after_the_next_start(running: IReserveSimulator) -> None:
    class Silent(Receiver):
        async def send(self, request: Request) -> Response:
            await self.requests.put(request)
            await asyncio.Event().wait()
            raise AssertionError

    silent, receiver = Silent(), Receiver()
    await running.start_deliveries(silent)
    book(running)
    await asyncio.wait_for(silent.requests.get(), PATIENCE)
    await running.stop_deliveries()
    await running.stop_deliveries()
    assert running.deliveries.waiting() == 1
    await running.start_deliveries(receiver)
    await asyncio.wait_for(receiver.requests.get(), PATIENCE)


async def test_many_deliveries_all_arrive(running: IReserveSimulator) -> None:
    receiver = Receiver()
    for _ in range(200):
        book(running)
    await running.start_deliveries(receiver)
    arrived = [json.loads((await asyncio.wait_for(receiver.requests.get(), PATIENCE)).body)["id"] for _ in range(200)]
    assert sorted(arrived) == sorted(running.state.bookings)


async def test_a_stop_always_ends_the_sending() -> None:
    """Whatever the moment: a stop that meets a wake-up once waited for ever."""
    for turns in range(12):
        sim = new_simulator()
        sim.add_hook("booking_created", "http://receiver.test/")
        await sim.start_deliveries(Receiver(503))
        book(sim)
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.wait_for(sim.stop_deliveries(), PATIENCE)


async def test_a_delivery_really_goes_over_http() -> None:
    bodies: list[bytes] = []

    async def receiver(scope: Any, receive: Any, send: Any) -> None:
        bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 202 if scope["path"] == "/hooks/x" else 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    sim = IReserveSimulator(clock=SimulatorClock())
    sim.add_object(81, "Hall 1")
    async with SimulatorServer(receiver) as server, HttpTransport(call_timeout_seconds=5) as transport:
        sim.add_hook("booking_created", f"{server.url}/hooks/x")
        await sim.start_deliveries(transport)
        book(sim)
        delivery = await settled(sim)
        await sim.stop_deliveries()
    assert [one.outcome for one in delivery.tries] == ["202"]
    assert [json.loads(body)["id"] for body in bodies] == ["3691"]
