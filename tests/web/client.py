"""Calls the application in process, and what it is made of in these tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from prometheus_client import CollectorRegistry

from drempel.engine.api_keys import key_hash
from drempel.engine.auditor import PlaceAudit
from drempel.engine.last_audit import LastAudit
from drempel.engine.records import ApiScope, HookToken
from drempel.ireserve.hint import booking_id_of
from drempel.web.app import create_app
from drempel.web.services import WebServices
from tests.engine.stand_in import NOW, StandIn

HINT_SECONDS_MAX = 0.05
READ_KEY, WRITE_KEY = "drk_read", "drk_write"


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return (NOW + timedelta(seconds=self.seconds)).astimezone(UTC)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Notes:
    """A `Watcher` that remembers."""

    facts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def note(self, event: str, /, **data: str | float) -> None:
        self.facts.append((event, data))

    warn = note

    def measure(self, name: str, value: float, /, **labels: str) -> None:
        self.facts.append((name, {"value": value, **labels}))


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class StandInOrphans:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, str]] = []
        self.actors: list[Any] = []
        self.error: Exception | None = None

    def by(self, actor: Any) -> StandInOrphans:
        self.actors.append(actor)
        return self

    async def adopt(self, authorization_id: str) -> str:
        return self._ordered("adopt", authorization_id)

    async def revoke(self, authorization_id: str) -> str:
        return self._ordered("revoke", authorization_id)

    def _ordered(self, word: str, authorization_id: str) -> str:
        if self.error is not None:
            raise self.error
        self.orders.append((word, authorization_id))
        return f"Ordered: {word} {authorization_id}."


class StandInAuditor:
    """Finds what it was given. What an audit really finds is tested with the engine."""

    def __init__(self) -> None:
        self.found: list[PlaceAudit] = []
        self.orphans = StandInOrphans()

    async def audit(self, *, progress: Any = None) -> list[PlaceAudit]:
        del progress
        return self.found

    async def last(self) -> LastAudit:
        return LastAudit()


class Web:
    """The application with everything that it was handed."""

    def __init__(self, records: StandIn, *, pages: Any = (), problem_pages: Any = None, is_https: bool = False) -> None:
        self.records = records
        self.clock = HandClock()
        self.watcher = Notes()
        self.hints: list[tuple[str, str]] = []
        self.hint_error: Exception | None = None
        self.store_answers = True
        self.reason: str | None = None
        self.registry = CollectorRegistry()
        self.auditor: Any = StandInAuditor()
        records.tokens.setdefault("club", [HookToken(token="right-token")])
        self.app = create_app(
            WebServices(
                records=records,
                auditor=self.auditor,
                take_hint=self._take_hint,
                booking_id_of=booking_id_of,
                readiness=self._readiness,
                registry=self.registry,
                clock=self.clock,
                watcher=self.watcher,
                is_https=is_https,
                hint_seconds_max=HINT_SECONDS_MAX,
            ),
            pages=pages,
            problem_pages=problem_pages,
        )

    async def with_keys(self) -> Web:
        await self.records.add_api_key("reader", ApiScope.READ, key_hash(READ_KEY))
        await self.records.add_api_key("writer", ApiScope.WRITE, key_hash(WRITE_KEY))
        return self

    async def _take_hint(self, source: str, booking_id: str) -> None:
        if self.hint_error is not None:
            raise self.hint_error
        if not self.store_answers:
            await asyncio.Event().wait()
        self.hints.append((source, booking_id))

    async def _readiness(self) -> str | None:
        return self.reason

    async def ask(
        self,
        method: str,
        target: str,
        *,
        key: str | None = None,
        body: bytes | Sequence[bytes] = b"",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        chunks = [body] if isinstance(body, bytes) else list(body)
        path, _, query = target.partition("?")
        sent = {"host": "drempel.test", **(headers or {})}
        if key is not None:
            sent["authorization"] = f"Bearer {key}"
        if isinstance(body, bytes) and body:
            sent.setdefault("content-length", str(len(body)))
            sent.setdefault("content-type", "application/json")
        messages = [
            {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1} for index, chunk in enumerate(chunks)
        ]
        answer = Answer(0, {}, b"")

        async def receive() -> Any:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
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
            "client": ("127.0.0.1", 1),
        }
        await self.app(scope, receive, send)
        return answer
