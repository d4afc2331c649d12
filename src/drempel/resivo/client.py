"""The client: one method per thing that Drempel wants of Resivo, any profile beneath."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from drempel.resivo.answers import CREATES, Refusals
from drempel.resivo.auth import TokenKeeper
from drempel.resivo.errors import AnswerBroken, NotSent, OutcomeUnknown, Sent
from drempel.resivo.models import Authorization, Component, CreatedAuthorization, Site
from drempel.resivo.profile import Profile
from drempel.resivo.profile_names import OperationName
from drempel.resivo.reading import Reader, Unreadable, parse_json
from drempel.resivo.writing import Writer
from drempel.transport import NeverSent, Request, Response, Transport, TransportError

__all__ = ["PAGES_MAX", "ResivoClient"]

PAGES_MAX: Final = 1_000
_T = TypeVar("_T")


class ResivoClient:
    """Speaks for one credential of one Site Owner. Every failure is a `ResivoError`; nothing is repeated on its own,
    except once after a 401, which is an answer that nothing was done.

    `monotonic` measures the life of the token, `now` a Retry-After that is a date.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        profile: Profile,
        base_url: str | None = None,
        site_owner_id: str,
        client_id: str,
        client_secret: str,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._transport = transport
        self._profile = profile
        self._site_owner_id = site_owner_id
        self._writer = Writer(profile, base_url or profile.base_url)
        self._reader = Reader(profile)
        self._refusals = Refusals(self._reader, now=now, client_secret=client_secret)
        self._tokens = TokenKeeper(
            transport=transport,
            profile=profile,
            writer=self._writer,
            reader=self._reader,
            client_id=client_id,
            client_secret=client_secret,
            monotonic=monotonic,
            refusals=self._refusals,
            site_owner_id=site_owner_id,
        )

    @property
    def profile(self) -> Profile:
        return self._profile

    @property
    def can_list_sites(self) -> bool:
        return self._profile.operation(OperationName.LIST_SITES).supported

    @property
    def can_list(self) -> bool:
        """Whether authorizations can be searched. If not, an unknown outcome needs a person."""
        return self._profile.operation(OperationName.LIST_AUTHORIZATIONS).supported

    @property
    def can_read(self) -> bool:
        """Whether one authorization can be read."""
        return self._profile.operation(OperationName.READ_AUTHORIZATION).supported

    async def list_sites(self) -> list[Site]:
        """The sites that the credential reaches."""
        return await self._read(OperationName.LIST_SITES, {}, self._reader.sites)

    async def read_site(self, site_id: str) -> Site:
        return await self._read(OperationName.READ_SITE, {"site_id": site_id}, lambda answer: self._reader.site(answer, site_id))

    async def list_components(self, site_id: str) -> list[Component]:
        """All doors of a site, online or not, as they are called now."""
        return await self._read(OperationName.LIST_COMPONENTS, {"site_id": site_id}, self._reader.components)

    async def create_remote_access(
        self,
        site_id: str,
        *,
        display_name: str,
        component_ids: Sequence[str],
        valid_from: datetime,
        valid_to: datetime,
        emails: Sequence[str],
        phone_numbers: Sequence[str],
        may_send: Callable[[], bool] = lambda: True,
    ) -> CreatedAuthorization:
        """Create one Remote Access Authorization Set; Resivo sends each recipient a door link. Never without both ends.

        `may_send` is asked right before each sending (a token may have to be fetched first): False ends the call as `NotSent`.
        Raises `OutcomeUnknown` whenever the access may exist: then look for `display_name` before anything is repeated.
        """
        name = OperationName.CREATE_REMOTE_ACCESS
        if not (_is_instant(valid_from) and _is_instant(valid_to) and valid_from < valid_to):
            raise ValueError("valid_from and valid_to must be aware times, in this order")
        if not display_name.strip() or not component_ids:
            raise ValueError("a display name and at least one component are needed")
        values = self._writer.remote_access_values(
            display_name=display_name,
            component_ids=component_ids,
            valid_from=valid_from,
            valid_to=valid_to,
            emails=emails,
            phone_numbers=phone_numbers,
        )
        body = self._writer.remote_access_body(values)
        response = await self._call(
            name, {"site_id": site_id}, body=body, recipients=(*emails, *phone_numbers), may_send=may_send
        )
        try:
            return self._reader.created(parse_json(response.body))
        except Unreadable as error:
            raise OutcomeUnknown(name, status=response.status, detail=str(error)) from error

    async def find_authorizations(self, site_id: str, *, display_name: str) -> list[Authorization]:
        """Every authorization of exactly this name, live or not. Complete, or an error."""
        found = []
        async for row in self._rows(site_id, {"display_name": display_name}):
            if self._reader.row_display_name(row) == display_name:
                authorization = self._reader.listed_authorization(row)
                if authorization.unreadable:
                    detail = f"{authorization.unreadable[0]} cannot be read"
                    raise AnswerBroken(OperationName.LIST_AUTHORIZATIONS, detail=detail)
                found.append(authorization)
        return found

    async def list_authorizations(self, site_id: str) -> AsyncIterator[Authorization]:
        """Every authorization of a site, page by page. A row of somebody else may have `unreadable` parts."""
        async for row in self._rows(site_id, {}):
            yield self._reader.listed_authorization(row)

    async def read_authorization(self, site_id: str, authorization_id: str) -> Authorization:
        return await self._read(
            OperationName.READ_AUTHORIZATION,
            {"site_id": site_id, "authorization_id": authorization_id},
            lambda answer: self._reader.authorization(answer, authorization_id),
        )

    async def revoke_authorization(self, site_id: str, authorization_id: str) -> bool:
        """Ask for the revoke, once. `RevokeRefused` or `OutcomeUnknown`: read; not live is done.

        True for 204, the answer of the contract (9.10). Any other success may be somebody else's, a page of a machine in between for one: read then, too.
        """
        name = OperationName.REVOKE_AUTHORIZATION
        asked = {"site_id": site_id, "authorization_id": authorization_id}
        return (await self._call(name, asked, body=self._writer.body(name, {}))).status == 204

    async def _rows(self, site_id: str, query: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Rows of all pages, each id once. Ends at an empty page, or at one that brings nothing new."""
        name = OperationName.LIST_AUTHORIZATIONS
        operation = self._profile.operation(name)
        seen: set[str] = set()
        for page in range(operation.page_first, operation.page_first + PAGES_MAX):
            asked = {**query, "page": str(page), "page_size": str(operation.page_size_max)}
            rows = await self._read(name, {"site_id": site_id}, self._reader.rows_of_authorizations, query=asked)
            fresh = list(self._not_seen(rows, seen))
            if not fresh:
                return
            for row in fresh:
                yield row
            if not operation.query_names.get("page"):
                return
        raise AnswerBroken(name, detail=f"more than {PAGES_MAX} pages")

    def _not_seen(self, rows: Sequence[dict[str, Any]], seen: set[str]) -> Iterator[dict[str, Any]]:
        for row in rows:
            try:
                identity = self._reader.row_id(row)
            except Unreadable as error:
                raise AnswerBroken(OperationName.LIST_AUTHORIZATIONS, detail=str(error)) from error
            if identity not in seen:
                seen.add(identity)
                yield row

    async def _read(
        self,
        name: OperationName,
        parameters: Mapping[str, str],
        understand: Callable[[Any], _T],
        *,
        query: Mapping[str, str] | None = None,
    ) -> _T:
        response = await self._call(name, parameters, body=self._writer.body(name, {}), query=query)
        try:
            return understand(parse_json(response.body))
        except Unreadable as error:
            raise AnswerBroken(name, status=response.status, detail=str(error)) from error

    async def _call(
        self,
        name: OperationName,
        parameters: Mapping[str, str],
        *,
        body: tuple[bytes, str | None],
        query: Mapping[str, str] | None = None,
        recipients: Sequence[str] = (),
        may_send: Callable[[], bool] = lambda: True,
    ) -> Response:
        """A success, or the error of the table. One fresh token after a 401, then once more."""
        content, content_type = body
        operation = self._profile.operation(name)
        url = self._writer.url(name, {"site_owner_id": self._site_owner_id, **parameters}, query)
        headers = {"accept": "application/json"}
        if content_type is not None:
            headers["content-type"] = content_type
        token, response = await self._send_once(name, operation.method, url, headers, content, may_send)
        if response.status == 401:
            self._tokens.drop(token)
            token, response = await self._send_once(name, operation.method, url, headers, content, may_send)
        if operation.succeeded(response.status):
            return response
        if response.status == 401:
            self._tokens.drop(token)
        raise self._refusals.of_call(name, response, secrets=(token,), recipients=recipients)

    async def _send_once(
        self, name: OperationName, method: str, url: str, headers: Mapping[str, str], content: bytes, may_send: Callable[[], bool]
    ) -> tuple[str, Response]:
        """The answer, and the token that it was asked with."""
        token = await self._tokens.token()
        if not may_send():
            raise NotSent(name, detail="too late to be sent")
        request = Request(method=method, url=url, headers={**headers, "authorization": f"Bearer {token}"}, body=content)
        try:
            return token, await self._transport.send(request)
        except NeverSent as error:
            raise NotSent(name, detail="not reached") from error
        except TransportError as error:
            detail = "no usable answer; the access may exist" if name in CREATES else "no usable answer"
            raise OutcomeUnknown(name, detail=detail, sent=Sent.UNKNOWN) from error


def _is_instant(at: object) -> bool:
    """Asked at run time as well: a lost end would be an access for ever."""
    return isinstance(at, datetime) and at.utcoffset() is not None
