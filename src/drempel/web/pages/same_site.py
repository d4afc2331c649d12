"""Whether a form was sent from our own pages. Asked before anything of a POST is read."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

__all__ = ["from_our_own_page"]


def from_our_own_page(headers: Headers) -> bool:
    """Every browser says where a form comes from: in `Sec-Fetch-Site`, and, where that is not sent (plain HTTP), in `Origin`.

    Who says neither is no browser of our pages; programs use REST with a key.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = headers.get("origin"), headers.get("host")
    if origin is None or host is None:
        return False
    try:
        # The scheme is not compared: a proxy may have taken TLS off.
        return urlsplit(origin).netloc.casefold() == host.casefold() != ""
    except ValueError:
        return False
