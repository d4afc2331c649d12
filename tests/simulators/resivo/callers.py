"""A bare caller of the simulated Resivo: no client in between, so that the wire is what is tested."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from drempel.resivo import Profile, load_profile
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.resivo import Credential, ResivoSimulator, Site
from drempel.transport import Request, Response
from drempel.transport.in_process import InProcessTransport

NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
ASSUMED = load_profile("assumed-v8")


@dataclass
class Caller:
    sim: ResivoSimulator
    credential: Credential
    site: Site
    doors: list[str]
    token: str = ""

    async def send(
        self, method: str, path: str, *, value: Any = None, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        transport = InProcessTransport({"resivo.test": self.sim.app})
        content = body if body is not None else b"" if value is None else json.dumps(value).encode()
        sent = {"content-type": "application/json"} if headers is None else headers
        if self.token and "authorization" not in sent:
            sent = {**sent, "authorization": f"Bearer {self.token}"}
        return await transport.send(Request(method=method, url=f"https://resivo.test{path}", headers=sent, body=content))

    async def form(self, path: str, **fields: str) -> Response:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await self.send("POST", path, body=urlencode(fields).encode(), headers=headers)

    async def sign_in(self, credential: Credential | None = None) -> Response:
        credential = credential or self.credential
        answer = await self.form(
            "/oauth2/token",
            grant_type="client_credentials",
            client_id=credential.client_id,
            client_secret=credential.client_secret,
        )
        if answer.status == 200:
            self.token = read(answer)["access_token"]
        return answer

    async def create(self, **changes: Any) -> Response:
        body = {**self.remote_access(), **changes}
        return await self.send("POST", f"/v8/sites/{self.site.id}/authorizations/remote-access", value=without_missing(body))

    async def create_pin(self, **changes: Any) -> Response:
        body = self.remote_access()
        del body["recipients"]
        body = {**body, "pinCodes": [{"pinCode": "48213907", "displayName": "PIN"}], **changes}
        return await self.send("POST", f"/v8/sites/{self.site.id}/authorizations/pin-access", value=without_missing(body))

    def remote_access(self) -> dict[str, Any]:
        return {
            "displayName": "ireserve-3691-1",
            "componentIds": self.doors[:2],
            "restrictions": {"validFrom": "2026-03-14T08:45:00.000000Z", "validTo": "2026-03-14T11:00:00.000000Z"},
            "recipients": [{"email": "ada@example.com"}, {"phoneNumber": "+31612345678"}],
        }

    async def list(self, query: str = "") -> Any:
        return read(await self.send("GET", f"/v8/sites/{self.site.id}/authorizations{query}"))

    def path(self, authorization_id: str, rest: str = "") -> str:
        return f"/v8/sites/{self.site.id}/authorizations/{authorization_id}{rest}"


MISSING = object()


def without_missing(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not MISSING}


def read(answer: Response) -> Any:
    return json.loads(answer.body)


async def make_caller(profile: Profile | None = None) -> Caller:
    sim = ResivoSimulator(profile=profile or ASSUMED, clock=SimulatorClock(frozen_at=NOW))
    credential = sim.add_credential()
    site = sim.add_site()
    doors = [sim.add_component(site.id, name, online=name != "Storage").id for name in ("Main entrance", "Hall 1", "Storage")]
    caller = Caller(sim=sim, credential=credential, site=site, doors=doors)
    await caller.sign_in()
    return caller
