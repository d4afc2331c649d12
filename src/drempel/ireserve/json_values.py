"""JSON of another system, taken as it comes: bytes in, plain and storable values out, never an unexpected exception."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

__all__ = ["ID_LENGTH_MAX", "NotJson", "is_empty", "is_id", "parse_json", "text_of", "usable_id"]

ID_LENGTH_MAX: Final = 64
_ID: Final = re.compile(rf"[A-Za-z0-9_.:-]{{1,{ID_LENGTH_MAX}}}")
_NOT_STORABLE: Final = re.compile("[\x00\ud800-\udfff]")


class NotJson(ValueError):
    """The bytes are no JSON document that can be held."""


def parse_json(body: bytes) -> Any:
    """Parse, with or without byte order mark. Raises `NotJson` and nothing else."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        # What is odd (a byte order mark, another encoding, half a surrogate) is read by the reader that takes more.
        pass
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # ValueError covers broken JSON, broken UTF-8 and numbers of thousands of digits. The cause quotes the body: cut it off.
        raise NotJson("not JSON") from None


def is_id(text: str) -> bool:
    """True for what may stand as an id in an address: never a path step, a space, a slash or a line end."""
    return _ID.fullmatch(text) is not None and text not in {".", ".."}


def usable_id(value: object) -> str | None:
    """The id as text, for text and whole numbers; None for anything else. `3691` and `"3691"` are the same id."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        # Compared before it is written out: Python refuses to print an integer of thousands of digits.
        return str(value) if 0 <= value < 10**ID_LENGTH_MAX else None
    if isinstance(value, str) and is_id(value):
        return value
    return None


def is_empty(value: object) -> bool:
    """A key that is missing, null, or text with nothing in it says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_of(value: object) -> str | None:
    """Text of a text or a number, without spaces around it; "" for what is empty; None for what is no text.

    NUL and lone surrogates, which no database takes, become U+FFFD.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return _NOT_STORABLE.sub("�", value).strip()
    if isinstance(value, bool | Mapping | list):
        return None
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits
        return None
