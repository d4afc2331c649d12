"""A browser of sorts: asks the pages in process, and holds every page to what a page must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette

from drempel.domain.access import BookingState
from drempel.domain.rights import Role
from drempel.engine.levers import Levers
from drempel.transport import Request, Response
from drempel.transport.in_process import InProcessTransport
from drempel.web.audit.pages import AuditServices
from drempel.web.pages.rendering import PageLink
from drempel.web.site import site_pages
from tests.engine.stand_in import NOW, StandIn
from tests.web.signed_in import COOKIE, FORM_TOKEN, signed_in_already

HOST = "drempel.test"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}`&amp;"
TO = "\N{EN DASH}"
"""Between the ends of a window."""
VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})
LINKS = (PageLink("i-Reserve", "http://127.0.0.1:8081/"), PageLink("Resivo", "http://127.0.0.1:8082/"))


class Counting(StandIn):
    """The stand-in, with true counts."""

    async def count_by_state(self) -> Mapping[BookingState, int]:
        counted = Counter(view.record.state for view in self.views.values())
        return {state: counted[state] for state in BookingState}


class Markup(HTMLParser):
    """Parses a page and fails on what opens and is not closed, on doubled ids, and on anything inline that the policy would refuse."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.parts_of_cell: list[str] | None = None
        self.torn: list[list[str]] = []
        """Cells with a label and more than one part: on a phone each part would be a column of its own."""
        self.feed(html)
        self.close()
        assert self.open == []
        ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        for tag, attributes in self.elements:
            assert tag != "style"
            assert tag != "script" or (attributes.get("src") or "").startswith("/static/")
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert len(self.of("h1")) == 1
        assert len(self.of("main")) == 1
        assert {label.get("for") for label in self.of("label")} <= set(ids)
        assert len(self.of("table")) == len(self.of("caption"))
        assert all("scope" in head for head in self.of("th"))
        assert self.torn == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "td" and "data-label" in dict(attrs):
            self.parts_of_cell = []
        elif self.open[-1:] == ["td"]:
            self._note_part(f"<{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "td" and self.parts_of_cell is not None:
            self.torn += [self.parts_of_cell] if len(self.parts_of_cell) > 1 else []
            self.parts_of_cell = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.open[-1:] == ["td"] and data.strip():
            self._note_part(data)

    def _note_part(self, part: str) -> None:
        if self.parts_of_cell is not None:
            self.parts_of_cell.append(part)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """What is read, with spaces as a browser shows them."""
        return " ".join("".join(self.words).split())

    @property
    def forms(self) -> list[str | None]:
        """Those of the page itself; every page has those that switch the language and sign out."""
        return [form.get("action") for form in self.of("form") if form.get("action") not in {"/language", "/sign-out"}]

    @property
    def links(self) -> list[str | None]:
        return [link.get("href") for link in self.of("a")]


class Browser:
    """Asks the pages."""

    def __init__(
        self,
        records: Any,
        *,
        now: datetime = NOW,
        zone: str = "Europe/Amsterdam",
        role: Role = Role.ADMINISTRATOR,
        audits: AuditServices | None = None,
    ) -> None:
        self.records = records
        site = site_pages(
            levers=Levers(records),
            setup=records.setup,
            sign_in=signed_in_already(role),
            zone=zone,
            links=LINKS,
            now=lambda: now,
            audits=audits,
        )
        self._transport = InProcessTransport({HOST: Starlette(routes=site.routes)})

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, fields: Mapping[str, str] | None = None
    ) -> Response:
        all_headers = {"Cookie": COOKIE, **(headers or {})}
        if fields is not None:
            all_headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(fields or {}).encode()
        return await self._transport.send(Request(method=method, url=f"http://{HOST}{path}", headers=all_headers, body=body))

    async def page(self, path: str, *, status: int = 200, language: str = "en") -> Markup:
        answer = await self.ask("GET", path, headers={"Accept-Language": language})
        assert answer.status == status
        return Markup(answer.body.decode())

    async def press(self, path: str, *, speaks: str = "en", **fields: str) -> Response:
        """Sends a form as a browser sends one from our own page. `speaks`: the language of the browser."""
        filled = {"form_token": FORM_TOKEN, **fields}
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": speaks}
        return await self.ask("POST", path, headers=headers, fields=filled)

    async def press_and_follow(self, path: str, **fields: str) -> Markup:
        answer = await self.press(path, **fields)
        assert answer.status == 303
        return await self.page(answer.headers["location"])
