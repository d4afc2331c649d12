"""What can go wrong with a call, and the two questions that decide what comes next: was it sent, and what kind of failure is it?

    ResivoError
    ├── NotSent                 nothing of this call was sent: repeating is safe
    │   ├── TokenUnavailable    the token could not be had, so the call itself was never made
    │   └── RequestImpossible   this profile cannot express the call, or an id cannot stand in an address
    ├── OutcomeUnknown          sent, perhaps done: look first
    ├── Busy                    429, or 503 with Retry-After on anything but a create: not done, later
    ├── AnswerBroken            a read was answered with something unreadable: nothing changed, read again later
    ├── CredentialRefused       401 after one fresh token, or 403
    ├── DataRefused             400, 422 on a create
    ├── SetupRefused            404, 405: the site id or the profile is wrong
    ├── AuthorizationNotFound   404 on one authorization; never a proof that access is gone
    └── RevokeRefused           400 on a revoke: read again; not live means done

No error holds a token, a secret, an e-mail address or a phone number.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "AnswerBroken",
    "AuthorizationNotFound",
    "Busy",
    "CredentialRefused",
    "DataRefused",
    "FailureClass",
    "NotSent",
    "OutcomeUnknown",
    "RequestImpossible",
    "ResivoError",
    "RevokeRefused",
    "Sent",
    "SetupRefused",
    "TokenUnavailable",
]


class Sent(StrEnum):
    """Did the call reach the other side? `YES` means that it was answered."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class FailureClass(StrEnum):
    """What a failed call means (resivo contract, section 10)."""

    NOT_SENT = "not_sent"
    RETRY_LATER = "retry_later"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CREDENTIAL_REFUSED = "credential_refused"
    DATA_REFUSED = "data_refused"
    SETUP_REFUSED = "setup_refused"
    NOT_FOUND = "not_found"


class ResivoError(Exception):
    """A call failed. `detail` is their sentence, at most 200 characters, scrubbed."""

    sent: Sent = Sent.UNKNOWN
    failure_class: FailureClass = FailureClass.OUTCOME_UNKNOWN

    def __init__(
        self,
        operation: str,
        *,
        status: int | None = None,
        retry_after_seconds: float | None = None,
        detail: str = "",
        sent: Sent | None = None,
        failure_class: FailureClass | None = None,
    ) -> None:
        self.operation = operation
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        self.detail = detail
        self.sent = self.sent if sent is None else sent
        self.failure_class = self.failure_class if failure_class is None else failure_class
        answered = "" if status is None else f" answered {status}"
        super().__init__(f"{operation}{answered}: {detail or self.failure_class.value}")


class NotSent(ResivoError):
    sent = Sent.NO
    failure_class = FailureClass.NOT_SENT


class TokenUnavailable(NotSent):
    """`failure_class` says why: not sent or retry later for trouble, setup refused for an address that has no token."""


class RequestImpossible(NotSent):
    failure_class = FailureClass.SETUP_REFUSED


class OutcomeUnknown(ResivoError):
    pass


class Busy(ResivoError):
    sent = Sent.YES
    failure_class = FailureClass.RETRY_LATER


class AnswerBroken(ResivoError):
    sent = Sent.YES
    failure_class = FailureClass.RETRY_LATER


class CredentialRefused(ResivoError):
    """`sent` is NO when the token endpoint refused: then the call itself was never made."""

    sent = Sent.YES
    failure_class = FailureClass.CREDENTIAL_REFUSED


class DataRefused(ResivoError):
    sent = Sent.YES
    failure_class = FailureClass.DATA_REFUSED


class SetupRefused(ResivoError):
    sent = Sent.YES
    failure_class = FailureClass.SETUP_REFUSED


class AuthorizationNotFound(ResivoError):
    sent = Sent.YES
    failure_class = FailureClass.NOT_FOUND


class RevokeRefused(ResivoError):
    """The class is *outcome unknown* because only a read tells whether the access lives."""

    sent = Sent.YES
    failure_class = FailureClass.OUTCOME_UNKNOWN
