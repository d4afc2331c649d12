"""The whole application over a real store, and browsers of people and of attackers that ask it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from ipaddress import IPv4Network, IPv6Network
from itertools import count
from typing import Any
from urllib.parse import unquote, urlencode

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from drempel.adapters.store import SqlStore
from drempel.domain.rights import Role
from drempel.engine.api_keys import ApiKeys
from drempel.engine.intake import take_hint
from drempel.engine.levers import Levers
from drempel.ireserve import booking_id_of
from drempel.web.app import create_app
from drempel.web.audit.pages import AuditServices
from drempel.web.integrations.services import SetUpServices
from drempel.web.services import WebServices
from drempel.web.sign_in.routes import SignInServices
from drempel.web.site import site_pages
from tests.clock import ManualClock
from tests.engine.sign_in_desk import PASSWORD, Desk
from tests.web.client import Notes, StandInAuditor
from tests.web.pages.browser import Markup

HOST = "drempel.test"
OURS = {"sec-fetch-site": "same-origin"}
BODY_SECONDS_MAX = 0.01
NEVER_ENDING = [b"never"]
"""A body of which nothing comes after its first piece."""


@dataclass
class Answer:
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def cookies(self) -> dict[str, Any]:
        jar: SimpleCookie = SimpleCookie()
        for key, value in self.headers:
            if key == "set-cookie":
                jar.load(value)
        return dict(jar)

    @property
    def page(self) -> Markup:
        return Markup(self.body.decode())

    @property
    def text(self) -> str:
        return self.page.text


class House:
    """Drempel's pages, with everything that they stand on."""

    def __init__(
        self,
        store: SqlStore,
        clock: ManualClock,
        *,
        public_url: str = f"http://{HOST}",
        set_up: SetUpServices | None = None,
        audits: AuditServices | None = None,
        proxies: Sequence[IPv4Network | IPv6Network] = (),
    ) -> None:
        self.desk = Desk(store, clock)
        self.store = store
        self.clock = clock
        self._draws = count(1)
        site = site_pages(
            levers=Levers(store),
            setup=store.setup,
            sign_in=SignInServices(
                sign_in=self.desk.sign_in,
                invitations=self.desk.invitations,
                people=store.people,
                trail=store.trail,
                clock=clock,
                public_url=public_url,
                proxies=proxies,
            ),
            zone="Europe/Amsterdam",
            now=clock.now,
            set_up=set_up,
            audits=audits,
            api_keys=ApiKeys(store, draw=lambda: f"drawn-{next(self._draws)}"),
        )
        self.pages = site.routes
        self.notes = Notes()
        auditor: Any = StandInAuditor()
        self.app: ASGIApp = create_app(
            WebServices(
                records=store,
                auditor=auditor,
                take_hint=self._take_hint,
                booking_id_of=booking_id_of,
                readiness=self._readiness,
                registry=CollectorRegistry(),
                clock=clock,
                watcher=self.notes,
                body_seconds_max=BODY_SECONDS_MAX,
            ),
            pages=site.routes,
            problem_pages=site.problems,
        )

    async def _take_hint(self, source: str, booking_id: str) -> None:
        await take_hint(self.store, source=source, booking_id=booking_id)

    async def _readiness(self) -> str | None:
        return None

    async def browser_of(self, name: str, role: Role = Role.ADMINISTRATOR) -> Browser:
        """Somebody new, signed in."""
        await self.desk.person(name, role)
        browser = Browser(self)
        assert (await browser.sign_in(name)).status == 303
        return browser

    async def trail(self) -> list[tuple[str, str, str, str, str]]:
        lines, _ = await self.store.trail.page(limit=100, before=None)
        return [
            (one.entry.actor.name, one.entry.type, one.entry.about, one.entry.before, one.entry.after) for one in reversed(lines)
        ]


class Browser:
    """Keeps cookies as browsers do."""

    def __init__(self, house: House, *, address: str = "192.0.2.1") -> None:
        self.house = house
        self.address = address
        self.jar: dict[str, str] = {}

    async def ask(
        self, method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes | list[bytes] = b""
    ) -> Answer:
        path, _, query = target.partition("?")
        sent = {"host": HOST, **(headers or {})}
        if self.jar:
            sent.setdefault("cookie", "; ".join(f"{name}={value}" for name, value in self.jar.items()))
        chunks = [body] if isinstance(body, bytes) else list(body)
        messages = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1} for number, chunk in enumerate(chunks)
        ]
        answer = Answer()

        async def receive() -> Any:
            if body is NEVER_ENDING and not messages:
                await asyncio.Event().wait()
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        if body is NEVER_ENDING:
            messages[-1]["more_body"] = True

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = [(name.decode().lower(), value.decode("latin-1")) for name, value in message["headers"]]
            else:
                answer.body += message.get("body", b"")

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            "server": ("127.0.0.1", 80),
            "client": (self.address, 1),
        }
        await self.house.app(scope, receive, send)
        for name, morsel in answer.cookies.items():
            if morsel["max-age"] == "0":
                self.jar.pop(name, None)
            else:
                self.jar[name] = morsel.value
        return answer

    async def look(self, target: str) -> Answer:
        return await self.ask("GET", target)

    async def send(self, target: str, headers: Mapping[str, str] = OURS, /, **fields: str) -> Answer:
        """A form, exactly with these fields."""
        form = {"content-type": "application/x-www-form-urlencoded", **headers}
        return await self.ask("POST", target, headers=form, body=urlencode(fields).encode())

    async def press(self, target: str, **fields: str) -> Answer:
        """A form of a page of ours: with its token."""
        return await self.send(target, form_token=await self.form_token(), **fields)

    async def form_token(self) -> str:
        found = re.search(rb'name="form_token" value="([0-9a-f]{64})"', (await self.look("/account")).body)
        assert found is not None
        return found[1].decode()

    async def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> Answer:
        return await self.send("/sign-in", name=name, password=password, **more)

    async def is_in(self) -> bool:
        return (await self.look("/account")).status == 200
