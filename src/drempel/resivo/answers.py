"""What an answer that is no success means: the table of section 10, by operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from drempel.resivo.errors import (
    AuthorizationNotFound,
    Busy,
    CredentialRefused,
    DataRefused,
    FailureClass,
    OutcomeUnknown,
    ResivoError,
    RevokeRefused,
    Sent,
    SetupRefused,
    TokenUnavailable,
)
from drempel.resivo.profile_names import OperationName
from drempel.resivo.reading import Reader, Unreadable, parse_json
from drempel.resivo.scrubbing import scrub
from drempel.transport import Response
from drempel.transport.asked_to_wait import asked_to_wait

__all__ = ["Refusals"]

CREATES: Final = frozenset({OperationName.CREATE_REMOTE_ACCESS, OperationName.CREATE_PIN_ACCESS})
ON_ONE_AUTHORIZATION: Final = frozenset({OperationName.READ_AUTHORIZATION, OperationName.REVOKE_AUTHORIZATION})
CLIENT_WORDS: Final = frozenset({"invalid_client", "unauthorized_client"})
"""RFC 6749, section 5.2: these come with 400 as well as with 401."""


class Refusals:
    """Makes the error for an answer, with its text scrubbed of the client secret and of what the call says."""

    def __init__(self, reader: Reader, *, now: Callable[[], datetime], client_secret: str) -> None:
        self._reader = reader
        self._now = now
        self._client_secret = client_secret

    def of_call(
        self, name: OperationName, response: Response, *, secrets: Iterable[str], recipients: Iterable[str] = ()
    ) -> ResivoError:
        """The error for an answer to anything but the token call. Unlisted means unknown. `recipients`: who the call was about."""
        kind = _kind(name, response)
        return kind(
            name,
            status=response.status,
            retry_after_seconds=self._retry_after_seconds(response),
            detail=self._detail(response, secrets, recipients),
        )

    def of_token(self, response: Response) -> ResivoError:
        """The error for an answer of the token endpoint. The call that needed the token was not sent."""
        status = response.status
        retry_after_seconds = self._retry_after_seconds(response)
        detail = self._detail(response)
        if status in {401, 403} or (status == 400 and self._oauth_word(response) in CLIENT_WORDS):
            return CredentialRefused(OperationName.TOKEN, status=status, detail=detail, sent=Sent.NO)
        wrong_setup = status in {400, 404, 405, 422}
        return TokenUnavailable(
            OperationName.TOKEN,
            status=status,
            retry_after_seconds=retry_after_seconds,
            detail=detail,
            failure_class=FailureClass.SETUP_REFUSED if wrong_setup else FailureClass.RETRY_LATER,
        )

    def _detail(self, response: Response, secrets: Iterable[str] = (), recipients: Iterable[str] = ()) -> str:
        """Their sentence, fit for a log; for a body that is not JSON, a bounded part of its text."""
        try:
            text = self._reader.error_message(parse_json(response.body)) if response.body else ""
        except Unreadable:
            text = response.body[:8_192].decode("utf-8", "replace")
        return scrub(text, (self._client_secret, *secrets), recipients)

    def _oauth_word(self, response: Response) -> str:
        try:
            answer = parse_json(response.body)
        except Unreadable:
            return ""
        word = answer.get("error") if isinstance(answer, dict) else None
        return word if isinstance(word, str) else ""

    def _retry_after_seconds(self, response: Response) -> float | None:
        pause = asked_to_wait(response, self._now)
        return None if pause is None else pause.total_seconds()


def _kind(name: OperationName, response: Response) -> type[ResivoError]:
    creates = name in CREATES
    match response.status:
        case 401 | 403:
            return CredentialRefused
        case 404 if name in ON_ONE_AUTHORIZATION:
            return AuthorizationNotFound
        case 404 | 405:
            return SetupRefused
        case 400 | 422 if creates:
            return DataRefused
        case 400 if name is OperationName.REVOKE_AUTHORIZATION:
            return RevokeRefused
        case 429:
            return Busy
        case 503 if not creates and "retry-after" in response.headers:
            return Busy
        case _:
            return OutcomeUnknown
