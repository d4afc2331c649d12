from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.transport import Response
from drempel.transport.asked_to_wait import asked_to_wait

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pause(retry_after: str, **headers: str) -> timedelta | None:
    return asked_to_wait(Response(status=429, headers={"retry-after": retry_after, **headers}), lambda: NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", timedelta(seconds=7)),
        (" 0 ", timedelta(0)),
        ("999999999", timedelta(days=1)),
        ("9" * 5_000, timedelta(days=1)),
        ("Sun, 01 Mar 2026 12:02:00 GMT", timedelta(minutes=2)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("Sun, 01 Mar 2026 12:02:00 -0000", timedelta(minutes=2)),
        ("Fri, 31 Dec 9999 23:59:59 -2359", timedelta(days=1)),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\uff11\uff12\uff10", None),
        ("Sun, 99 Mar 2026 99:99:99 GMT", None),
    ],
)
def test_a_pause_is_seconds_or_a_date_and_a_day_at_most(text: str, expected: timedelta | None) -> None:
    assert pause(text) == expected


def test_without_the_header_nothing_is_asked_for() -> None:
    assert asked_to_wait(Response(status=429), lambda: NOW) is None


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_date_is_measured_by_the_clock_that_gave_it(hours: int) -> None:
    """A clock of ours that is hours behind would wait for these hours; one that is ahead would not wait at all."""
    theirs = NOW + timedelta(hours=hours)
    until = format_datetime(theirs + timedelta(seconds=30), usegmt=True)
    assert pause(until, date=format_datetime(theirs, usegmt=True)) == timedelta(seconds=30)


def test_a_date_of_an_answer_that_does_not_tell_its_own_is_measured_by_our_clock() -> None:
    assert pause("Sun, 01 Mar 2026 12:02:00 GMT", date="some day") == timedelta(minutes=2)


@given(st.text(), st.text())
def test_whatever_the_headers_say_the_pause_is_none_or_bounded(text: str, date: str) -> None:
    found = pause(text, date=date)
    assert found is None or timedelta(0) <= found <= timedelta(days=1)
