"""The access token of one credential: fetched once for all who wait, kept, renewed in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from drempel.resivo.answers import Refusals
from drempel.resivo.errors import FailureClass, TokenUnavailable
from drempel.resivo.profile import Profile
from drempel.resivo.profile_names import OperationName
from drempel.resivo.reading import Reader, Unreadable, parse_json
from drempel.resivo.writing import Writer
from drempel.transport import NeverSent, Request, Transport, TransportError

__all__ = ["TokenKeeper"]

RENEW_EARLY_SECONDS: Final = 30.0
SHORT_LIFE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    renew_at: float


class TokenKeeper:
    """One token per credential, one refresh at a time. Any trouble here means: the call that wanted a token was not sent."""

    def __init__(
        self,
        *,
        transport: Transport,
        profile: Profile,
        writer: Writer,
        reader: Reader,
        client_id: str,
        client_secret: str,
        monotonic: Callable[[], float],
        refusals: Refusals,
        site_owner_id: str,
    ) -> None:
        self._transport = transport
        self._profile = profile
        self._writer = writer
        self._reader = reader
        self._client_id = client_id
        self._client_secret = client_secret
        self._monotonic = monotonic
        self._refusals = refusals
        self._site_owner_id = site_owner_id
        self._token: _Token | None = None
        self._fetching: asyncio.Task[_Token] | None = None

    @property
    def current(self) -> str | None:
        """The token that is kept now, whether or not it is due for renewal."""
        return None if self._token is None else self._token.text

    async def token(self) -> str:
        """A token that is good for now. Everyone who asks while one is fetched gets that one, or its failure."""
        if self._token is not None and self._monotonic() < self._token.renew_at:
            return self._token.text
        if self._fetching is None:
            # A task of its own: a caller that is cancelled does not take the token from the others.
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return (await asyncio.shield(self._fetching)).text

    def drop(self, refused: str) -> None:
        """Forget a token that was refused; a newer one stays."""
        if self._token is not None and self._token.text == refused:
            self._token = None

    def _fetched(self, task: asyncio.Task[_Token]) -> None:
        self._fetching = None
        if not task.cancelled() and task.exception() is None:
            self._token = task.result()

    async def _fetch(self) -> _Token:
        name = OperationName.TOKEN
        asked_at = self._monotonic()
        body, content_type = self._writer.body(name, self._writer.token_values(self._client_id, self._client_secret))
        request = Request(
            method=self._profile.operation(name).method,
            url=self._writer.url(name, {"site_owner_id": self._site_owner_id}),
            headers={"accept": "application/json", "content-type": content_type or "application/json"},
            body=body,
        )
        try:
            response = await self._transport.send(request)
        except NeverSent as error:
            raise TokenUnavailable(name, detail="the token endpoint was not reached") from error
        except TransportError as error:
            raise TokenUnavailable(name, detail="the token endpoint did not answer") from error
        if not self._profile.operation(name).succeeded(response.status):
            raise self._refusals.of_token(response)
        try:
            text, lifetime = self._reader.access_token(parse_json(response.body))
        except Unreadable as error:
            raise TokenUnavailable(
                name, status=response.status, detail=str(error), failure_class=FailureClass.RETRY_LATER
            ) from error
        early = RENEW_EARLY_SECONDS if lifetime >= SHORT_LIFE_SECONDS else lifetime / 2
        return _Token(text, asked_at + lifetime - early)
