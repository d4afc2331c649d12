"""The transport of production: aiohttp, bounded in time and size."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Final, Self

import aiohttp
from yarl import URL

from drempel.transport import RESPONSE_BYTES_MAX, NeverSent, OutcomeUnknown, Request, Response

__all__ = ["HttpTransport"]

NEVER_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    ssl.SSLCertVerificationError,
)
CONNECT_SHARE: Final = 0.5
"""Connecting may take half of the call time-out, so that a dead host shows as *never sent* and not as *unknown*."""
KEEP_ALIVE_SECONDS: Final = 4.0
"""Shorter than the usual 5 s of servers: a create on a connection that the server just closed would have an unknown outcome."""


class HttpTransport:
    """One connection pool for all outside calls of a process. Use as an asynchronous context manager."""

    def __init__(self, *, call_timeout_seconds: float) -> None:
        self._call_timeout_seconds = call_timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connect_seconds = self._call_timeout_seconds * CONNECT_SHARE
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=self._call_timeout_seconds, connect=connect_seconds, sock_connect=connect_seconds
            ),
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            raise_for_status=False,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: Request) -> Response:
        """Send once, with the call time-out over everything from connecting to the last byte of the answer."""
        assert self._session is not None, "use the transport inside `async with`"
        try:
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=dict(request.headers),
                data=request.body or None,
                allow_redirects=False,
            ) as answer:
                body = await _bounded_body(answer)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Response(status=answer.status, headers=headers, body=body)
        except NEVER_SENT as error:
            raise NeverSent(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # The text of these errors can quote the address or the answer; only the kind goes on.
            raise OutcomeUnknown(type(error).__name__) from error


async def _bounded_body(answer: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_any():
        size += len(chunk)
        if size > RESPONSE_BYTES_MAX:
            raise OutcomeUnknown("answer too long")
        chunks.append(chunk)
    return b"".join(chunks)
