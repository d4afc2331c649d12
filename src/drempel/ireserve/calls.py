"""One HTTP call: where it goes, what it carries, and what its status means. The status alone decides, never a body."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from drempel.ireserve.errors import (
    CredentialRefused,
    IReserveError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Refused,
    RetryLater,
    Sent,
)
from drempel.transport import NeverSent, Request, Response, Transport, TransportError
from drempel.transport.asked_to_wait import asked_to_wait

__all__ = ["Calls", "failure_of"]

TIMED_OUT_THERE: Final = frozenset({408, 425})
"""Request time-out and too early: refusals by number, but what a repeat meets is another moment."""


class Calls:
    """The REST API of one environment, under one account."""

    def __init__(self, *, transport: Transport, base_url: str, username: str, password: str, now: Callable[[], datetime]) -> None:
        if ":" in username or not username.isprintable() or not password.isprintable():
            raise ValueError("A user name has no colon, and neither user name nor password has control characters.")
        credential = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._headers = {
            "Authorization": f"Basic {credential}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self._transport = transport
        self._root = _api_root(base_url)
        self._now = now

    async def read(self, operation: str, path: str, *, query: Mapping[str, str | int] | None = None) -> bytes:
        """GET: may be repeated at will. `path` is made of known words and checked ids, as it shall stand in the address."""
        url = self._root + path
        if query:
            url = f"{url}?{urlencode(query, quote_via=quote)}"
        request = Request(method="GET", url=url, headers=self._headers)
        try:
            response = await self._transport.send(request)
        except NeverSent:
            raise NotSent(operation, "not sent") from None
        except TransportError:
            raise RetryLater(operation, "no answer", sent=Sent.UNKNOWN) from None
        failure = failure_of(response, operation=operation, writes=False, now=self._now)
        if failure is not None:
            raise failure
        return response.body

    async def write(self, operation: str, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> bytes:
        """POST, PUT or DELETE. `path` as in `read`."""
        content = b"" if body is None else json.dumps(body).encode("ascii")
        request = Request(method=method, url=self._root + path, headers=self._headers, body=content)
        try:
            response = await self._transport.send(request)
        except NeverSent:
            raise NotSent(operation, "not sent") from None
        except TransportError:
            raise OutcomeUnknown(operation, "no answer") from None
        failure = failure_of(response, operation=operation, writes=True, now=self._now)
        if failure is not None:
            raise failure
        return response.body


def failure_of(response: Response, *, operation: str, writes: bool, now: Callable[[], datetime]) -> IReserveError | None:
    """The failure that a status stands for, or None for success. What is not listed is unknown."""
    status = response.status
    if 200 <= status <= 299:
        return None
    if status == 429:
        return RetryLater(operation, "answered 429", sent=Sent.YES, status=status, retry_after=asked_to_wait(response, now))
    if 400 <= status <= 499 and status not in TIMED_OUT_THERE:
        return _refusal(operation, status=status)
    if writes:
        return OutcomeUnknown(operation, f"answered {status}", status=status, retry_after=asked_to_wait(response, now))
    if 300 <= status <= 399:
        return Refused(operation, status=status)
    return RetryLater(operation, f"answered {status}", sent=Sent.YES, status=status, retry_after=asked_to_wait(response, now))


def _refusal(operation: str, *, status: int) -> IReserveError:
    match status:
        case 401 | 403:
            return CredentialRefused(operation, status=status)
        case 404:
            return NotFound(operation, status=status)
        case 412:
            return PreconditionFailed(operation, status=status)
        case _:
            return Refused(operation, status=status)


def _api_root(base_url: str) -> str:
    """`https://club.i-reserve.net` and `https://club.i-reserve.net/` both give `https://club.i-reserve.net/api/rest/`."""
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not base_url.isascii() or not base_url.isprintable() or " " in base_url or set("?#@\\") & set(base_url):
        raise ValueError("The address of i-Reserve looks like https://club.i-reserve.net, without query, user or password.")
    return f"{base_url.rstrip('/')}/api/rest/"
