"""The clients for the commands that call out, and what their errors mean to a person at the command line."""

from __future__ import annotations

from typing import Final

from drempel.adapters.clock import SystemClock
from drempel.engine.setup import ConnectionSetup, SourceSetup
from drempel.ireserve import IReserveClient, IReserveError
from drempel.ireserve import errors as ireserve_errors
from drempel.resivo import ResivoClient, ResivoError, profile_from_json
from drempel.resivo import errors as resivo_errors
from drempel.transport import Transport

__all__ = ["ireserve_client", "resivo_client", "what_went_wrong"]

_SENTENCES: Final[dict[type[Exception], str]] = {
    ireserve_errors.NotSent: "it could not be reached. Check base_url and the network.",
    ireserve_errors.CredentialRefused: "it refuses the account. Check user name, password and rights.",
    ireserve_errors.NotFound: "it does not know that address. Check base_url.",
    ireserve_errors.Refused: "it refuses the request. Check the rights of the account.",
    ireserve_errors.RetryLater: "it asks to wait, or did not answer. Try again in a minute.",
    ireserve_errors.OutcomeUnknown: "the answer was lost: it may have been done. Look there before you say it again.",
    ireserve_errors.Unreadable: "it gave an answer that cannot be read. Check that base_url is that of i-Reserve.",
    resivo_errors.CredentialRefused: "it refuses the credential. Make a new one in the Resivo portal and say `drempel apply`.",
    resivo_errors.NotSent: "it could not be reached. Check base_url and the network.",
    resivo_errors.Busy: "it asks to wait. Try again in a minute.",
    resivo_errors.AnswerBroken: "it gave an answer that cannot be used. Check base_url and the profile.",
    resivo_errors.SetupRefused: "it does not know what was asked for. Check site id, Site Owner id and profile.",
}


def ireserve_client(source: SourceSetup, password: str, transport: Transport) -> IReserveClient:
    """The client of one source."""
    return IReserveClient(
        transport=transport,
        base_url=source.base_url,
        username=source.username,
        password=password,
        time_zone=source.time_zone,
        now=SystemClock().now,
    )


def resivo_client(connection: ConnectionSetup, client_secret: str, transport: Transport) -> ResivoClient:
    """The client of one connection."""
    clock = SystemClock()
    return ResivoClient(
        transport=transport,
        profile=profile_from_json(connection.profile_json),
        base_url=connection.base_url,
        site_owner_id=connection.site_owner_id,
        client_id=connection.client_id,
        client_secret=client_secret,
        monotonic=clock.monotonic,
        now=clock.now,
    )


def what_went_wrong(error: IReserveError | ResivoError) -> str:
    """A sentence with its remedy; the detail holds no secret, the errors see to that."""
    sentence = next((_SENTENCES[kind] for kind in type(error).__mro__ if kind in _SENTENCES), "the call failed.")
    detail = f"answered {error.status}" if error.status is not None else error.detail
    return f"{sentence} ({detail})" if detail else sentence
