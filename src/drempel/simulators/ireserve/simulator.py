"""The simulator as a whole: an environment, with the application that the network sees and the sender of its webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve.app import IReserveApp
from drempel.simulators.ireserve.dispatcher import Dispatcher
from drempel.simulators.ireserve.environment import Environment
from drempel.transport import Transport
from drempel.transport.in_process import AsgiApp

__all__ = ["IReserveSimulator"]


class IReserveSimulator(Environment):
    """An environment over HTTP. `app` is an ASGI application; `start_deliveries` needs a running event loop."""

    def __init__(
        self,
        *,
        clock: SimulatorClock | None = None,
        time_zone: str = "Europe/Amsterdam",
        seed: int = 0,
        latency_ms: float = 0,
        accounts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(clock=clock, time_zone=time_zone, seed=seed, latency_ms=latency_ms, accounts=accounts)
        self.app: AsgiApp = IReserveApp(self)
        self._dispatcher: Dispatcher | None = None

    async def start_deliveries(self, transport: Transport) -> None:
        """Send deliveries by themselves from now on."""
        assert self._dispatcher is None, "deliveries are sent already"
        self._dispatcher = Dispatcher(
            self.deliveries, transport=transport, clock=self.clock, switches=self.switches, catch_up=self.catch_up
        )
        self._dispatcher.start()

    async def deliveries_settled(self) -> None:
        """Return when every delivery that is due now was tried. A receiver that never answers takes the time of one try."""
        assert self._dispatcher is not None, "start the deliveries first"
        await self._dispatcher.settle()

    async def stop_deliveries(self) -> None:
        """Stop sending. Nothing is lost: what waits is sent after the next start."""
        if self._dispatcher is not None:
            dispatcher, self._dispatcher = self._dispatcher, None
            await dispatcher.stop()
