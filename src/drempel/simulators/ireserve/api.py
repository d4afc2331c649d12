"""The REST API: who may call, which operation a request is, and what it answers. Faults come from the script."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from drempel.simulators.calls import Call, CallLog
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.faults import FaultList
from drempel.simulators.ireserve.bookings_api import BookingsApi, Refusal
from drempel.simulators.ireserve.filter_language import SearchRefused
from drempel.simulators.ireserve.filter_rows import BookingFilter
from drempel.simulators.ireserve.state import NoSuch, State
from drempel.simulators.ireserve.switches import Switches
from drempel.simulators.ireserve.webhooks import Webhooks
from drempel.simulators.playing import Answer, LateWork, answer_json, play, send_answer

__all__ = ["API_ROOT", "OPERATIONS", "Api"]

API_ROOT: Final = "/api/rest/"
BODY_BYTES_MAX: Final = 1024 * 1024
OPERATIONS: Final = (
    "read_booking",
    "read_customer",
    "read_object",
    "filter_bookings",
    "write_booking_field",
    "subscribe",
    "unsubscribe",
    "booking_add",
    "booking_check",
    "unknown",
)
PUBLIC: Final = frozenset({"read_object", "booking_add", "booking_check", "unknown"})


class Inquiry(NamedTuple):
    """A request as the operations see it."""

    path: tuple[str, ...]
    query: str
    body: bytes
    host: str
    scheme: str


Handler = Callable[[Inquiry, datetime], Answer]


class Api:
    """An ASGI application for everything below `/api/rest/`."""

    def __init__(
        self,
        *,
        state: State,
        switches: Switches,
        accounts: Mapping[str, str],
        webhooks: Webhooks,
        bookings: BookingsApi,
        booking_filter: BookingFilter,
        clock: SimulatorClock,
        faults: FaultList,
        calls: CallLog,
        late: LateWork,
        latency_ms: float,
    ) -> None:
        self._state = state
        self._switches = switches
        self._accounts = accounts
        self._webhooks = webhooks
        self._bookings = bookings
        self._filter = booking_filter
        self._clock = clock
        self._faults = faults
        self._calls = calls
        self._late = late
        self._latency_seconds = latency_ms / 1000
        self._handlers: Mapping[str, Handler] = {
            "read_booking": lambda inquiry, _: self._bookings.read(inquiry.path[1]),
            "read_customer": self._read_customer,
            "read_object": self._read_object,
            "filter_bookings": self._filter_bookings,
            "write_booking_field": self._write_booking,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "booking_add": lambda inquiry, _: self._bookings.add(read_object(inquiry.body)),
            "booking_check": lambda inquiry, _: self._bookings.check(read_object(inquiry.body)),
            "unknown": lambda _, __: _refused(404, "Not found"),
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._late.catch_up(self._clock.now())
        method: str = scope["method"]
        path = _steps(scope["path"])
        operation = operation_of(method, path)
        headers = {name: value for name, value in scope["headers"] if name in {b"authorization", b"host"}}
        body = await _whole_body(receive) if method != "GET" else b""
        if self._latency_seconds:
            await self._clock.pause(self._latency_seconds)
        inquiry = Inquiry(
            path,
            scope["query_string"].decode("latin-1"),
            body or b"",
            headers.get(b"host", b"").decode("latin-1"),
            scope["scheme"],
        )

        def work(now: datetime) -> Answer:
            if body is None:
                return _refused(413, "Too long")
            if operation not in PUBLIC and not self._may(headers.get(b"authorization", b"")):
                return _refused(401, "Unauthorized", headers=((b"www-authenticate", b'Basic realm="i-Reserve"'),))
            return self._done(self._handlers[operation], inquiry, now)

        fault = self._faults.take(operation)
        status: int | None = None
        try:
            answer = await play(work, fault=fault, faults=self._faults, clock=self._clock, late=self._late)
            status = answer.status
        finally:
            kind = None if fault is None else fault.kind
            self._calls.add(Call(operation, method, scope["path"], self._clock.now(), status, kind))
        await send_answer(answer, send)

    def _may(self, authorization: bytes) -> bool:
        scheme, _, credential = authorization.partition(b" ")
        if scheme.lower() != b"basic":
            return False
        try:
            username, colon, password = base64.b64decode(credential, validate=True).decode().partition(":")
        except ValueError:
            return False
        return bool(colon) and self._accounts.get(username) == password

    def _done(self, handler: Handler, inquiry: Inquiry, now: datetime) -> Answer:
        try:
            return handler(inquiry, now)
        except NoSuch:
            return _refused(404, "Not found")
        except (Refusal, SearchRefused) as refusal:
            return _refused(412, str(refusal))

    def _read_customer(self, inquiry: Inquiry, _: datetime) -> Answer:
        customer = self._state.customer(inquiry.path[1])
        document: dict[str, Any] = {
            "customer_id": customer.id,
            "email": customer.email,
            "initials": customer.initials,
            "lastname": customer.lastname,
            "postal": "1200AA",
        }
        query = _query(inquiry.query)
        if query.get("admin") == "1":
            document["tel_mob"] = customer.tel_mob
            if query.get("raw") == "1":
                document["tel_mob_raw"] = customer.tel_mob
        if self._switches.numbers == "numbers":
            document["customer_id"] = int(customer.id)
        return answer_json(200, document)

    def _read_object(self, inquiry: Inquiry, _: datetime) -> Answer:
        found = self._state.object(inquiry.path[1])
        document: dict[str, Any] = {
            "id": found.id if self._switches.numbers == "strings" else int(found.id),
            "active": True,
            "grp_id": 2,
            "ismainobj": True,
            "mainobjid": 0,
            "desc": found.name,
            "short_desc": "",
            "long_desc": found.name,
            "long_memo": "",
            "places_single": "place",
            "places_plural": "places",
        }
        return answer_json(200, document)

    def _filter_bookings(self, inquiry: Inquiry, now: datetime) -> Answer:
        return answer_json(200, self._filter.rows(_query(inquiry.query), now=now))

    def _write_booking(self, inquiry: Inquiry, _: datetime) -> Answer:
        body = read_object(inquiry.body)
        if inquiry.path[0] == "hook":
            return self._bookings.write(body)
        if not self._switches.put_booking:
            raise NoSuch("PUT booking")
        self._state.booking(inquiry.path[1])  # unlike hook/booking, this never creates
        return self._bookings.write(body | {"id": inquiry.path[1]})

    def _subscribe(self, inquiry: Inquiry, _: datetime) -> Answer:
        body = read_object(inquiry.body)
        by_path = len(inquiry.path) == 3
        event, target_url = (inquiry.path[2] if by_path else body.get("event")), body.get("target_url")
        if not isinstance(event, str) or not isinstance(target_url, str):
            raise Refusal("event and target_url are needed")
        try:
            hook = self._webhooks.add(event, target_url)
        except ValueError as error:
            raise Refusal(str(error)) from None
        if not by_path:
            return answer_json(200, {"id": hook.id})
        return answer_json(200, {"id": hook.id, "Location": f"{inquiry.scheme}://{inquiry.host}{API_ROOT}hook/{hook.id}"})

    def _unsubscribe(self, inquiry: Inquiry, _: datetime) -> Answer:
        self._webhooks.remove(inquiry.path[1])
        return answer_json(200, {})


def operation_of(method: str, path: tuple[str, ...]) -> str:
    """The operation that a method and the steps behind `/api/rest/` stand for."""
    match method, path:
        case "GET", ("booking", "filter"):
            return "filter_bookings"
        case "GET", ("booking" | "customer" | "object" as entity, _):
            return f"read_{entity}"
        case ("POST", ("hook", "booking")) | ("PUT", ("booking", _)):
            return "write_booking_field"
        case "POST", ("hook",) | ("hook", "subscribe", _):
            return "subscribe"
        case "DELETE", ("hook", _):
            return "unsubscribe"
        case "POST", ("booking", "add" | "check" as what):
            return f"booking_{what}"
        case _:
            return "unknown"


def read_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises `Refusal`."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("The body is not JSON") from None
    if not isinstance(document, dict):
        raise Refusal("The body is no object")
    return document


def _steps(path: str) -> tuple[str, ...]:
    """`("booking", "3691")` of `/api/rest/booking/3691` and of `/api/rest/json/booking/3691`."""
    steps = tuple(path.removeprefix(API_ROOT).removesuffix("/").split("/"))
    return steps[1:] if steps[0] == "json" else steps


async def _whole_body(receive: Any) -> bytes | None:
    """The body, or None if it is too long."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if not message.get("more_body", False):
            return b"".join(chunks) if size <= BODY_BYTES_MAX else None
        if size > BODY_BYTES_MAX:
            chunks.clear()


def _query(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise Refusal("Too many parameters") from None


def _refused(status: int, message: str, *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
    return answer_json(status, {"message": message}, headers)
