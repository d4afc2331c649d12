"""The typed client of one i-Reserve environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from drempel.ireserve.calls import Calls
from drempel.ireserve.errors import NotFound, OutcomeUnknown, Unreadable
from drempel.ireserve.json_values import is_id
from drempel.ireserve.models import (
    BookedObject,
    Booking,
    BookingFields,
    Customer,
    FilterResult,
    FilterRow,
    WrittenField,
    field_number_of,
    padded_key,
)
from drempel.ireserve.reading import (
    ReadingRules,
    read_booking,
    read_booking_fields,
    read_customer,
    read_filter_rows,
    read_hook_id,
    read_object,
)
from drempel.ireserve.times import zone_named
from drempel.transport import Transport

__all__ = ["PAGES_MAX", "PAGE_ROWS", "IReserveClient"]

PAGE_ROWS: Final = 100
PAGES_MAX: Final = 1000
_EVENT: Final = re.compile(r"[a-z][a-z_]{0,63}")
_COLUMN: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


class IReserveClient:
    """Reads bookings, customers and objects, writes one booking field, registers webhooks. Holds no state of its own.

    `time_zone` is the environment's, for times that come without an offset. `write_with_put` writes the field by
    `PUT booking/{id}` instead of `POST hook/booking/`, for an environment that refuses the latter.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        base_url: str,
        username: str,
        password: str,
        time_zone: str,
        now: Callable[[], datetime],
        status_codes_by_name: Mapping[str, str] | None = None,
        object_ids_by_name: Mapping[str, str] | None = None,
        write_with_put: bool = False,
    ) -> None:
        self._calls = Calls(transport=transport, base_url=base_url, username=username, password=password, now=now)
        self._rules = ReadingRules(
            zone=zone_named(time_zone),
            status_codes_by_name=status_codes_by_name or {},
            object_ids_by_name=object_ids_by_name or {},
        )
        self._write_with_put = write_with_put

    async def read_booking(self, booking_id: str) -> Booking:
        """The booking as it is now. An answer about another booking counts as unreadable."""
        body = await self._calls.read("read_booking", f"booking/{_checked(booking_id)}")
        return read_booking(body, booking_id=booking_id, rules=self._rules)

    async def read_customer(self, customer_id: str) -> Customer:
        """The customer, for what a booking does not carry: the mobile number."""
        body = await self._calls.read("read_customer", f"customer/{_checked(customer_id)}", query={"admin": 1, "raw": 1})
        return read_customer(body, customer_id=customer_id)

    async def read_object(self, object_id: str) -> BookedObject:
        """The object's name."""
        body = await self._calls.read("read_object", f"object/{_checked(object_id)}")
        return read_object(body, object_id=object_id)

    async def filter_bookings(
        self, *, search: str, columns: Sequence[str] = ("RES_ID",), pages_max: int = PAGES_MAX
    ) -> FilterResult:
        """All rows that match, page by page until an empty one.

        A page that brings nothing new means that the paging is not obeyed: it ends the walk, and the result is not
        complete. Neither is a result with a row that names no booking, or one that is cut off after `pages_max` pages.
        """
        for column in columns:
            if _COLUMN.fullmatch(column) is None:
                raise ValueError(f"{column!r} is no column; write it as RES_ID.")
        query: dict[str, str | int] = {"search": search, "columns": ",".join(dict.fromkeys(("RES_ID", *columns)))}
        found: dict[str, FilterRow] = {}
        complete, first_row = True, 0
        for page in range(1, pages_max + 1):
            body = await self._calls.read(
                "filter_bookings", "booking/filter", query=query | {"start": first_row, "length": PAGE_ROWS}
            )
            rows = read_filter_rows(body, columns=columns)
            if not rows:
                return FilterResult(rows=tuple(found.values()), complete=complete, pages=page)
            known = len(found)
            for row in rows:
                if row is None:
                    complete = False
                else:
                    found.setdefault(row.booking_id, row)
            if len(found) == known:
                return FilterResult(rows=tuple(found.values()), complete=False, pages=page)
            first_row += len(rows)
        return FilterResult(rows=tuple(found.values()), complete=False, pages=pages_max)

    async def write_booking_field(self, booking_id: str, *, field_number: int, value: str, key: str | None = None) -> str | None:
        """Write one booking field and nothing else. Returns the value that the answer shows, None if it shows none.

        `key` is the form in which the field was last read (`booking.field(5).key`); padded (`custom05`) if it never was.
        After an `OutcomeUnknown` it may be repeated: the same field gets the same value.
        """
        key = key or padded_key(field_number)
        if field_number_of(key) != field_number:
            raise ValueError(f"{key!r} is not the key of booking field {field_number}.")
        content = {"id": _checked(booking_id), key: value}
        if self._write_with_put:
            answer = await self._calls.write("write_booking_field", "PUT", f"booking/{booking_id}", body=content)
        else:
            answer = await self._calls.write("write_booking_field", "POST", "hook/booking/", body=content)
        try:
            shown = read_booking_fields(answer, booking_id=booking_id).read(field_number)
        except Unreadable:
            return None  # written all the same; only a reading can tell what is stored
        return None if shown.key is None else shown.value

    async def read_booking_fields(self, booking_id: str) -> BookingFields:
        """Only the booking fields, also of a booking of which nothing else can be read."""
        body = await self._calls.read("read_booking_fields", f"booking/{_checked(booking_id)}")
        return read_booking_fields(body, booking_id=booking_id)

    async def write_and_read_back(
        self, booking_id: str, *, field_number: int, value: str, key: str | None = None
    ) -> WrittenField:
        """Write one booking field, then read the booking to see what was kept: a short field cuts the value."""
        answered = await self.write_booking_field(booking_id, field_number=field_number, value=value, key=key)
        stored = (await self.read_booking_fields(booking_id)).read(field_number)
        return WrittenField(wanted=value, answered=answered, stored=stored.value, key=stored.key)

    async def subscribe(self, event: str, target_url: str) -> str:
        """Register a webhook for `booking_created` or `booking_updated`. Returns the hook's id.

        A repeat after an `OutcomeUnknown` can register it twice; then each delivery comes twice, which changes nothing.
        """
        if _EVENT.fullmatch(event) is None:
            raise ValueError(f"{event!r} is no event; one is booking_updated.")
        answer = await self._calls.write("subscribe", "POST", f"hook/subscribe/{event}", body={"target_url": target_url})
        hook_id = read_hook_id(answer)
        if hook_id is None:
            raise OutcomeUnknown("subscribe", "answered without an id")
        return hook_id

    async def unsubscribe(self, hook_id: str) -> None:
        """Remove a webhook. Removing what is gone already succeeds."""
        try:
            await self._calls.write("unsubscribe", "DELETE", f"hook/{_checked(hook_id)}")
        except NotFound:
            return


def _checked(some_id: str) -> str:
    """An id goes into an address only if it can be nothing but an id."""
    if not is_id(some_id):
        raise ValueError("An id has 1 to 64 letters, digits, and any of _ . : -")
    return some_id
