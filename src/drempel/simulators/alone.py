"""A simulator alone, as a program: `drempel simulate`."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys

from drempel.resivo.profile_loading import load_profile
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.ireserve import seed_demo as seed_ireserve
from drempel.simulators.ireserve.environment import ACCOUNT, ACCOUNT_PASSWORD
from drempel.simulators.resivo import ResivoSimulator
from drempel.simulators.resivo import seed_demo as seed_resivo
from drempel.simulators.server import SimulatorServer
from drempel.transport.over_http import HttpTransport

__all__ = ["simulate"]

CALL_TIMEOUT_SECONDS = 10.0


async def simulate(kind: str, *, port: int, profile: str | None) -> None:
    """Serve `resivo` or `ireserve` on 127.0.0.1 until SIGTERM or SIGINT. Raises `ProfileError`, or `OSError` if the port is taken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    if kind == "resivo":
        resivo = ResivoSimulator(profile=load_profile(profile or "assumed-v8"), seed=None)
        demo = seed_resivo(resivo)
        async with SimulatorServer(resivo.app, port=port) as server:
            _say(f"Resivo, simulated, profile {resivo.profile.name}: {server.url}")
            _say(f"  Site Owner ID {demo.site_owner_id}\n  Site ID       {demo.site_id}")
            _say(f"  Client ID     {demo.client_id}\n  Client secret {demo.client_secret}\n  control API   {server.url}/_sim/")
            await stop.wait()
        return
    ireserve = IReserveSimulator()
    seed_ireserve(ireserve)
    async with (
        HttpTransport(call_timeout_seconds=CALL_TIMEOUT_SECONDS) as transport,
        SimulatorServer(ireserve.app, port=port) as server,
    ):
        await ireserve.start_deliveries(transport)
        _say(f"i-Reserve, simulated: {server.url}")
        _say(f"  account     {ACCOUNT}, password {ACCOUNT_PASSWORD}\n  control API {server.url}/_sim/")
        await stop.wait()
        await ireserve.stop_deliveries()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
