"""The booking facts that an access was made under, beside those of today."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drempel.domain.access import Facts

START = datetime(2026, 3, 14, 10, tzinfo=UTC)
FACTS = Facts(
    object_id="81",
    start=START,
    end=START + timedelta(hours=2),
    email="hash of one",
    mobile="hash of a number",
    default_country="",
)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, ()),
        ({"default_country": "NL"}, ()),
        ({"object_id": "82"}, ("object",)),
        ({"end": START + timedelta(hours=3)}, ("time",)),
        ({"email": "hash of another"}, ("contact",)),
        ({"mobile": ""}, ("contact",)),
        ({"mobile": None, "email": None}, ()),
        ({"object_id": "82", "start": START - timedelta(hours=1), "mobile": "hash"}, ("object", "time", "contact")),
    ],
)
def test_what_changed_is_told_by_codes_and_nothing_of_what_cannot_be_read(
    change: dict[str, object], told: tuple[str, ...]
) -> None:
    today = replace(FACTS, **change)  # type: ignore[arg-type]
    assert FACTS.changes(today) == told
    assert FACTS.same_as(today) is not bool(told)


def test_what_could_not_be_read_then_is_filled_in_and_nothing_else() -> None:
    unread = replace(FACTS, email=None, mobile=None)
    assert unread.filled_from(FACTS) == FACTS
    assert FACTS.filled_from(replace(FACTS, mobile="another", email=None)) == FACTS
