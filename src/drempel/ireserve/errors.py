"""What can go wrong with a call, one class per answer to two questions: **was it sent**, and **what may happen next?**

    IReserveError
    ├── NotSent               nothing reached i-Reserve; repeating is safe
    ├── RetryLater            answered "not now", or a read whose answer is missing; repeat after `retry_after`
    ├── OutcomeUnknown        a write that may have been done, now or later
    ├── CredentialRefused     401, 403
    ├── NotFound              404
    ├── Refused               every other refusal
    │   └── PreconditionFailed    412
    └── Unreadable            answered, but the answer does not say what was asked
        └── BookingUnreadable     the same of a booking, with what could be read of it

No error holds a body, an address, a password or anything of a visitor: only the operation, the status and names of keys.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

__all__ = [
    "BookingUnreadable",
    "CredentialRefused",
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
]


class Sent(StrEnum):
    """Did the call reach i-Reserve?"""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why an answer, or one key of it, cannot be read."""

    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    NOT_ROWS = "not_rows"
    MISSING = "missing"
    NOT_AN_ID = "not_an_id"
    OTHER_ID = "other_id"
    """The answer is about something else than what was asked."""
    NOT_TEXT = "not_text"
    NAME_NOT_CONFIGURED = "name_not_configured"
    """Only a name came, and no code or id is configured for it."""
    NOT_A_TIME = "not_a_time"
    NO_ZONE_GAP = "no_zone_gap"
    """A wall time without offset that does not exist: the clock was put forward over it."""
    NO_ZONE_OVERLAP = "no_zone_overlap"
    """A wall time without offset that exists twice: the clock was put back over it."""
    ENDS_BEFORE_START = "ends_before_start"
    CUSTOM_KEYS_DIFFER = "custom_keys_differ"
    """`custom05` and `custom5` both came, with different values."""


class IReserveError(Exception):
    """A call that did not bring what was asked."""

    code: ClassVar[str]

    def __init__(self, operation: str, detail: str, *, sent: Sent, status: int | None = None) -> None:
        super().__init__(f"{operation}: {detail}")
        self.operation = operation
        self.detail = detail
        self.sent = sent
        self.status = status


class NotSent(IReserveError):
    """Nothing was sent. Repeating is safe."""

    code = "not_sent"

    def __init__(self, operation: str, detail: str) -> None:
        super().__init__(operation, detail, sent=Sent.NO)


class RetryLater(IReserveError):
    """429; on a read also a server error, or no answer at all. Nothing was changed."""

    code = "retry_later"

    def __init__(
        self, operation: str, detail: str, *, sent: Sent, status: int | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(operation, detail, sent=sent, status=status)
        self.retry_after = retry_after


class OutcomeUnknown(IReserveError):
    """A write without a clear answer: it may have been done, or may still be."""

    code = "outcome_unknown"

    def __init__(self, operation: str, detail: str, *, status: int | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(operation, detail, sent=Sent.UNKNOWN, status=status)
        self.retry_after = retry_after


class CredentialRefused(IReserveError):
    """401 or 403: user name, password or rights."""

    code = "credential_refused"

    def __init__(self, operation: str, *, status: int) -> None:
        super().__init__(operation, f"answered {status}", sent=Sent.YES, status=status)


class NotFound(IReserveError):
    """404."""

    code = "not_found"

    def __init__(self, operation: str, *, status: int = 404) -> None:
        super().__init__(operation, f"answered {status}", sent=Sent.YES, status=status)


class Refused(IReserveError):
    """Answered with a refusal that a repeat would meet again; a redirect of a read counts, it is never followed."""

    code = "refused"

    def __init__(self, operation: str, *, status: int) -> None:
        super().__init__(operation, f"answered {status}", sent=Sent.YES, status=status)


class PreconditionFailed(Refused):
    """412: what i-Reserve says to a search, an event or a body that it does not take."""

    code = "precondition_failed"


class Unreadable(IReserveError):
    """Answered with success, but `field` of the answer cannot be read, for `reason`."""

    code = "unreadable"

    def __init__(self, operation: str, *, field: str, reason: Reason) -> None:
        super().__init__(operation, f"{field}: {reason}", sent=Sent.YES)
        self.field = field
        self.reason = reason


class BookingUnreadable(Unreadable):
    """A booking that cannot be read as a whole.

    `status_code` is set if at least that could be read: a revoke status counts even where a time is not readable.
    """

    code = "booking_unreadable"

    def __init__(self, *, field: str, reason: Reason, operation: str = "read_booking", status_code: str | None = None) -> None:
        super().__init__(operation, field=field, reason=reason)
        self.status_code = status_code
