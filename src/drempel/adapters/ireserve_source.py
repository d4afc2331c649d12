"""i-Reserve as the engine sees it: the client's answers and errors in the engine's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drempel.domain.booking import Booking
from drempel.domain.failures import Failure
from drempel.engine.ports import CallClass, CallFailed, Contact, PollResult
from drempel.ireserve import Booking as TheirBooking
from drempel.ireserve import (
    BookingUnreadable,
    CredentialRefused,
    IReserveClient,
    IReserveError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Reason,
    Refused,
    RetryLater,
    Unreadable,
    field_number_of,
    search,
)

__all__ = ["POLL_DAYS_AHEAD", "POLL_DAYS_BACK", "IReserveSource"]

POLL_DAYS_BACK: Final = 2
POLL_DAYS_AHEAD: Final = 400
POLL_COLUMNS: Final = ("RES_ID", "RES_FROMDATE", "RES_FROMTIME", "RES_TILTIME", "OBJ_NAME", "RES_CUST_ID")
"""What shows a reschedule or a move. No booking field: our own write-back must not look like a change."""
_UNCLEAR_TIMES: Final = {Reason.NO_ZONE_GAP, Reason.NO_ZONE_OVERLAP}


class IReserveSource:
    """One environment. `fields` are the booking fields that the integrations of this source write."""

    def __init__(self, client: IReserveClient, *, name: str, fields: Sequence[str]) -> None:
        self.client = client
        self._name = name
        self._fields = tuple(fields)
        self._key_forms: dict[str, str] = {}

    async def read_booking(self, booking_id: str) -> Booking:
        try:
            theirs = await self.client.read_booking(booking_id)
            return self._booking(theirs)
        except (IReserveError, ValueError) as error:
            raise self._failed(error) from error

    async def read_contact(self, customer_id: str) -> Contact:
        try:
            customer = await self.client.read_customer(customer_id)
        except (IReserveError, ValueError) as error:
            raise self._failed(error) from error
        return Contact(email=customer.email, mobile=customer.tel_mob)

    async def object_answers(self, object_id: str) -> bool:
        try:
            await self.client.read_object(object_id)
        except (IReserveError, ValueError):
            return False
        return True

    async def write_field(self, booking_id: str, field_name: str, value: str) -> str:
        number = field_number_of(field_name)
        try:
            written = await self.client.write_and_read_back(
                booking_id, field_number=number, value=value, key=self._key_forms.get(field_name)
            )
        except (IReserveError, ValueError) as error:
            raise self._failed(error) from error
        return written.stored.strip()

    async def poll(self, *, statuses: Sequence[str], days_ahead: int | None = None) -> PollResult:
        days = search.start_between(-POLL_DAYS_BACK, POLL_DAYS_AHEAD if days_ahead is None else days_ahead)
        with_status = bool(statuses) and all(status.isascii() and status.isdigit() for status in statuses)
        try:
            text = search.all_of(days, search.statuses(statuses)) if with_status else days
            try:
                result = await self.client.filter_bookings(search=text, columns=POLL_COLUMNS)
            except PreconditionFailed:
                if not with_status:
                    raise
                # This environment does not know the criterion: everything is polled, and cancellations are found by re-reads.
                with_status = False
                result = await self.client.filter_bookings(search=days, columns=POLL_COLUMNS)
        except IReserveError as error:
            raise self._failed(error) from error
        rows = {row.booking_id: "\n".join(row.values) for row in result.rows}
        return PollResult(rows=rows, complete=result.complete, with_status=with_status)

    def _booking(self, theirs: TheirBooking) -> Booking:
        fields: dict[str, str] = {}
        for name in self._fields:
            reading = theirs.field(field_number_of(name))
            fields[name] = reading.value
            if reading.key is not None:
                self._key_forms[name] = reading.key
        return Booking(
            source=self._name,
            booking_id=theirs.id,
            status=theirs.status_code,
            object_id=theirs.object_id,
            object_name=theirs.object_name,
            start=theirs.start,
            end=theirs.end,
            customer_id=theirs.customer_id,
            email=theirs.email,
            fields=fields,
        )

    def _failed(self, error: IReserveError | ValueError) -> CallFailed:
        named = {"source": self._name}
        match error:
            case BookingUnreadable() | Unreadable():
                code = "booking.time_unclear" if error.reason in _UNCLEAR_TIMES else "booking.unreadable"
                status = error.status_code if isinstance(error, BookingUnreadable) else None
                blanks = {"field": error.field, "reason": error.reason.value}
                return CallFailed(CallClass.UNREADABLE, Failure(code, blanks), status=status)
            case NotSent():
                return CallFailed(CallClass.NOT_SENT, Failure("source.unreachable", {**named, "detail": error.detail}))
            case RetryLater() | OutcomeUnknown():
                call_class = CallClass.RETRY_LATER if isinstance(error, RetryLater) else CallClass.OUTCOME_UNKNOWN
                failure = Failure("source.unreachable", {**named, "detail": error.detail})
                return CallFailed(call_class, failure, retry_after=error.retry_after)
            case CredentialRefused():
                return CallFailed(CallClass.CREDENTIAL_REFUSED, Failure("source.refused", {**named, "detail": error.detail}))
            case NotFound():
                return CallFailed(CallClass.NOT_FOUND, Failure("source.broken", {**named, "detail": error.detail}))
            case Refused():
                return CallFailed(CallClass.DATA_REFUSED, Failure("source.broken", {**named, "detail": error.detail}))
            case _:
                return CallFailed(CallClass.UNREADABLE, Failure("source.broken", {**named, "detail": "an id that cannot be one"}))
