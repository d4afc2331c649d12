"""A request as the bytes of HTTP/1.1, and an answer's body without its content coding. Nothing here speaks to a network."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from typing import Final, NamedTuple

from drempel.transport import RESPONSE_BYTES_MAX, NeverSent, OutcomeUnknown, Request

__all__ = ["Origin", "decoded", "written"]

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
OWN_HEADERS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
"""Written here alone: two of one kind is what request smuggling is made of."""
HEADERS_REMEMBERED: Final = 64
"""In memory only, beside the clients that hold the same: a few for each credential."""
WITHOUT_BODY: Final = frozenset({"GET", "OPTIONS"})
_METHOD: Final = re.compile(r"[A-Z]{1,16}")
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?P<target>[/?][!\"$-~]*)?",
)
"""No user, no fragment, no space, nothing but ASCII: what would have to be guessed is refused."""
_IPV4: Final = re.compile(r"[0-9.]+")
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE: Final = re.compile(r"[\t -~\x80-\xff]*")
"""No line end, so that no value can begin a header or a request of its own."""
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


class Origin(NamedTuple):
    """Whom a connection leads to. Connections are shared within one origin only."""

    scheme: str
    host: str
    """As it stands in the address: an IPv6 address in brackets."""
    port: int

    @property
    def is_tls(self) -> bool:
        return self.scheme == "https"

    @property
    def is_address(self) -> bool:
        """Whether it is a number already, so that nothing needs to be looked up."""
        return self.host.startswith("[") or _IPV4.fullmatch(self.host) is not None

    @property
    def name(self) -> str:
        """The host as it is looked up, and as its certificate names it."""
        return self.host.strip("[]")


def written(request: Request) -> tuple[Origin, bytes]:
    """Where a request goes, and its bytes. Raises `NeverSent` for one that cannot be written without doubt."""
    url = _URL.fullmatch(request.url)
    if url is None or _METHOD.fullmatch(request.method) is None or request.method in {"HEAD", "CONNECT"}:
        raise NeverSent("not an address or a method that can be used")
    scheme, host, port, target = url.groups()
    origin = Origin(scheme, host.lower(), int(port) if port else DEFAULT_PORTS[scheme])
    if not 0 < origin.port <= 65535:
        raise NeverSent("not a port")
    if target is None or target[0] == "?":
        target = f"/{target or ''}"
    authority = host if origin.port == DEFAULT_PORTS[scheme] else f"{host}:{origin.port}"
    has_body = bool(request.body) or request.method not in WITHOUT_BODY
    length = f"Content-Length: {len(request.body)}\r\n" if has_body else ""
    head = f"{request.method} {target} HTTP/1.1\r\nHost: {authority}\r\n{_lines_of(tuple(request.headers.items()))}{length}\r\n"
    return origin, head.encode("latin-1") + request.body


@lru_cache(maxsize=HEADERS_REMEMBERED)
def _lines_of(headers: tuple[tuple[str, str], ...]) -> str:
    """The lines of a request's headers. Raises `NeverSent` for one that cannot be sent.

    Each call of a client has the same headers as the one before: they are looked at once.
    """
    lines = ["Accept-Encoding: gzip, deflate\r\n"]
    named = set()
    for name, value in headers:
        known = name.lower()
        if _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None or known in OWN_HEADERS or known in named:
            raise NeverSent("a header that cannot be sent")
        named.add(known)
        lines.append(f"{name}: {value}\r\n")
    if "accept" not in named:
        lines.append("Accept: */*\r\n")
    if "user-agent" not in named:
        lines.append("User-Agent: drempel\r\n")
    return "".join(lines)


def decoded(body: bytes, *, coding: str) -> bytes:
    """A body without its content coding. Raises `OutcomeUnknown` for one that is broken, too long, or was not asked for."""
    match coding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _inflated(body, zlib.decompressobj(_GZIP_OR_ZLIB))
        case "deflate":
            # By the standard in the zlib format; some servers leave its two bytes away.
            raw = not body or body[0] & 0x0F != zlib.DEFLATED
            return _inflated(body, zlib.decompressobj(-zlib.MAX_WBITS if raw else _GZIP_OR_ZLIB))
        case _:
            raise OutcomeUnknown("a content coding that was not asked for")


def _inflated(body: bytes, inflating: zlib._Decompress) -> bytes:
    if not body:
        return b""
    try:
        # One byte more than allowed, and never a byte beyond that: a small answer can unpack to gigabytes.
        whole = inflating.decompress(body, RESPONSE_BYTES_MAX + 1)
    except zlib.error:
        raise OutcomeUnknown("a broken content coding") from None
    if len(whole) > RESPONSE_BYTES_MAX:
        raise OutcomeUnknown("answer too long")
    if not inflating.eof:
        raise OutcomeUnknown("a broken content coding")
    return whole
