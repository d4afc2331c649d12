"""`booking/filter`: which bookings, which columns, which page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from drempel.simulators.ireserve.filter_language import Facts, SearchRefused, criteria, parse_search
from drempel.simulators.ireserve.records import BookingRecord
from drempel.simulators.ireserve.state import State
from drempel.simulators.ireserve.switches import Switches

__all__ = ["BookingFilter"]

ROWS_WITHOUT_SEARCH: Final = 100
ROWS_MAX: Final = 1000
DEFAULT_COLUMNS: Final = "RES_ID,RES_FROMDATE,RES_FROMTIME"
_CUSTOM: Final = re.compile(r"RES_CUSTOM([0-9]{1,3})")

Shown = tuple[Any, Any]
"""A value as it is formatted for people, and as it is stored."""


class BookingFilter:
    """Answers searches. The bookings found by the last one are kept until anything changes: pages come one after the other."""

    def __init__(self, state: State, switches: Switches) -> None:
        self._state = state
        self._switches = switches
        self._last: tuple[Any, list[str]] = (None, [])
        self._columns: Mapping[str, Callable[[BookingRecord], Shown]] = {
            "RES_ID": lambda one: (one.id, one.id),
            "RES_FROMDATE": lambda one: self._date(one.start),
            "RES_FROMTIME": lambda one: self._time(one.start),
            "RES_TILTIME": lambda one: self._time(one.end),
            "RES_CUST_ID": lambda one: (int(one.customer_id), one.customer_id),
            "OBJ_NAME": lambda one: self._object(one, "short_name"),
            "OBJ_DESC": lambda one: self._object(one, "name"),
            "OBJ_TXT_CUSTOM01": lambda _: ("", ""),
        }

    def rows(self, query: Mapping[str, str], *, now: datetime) -> list[dict[str, Any]]:
        """One page of rows. Raises `SearchRefused`."""
        columns = [self._column(name) for name in (query.get("columns") or DEFAULT_COLUMNS).split(",")]
        start = _whole_number(query.get("start", "0"))
        length = min(_whole_number(query.get("length", "100")), ROWS_MAX)
        found = self._found(query.get("search", "").strip(), today=self._state.today(now))
        return [
            self._row(self._state.bookings[booking_id], columns, number=start + index)
            for index, booking_id in enumerate(found[start : start + length], start=1)
        ]

    def _found(self, search: str, *, today: date) -> list[str]:
        status_name = self._switches.filter_status_name if self._switches.filter_status else None
        key = (search, today, status_name, self._state.version)
        if self._last[0] != key:
            self._last = (key, self._matching(search, today=today, status_name=status_name))
        return self._last[1]

    def _matching(self, search: str, *, today: date, status_name: str | None) -> list[str]:
        bookings = sorted(self._state.bookings.values(), key=lambda one: int(one.id))
        if not search:
            return [one.id for one in bookings[:ROWS_WITHOUT_SEARCH]]
        wanted = parse_search(search, known=criteria(status_name=status_name), today=today)
        zone = self._state.zone
        return [
            one.id
            for one in bookings
            if wanted(Facts(int(one.id), int(one.object_id), one.start.astimezone(zone).date(), int(one.status)))
        ]

    def _column(self, name: str) -> tuple[str, Callable[[BookingRecord], Shown]]:
        name = name.strip()
        if name in self._columns:
            return name, self._columns[name]
        custom = _CUSTOM.fullmatch(name)
        if custom is None:
            raise SearchRefused("unknown column")
        number = int(custom[1])
        return name, lambda one: (one.fields.get(number, ""), one.fields.get(number, ""))

    def _row(
        self, booking: BookingRecord, columns: list[tuple[str, Callable[[BookingRecord], Shown]]], *, number: int
    ) -> dict[str, Any]:
        shown = {name: column(booking) for name, column in columns} | {"RES_CUST_ID": self._columns["RES_CUST_ID"](booking)}
        row: dict[str, Any] = {name: formatted for name, (formatted, _) in shown.items()}
        row |= {"res_id": booking.id, "res_cust_id": booking.customer_id, "id": number}
        row |= {f"{name}_raw": raw for name, (_, raw) in shown.items()}
        return {key: str(value) for key, value in row.items()} if self._switches.numbers == "strings" else row

    def _date(self, at: datetime) -> Shown:
        local = self._state.local(at)
        return local.strftime("%d-%m-%Y"), local.strftime("%Y-%m-%d")

    def _time(self, at: datetime) -> Shown:
        local = self._state.local(at)
        formatted = f"{local.hour % 12 or 12:02}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"
        return formatted, local.hour * 3600 + local.minute * 60 + local.second

    def _object(self, booking: BookingRecord, attribute: str) -> Shown:
        booked = self._state.objects.get(booking.object_id)
        name = getattr(booked, attribute) if booked else ""
        return name, name


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise SearchRefused("a whole number is needed")
    return int(text)
