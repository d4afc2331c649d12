"""A typed, asynchronous client of the i-Reserve REST API. It knows nothing of Drempel and needs only a `Transport`."""

from drempel.ireserve import search
from drempel.ireserve.client import IReserveClient
from drempel.ireserve.errors import (
    BookingUnreadable,
    CredentialRefused,
    IReserveError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Reason,
    Refused,
    RetryLater,
    Sent,
    Unreadable,
)
from drempel.ireserve.hint import HINT_BODY_BYTES_MAX, booking_id_of
from drempel.ireserve.models import (
    BookedObject,
    Booking,
    BookingFields,
    Customer,
    FieldReading,
    FilterResult,
    FilterRow,
    WrittenField,
    field_number_of,
)

__all__ = [
    "HINT_BODY_BYTES_MAX",
    "BookedObject",
    "Booking",
    "BookingFields",
    "BookingUnreadable",
    "CredentialRefused",
    "Customer",
    "FieldReading",
    "FilterResult",
    "FilterRow",
    "IReserveClient",
    "IReserveError",
    "NotFound",
    "NotSent",
    "OutcomeUnknown",
    "PreconditionFailed",
    "Reason",
    "Refused",
    "RetryLater",
    "Sent",
    "Unreadable",
    "WrittenField",
    "booking_id_of",
    "field_number_of",
    "search",
]
