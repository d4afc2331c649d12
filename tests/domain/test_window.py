from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.domain.window import access_window

ZONES = sorted(zoneinfo.available_timezones())


def test_access_begins_the_time_before_the_start_and_ends_with_the_booking():
    start = datetime(2026, 3, 14, 10, 0, tzinfo=zoneinfo.ZoneInfo("Europe/Amsterdam"))
    window = access_window(start=start, end=start + timedelta(hours=2), time_before=timedelta(minutes=15))
    assert window.valid_from == datetime(2026, 3, 14, 8, 45, tzinfo=UTC)
    assert window.valid_to == datetime(2026, 3, 14, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        (datetime(2026, 3, 29, 1, 30), 2),  # the clock goes forward at 2:00: a wall time two hours later is one hour later
        (datetime(2026, 10, 25, 1, 30), 4),  # and back at 3:00
    ],
)
def test_the_time_before_is_real_time_in_a_night_in_which_the_clock_changes(start, hours):
    zone = zoneinfo.ZoneInfo("Europe/Amsterdam")
    window = access_window(
        start=start.replace(tzinfo=zone),
        end=(start + timedelta(hours=hours)).replace(tzinfo=zone),
        time_before=timedelta(hours=2),
    )
    assert start.replace(tzinfo=zone).astimezone(UTC) - window.valid_from == timedelta(hours=2)


def test_the_door_opens_at_valid_from_and_stays_shut_at_valid_to():
    window = access_window(
        start=datetime(2026, 1, 1, 10, tzinfo=UTC), end=datetime(2026, 1, 1, 11, tzinfo=UTC), time_before=timedelta()
    )
    assert not window.is_over(window.valid_to - timedelta(microseconds=1))
    assert window.is_over(window.valid_to)


@given(
    zone=st.sampled_from(ZONES),
    instant=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2060, 1, 1)),
    minutes=st.integers(min_value=1, max_value=60 * 24 * 14),
    before=st.integers(min_value=0, max_value=24 * 60),
)
def test_in_every_zone_and_across_every_change_of_the_clock_the_window_is_as_long_as_the_booking_plus_the_time_before(
    zone, instant, minutes, before
):
    start = instant.replace(tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    local = zoneinfo.ZoneInfo(zone)
    window = access_window(start=start.astimezone(local), end=end.astimezone(local), time_before=timedelta(minutes=before))
    assert window.valid_to - window.valid_from == timedelta(minutes=minutes + before)
    assert window.valid_to == end
    assert window.valid_from.tzinfo is UTC
