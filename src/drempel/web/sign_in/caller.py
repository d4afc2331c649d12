"""What is told of who calls: a few words for the browser, and the addresses that tries are counted by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import Request

from drempel.domain.sign_in import Pace, by_address, by_network

__all__ = ["Callers", "browser_of"]

BROWSERS: Final = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
PACES_BY_BITS: Final = {64: by_address, 48: by_network}
"""Of IPv6 the second half is the caller's to choose, and whoever rents a network of 48 bits has 65,536 first halves too."""
_WITH_PORT: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")


def browser_of(request: Request) -> str:
    """`Firefox on Windows`: of words of our own alone, never a text that a caller wrote. Empty if nothing is recognized."""
    agent = request.headers.get("user-agent", "")
    words = [next((word for sign, word in signs if sign in agent), "") for signs in (BROWSERS, SYSTEMS)]
    return " on ".join(word for word in words if word)


class Callers:
    """Whose address tries are counted by.

    That of the connection; if it is one of `proxies`, the last in `X-Forwarded-For` that is none. What stands before that anybody can write.
    """

    def __init__(self, proxies: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._proxies = tuple(proxies)

    def paces_of(self, request: Request) -> dict[str, Pace]:
        """The address with its pace; of IPv6 the two networks in which it lies, each with its own."""
        caller = _address(request.client.host if request.client is not None else "")
        forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        while caller is not None and forwarded and self._is_proxy(caller):
            before = _address(forwarded.pop())
            if before is None:
                # Not an address: what the proxy says cannot be read, and what stands before it is not its word.
                break
            caller = before
        if caller is None:
            return {"?": by_address}
        if isinstance(caller, IPv4Address):
            return {str(caller): by_address}
        return {str(IPv6Network((caller, bits), strict=False)): pace for bits, pace in PACES_BY_BITS.items()}

    def _is_proxy(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._proxies)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Some proxies write a port behind it, and IPv6 in brackets."""
    with_port = _WITH_PORT.fullmatch(text.strip())
    try:
        address = ip_address((with_port[1] or with_port[2]) if with_port is not None else text.strip())
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
