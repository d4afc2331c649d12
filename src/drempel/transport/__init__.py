"""One outside call: a request in, a response or a typed failure out.

The clients of `resivo` and `ireserve` speak to the `Transport` protocol alone, so that tests hand in an in-process twin and
nothing is ever patched. The failures answer the one question that decides what may be repeated: **was it sent?**

    TransportError
    ├── NeverSent        nothing reached the other side; repeating is safe
    └── OutcomeUnknown   something may have been sent; the work may have been done, now or later
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

__all__ = [
    "RESPONSE_BYTES_MAX",
    "NeverSent",
    "OutcomeUnknown",
    "Request",
    "Response",
    "Transport",
    "TransportError",
]

RESPONSE_BYTES_MAX: Final = 8 * 1024 * 1024
"""A longer answer counts as broken: it is never read into memory."""


class TransportError(Exception):
    """The call brought no usable answer."""


class NeverSent(TransportError):
    """Name not resolved, connection refused, connect time-out: nothing was sent."""


class OutcomeUnknown(TransportError):
    """Read time-out, connection lost after sending, broken answer. Anything not listed elsewhere is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent. `url` is absolute, with its query already encoded."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Credentials stand in them, and recipients in the body: neither is ever written out."""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back, whatever its status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class Transport(Protocol):
    """Carries one request. It never follows a redirect and never repeats a request by itself."""

    async def send(self, request: Request) -> Response:
        """Send once. Raises `NeverSent` or `OutcomeUnknown`; any answered status is a `Response`."""
        ...
