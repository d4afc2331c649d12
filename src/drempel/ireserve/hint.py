"""A delivery of a webhook: the booking id is taken from it, and nothing else is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drempel.ireserve.json_values import NotJson, parse_json, usable_id

__all__ = ["HINT_BODY_BYTES_MAX", "booking_id_of"]

HINT_BODY_BYTES_MAX: Final = 65_536
ID_KEYS: Final = ("id", "booking_id", "RES_ID", "res_id")
WRAPPERS: Final = ("booking", "data", "reservation")


def booking_id_of(body: bytes) -> str | None:
    """The booking id in a delivery, or None. Whatever the header says, the body is read as JSON.

    The first usable id counts: of the four keys at the top, then of the same keys one level down.
    """
    if len(body) > HINT_BODY_BYTES_MAX:
        return None
    try:
        document = parse_json(body)
    except NotJson:
        return None
    if not isinstance(document, Mapping):
        return None
    return _id_in(document) or _id_one_level_down(document)


def _id_one_level_down(document: Mapping[str, Any]) -> str | None:
    for wrapper in WRAPPERS:
        inner = document.get(wrapper)
        if isinstance(inner, Mapping) and (found := _id_in(inner)) is not None:
            return found
    return None


def _id_in(candidates: Mapping[str, Any]) -> str | None:
    for key in ID_KEYS:
        found = usable_id(candidates.get(key))
        if found is not None:
            return found
    return None
