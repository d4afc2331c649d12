"""Makes their words fit for a log: short, on one line, without secrets and without personal data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus

__all__ = ["DETAIL_CHARS_MAX", "scrub"]

DETAIL_CHARS_MAX: Final = 200
READ_CHARS_MAX: Final = 2_000
SECRET_CHARS_MIN: Final = 4
"""A shorter secret would blank out ordinary words; no provider issues one."""

LINK: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://\S+", re.IGNORECASE)
EMAIL: Final = re.compile(
    r"[^\s@<>\"',;]+(?:['\"][^\s@<>\"',;]+)*(?:@|%40|\\\\?u0040|&#0*64;|&commat;)[^\s@<>\"',;]+", re.IGNORECASE
)
TOKEN: Final = re.compile(r"\b(?:Bearer|Basic)\s+\S+|\b[\w-]{8,}\.[\w-]{4,}\.[\w-]{4,}\b|\b[A-Za-z0-9_+/=-]{40,}", re.IGNORECASE)
INTERNATIONAL: Final = re.compile(r"(?:\+|%2B)[\s(]*\d[\d\s().\-/]{4,}\d", re.IGNORECASE)
NATIONAL: Final = re.compile(r"(?<![\w-])\(?\d[\d\s().\-/]{5,}\d(?![\w-])|\d{9,}")


def _parts(recipient: str) -> list[tuple[str, str]]:
    """What could be echoed of a recipient, the whole first."""
    local, at, domain = recipient.rpartition("@")
    if not at:
        return [(recipient, "[number]")]
    return [(recipient, "[e-mail]"), *((half, "[e-mail]") for half in (local, domain) if len(half) >= SECRET_CHARS_MIN)]


def scrub(text: str, secrets: Iterable[str] = (), recipients: Iterable[str] = ()) -> str:
    """At most 200 printable characters, in which secrets, links, tokens, e-mail addresses and phone numbers are replaced.

    `recipients`: who the call was about. Each is replaced in any case and in any usual escaping, and of an address also its two halves.
    """
    cut = len(text) > READ_CHARS_MAX
    text = text[:READ_CHARS_MAX]
    if cut:
        # The last word may be half of a secret, which no pattern would know.
        text = text.rpartition(" ")[0]
    for secret in secrets:
        if len(secret) >= SECRET_CHARS_MIN:
            for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
                text = text.replace(form, "[secret]")
    for recipient in recipients:
        for part, word in _parts(recipient):
            for form in {part, quote(part, safe=""), escape(part), json.dumps(part)[1:-1]}:
                text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", word, text, flags=re.IGNORECASE)
    text = LINK.sub("[link]", text)
    text = EMAIL.sub("[e-mail]", text)
    text = TOKEN.sub("[token]", text)
    text = INTERNATIONAL.sub("[number]", text)
    text = NATIONAL.sub("[number]", text)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:DETAIL_CHARS_MAX]
