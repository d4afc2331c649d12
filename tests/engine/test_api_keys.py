"""When the use of a key is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.engine.api_keys import is_use_to_note
from drempel.engine.records import ApiKey, ApiScope
from tests.engine.stand_in import NOW


@pytest.mark.parametrize(
    ("ago", "noted"),
    [
        (None, True),
        (timedelta(), False),
        (timedelta(minutes=9), False),
        (timedelta(minutes=10), True),
        (timedelta(minutes=-1), False),  # the database is a little ahead of us
        (timedelta(minutes=-10), True),  # the clock was set back
    ],
)
def test_a_use_is_noted_at_most_every_ten_minutes(ago: timedelta | None, noted: bool) -> None:
    used_at = None if ago is None else NOW - ago
    assert is_use_to_note(ApiKey(name="wall", scope=ApiScope.READ, created_at=NOW, used_at=used_at), now=NOW) is noted
