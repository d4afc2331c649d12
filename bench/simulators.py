"""The other sides as one process of their own: i-Reserve and Resivo over real HTTP, and a small control server for the bench.

The control server exists so that looking on costs the simulators next to nothing: the simulators' own control API answers with whole states.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.running import until_stdin_ends, with_uvloop
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.ireserve.environment import ACCOUNT, ACCOUNT_PASSWORD
from drempel.simulators.resivo import ResivoSimulator
from drempel.simulators.resivo import seed_demo as seed_resivo
from drempel.simulators.server import SimulatorServer
from drempel.transport.over_http import HttpTransport

OBJECTS = {"81": "Hall 1", "82": "Hall 2", "83": "Changing room"}
"""Each is mapped to the main entrance and to the door of the same name."""
TRIGGER = "20"
FIRST_START_DAYS = 2
DAYS = 28
QUARTER = timedelta(minutes=15)
DELIVERY_SECONDS = 10.0


class Control:
    """What the bench asks of the simulators."""

    def __init__(self, resivo: ResivoSimulator, ireserve: IReserveSimulator) -> None:
        self._resivo = resivo
        self._ireserve = ireserve
        self._made = 0
        self._mark = 0
        self.app = Starlette(
            routes=[
                Route("/bookings", self._bookings, methods=["POST"]),
                Route("/mark", self._set_mark, methods=["POST"]),
                Route("/echo", self._echo, methods=["POST"]),
                Route("/progress", self._progress),
                Route("/sets", self._sets),
                Route("/fields", self._fields),
                Route("/status", self._set_status, methods=["POST"]),
                Route("/limit", self._limit, methods=["POST"]),
                Route("/resivo-calls", self._resivo_calls),
                Route("/reads", self._reads),
            ]
        )

    async def _bookings(self, request: Request) -> Response:
        """Make bookings at the trigger status, each with a customer of its own. Whoever is registered hears of them.

        `in_seconds`: when each starts, counted from now; without it over the coming weeks.
        """
        asked = await request.json()
        count, in_seconds, status = asked["count"], asked.get("in_seconds"), asked.get("status", TRIGGER)
        now = datetime.now(UTC).replace(microsecond=0)
        today = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
        ids = []
        for number in range(self._made, self._made + count):
            day, slot = number % DAYS, number // DAYS % 40
            start = today + timedelta(days=FIRST_START_DAYS + day) + slot * QUARTER
            if in_seconds is not None:
                start = now + timedelta(seconds=in_seconds[number - self._made])
            booking_id = self._ireserve.make_booking(
                list(OBJECTS)[number % len(OBJECTS)],
                start,
                start + timedelta(hours=1),
                lastname=f"Visitor {number}",
                email=f"visitor{number}@example.com",
                tel_mob=f"+31 6 {20_000_000 + number}",
                status=status,
            )
            ids.append(booking_id)
        self._made += count
        return JSONResponse(ids)

    async def _set_mark(self, _: Request) -> Response:
        """Count from here."""
        self._mark = len(self._resivo.state.authorizations)
        self._resivo.calls.clear()
        self._ireserve.calls.clear()
        return Response(status_code=204)

    async def _echo(self, request: Request) -> Response:
        """Send `booking_updated` to this address alone: our own write-back comes back as a hint."""
        for hook in [*self._ireserve.state.hooks]:
            self._ireserve.remove_hook(hook)
        self._ireserve.deliveries.clear()
        if (url := (await request.json())["url"]) is not None:
            self._ireserve.add_hook("booking_updated", url)
        return Response(status_code=204)

    async def _progress(self, _: Request) -> Response:
        return JSONResponse({"sets": len(self._resivo.state.authorizations) - self._mark, "calls": self._counts()})

    async def _sets(self, _: Request) -> Response:
        """Name and moment of each set since the mark."""
        since = list(self._resivo.state.authorizations.values())[self._mark :]
        return JSONResponse([{"name": one.display_name, "at": one.created_at.timestamp()} for one in since])

    async def _fields(self, request: Request) -> Response:
        """How many of these bookings hold an id of Resivo in their field."""
        ids = await request.json()
        known = self._resivo.state.authorizations
        return JSONResponse(sum(self._ireserve.booking(one).fields.get(5) in known for one in ids))

    async def _set_status(self, request: Request) -> Response:
        asked = await request.json()
        for booking_id in asked["ids"]:
            self._ireserve.set_status(booking_id, asked["status"])
        return Response(status_code=204)

    async def _limit(self, request: Request) -> Response:
        """From now on Resivo answers more calls in a second with 429."""
        self._resivo.quirks.calls_per_second = (await request.json())["calls_per_second"]
        return Response(status_code=204)

    async def _resivo_calls(self, _: Request) -> Response:
        """Operation, moment and status of each call since the mark; the log keeps the last 10,000."""
        calls = [[call.operation, call.at.timestamp(), call.status] for call in self._resivo.calls.calls]
        return JSONResponse([call for call in calls if call[0] != "token"])

    async def _reads(self, _: Request) -> Response:
        """Booking id -> how often it was read since the mark."""
        reads = Counter(call.path.rpartition("/")[2] for call in self._ireserve.calls.of("read_booking"))
        return JSONResponse(dict(reads))

    def _counts(self) -> dict[str, int]:
        return dict(Counter(self._resivo.calls.counts) + Counter(self._ireserve.calls.counts))


async def simulate(resivo_ms: float, ireserve_ms: float, *, announce: Callable[[dict[str, Any]], None]) -> None:
    """Serve until standard input ends."""
    resivo = ResivoSimulator(latency_ms=resivo_ms, seed=None)
    ireserve = IReserveSimulator(latency_ms=ireserve_ms)
    seeded = seed_resivo(resivo)
    for object_id, name in OBJECTS.items():
        ireserve.add_object(object_id, name)
    control = Control(resivo, ireserve)
    async with (
        HttpTransport(call_timeout_seconds=DELIVERY_SECONDS) as transport,
        SimulatorServer(resivo.app) as resivo_server,
        SimulatorServer(ireserve.app) as ireserve_server,
        SimulatorServer(control.app) as control_server,
    ):
        await ireserve.start_deliveries(transport)
        announce(
            {
                "resivo": resivo_server.url,
                "ireserve": ireserve_server.url,
                "control": control_server.url,
                "account": ACCOUNT,
                "password": ACCOUNT_PASSWORD,
                "site_owner_id": seeded.site_owner_id,
                "site_id": seeded.site_id,
                "client_id": seeded.client_id,
                "client_secret": seeded.client_secret,
                "doors": {object_id: ["Main entrance", name] for object_id, name in OBJECTS.items()},
            }
        )
        await until_stdin_ends()
        await ireserve.stop_deliveries()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--resivo-ms", type=float, required=True)
    parser.add_argument("--ireserve-ms", type=float, required=True)
    options = parser.parse_args()

    def announce(world: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(world) + "\n")
        sys.stdout.flush()

    with_uvloop(simulate(options.resivo_ms, options.ireserve_ms, announce=announce))


if __name__ == "__main__":
    main()
