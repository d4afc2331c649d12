"""An environment at a fixed time, and ways to call it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from drempel.ireserve import IReserveClient
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve import ACCOUNT, ACCOUNT_PASSWORD, IReserveSimulator
from drempel.transport import Request, Response
from drempel.transport.in_process import InProcessTransport

HOST = "club.test"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
END = datetime(2026, 3, 14, 11, 0, tzinfo=UTC)


def new_simulator(**options: Any) -> IReserveSimulator:
    sim = IReserveSimulator(clock=SimulatorClock(frozen_at=NOW), **options)
    sim.add_object("81", "Hall 1")
    sim.add_object("82", "Hall 2")
    return sim


def book(sim: IReserveSimulator, **options: Any) -> str:
    values = {"object_id": 81, "start": START, "end": END, "email": "ada@example.com", "tel_mob": "+31 6 12345678", "status": 20}
    return sim.make_booking(**(values | options))


def client_of(sim: IReserveSimulator, **options: Any) -> IReserveClient:
    settings: dict[str, Any] = {
        "transport": InProcessTransport({HOST: sim.app}),
        "base_url": f"http://{HOST}",
        "username": ACCOUNT,
        "password": ACCOUNT_PASSWORD,
        "time_zone": "Europe/Amsterdam",
        "now": sim.clock.now,
    }
    return IReserveClient(**(settings | options))


@dataclass
class Caller:
    """Calls the application as any program could."""

    sim: IReserveSimulator
    account: str | None = f"{ACCOUNT}:{ACCOUNT_PASSWORD}"

    async def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Response:
        all_headers = dict(headers or {})
        if self.account is not None:
            all_headers["Authorization"] = "Basic " + base64.b64encode(self.account.encode()).decode()
        transport = InProcessTransport({HOST: self.sim.app})
        return await transport.send(Request(method=method, url=f"http://{HOST}{path}", headers=all_headers, body=body))

    async def json(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = await self.send(method, path, b"" if body is None else json.dumps(body).encode())
        return answer.status, json.loads(answer.body) if answer.body else None

    async def form(self, path: str, **values: str) -> Response:
        from urllib.parse import urlencode

        return await self.send("POST", path, urlencode(values).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
