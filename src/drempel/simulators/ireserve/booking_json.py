"""A booking as the API and the deliveries show it, in every shape that the switches ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from drempel.simulators.ireserve.records import BookingRecord
from drempel.simulators.ireserve.state import State
from drempel.simulators.ireserve.switches import Switches

__all__ = ["BookingWriter", "field_key"]

NUMERIC: Final = ("id", "booking_id", "customer_id", "status_code", "location_id", "number")


def field_key(number: int, *, padded: bool) -> str:
    return f"custom{number:02}" if padded else f"custom{number}"


class BookingWriter:
    """Writes bookings; looks at the switches each time."""

    def __init__(self, state: State, switches: Switches) -> None:
        self._state = state
        self._switches = switches
        self._shapes: Mapping[str, Callable[[BookingRecord], dict[str, Any]]] = {
            "field_list": self._field_list,
            "legacy": self._legacy,
            "legacy_as_published": self._legacy_as_published,
        }

    def document(self, booking: BookingRecord) -> dict[str, Any]:
        """The JSON document, wrapped or bare."""
        document = self._in_number_types(self._shapes[self._switches.shape](booking))
        return {"booking": document} if self._switches.wrapped else document

    def _field_list(self, booking: BookingRecord) -> dict[str, Any]:
        state = self._state
        customer = state.customers.get(booking.customer_id)
        booked = state.objects.get(booking.object_id)
        start, end = state.local(booking.start), state.local(booking.end)
        status = state.statuses.get(booking.status)
        return {
            "id": booking.id,
            "object_id": int(booking.object_id),
            "object": booked.short_name if booked else "",
            "object_desc": booked.name if booked else "",
            "date_from": self._iso(start),
            "date_till": self._iso(end),
            "number": booking.number,
            "remarks": booking.remarks,
            "mainobject_id": 0,
            "mainobject_desc": "",
            "fromtime": start.strftime("%H:%M:%S"),
            "tilltime": end.strftime("%H:%M:%S"),
            "status_code": booking.status,
            "status": status.name if status else "",
            "customer_id": booking.customer_id,
            "customer": customer.name if customer else "",
            "email": customer.email if customer else "",
            "location_id": "12",
            "location": "ZUID",
            "location_desc": "Sportpark Zuid",
            "event_id": f"{start:%Y-%m-%d}_1",
            "price": booking.price,
            "currency": "EUR",
        } | self._fields(booking)

    def _legacy(self, booking: BookingRecord) -> dict[str, Any]:
        start, end = self._state.local(booking.start), self._state.local(booking.end)
        booked, status = self._state.objects.get(booking.object_id), self._state.statuses.get(booking.status)
        return {
            "booking_id": booking.id,
            "object_desc": booked.name if booked else "",
            "status": status.name.capitalize() if status else "",
            "fromdate": start.strftime("%Y-%m-%d"),
            "fromtime": start.strftime("%H:%M:%S"),
            "tilldate": end.strftime("%Y-%m-%d"),
            "tilltime": end.strftime("%H:%M:%S"),
            "number": str(booking.number),
        } | self._fields(booking)

    def _legacy_as_published(self, booking: BookingRecord) -> dict[str, Any]:
        start, end = self._state.local(booking.start), self._state.local(booking.end)
        document = self._legacy(booking)
        return {key: document[key] for key in ("booking_id", "object_desc", "status")} | {
            "fromdate": start.strftime("%H%M%S"),
            "tilldate": end.strftime("%H%M%S"),
            "number": document["number"],
        }

    def _fields(self, booking: BookingRecord) -> dict[str, str]:
        padded = self._switches.padded
        return {field_key(one, padded=padded): booking.fields.get(one, "") for one in self._switches.field_numbers}

    def _iso(self, local: datetime) -> str:
        match self._switches.offsets:
            case "plain":
                return local.strftime("%Y-%m-%dT%H:%M:%S%z")
            case "colon":
                return local.isoformat(timespec="seconds")
            case "utc":
                return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            case "none":
                return local.strftime("%Y-%m-%dT%H:%M:%S")

    def _in_number_types(self, document: dict[str, Any]) -> dict[str, Any]:
        match self._switches.numbers:
            case "as_published":
                return document
            case "strings":
                return {key: str(value) for key, value in document.items()}
            case "numbers":
                return document | {key: int(document[key]) for key in NUMERIC if document.get(key)}
