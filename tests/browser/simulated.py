"""The two other sides as real HTTP servers, in a thread of their own: a browser's test does not give its own loop away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Final, NamedTuple

from drempel.resivo import load_profile
from drempel.simulators.ireserve import ACCOUNT, ACCOUNT_PASSWORD, IReserveSimulator
from drempel.simulators.ireserve import seed_demo as seed_ireserve
from drempel.simulators.resivo import Demo, ResivoSimulator, seed_demo
from drempel.simulators.server import SimulatorServer
from drempel.transport.over_http import HttpTransport

__all__ = ["OtherSides", "other_sides"]

SECONDS_MAX: Final = 20.0


class OtherSides(NamedTuple):
    """As `drempel simulate` shows them at a terminal."""

    resivo_url: str
    seeded: Demo
    ireserve_url: str
    account: str = ACCOUNT
    account_password: str = ACCOUNT_PASSWORD


@contextmanager
def other_sides(profile: str) -> Iterator[OtherSides]:
    """Until the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="other sides")
    thread.start()
    stack = AsyncExitStack()
    try:
        yield asyncio.run_coroutine_threadsafe(_open(stack, profile), loop).result(SECONDS_MAX)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(SECONDS_MAX)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS_MAX)
        loop.close()


async def _open(stack: AsyncExitStack, profile: str) -> OtherSides:
    resivo, ireserve = ResivoSimulator(profile=load_profile(profile), seed=None), IReserveSimulator(seed=1)
    seeded = seed_demo(resivo)
    seed_ireserve(ireserve)
    resivo_server = await stack.enter_async_context(SimulatorServer(resivo.app))
    ireserve_server = await stack.enter_async_context(SimulatorServer(ireserve.app))
    transport = await stack.enter_async_context(HttpTransport(call_timeout_seconds=SECONDS_MAX))
    await ireserve.start_deliveries(transport)
    stack.push_async_callback(ireserve.stop_deliveries)
    return OtherSides(resivo_url=resivo_server.url, seeded=seeded, ireserve_url=ireserve_server.url)
