"""Sends deliveries over a transport, in a task of its own, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve.deliveries import Deliveries, Delivery
from drempel.simulators.ireserve.switches import Switches
from drempel.transport import NeverSent, Request, Transport, TransportError

__all__ = ["Dispatcher"]

AT_ONCE_MAX: Final = 32
LOOK_SECONDS: Final = 0.25
"""A clock that somebody moves tells nobody. While a delivery waits for its time, the time is looked at this often."""
LOOK_SECONDS_MIN: Final = 0.01
DELIVERED: Final = range(200, 400)


class Dispatcher:
    """Wakes at once when there is something new. Deliveries that fail are tried again when the simulator's clock says so."""

    def __init__(
        self,
        deliveries: Deliveries,
        *,
        transport: Transport,
        clock: SimulatorClock,
        switches: Switches,
        catch_up: Callable[[], None],
    ) -> None:
        self._deliveries = deliveries
        self._transport = transport
        self._clock = clock
        self._switches = switches
        self._catch_up = catch_up
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._on_their_way: dict[int, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        assert self._loop is None, "the dispatcher runs already"
        self._deliveries.on_new(self._wake.set)
        self._loop = asyncio.create_task(self._run(), name="i-Reserve simulator: deliveries")

    async def settle(self) -> None:
        """Return when everything that is due now was tried."""
        self._quiet.clear()
        self._wake.set()
        await self._quiet.wait()

    async def stop(self) -> None:
        """Stop. What is on its way is broken off and stays to be delivered. Stopping twice is harmless."""
        if self._loop is None:
            return
        loop, self._loop = self._loop, None
        self._deliveries.on_new(None)
        tasks = [loop, *self._on_their_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            self._catch_up()
            for delivery in self._deliveries.due(self._clock.now()):
                if len(self._on_their_way) >= AT_ONCE_MAX:
                    break
                if delivery.number not in self._on_their_way:
                    self._set_out(delivery)
            if not self._on_their_way:
                self._quiet.set()
            # Not wait_for: on Python 3.11 it swallows a cancellation that comes together with the wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_seconds()):
                    await self._wake.wait()

    def _pause_seconds(self) -> float | None:
        """Nothing waits for its time: then only something new, or the end of what is on its way, can make work."""
        next_at = self._deliveries.next_due_at()
        if next_at is None:
            return None
        return min(max((next_at - self._clock.now()).total_seconds(), LOOK_SECONDS_MIN), LOOK_SECONDS)

    def _set_out(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(delivery))
        self._on_their_way[delivery.number] = task
        task.add_done_callback(lambda _: self._arrived(delivery.number))

    def _arrived(self, number: int) -> None:
        del self._on_their_way[number]
        self._wake.set()

    async def _deliver(self, delivery: Delivery) -> None:
        request = Request(method="POST", url=delivery.url, headers={"Content-Type": delivery.content_type}, body=delivery.body)
        try:
            async with asyncio.timeout(self._switches.try_timeout_seconds):
                response = await self._transport.send(request)
        except NeverSent:
            self._deliveries.done(delivery, ok=False, outcome="not reached")
        except TransportError:
            self._deliveries.done(delivery, ok=False, outcome="no answer")
        except TimeoutError:
            self._deliveries.done(delivery, ok=False, outcome="time-out")
        except Exception as error:  # noqa: BLE001  a receiver in this process that breaks is a receiver that breaks
            self._deliveries.done(delivery, ok=False, outcome=type(error).__name__)
        else:
            self._deliveries.done(delivery, ok=response.status in DELIVERED, outcome=str(response.status))
