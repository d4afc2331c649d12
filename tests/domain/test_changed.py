"""What changed since an access was made: codes, and nothing of what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drempel.domain.access import Facts
from drempel.domain.changed import what_changed

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
def test_what_differs_is_told_by_codes(change: dict[str, object], told: tuple[str, ...]) -> None:
    assert what_changed(FACTS, replace(FACTS, **change)) == told  # type: ignore[arg-type]
