"""A simulator over real HTTP on this machine, and connections that are really cut."""

from __future__ import annotations

import asyncio

import pytest

from drempel.simulators.resivo import ResivoSimulator, seed_demo
from drempel.simulators.server import SimulatorServer
from drempel.transport import NeverSent, OutcomeUnknown, Request
from drempel.transport.over_http import HttpTransport

FORM = {"content-type": "application/x-www-form-urlencoded"}


def token_request(server: SimulatorServer) -> Request:
    body = b"grant_type=client_credentials&client_id=demo-client&client_secret=demo-secret-for-the-simulator"
    return Request(method="POST", url=f"{server.url}/oauth2/token", headers=FORM, body=body)


async def test_a_simulator_is_served_on_a_free_port_and_keeps_it() -> None:
    sim = ResivoSimulator()
    seed_demo(sim)
    async with SimulatorServer(sim.app) as server, HttpTransport(call_timeout_seconds=5) as transport:
        port = server.port
        assert port != 0
        assert (await transport.send(token_request(server))).status == 200
        await server.stop()
        await server.stop()
        with pytest.raises(NeverSent):
            await transport.send(token_request(server))
        await server.start()
        assert server.port == port
        assert (await transport.send(token_request(server))).status == 200


async def test_two_servers_cannot_share_a_port() -> None:
    sim = ResivoSimulator()
    async with SimulatorServer(sim.app) as server:
        with pytest.raises(OSError):
            await SimulatorServer(sim.app, port=server.port).start()


@pytest.mark.parametrize(("kind", "tokens"), [("refuse", 0), ("lost_before", 0), ("lost_after", 1)])
async def test_a_lost_answer_is_a_connection_that_breaks(kind: str, tokens: int, caplog: pytest.LogCaptureFixture) -> None:
    sim = ResivoSimulator()
    seed_demo(sim)
    sim.faults.add(operation="token", kind=kind)
    async with SimulatorServer(sim.app) as server, HttpTransport(call_timeout_seconds=5) as transport:
        with pytest.raises(OutcomeUnknown):
            await transport.send(token_request(server))
        assert len(sim.tokens) == tokens
        assert (await transport.send(token_request(server))).status == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_cut_connection_does_not_hurt_its_neighbors() -> None:
    sim = ResivoSimulator()
    seed_demo(sim)
    held = sim.faults.add(operation="token", kind="hold_after")
    async with SimulatorServer(sim.app) as server, HttpTransport(call_timeout_seconds=5) as transport:
        waiting = asyncio.create_task(transport.send(token_request(server)))
        await sim.faults.wait_until_held(held)
        sim.faults.add(operation="token", kind="lost_before")
        with pytest.raises(OutcomeUnknown):
            await transport.send(token_request(server))
        sim.faults.release(held)
        assert (await waiting).status == 200


async def test_a_caller_that_gives_up_leaves_the_work_done() -> None:
    sim = ResivoSimulator()
    seed_demo(sim)
    held = sim.faults.add(operation="token", kind="hold_before")
    async with SimulatorServer(sim.app) as server, HttpTransport(call_timeout_seconds=5) as transport:
        waiting = asyncio.create_task(transport.send(token_request(server)))
        await sim.faults.wait_until_held(held)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        sim.faults.release(held)
        # The next answer comes after the held call went on: both run in one loop, in turn.
        assert (await transport.send(token_request(server))).status == 200
    assert len(sim.tokens) == 2


async def test_a_server_stops_though_a_call_is_held() -> None:
    sim = ResivoSimulator()
    seed_demo(sim)
    held = sim.faults.add(operation="token", kind="hold_before")
    server = SimulatorServer(sim.app)
    async with HttpTransport(call_timeout_seconds=5) as transport:
        await server.start()
        waiting = asyncio.create_task(transport.send(token_request(server)))
        await sim.faults.wait_until_held(held)
        sim.faults.clear()
        await server.stop()
        await asyncio.gather(waiting, return_exceptions=True)
    assert sim.faults.held() == []
