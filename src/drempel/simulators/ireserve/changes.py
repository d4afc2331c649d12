"""What administrators, customers and the API may change, by which rules, and which event each change fires."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve.records import BookingRecord, CustomerRecord, ObjectRecord
from drempel.simulators.ireserve.state import State
from drempel.simulators.ireserve.statuses import (
    CANCELLED,
    CHANGED,
    CUSTOMER_CANCELS_BELOW,
    CUSTOMER_CHANGES_BELOW,
    NEW,
)
from drempel.simulators.ireserve.switches import Switches
from drempel.simulators.ireserve.webhooks import CREATED, UPDATED, Webhooks
from drempel.simulators.playing import Answer, LateWork

__all__ = ["Changes", "NotAllowed"]


class NotAllowed(ValueError):
    """A change that the rules of the booking system do not let this person make; its text says why."""


class Changes:
    """Every way in which bookings, customers and objects change."""

    def __init__(self, state: State, switches: Switches, *, clock: SimulatorClock, webhooks: Webhooks, late: LateWork) -> None:
        self._state = state
        self._switches = switches
        self._clock = clock
        self._webhooks = webhooks
        self._late = late

    def add_object(self, object_id: str, name: str) -> ObjectRecord:
        _whole("object id", object_id)
        added = ObjectRecord(id=object_id, name=name)
        self._state.put_object(added)
        return added

    def add_customer(self, *, lastname: str, initials: str, email: str, tel_mob: str) -> CustomerRecord:
        added = CustomerRecord(
            id=self._state.new_customer_id(), lastname=lastname, initials=initials, email=email, tel_mob=tel_mob
        )
        self._state.put_customer(added)
        return added

    def change_customer(self, customer_id: str, changes: Mapping[str, Any]) -> None:
        """Fires no event of a booking, as in the real thing."""
        self._state.put_customer(replace(self._state.customer(customer_id), **changes))

    def make_booking(
        self,
        *,
        object_id: str,
        start: datetime,
        end: datetime,
        customer_id: str,
        status: str = NEW,
        number: int = 1,
        remarks: str = "",
        external_id: str = "",
        fields: Mapping[int, str] | None = None,
    ) -> str:
        """Make a booking; its id is answered. It is not checked whether there is room."""
        self.require(object_id=object_id, status=status, start=start, end=end)
        self._state.customer(customer_id)
        start, end = _in_order(start, end)
        booking = BookingRecord(
            id=self._state.new_booking_id(),
            object_id=object_id,
            start=start,
            end=end,
            status=status,
            customer_id=customer_id,
            number=number,
            remarks=remarks,
            external_id=external_id,
            fields={one: self._cut(value) for one, value in (fields or {}).items()},
        )
        self._with_event(CREATED, booking, lambda: self._state.put_booking(booking))
        return booking.id

    def require(self, *, object_id: str, status: str, start: datetime, end: datetime) -> None:
        """Refuse what cannot be booked, before anything is changed. Raises `NoSuch` or `ValueError`."""
        self._state.object(object_id)
        self._state.status(status)
        _in_order(start, end)

    def set_status(self, booking_id: str, code: str) -> None:
        """A status change, by whomever. To the status that the booking has already: nothing happens."""
        self._state.status(code)
        booking = self._state.booking(booking_id)
        if booking.status != code:
            self._with_event(UPDATED, replace(booking, status=code), lambda: self._store(booking_id, status=code))

    def change_as_admin(self, booking_id: str, **changes: Any) -> None:
        """A change of time, object or booking field by an administrator. The status stays."""
        booking = _in_utc(replace(self._state.booking(booking_id), **changes))
        self._state.object(booking.object_id)
        self._state.put_booking(booking)
        if self._switches.admin_change_fires:
            self._webhooks.fire(UPDATED, booking)

    def set_field(self, booking_id: str, number: int, value: str) -> None:
        """An administrator types something into a booking field."""
        fields = {**self._state.booking(booking_id).fields, number: self._cut(value)}
        self.change_as_admin(booking_id, fields=fields)

    def reschedule_as_customer(self, booking_id: str, start: datetime, end: datetime) -> None:
        """Allowed below 90; the booking goes to 40, with its new time."""
        booking = self._state.booking(booking_id)
        if int(booking.status) >= CUSTOMER_CHANGES_BELOW:
            raise NotAllowed(f"A customer cannot change a booking of status {booking.status}.")
        start, end = _in_order(start, end)
        changes: dict[str, Any] = {"start": start, "end": end, "status": CHANGED}
        self._with_event(UPDATED, replace(booking, **changes), lambda: self._store(booking_id, **changes))

    def cancel_as_customer(self, booking_id: str) -> None:
        """Allowed below 70; the booking goes to 70."""
        status = self._state.booking(booking_id).status
        if int(status) >= CUSTOMER_CANCELS_BELOW:
            raise NotAllowed(f"A customer cannot cancel a booking of status {status}.")
        self.set_status(booking_id, CANCELLED)

    def delete_booking(self, booking_id: str) -> None:
        """No event is known for it, so none is fired."""
        self._state.delete_booking(booking_id)

    def write_by_api(
        self, booking_id: str, *, changes: Mapping[str, Any], fields: Mapping[int, str], status: str | None
    ) -> BookingRecord:
        """One write: core values, booking fields, and a status change if one is asked for. One event for all of it.

        The status waits for its time if events go first; the rest is stored at once, and the answer shows it.
        """
        before = self._state.booking(booking_id)
        existing = {one: self._cut(value) for one, value in fields.items() if one in self._switches.field_numbers}
        booking = _in_utc(replace(before, **changes, fields={**before.fields, **existing}))
        self._state.put_booking(booking)
        if status is not None and status != before.status:
            self._with_event(UPDATED, replace(booking, status=status), lambda: self._store(booking_id, status=status))
        elif self._switches.api_write_fires:
            self._webhooks.fire(UPDATED, booking)
        return self._state.booking(booking_id)

    def _with_event(self, event: str, booking: BookingRecord, store: Callable[[], None]) -> None:
        """Store, then tell; or tell, and store some time later."""
        if not self._switches.event_first:
            store()
            self._webhooks.fire(event, booking)
            return

        def store_late(_: datetime) -> Answer:
            store()
            return Answer(204)

        self._late.add(self._clock.now() + timedelta(seconds=self._switches.store_after_seconds), store_late)
        self._webhooks.fire(event, booking)

    def _store(self, booking_id: str, **changes: Any) -> None:
        """Change what is there by now; a booking that was deleted in the meantime stays deleted."""
        booking = self._state.bookings.get(booking_id)
        if booking is not None:
            self._state.put_booking(replace(booking, **changes))

    def _cut(self, value: str) -> str:
        return value[: self._switches.field_length]


def _in_utc(booking: BookingRecord) -> BookingRecord:
    start, end = _in_order(booking.start, booking.end)
    return replace(booking, start=start, end=end)


def _in_order(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("A start and an end need their offset.")
    if end <= start:
        raise ValueError("A booking ends after it starts.")
    return start.astimezone(UTC), end.astimezone(UTC)


def _whole(what: str, text: str) -> None:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(f"The {what} is a whole number.")
