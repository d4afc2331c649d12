"""What the API does with bookings: read, write by `hook/booking`, check for room, add."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from drempel.simulators.ireserve.booking_json import BookingWriter
from drempel.simulators.ireserve.changes import Changes
from drempel.simulators.ireserve.records import BookingRecord
from drempel.simulators.ireserve.state import NoSuch, State
from drempel.simulators.playing import Answer, answer_json

__all__ = ["BookingsApi", "Refusal"]

CORE: Final = ("object_id", "date_from", "date_till", "number")
_FIELD: Final = re.compile(r"custom([0-9]{1,3})")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:?[0-9]{2})")
NO_ROOM: Final = "The selected period is not available"


class Refusal(ValueError):
    """What is answered with 412, and why."""


class BookingsApi:
    """Bookings as the API's callers may use them."""

    def __init__(self, state: State, *, changes: Changes, writer: BookingWriter) -> None:
        self._state = state
        self._changes = changes
        self._writer = writer

    def read(self, booking_id: str) -> Answer:
        return self._shown(self._state.booking(booking_id))

    def write(self, body: Mapping[str, Any]) -> Answer:
        """Update by `id`, else by `external_id`; found by neither, create, as documented, if the core values are there."""
        values = self._values(body)
        fields = _fields(body)
        status = self._status(body)
        found = self._found(body)
        if found is not None:
            try:
                written = self._changes.write_by_api(found.id, changes=values, fields=fields, status=status)
            except ValueError as error:
                raise Refusal(str(error)) from None
            return self._shown(written)
        if any(key not in body for key in CORE):
            raise Refusal("No such booking, and a new one needs " + ", ".join(CORE))
        if values["end"] <= values["start"]:
            raise Refusal("A booking ends after it starts")
        if "customer_id" not in values:
            email = _text(body, "email")
            values["customer_id"] = self._changes.add_customer(lastname=email, initials="", email=email, tel_mob="").id
        created = self._made(values | {"fields": fields} | ({"status": status} if status is not None else {}))
        stored = self._state.bookings.get(created)
        return self._shown(stored) if stored is not None else answer_json(200, {"id": created})

    def check(self, body: Mapping[str, Any]) -> Answer:
        """Is there room? Anybody may ask."""
        try:
            object_id, start, end = self._wanted(body)
        except NoSuch:
            return _told(status=False, message="The selected object does not exist")
        if not self._state.is_free(object_id, start, end):
            return _told(status=False, message=NO_ROOM)
        return _told(status=True, message="The selected period is available")

    def add(self, body: Mapping[str, Any]) -> Answer:
        """Book, if there is room. Anybody may: it is what the public booking pages use."""
        try:
            object_id, start, end = self._wanted(body)
        except NoSuch:
            return _told(status=False, message="The selected object does not exist")
        if not self._state.is_free(object_id, start, end):
            return _told(status=False, message=NO_ROOM)
        given = body.get("customer")
        customer = given if isinstance(given, dict) else {}
        email = _text(customer, "email")
        known = self._state.customer_by_email(email)
        customer_id = (
            known.id
            if known is not None
            else self._changes.add_customer(
                lastname=_text(customer, "lastname") or email,
                initials=_text(customer, "initials"),
                email=email,
                tel_mob=_text(customer, "tel_mob"),
            ).id
        )
        booking_id = self._made(
            {
                "object_id": object_id,
                "start": start,
                "end": end,
                "customer_id": customer_id,
                "number": _number(body.get("number", 1)),
            }
        )
        return answer_json(200, {"status": True, "booking_id": int(booking_id), "messages": ["Booking made"]})

    def _found(self, body: Mapping[str, Any]) -> BookingRecord | None:
        booking_id = _text(body, "id")
        if booking_id:
            return self._state.bookings.get(booking_id)
        return self._state.booking_by_external_id(_text(body, "external_id"))

    def _values(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a booking that the body gives, by the names of our record."""
        values: dict[str, Any] = {}
        if "object_id" in body:
            values["object_id"] = self._known_object(body)
        for key, name in (("date_from", "start"), ("date_till", "end")):
            if key in body:
                values[name] = _instant(body[key])
        if "number" in body:
            values["number"] = _number(body["number"])
        for key in ("remarks", "external_id"):
            if key in body:
                values[key] = _text(body, key)
        customer_id = self._customer_id(body)
        if customer_id is not None:
            values["customer_id"] = customer_id
        return values

    def _known_object(self, body: Mapping[str, Any]) -> str:
        try:
            return self._state.object(_text(body, "object_id")).id
        except NoSuch:
            raise Refusal("No such object") from None

    def _customer_id(self, body: Mapping[str, Any]) -> str | None:
        """`cust_id`; else whoever has this e-mail address: the danger of sending one."""
        if "cust_id" in body:
            try:
                return self._state.customer(_text(body, "cust_id")).id
            except NoSuch:
                raise Refusal("No such customer") from None
        known = self._state.customer_by_email(_text(body, "email"))
        return None if known is None else known.id

    def _status(self, body: Mapping[str, Any]) -> str | None:
        if "status_code" not in body:
            return None
        try:
            return self._state.status(_text(body, "status_code")).code
        except NoSuch:
            raise Refusal("No such status") from None

    def _wanted(self, body: Mapping[str, Any]) -> tuple[str, datetime, datetime]:
        object_id = self._state.object(_text(body, "object_id")).id
        start = self._wall_time(body, date="fromdate", time="fromtime")
        end = self._wall_time(body, date="tilldate", time="tilltime")
        if end <= start:
            raise Refusal("A booking ends after it starts")
        return object_id, start, end

    def _wall_time(self, body: Mapping[str, Any], *, date: str, time: str) -> datetime:
        try:
            return self._state.instant(datetime.strptime(f"{_text(body, date)} {_text(body, time)}", "%Y-%m-%d %H:%M"))  # noqa: DTZ007
        except (ValueError, OverflowError):
            raise Refusal(f"{date} and {time} are needed, as 2026-08-26 and 10:15") from None

    def _made(self, values: Mapping[str, Any]) -> str:
        try:
            return self._changes.make_booking(**values)
        except ValueError as error:
            raise Refusal(str(error)) from None

    def _shown(self, booking: BookingRecord) -> Answer:
        return answer_json(200, self._writer.document(booking))


def _fields(body: Mapping[str, Any]) -> dict[int, str]:
    """The booking fields in the body, under either form of their key."""
    return {int(found[1]): _text(body, key) for key in body if (found := _FIELD.fullmatch(key)) is not None}


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key, "")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refusal(f"{key} is a text or a number")
    return str(value).encode(errors="replace").decode()  # a lone surrogate could never be answered


def _number(value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or re.fullmatch(r"[0-9]{1,6}", text) is None:
        raise Refusal("number is a whole number")
    return int(text)


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or _ISO.fullmatch(value) is None:
        raise Refusal("A time looks like 2018-02-13T09:30:00+0100")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("A time looks like 2018-02-13T09:30:00+0100") from None


def _told(*, status: bool, message: str) -> Answer:
    return answer_json(200, {"status": status, "messages": [message]})
