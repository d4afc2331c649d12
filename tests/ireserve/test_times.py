"""Wall times of every zone: one instant, or a named refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drempel.ireserve.errors import Reason
from drempel.ireserve.times import TimeRefused, read_date_and_time, read_iso_time, wall_time_to_utc, zone_named
from tests.ireserve.answers import unhurried

ZONES = sorted(available_timezones() - {"localtime"})
EPOCH = datetime(1970, 1, 2, tzinfo=UTC)
walls = st.datetimes(min_value=datetime(1970, 1, 3), max_value=datetime(2060, 1, 1))


def instants_that_show(wall: datetime, zone: ZoneInfo) -> set[datetime]:
    """By trying: every instant at which the clocks of the zone show this wall time, whatever its offset."""
    naive_utc = wall.replace(tzinfo=UTC)
    offsets = {(naive_utc + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-30, 31)}
    candidates = {naive_utc - offset for offset in offsets if offset is not None}
    return {at for at in candidates if at.astimezone(zone).replace(tzinfo=None) == wall}


def outcome(wall: datetime, zone: ZoneInfo) -> set[datetime] | Reason:
    try:
        return {wall_time_to_utc(wall, zone=zone)}
    except TimeRefused as refused:
        return refused.reason


def expected(wall: datetime, zone: ZoneInfo) -> set[datetime] | Reason:
    found = instants_that_show(wall, zone)
    if not found:
        return Reason.NO_ZONE_GAP
    return found if len(found) == 1 else Reason.NO_ZONE_OVERLAP


@settings(unhurried, max_examples=200)
@given(st.sampled_from(ZONES), walls)
def test_a_wall_time_is_the_one_instant_at_which_clocks_show_it(name: str, wall: datetime) -> None:
    zone = ZoneInfo(name)
    assert outcome(wall, zone) == expected(wall, zone)


@cache
def changes_of(name: str) -> list[tuple[datetime, timedelta]]:
    """Instants at which the zone's offset changes, and by how much, found by bisection."""
    zone, found = ZoneInfo(name), []
    at, step = EPOCH, timedelta(days=20)
    while at < datetime(2030, 1, 1, tzinfo=UTC):
        before, after = at.astimezone(zone).utcoffset(), (at + step).astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if before != after:
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            found.append((high, after - before))
        at += step
    return found


@settings(unhurried, max_examples=150)
@given(st.sampled_from(ZONES), st.data())
def test_around_every_change_of_every_zone_nothing_is_guessed(name: str, data: st.DataObject) -> None:
    changes = changes_of(name)
    if not changes:
        return
    at, by = data.draw(st.sampled_from(changes))
    zone = ZoneInfo(name)
    shift = data.draw(
        st.integers(-3 * 3600, 3 * 3600) | st.sampled_from([0, -1, 1, int(by.total_seconds()), -int(by.total_seconds())])
    )
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(seconds=shift)
    assert outcome(wall, zone) == expected(wall, zone)


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/Amsterdam", "2026-03-29T02:00:00", "no_zone_gap"),
        ("Europe/Amsterdam", "2026-03-29T02:59:59", "no_zone_gap"),
        ("Europe/Amsterdam", "2026-03-29T03:00:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("Europe/Amsterdam", "2026-10-25T02:00:00", "no_zone_overlap"),
        ("Europe/Amsterdam", "2026-10-25T03:00:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", "2026-04-05T01:45:00", "no_zone_overlap"),  # half an hour
        ("Pacific/Apia", "2011-12-30T12:00:00", "no_zone_gap"),  # a whole day that never was
        ("America/New_York", "2026-03-08T02:30:00", "no_zone_gap"),
        ("UTC", "2026-03-29T02:30:00", datetime(2026, 3, 29, 2, 30, tzinfo=UTC)),
    ],
)
def test_known_changes(zone: str, wall: str, expected: datetime | str) -> None:
    date, _, time = wall.partition("T")
    for reading in (
        lambda: read_iso_time(wall, zone=zone_named(zone)),
        lambda: read_date_and_time(date, time, zone=zone_named(zone)),
    ):
        if isinstance(expected, datetime):
            assert reading() == expected
        else:
            with pytest.raises(TimeRefused) as raised:
                reading()
            assert raised.value.reason == expected


@unhurried
@given(st.datetimes(min_value=datetime(1970, 1, 3), max_value=datetime(2999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_a_time_with_an_offset_means_the_same_in_every_zone(wall: datetime, minutes: int) -> None:
    wall = wall.replace(microsecond=0)
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    for colon in ("", ":"):
        text = f"{wall.isoformat()}{sign}{size // 60:02}{colon}{size % 60:02}"
        readings = {read_iso_time(text, zone=zone_named(zone)) for zone in ("UTC", "Pacific/Apia", "America/New_York")}
        assert readings == {wall.replace(tzinfo=UTC) - timedelta(minutes=minutes)}


@pytest.mark.parametrize("name", ["", "Amsterdam", "Europe", "../etc/passwd", "/etc/passwd", "Europe/Amsterdam\x00"])
def test_an_unknown_zone_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match="There is no time zone named"):
        zone_named(name)
