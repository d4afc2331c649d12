"""Codes and English words that fill a failure's sentence, as a person reads them. What is not listed is a name or an id and stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["SAID", "TRAIL_WORDS"]

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
}
"""By what stands in `params`; the English sentence is the key of its translation."""

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
