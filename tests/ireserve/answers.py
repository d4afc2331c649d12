"""Answers as the i-Reserve contract shows them, and a transport that plays them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, settings

from drempel.ireserve import IReserveClient
from drempel.transport import Request, Response

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A property is not about speed; the machine may be busy."""

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

FIELD_LIST: dict[str, Any] = {
    "id": "3691",
    "object_id": 81,
    "object": "HALL1",
    "object_desc": "Hall 1",
    "date_from": "2026-03-14T10:00:00+0100",
    "date_till": "2026-03-14T12:00:00+0100",
    "number": 1,
    "remarks": "",
    "mainobject_id": 0,
    "mainobject_desc": "",
    "fromtime": "10:00:00",
    "tilltime": "12:00:00",
    "status_code": "20",
    "status": "OPEN",
    "customer_id": "123",
    "customer": "Mrs. A. Lovelace",
    "email": "ada@example.com",
    "location_id": "12",
    "location": "ZUID",
    "location_desc": "Sportpark Zuid",
    "event_id": "2026-03-14_1",
    "price": "12.50",
    "currency": "EUR",
    "custom01": "",
    "custom05": "",
}
LEGACY: dict[str, Any] = {
    "booking_id": "1363",
    "object_desc": "Cursus Schrijven",
    "status": "Open",
    "fromdate": "2026-03-14",
    "fromtime": "09:00",
    "tilldate": "2026-03-14",
    "tilltime": "12:00:00",
    "number": "1",
}


def field_list(without: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (FIELD_LIST | changes).items() if key not in without}


def legacy(without: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (LEGACY | changes).items() if key not in without}


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


class PlayedTransport:
    """Answers each request by a function, or by the next of a list, and keeps what was sent."""

    def __init__(self, answer: Callable[[Request], Response] | list[Response | Exception]) -> None:
        self._answer = answer
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        if callable(self._answer):
            return self._answer(request)
        outcome = self._answer.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def ok(value: Any) -> Response:
    return Response(status=200, body=encoded(value))


def client_of(transport: PlayedTransport, **options: Any) -> IReserveClient:
    settings: dict[str, Any] = {
        "base_url": "https://club.i-reserve.net",
        "username": "drempel",
        "password": "geheim",
        "time_zone": "Europe/Amsterdam",
        "now": lambda: NOW,
    }
    return IReserveClient(transport=transport, **(settings | options))
