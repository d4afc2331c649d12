"""One environment with everything that happens in it, apart from HTTP: the object that a test acts on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from drempel.simulators.calls import CallLog
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.faults import FaultList
from drempel.simulators.ireserve.api import OPERATIONS, Api
from drempel.simulators.ireserve.booking_json import BookingWriter
from drempel.simulators.ireserve.bookings_api import BookingsApi
from drempel.simulators.ireserve.changes import Changes
from drempel.simulators.ireserve.deliveries import Deliveries
from drempel.simulators.ireserve.filter_rows import BookingFilter
from drempel.simulators.ireserve.records import BookingRecord, CustomerRecord, Status
from drempel.simulators.ireserve.state import State
from drempel.simulators.ireserve.statuses import COLORS, NEW
from drempel.simulators.ireserve.switches import Switches
from drempel.simulators.ireserve.webhooks import Webhooks
from drempel.simulators.playing import LateWork

__all__ = ["ACCOUNT", "ACCOUNT_PASSWORD", "Environment", "Id"]

ACCOUNT: Final = "drempel"
ACCOUNT_PASSWORD: Final = "drempel-demo"  # noqa: S105  an account of a simulator
Id = str | int


class Environment:
    """One i-Reserve environment in memory, and what people do in it.

    Ids are answered as text and taken as text or number. Statuses are codes. Times must be aware. What does not exist raises
    `KeyError`, what is not allowed `ValueError`.
    """

    def __init__(
        self,
        *,
        clock: SimulatorClock | None = None,
        time_zone: str = "Europe/Amsterdam",
        seed: int = 0,
        latency_ms: float = 0,
        accounts: Mapping[str, str] | None = None,
    ) -> None:
        self.clock = clock or SimulatorClock()
        self.switches = Switches()
        self.faults = FaultList(OPERATIONS)
        self.calls = CallLog()
        self.state = State(zone=ZoneInfo(time_zone))
        self.deliveries = Deliveries(clock=self.clock, switches=self.switches, seed=seed)
        self.accounts = dict(accounts or {ACCOUNT: ACCOUNT_PASSWORD})
        self.oauth_clients: list[str] = []
        """Listed for people, as in the real panel. Authorize and token paths are not public, so none is served."""
        self._late = LateWork()
        writer = BookingWriter(self.state, self.switches)
        self.webhooks = Webhooks(self.state, self.switches, writer=writer, deliveries=self.deliveries)
        self.changes = Changes(self.state, self.switches, clock=self.clock, webhooks=self.webhooks, late=self._late)
        self.api = Api(
            state=self.state,
            switches=self.switches,
            accounts=self.accounts,
            webhooks=self.webhooks,
            bookings=BookingsApi(self.state, changes=self.changes, writer=writer),
            booking_filter=BookingFilter(self.state, self.switches),
            clock=self.clock,
            faults=self.faults,
            calls=self.calls,
            late=self._late,
            latency_ms=latency_ms,
        )

    def catch_up(self) -> None:
        """Do the late work that the clock has reached: answers that came too late, statuses stored after their event."""
        self._late.catch_up(self.clock.now())

    def set_status_name(self, code: Id, name: str, *, color: str = "grey") -> None:
        """Rename a status, or add one."""
        if not str(code).isdigit() or color not in COLORS:
            raise ValueError(f"A status has a whole number as its code, and a color of {', '.join(COLORS)}.")
        self.state.statuses[str(code)] = Status(code=str(code), name=name, color=color)

    def add_object(self, object_id: Id, name: str) -> str:
        return self.changes.add_object(str(object_id), name).id

    def add_customer(self, *, lastname: str, initials: str = "", email: str = "", tel_mob: str = "") -> str:
        return self.changes.add_customer(lastname=lastname, initials=initials, email=email, tel_mob=tel_mob).id

    def customer(self, customer_id: Id) -> CustomerRecord:
        return self.state.customer(str(customer_id))

    def change_customer(self, customer_id: Id, **changes: str) -> None:
        """Change `email`, `tel_mob`, `initials` or `lastname`. No event is fired."""
        self.changes.change_customer(str(customer_id), changes)

    def make_booking(
        self,
        object_id: Id,
        start: datetime,
        end: datetime,
        *,
        customer_id: Id | None = None,
        lastname: str = "Lovelace",
        initials: str = "A",
        email: str = "",
        tel_mob: str = "",
        status: Id = NEW,
        number: int = 1,
        remarks: str = "",
        fields: Mapping[int, str] | None = None,
    ) -> str:
        """Make a booking; its id is answered. Without `customer_id` a new customer is made of the data given."""
        if customer_id is None:
            self.changes.require(object_id=str(object_id), status=str(status), start=start, end=end)
            customer_id = self.add_customer(lastname=lastname, initials=initials, email=email, tel_mob=tel_mob)
        return self.changes.make_booking(
            object_id=str(object_id),
            start=start,
            end=end,
            customer_id=str(customer_id),
            status=str(status),
            number=number,
            remarks=remarks,
            fields=fields,
        )

    def booking(self, booking_id: Id) -> BookingRecord:
        self.catch_up()
        return self.state.booking(str(booking_id))

    def set_status(self, booking_id: Id, code: Id) -> None:
        self.catch_up()
        self.changes.set_status(str(booking_id), str(code))

    def reschedule_as_admin(self, booking_id: Id, start: datetime, end: datetime) -> None:
        """The status stays. Fires `booking_updated`, unless the switch `admin_change_fires` is off."""
        self.catch_up()
        self.changes.change_as_admin(str(booking_id), start=start, end=end)

    def reschedule_as_customer(self, booking_id: Id, start: datetime, end: datetime) -> None:
        """The status goes to 40."""
        self.catch_up()
        self.changes.reschedule_as_customer(str(booking_id), start, end)

    def cancel_as_customer(self, booking_id: Id) -> None:
        """From a status below 70 to 70."""
        self.catch_up()
        self.changes.cancel_as_customer(str(booking_id))

    def move_object(self, booking_id: Id, object_id: Id) -> None:
        """An administrator moves the booking to another object."""
        self.catch_up()
        self.changes.change_as_admin(str(booking_id), object_id=str(object_id))

    def set_field(self, booking_id: Id, number: int, value: str) -> None:
        """An administrator types into booking field `number`."""
        self.catch_up()
        self.changes.set_field(str(booking_id), number, value)

    def delete_booking(self, booking_id: Id) -> None:
        self.catch_up()
        self.changes.delete_booking(str(booking_id))

    def add_hook(self, event: str, target_url: str) -> str:
        """Register a webhook by hand, as an administrator does."""
        return self.webhooks.add(event, target_url).id

    def remove_hook(self, hook_id: Id) -> None:
        self.webhooks.remove(str(hook_id))
