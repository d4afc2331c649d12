"""The whole state as one JSON document, out and in again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any, Final

from pydantic import TypeAdapter

from drempel.simulators.ireserve.records import BookingRecord, CustomerRecord, HookRecord, ObjectRecord, Status
from drempel.simulators.ireserve.state import State
from drempel.simulators.ireserve.statuses import COLORS

__all__ = ["read_state", "write_booking", "write_state"]

ID_LENGTH_MAX: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDocument:
    """What `GET /_sim/state` answers and `PUT /_sim/state` takes."""

    statuses: tuple[Status, ...]
    objects: tuple[ObjectRecord, ...]
    customers: tuple[CustomerRecord, ...]
    bookings: tuple[BookingRecord, ...]
    hooks: tuple[HookRecord, ...]


_document: Final = TypeAdapter(StateDocument)
_booking: Final = TypeAdapter(BookingRecord)


def write_state(state: State) -> dict[str, Any]:
    document: dict[str, Any] = _document.dump_python(
        StateDocument(
            statuses=tuple(state.statuses.values()),
            objects=tuple(state.objects.values()),
            customers=tuple(state.customers.values()),
            bookings=tuple(state.bookings.values()),
            hooks=tuple(state.hooks.values()),
        ),
        mode="json",
    )
    return document


def write_booking(booking: BookingRecord) -> dict[str, Any]:
    document: dict[str, Any] = _booking.dump_python(booking, mode="json")
    return document


def read_state(state: State, document: dict[str, Any]) -> None:
    """Put the document in the place of everything; parts that it leaves out stay. Raises `ValueError`, changing nothing."""
    wanted = _document.validate_python(write_state(state) | document)
    _whole_numbers("status", (one.code for one in wanted.statuses))
    _whole_numbers("object", (one.id for one in wanted.objects))
    _whole_numbers("customer", (one.id for one in wanted.customers))
    _whole_numbers("booking", (one.id for one in wanted.bookings))
    _whole_numbers("hook", (one.id for one in wanted.hooks))
    known = {
        "object_id": {one.id for one in wanted.objects},
        "customer_id": {one.id for one in wanted.customers},
        "status": {one.code for one in wanted.statuses},
    }
    for booking in wanted.bookings:
        for key, ids in known.items():
            if getattr(booking, key) not in ids:
                raise ValueError(f"booking {booking.id}: there is no such {key}")
        if booking.start.tzinfo is None or booking.end.tzinfo is None or booking.end <= booking.start:
            raise ValueError(f"booking {booking.id}: a start and a later end, with their offsets, are needed")
    if any(one.color not in COLORS for one in wanted.statuses):
        raise ValueError(f"the colors are {', '.join(COLORS)}")
    state.replace_all(
        statuses=wanted.statuses,
        objects=wanted.objects,
        customers=wanted.customers,
        bookings=[replace(one, start=one.start.astimezone(UTC), end=one.end.astimezone(UTC)) for one in wanted.bookings],
        hooks=wanted.hooks,
    )


def _whole_numbers(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if not (one.isascii() and one.isdigit() and len(one) <= ID_LENGTH_MAX):
            raise ValueError(f"the id of a {what} is a whole number, as text")
        if one in seen:
            raise ValueError(f"{what} {one} is there twice")
        seen.add(one)
