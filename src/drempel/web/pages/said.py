"""Codes and English words that fill a failure's sentence, as a person reads them. What is not listed is a name or an id and stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["ANSWERED", "SAID", "TRAIL_WORDS", "in_words", "is_ours"]

SAID: Final[Mapping[str, str]] = {
    "none": "none",
    "phone.empty": "there is no mobile number",
    "phone.no_country_code": "the mobile number has no country code",
    "phone.not_a_number": "the mobile number is no number",
    "phone.not_valid": "the mobile number cannot exist",
    "phone.not_mobile": "the number belongs to a landline",
    "the customer could not be read": "the customer could not be read",
    "missing": "it is missing",
    "not_json": "it is not JSON",
    "not_an_object": "it is not an object",
    "not_rows": "it is not a list",
    "not_an_id": "it is not an id",
    "other_id": "it belongs to something else",
    "not_text": "it is not text",
    "name_not_configured": "only its name came, and no code is set up for that name",
    "not_a_time": "it is not a time",
    "no_zone_gap": "the clock is put forward over it",
    "no_zone_overlap": "the clock is put back over it",
    "ends_before_start": "the end is before the start",
    "custom_keys_differ": "the field came twice, with different values",
    "404 for every booking that was asked for": "404 for every booking that was asked for",
    "404 for everything that was asked for": "404 for everything that was asked for",
    "no answer": "no answer",
    "no usable answer": "no usable answer",
    "no usable answer; the access may exist": "no usable answer; the access may exist",
    "not sent": "not sent",
    "not reached": "not reached",
    "too late to be sent": "too late to be sent",
    "its answers came too late to create by them": "its answers came too late to create by them",
}
"""By what stands in `params`; the English sentence is the key of its translation."""

ANSWERED: Final = "answered {status}"
_ANSWERED: Final = re.compile(r"(?:[a-z_]+ )?answered (\d{3})", re.ASCII)
_CALL: Final = re.compile(r"[a-z_]+", re.ASCII)

TRAIL_WORDS: Final[Mapping[str, str]] = {
    "reception": "Reception",
    "manager": "Manager",
    "administrator": "Administrator",
    "by a one-time link": "by a one-time link",
    "running": "running",
    "paused": "paused",
    "holds": "holds",
    "released": "released",
    "open": "open",
    "done": "done",
    "read": "may look",
    "write": "may look and order",
    "not created": "not created",
    "one session": "one session",
    "all other sessions": "all other sessions",
}
"""Words of ours that stand in the trail as what was and what is; names, ids and figures stay as they are."""


def in_words(text: str, translate: Callable[[str], str]) -> str:
    """What of it is ours in the reader's language; the words of the other side, and the name of a call, stay as they are."""
    if text in SAID:
        return translate(SAID[text])
    head, colon, rest = text.partition(": ")
    answered = _ANSWERED.fullmatch(head)
    if answered is not None:
        head = head.replace(f"answered {answered[1]}", translate(ANSWERED).format(status=answered[1]))
    elif not (colon and rest in SAID and _CALL.fullmatch(head)):
        return translate(text)
    return f"{head}{colon}{translate(SAID[rest]) if rest in SAID else rest}"


def is_ours(text: str) -> bool:
    """Nothing of it was said by the other side."""
    head, colon, rest = text.partition(": ")
    if text in SAID or (not colon and _ANSWERED.fullmatch(text)):
        return True
    return rest in SAID and bool(_ANSWERED.fullmatch(head) or _CALL.fullmatch(head))
