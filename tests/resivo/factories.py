"""Builders for the tests of the client: a simulated Resivo, a client that speaks to it, and a transport of written answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from drempel.resivo import CreatedAuthorization, Profile, ResivoClient, load_profile
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.resivo import Credential, ResivoSimulator, Site
from drempel.transport import Request, Response, Transport
from drempel.transport.in_process import InProcessTransport

NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
BASE_URL = "https://resivo.test"
ASSUMED = load_profile("assumed-v8")
SECRET = "s3cr3t-of-the-test"


class Seconds:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.value = 1000.0

    def __call__(self) -> float:
        return self.value


@dataclass
class Setting:
    """One simulated organization, and a client for it."""

    sim: ResivoSimulator
    client: ResivoClient
    site: Site
    credential: Credential
    seconds: Seconds
    sent: list[Request]
    doors: dict[str, str]

    @property
    def site_id(self) -> str:
        return self.site.id

    async def create(self, display_name: str = "ireserve-3691-1", **changes: Any) -> CreatedAuthorization:
        asked: dict[str, Any] = {
            "display_name": display_name,
            "component_ids": [self.doors["Main entrance"], self.doors["Hall 1"]],
            "valid_from": NOW + timedelta(minutes=45),
            "valid_to": NOW + timedelta(hours=3),
            "emails": ["ada@example.com"],
            "phone_numbers": ["+31612345678"],
        }
        return await self.client.create_remote_access(self.site_id, **{**asked, **changes})


def make_setting(profile: Profile | str = "assumed-v8") -> Setting:
    profile = (ASSUMED if profile == "assumed-v8" else load_profile(profile)) if isinstance(profile, str) else profile
    sim = ResivoSimulator(profile=profile, clock=SimulatorClock(frozen_at=NOW))
    credential = sim.add_credential(client_secret=SECRET)
    site = sim.add_site("Sportpark Zuid")
    doors = {
        name: sim.add_component(site.id, name, online=name != "Storage").id for name in ("Main entrance", "Hall 1", "Storage")
    }
    seconds = Seconds()
    inner = InProcessTransport({"resivo.test": sim.app})
    transport = Written(inner.send)
    client = ResivoClient(
        transport=transport,
        profile=profile,
        base_url=BASE_URL,
        site_owner_id=credential.site_owner_id,
        client_id=credential.client_id,
        client_secret=credential.client_secret,
        monotonic=seconds,
        now=sim.clock.now,
    )
    return Setting(sim=sim, client=client, site=site, credential=credential, seconds=seconds, sent=transport.sent, doors=doors)


class Written:
    """A transport that answers what a function says, and keeps what was sent."""

    def __init__(self, answer: Callable[[Request], Response | Awaitable[Response]]) -> None:
        self._answer = answer
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        answer = self._answer(request)
        return answer if isinstance(answer, Response) else await answer

    def calls(self, path_part: str) -> list[Request]:
        return [request for request in self.sent if path_part in request.url]


def answer(status: int, value: Any = None, *, headers: dict[str, str] | None = None) -> Response:
    return Response(status=status, headers=headers or {}, body=b"" if value is None else json.dumps(value).encode())


def token_answer(text: str = "token-1", **changes: Any) -> Response:
    return answer(200, {"access_token": text, "token_type": "Bearer", "expires_in": 3600, **changes})


def written_client(
    reply: Callable[[Request], Response | Awaitable[Response]], *, profile: Profile | None = None
) -> tuple[ResivoClient, Written, Seconds]:
    """A client whose token call succeeds; every other call gets what `reply` says."""
    transport = Written(lambda request: token_answer() if request.url.endswith("/oauth2/token") else reply(request))
    return client_on(transport, profile=profile), transport, Seconds()


def client_on(
    transport: Transport, *, profile: Profile | None = None, monotonic: Callable[[], float] | None = None
) -> ResivoClient:
    return ResivoClient(
        transport=transport,
        profile=profile or ASSUMED,
        base_url=BASE_URL,
        site_owner_id="owner",
        client_id="client",
        client_secret=SECRET,
        monotonic=monotonic or Seconds(),
        now=lambda: NOW,
    )


async def every_operation(client: ResivoClient, name: str) -> object:
    """Call one operation by its name, with arguments that would be fine."""
    match name:
        case "list_sites":
            return await client.list_sites()
        case "read_site":
            return await client.read_site("site")
        case "list_components":
            return await client.list_components("site")
        case "create_remote_access":
            return await client.create_remote_access(
                "site",
                display_name="ireserve-1-1",
                component_ids=["door"],
                valid_from=NOW,
                valid_to=NOW + timedelta(hours=1),
                emails=["ada@example.com"],
                phone_numbers=["+31612345678"],
            )
        case "find_authorizations":
            return await client.find_authorizations("site", display_name="ireserve-1-1")
        case "list_authorizations":
            return [one async for one in client.list_authorizations("site")]
        case "read_authorization":
            return await client.read_authorization("site", "set")
        case "revoke_authorization":
            return await client.revoke_authorization("site", "set")
    raise AssertionError(name)


OPERATIONS = (
    "list_sites",
    "read_site",
    "list_components",
    "create_remote_access",
    "find_authorizations",
    "list_authorizations",
    "read_authorization",
    "revoke_authorization",
)
