"""What is told of who calls: a few words for the browser, and the address that tries are counted by."""

from __future__ import annotations

import ipaddress
from typing import Final

from starlette.requests import Request

__all__ = ["address_of", "browser_of"]

BROWSERS: Final = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
NEIGHBOURS_BITS: Final = 64


def browser_of(request: Request) -> str:
    """`Firefox on Windows`: of words of our own alone, never a text that a caller wrote. Empty if nothing is recognized."""
    agent = request.headers.get("user-agent", "")
    words = [next((word for sign, word in signs if sign in agent), "") for signs in (BROWSERS, SYSTEMS)]
    return " on ".join(word for word in words if word)


def address_of(request: Request) -> str:
    """The address of the connection. `X-Forwarded-For` is not believed: anybody can write it.

    Of IPv6 the first half: the other half is the caller's to choose.
    """
    host = request.client.host if request.client is not None else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "?"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, NEIGHBOURS_BITS), strict=False))
