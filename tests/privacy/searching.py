"""Looks for a text in everything that was written, in each form in which it may stand there."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

__all__ = ["forms", "found_in"]


def forms(text: str) -> set[bytes]:
    """In the clear, URL-encoded, JSON-escaped, HTML-escaped, base64 at any offset, hexadecimal; casefolded, as both sides of the comparison are."""
    plain = {text, text.casefold()}
    written = {
        form
        for one in plain
        for form in (one, quote(one, safe=""), quote_plus(one), json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1])
    }
    written |= {html.escape(one) for one in plain}
    # JSON within JSON: a text that was escaped before it was written.
    written |= {form.replace("\\", "\\\\") for form in written}
    raw = {form.encode() for form in written} | {one.encode("utf-16-le") for one in plain}
    return {each.lower() for each in raw | {each.hex().encode() for each in raw} | set(_base64(raw))}


def _base64(raw: Iterable[bytes]) -> Iterable[bytes]:
    for each in raw:
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + each)
            # The first and last group hold bits of what stands around.
            middle = encoded[4 if before else 0 : len(encoded) - 4]
            if len(middle) >= 8:
                yield middle
                yield middle.replace(b"+", b"-").replace(b"/", b"_")


def found_in(places: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    """Where which secret stands, as sentences: what was looked for by its name, the place by its own."""
    told = []
    wanted = {name: forms(secret) for name, secret in secrets.items()}
    for place, content in places.items():
        lower = content.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")
        told += [f"{name} stands in {place}" for name, each in wanted.items() if any(form in lower for form in each)]
    return told
