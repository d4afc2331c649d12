"""A club whose booking system and doors are simulated: both other sides over real HTTP in this process, where the bench can act and look."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.ireserve.booking_json import BookingWriter
from drempel.simulators.ireserve.deliveries import DeliveryState
from drempel.simulators.ireserve.environment import ACCOUNT, ACCOUNT_PASSWORD
from drempel.simulators.resivo import ResivoSimulator
from drempel.simulators.server import SimulatorServer
from drempel.transport.over_http import HttpTransport

__all__ = ["CANCELLED", "CONFIRMED", "FIELD", "OBJECTS", "TIME_BEFORE", "Club"]

OBJECTS = {"81": "Hall 1", "82": "Hall 2", "83": "Changing room"}
"""Each is mapped to the main entrance and to the door of the same name."""
ENTRANCE = "Main entrance"
CONFIRMED, CANCELLED = "20", "70"
FIELD = 5
TIME_BEFORE = timedelta(minutes=15)
TRIES = (0.0, 0.2, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0)
"""When i-Reserve tries a delivery, in seconds after the first try: often, because these runs are short."""
DELIVERY_SECONDS = 20.0
FOREIGN = ("Cleaners", "Board", "Hall 1 · dr-00000000-club-1-1")
"""Sets that people made in the portal; one of them is named as another Drempel would."""
_numbers = count(1)


@dataclass
class Club:
    """Both simulators, and the sets that are nobody's business but the portal's."""

    resivo: ResivoSimulator
    ireserve: IReserveSimulator
    resivo_server: SimulatorServer
    ireserve_server: SimulatorServer
    world: Mapping[str, Any]
    """What `bench.contenders.setup_text` wants to know."""
    doors: Mapping[str, str]
    """Name to id."""
    given_up: set[int] = field(default_factory=set)
    """Deliveries that were sent again after their last try had failed."""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, *, resivo_ms: float, ireserve_ms: float) -> AsyncIterator[Club]:
        resivo = ResivoSimulator(latency_ms=resivo_ms, seed=None)
        ireserve = IReserveSimulator(latency_ms=ireserve_ms)
        ireserve.switches.try_seconds = TRIES
        ireserve.switches.try_timeout_seconds = DELIVERY_SECONDS
        ireserve.switches.api_write_fires = False
        owner = resivo.add_site_owner()
        site = resivo.add_site("Sportpark Zuid", site_owner_id=owner.id)
        credential = resivo.add_credential(site_owner_id=owner.id)
        doors = {name: resivo.add_component(site.id, name).id for name in (ENTRANCE, *OBJECTS.values())}
        for object_id, name in OBJECTS.items():
            ireserve.add_object(object_id, name)
        for name in FOREIGN:
            start = datetime.now(UTC) + timedelta(days=1)
            resivo.state.create_remote_access(
                resivo.state.sites[site.id],
                display_name=name,
                component_ids=list(doors.values()),
                valid_from=start,
                valid_to=start + timedelta(days=300),
                recipients=(),
                now=datetime.now(UTC),
            )
        async with (
            SimulatorServer(resivo.app) as resivo_server,
            SimulatorServer(ireserve.app) as ireserve_server,
            HttpTransport(call_timeout_seconds=DELIVERY_SECONDS) as transport,
        ):
            world = {
                "resivo": resivo_server.url,
                "ireserve": ireserve_server.url,
                "account": ACCOUNT,
                "password": ACCOUNT_PASSWORD,
                "site_owner_id": owner.id,
                "site_id": site.id,
                "client_id": credential.client_id,
                "client_secret": credential.client_secret,
                "doors": {object_id: [ENTRANCE, name] for object_id, name in OBJECTS.items()},
            }
            await ireserve.start_deliveries(transport)
            try:
                yield cls(resivo, ireserve, resivo_server, ireserve_server, world, doors)
            finally:
                resivo.faults.clear()
                ireserve.faults.clear()
                await ireserve.stop_deliveries()

    def tell(self, hook_url: str) -> None:
        """Whatever happens to a booking is told there from now on."""
        for event in ("booking_created", "booking_updated"):
            self.ireserve.add_hook(event, hook_url)

    def insist(self) -> None:
        """Send again what i-Reserve has given up: whether a hint is ever accepted is its matter, and not what is judged here."""
        for delivery in self.ireserve.deliveries.log():
            if delivery.state is DeliveryState.FAILED and delivery.number not in self.given_up:
                self.given_up.add(delivery.number)
                self.ireserve.deliveries.send_again(delivery.number)

    def document(self, booking_id: str) -> dict[str, Any]:
        """What i-Reserve sends when it tells of this booking, as it is now."""
        state = self.ireserve.state
        return BookingWriter(state, self.ireserve.switches).document(self.ireserve.booking(booking_id))

    def doors_of(self, object_id: str) -> frozenset[str]:
        return frozenset({self.doors[ENTRANCE], self.doors[OBJECTS[object_id]]})

    def book(self, object_id: str, start: datetime, *, status: str) -> tuple[str, str, str]:
        """A booking of somebody new, for an hour: its id, and the visitor's e-mail address and mobile number."""
        number = next(_numbers)
        email, phone = f"visitor{number}@example.com", f"+316{20_000_000 + number}"
        booking_id = self.ireserve.make_booking(
            object_id,
            start,
            start + timedelta(hours=1),
            lastname=f"Visitor{number}",
            email=email,
            tel_mob=phone,
            status=status,
        )
        return booking_id, email, phone
