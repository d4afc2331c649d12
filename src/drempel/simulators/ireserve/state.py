"""The memory of one environment: records by their ids, and a number that rises with every change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from drempel.simulators.ireserve.records import BookingRecord, CustomerRecord, HookRecord, ObjectRecord, Status
from drempel.simulators.ireserve.statuses import default_statuses, takes_room

__all__ = ["FIRST_BOOKING_ID", "FIRST_CUSTOMER_ID", "NoSuch", "State"]

FIRST_BOOKING_ID = 3691
FIRST_CUSTOMER_ID = 123
FIRST_HOOK_ID = 2


class NoSuch(KeyError):
    """An id that is not in this environment."""


class State:
    """Knows records and nothing of HTTP, events or rules."""

    def __init__(self, *, zone: ZoneInfo) -> None:
        self.zone = zone
        self.clear()

    def clear(self) -> None:
        self.version = 0
        self.statuses: dict[str, Status] = default_statuses()
        self.objects: dict[str, ObjectRecord] = {}
        self.customers: dict[str, CustomerRecord] = {}
        self.bookings: dict[str, BookingRecord] = {}
        self.hooks: dict[str, HookRecord] = {}
        self._next_booking = FIRST_BOOKING_ID
        self._next_customer = FIRST_CUSTOMER_ID
        self._next_hook = FIRST_HOOK_ID

    def replace_all(
        self,
        *,
        statuses: Iterable[Status],
        objects: Iterable[ObjectRecord],
        customers: Iterable[CustomerRecord],
        bookings: Iterable[BookingRecord],
        hooks: Iterable[HookRecord],
    ) -> None:
        """Put other records in the place of all. New ids go on above the highest."""
        version = self.version
        self.clear()
        self.version = version + 1
        self.statuses = {status.code: status for status in statuses}
        self.objects = {one.id: one for one in objects}
        self.customers = {customer.id: customer for customer in customers}
        self.bookings = {booking.id: booking for booking in bookings}
        self.hooks = {hook.id: hook for hook in hooks}
        self._next_booking = max(FIRST_BOOKING_ID, *(int(one) + 1 for one in self.bookings), 0)
        self._next_customer = max(FIRST_CUSTOMER_ID, *(int(one) + 1 for one in self.customers), 0)
        self._next_hook = max(FIRST_HOOK_ID, *(int(one) + 1 for one in self.hooks), 0)

    def new_booking_id(self) -> str:
        """An id that was never used, also not by a booking that is deleted by now."""
        self._next_booking += 1
        return str(self._next_booking - 1)

    def new_customer_id(self) -> str:
        self._next_customer += 1
        return str(self._next_customer - 1)

    def new_hook_id(self) -> str:
        self._next_hook += 1
        return str(self._next_hook - 1)

    def booking(self, booking_id: str) -> BookingRecord:
        try:
            return self.bookings[booking_id]
        except KeyError:
            raise NoSuch(f"booking {booking_id}") from None

    def customer(self, customer_id: str) -> CustomerRecord:
        try:
            return self.customers[customer_id]
        except KeyError:
            raise NoSuch(f"customer {customer_id}") from None

    def object(self, object_id: str) -> ObjectRecord:
        try:
            return self.objects[object_id]
        except KeyError:
            raise NoSuch(f"object {object_id}") from None

    def status(self, code: str) -> Status:
        try:
            return self.statuses[code]
        except KeyError:
            raise NoSuch(f"status {code}") from None

    def put_booking(self, booking: BookingRecord) -> None:
        self.bookings[booking.id] = booking
        self.version += 1

    def put_customer(self, customer: CustomerRecord) -> None:
        self.customers[customer.id] = customer
        self.version += 1

    def put_object(self, one: ObjectRecord) -> None:
        self.objects[one.id] = one
        self.version += 1

    def delete_booking(self, booking_id: str) -> None:
        self.booking(booking_id)
        del self.bookings[booking_id]
        self.version += 1

    def local(self, at: datetime) -> datetime:
        """As the clocks of the environment show it."""
        return at.astimezone(self.zone)

    def instant(self, wall: datetime) -> datetime:
        """The instant at which the clocks show `wall`, the first if there are two. `ValueError` if there is none."""
        at = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        if self.local(at).replace(tzinfo=None, fold=0) != wall.replace(tzinfo=None, fold=0):
            raise ValueError(f"There is no {wall:%H:%M} on {wall:%Y-%m-%d} in {self.zone.key}: the clock is put forward over it.")
        return at

    def today(self, now: datetime) -> date:
        return self.local(now).date()

    def is_free(self, object_id: str, start: datetime, end: datetime) -> bool:
        """No other booking of this object takes room in that time."""
        return not any(
            booking.object_id == object_id and booking.start < end and start < booking.end and takes_room(booking.status)
            for booking in self.bookings.values()
        )

    def customer_by_email(self, email: str) -> CustomerRecord | None:
        return next((one for one in self.customers.values() if email and one.email == email), None)

    def booking_by_external_id(self, external_id: str) -> BookingRecord | None:
        return next((one for one in self.bookings.values() if external_id and one.external_id == external_id), None)
