"""The ASGI application: API calls on a short way, pages and controls through Starlette."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette

from drempel.resivo.profile_names import OperationName
from drempel.simulators.calls import Call
from drempel.simulators.control import control_routes
from drempel.simulators.page import style_route
from drempel.simulators.playing import Answer, Send, answer_json, play, send_answer
from drempel.simulators.resivo.api import Api, Asked
from drempel.simulators.resivo.control import resivo_control_routes
from drempel.simulators.resivo.pages import page_routes
from drempel.simulators.resivo.records import Refused
from drempel.simulators.resivo.routes import Match, Routes
from drempel.simulators.resivo.state import ResivoState

if TYPE_CHECKING:
    from drempel.simulators.resivo.simulator import ResivoSimulator

__all__ = ["ResivoApp"]

BODY_BYTES_MAX: Final = 1024 * 1024
FOR_PEOPLE: Final = ("/_sim", "/open/", "/portal/")
VERSIONED: Final = re.compile(r"/v[0-9]+/")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ResivoApp:
    """Every path is the API's, except `/`, `/open/…`, `/portal/…` and `/_sim/…`."""

    def __init__(self, sim: ResivoSimulator, state: ResivoState) -> None:
        self._sim = sim
        self._routes = Routes(sim.profile)
        self._api = Api(profile=sim.profile, state=state, tokens=sim.tokens, quirks=sim.quirks)
        self.routes_for_people = [*page_routes(sim), *resivo_control_routes(sim), *control_routes(sim), style_route()]
        self._for_people = Starlette(routes=self.routes_for_people)
        self._second_began: datetime | None = None
        self._calls_in_second = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "/")  # the lifespan has none
        if path == "/" or path.startswith(FOR_PEOPLE):
            self._sim.catch_up()
            await self._for_people(scope, receive, send)
            return
        await send_answer(await self._answer(scope, receive), send)

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive) -> Answer:
        raw_path = scope["raw_path"].decode("latin-1")
        match = self._find(scope["method"], raw_path)
        if isinstance(match, Answer):
            return match
        body = await _body(receive)
        if body is None:
            return answer_json(413, {"message": "Too large"})
        sim = self._sim
        if sim.latency_ms:
            await sim.clock.pause(sim.latency_ms / 1000)
        sim.catch_up()
        asked = Asked(
            operation=match.operation,
            parameters=match.parameters,
            query=self._api.query(match.operation, scope["query_string"]),
            authorization=_header(scope, b"authorization"),
            body=body,
        )
        fault = sim.faults.take(match.operation.value)
        arrived = sim.clock.now()
        status: int | None = None
        try:
            limited = self._limited(arrived)
            if limited is not None:
                answer = limited
            elif fault is None:
                answer = self._api.answer(asked, arrived)
            else:
                answer = await play(
                    lambda now: self._api.answer(asked, now),
                    fault=fault,
                    faults=sim.faults,
                    clock=sim.clock,
                    late=sim.late,
                )
            status = answer.status
        finally:
            sim.calls.add(
                Call(match.operation.value, scope["method"], scope["path"], arrived, status, fault.kind if fault else None)
            )
        return answer

    def _find(self, method: str, raw_path: str) -> Match | Answer:
        refused = self._sim.quirks.paths_refused
        match = self._routes.find(method, raw_path)
        if match is None:
            status = 405 if self._routes.other_method(raw_path) else 404
            return self._api.refusal(Refused(status, "Not found"), None)
        versioned = VERSIONED.match(raw_path) is not None
        if refused is not None and match.operation is not OperationName.TOKEN and versioned == (refused == "prefixed"):
            return self._api.refusal(Refused(404, "Not found"), None)
        return match

    def _limited(self, now: datetime) -> Answer | None:
        """429 for whatever exceeds the rate of one second of the simulator's clock."""
        limit = self._sim.quirks.calls_per_second
        if limit is None:
            return None
        if self._second_began is None or not timedelta() <= now - self._second_began < timedelta(seconds=1):
            self._second_began, self._calls_in_second = now, 0
        self._calls_in_second += 1
        if self._calls_in_second <= limit:
            return None
        return answer_json(429, {"message": "Too many requests"}, ((b"retry-after", b"1"),))


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None if it is too long."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts = [body]
    size = len(body)
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_BYTES_MAX:
            return None
    return b"".join(parts)


def _header(scope: MutableMapping[str, Any], wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return ""
