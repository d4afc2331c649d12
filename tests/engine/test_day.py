"""Who can open which door when: beside a count of every minute, over changes of the clock, and without access too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.engine.day import day_of, span_of_day
from drempel.engine.records import BookingView
from drempel.engine.setup import IntegrationSetup, Setup
from tests.engine.stand_in import CLUB, a_set, a_view
from tests.factories import make_mapping, make_policy

ZONE = "Europe/Amsterdam"
DAY = date(2026, 3, 14)
MIDNIGHT = datetime(2026, 3, 13, 23, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAPPED = IntegrationSetup(
    name="doors",
    kind="resivo",
    source="club",
    paused=False,
    policy=make_policy(time_before=15 * MINUTE),
    policy_version=1,
    mappings=(make_mapping("Main entrance", "Hall 1"),),
    connection_id=1,
)
SETUP = Setup(version=1, sources={"club": CLUB}, integrations={"doors": MAPPED})


def booked(number: int, begin: int, length: int, state: BookingState = BookingState.PENDING) -> BookingView:
    """Minutes after midnight."""
    start = MIDNIGHT + begin * MINUTE
    return a_view(str(number), state=state, object_id="81", start=start, end=start + length * MINUTE)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-200, 1500), st.integers(1, 400)), max_size=6))
def test_overlaps_are_those_of_a_count_of_every_minute(spans: list[tuple[int, int]]) -> None:
    day = day_of([booked(n, begin, length) for n, (begin, length) in enumerate(spans)], SETUP, day=DAY, zone=ZONE)
    for door in day.doors:
        for minute in range(-10, 24 * 60 + 10, 5):
            at = MIDNIGHT + minute * MINUTE
            opening = [o for o in door.openings if o.visit.window.valid_from <= at < o.visit.window.valid_to]
            assert (len(opening) > 1) == any(one.begin <= at < one.end for one in door.overlaps)
            assert len({one.level for one in opening}) == len(opening)
    drawn = {(opening.visit.view.record.booking_id) for door in day.doors for opening in door.openings}
    assert drawn == {visit.view.record.booking_id for visit in day.visits}


def test_a_booking_without_access_is_shown_as_the_set_up_would_give_it() -> None:
    (visit,) = day_of([booked(1, 600, 60)], SETUP, day=DAY, zone=ZONE).visits
    assert (visit.window.valid_from, visit.start) == (MIDNIGHT + 585 * MINUTE, MIDNIGHT + 600 * MINUTE)
    assert [door.name for door in visit.doors] == ["Main entrance", "Hall 1"]
    assert not visit.is_real


def test_an_access_is_shown_as_it_is_without_the_doors_that_resivo_left_out() -> None:
    view = a_view("1", sets=[a_set(), a_set(2, dropped_ids=frozenset({"c1"}), site_id="site-2")], state=BookingState.GRANTED)
    (visit,) = day_of([view], SETUP, day=DAY, zone=ZONE).visits
    assert visit.is_real
    assert [(door.name, door.site_id) for door in visit.doors] == [("Main entrance", "site-1")]
    assert visit.is_open(visit.window.valid_from)
    assert not visit.is_open(visit.window.valid_to)


def hall(number: int, **more: object) -> AuthorizationSet:
    one = a_set(number, **more)
    return replace(one, intent=replace(one.intent, component_ids=("c1", "c2"), component_names=("Main entrance", "Hall 1")))


def test_a_booking_stands_at_a_door_that_its_access_lacks_and_opens_it_for_nobody() -> None:
    lacking = a_view("1", sets=[hall(1, dropped_ids=frozenset({"c2"}))], state=BookingState.GRANTED)
    whole = a_view("2", sets=[hall(1)], state=BookingState.GRANTED)
    at_hall, at_entrance = day_of([lacking, whole], SETUP, day=DAY, zone=ZONE).doors
    assert [(one.visit.view.record.booking_id, one.is_without) for one in at_hall.openings] == [("1", True), ("2", False)]
    assert (at_hall.overlaps, len(at_entrance.overlaps), at_hall.levels) == ((), 1, 2)
    (visit,) = at_hall.by_hand(MIDNIGHT)
    assert [door.name for door in (*visit.doors, *visit.lacks)] == ["Main entrance", "Hall 1"]
    assert (at_hall.by_hand(visit.window.valid_to), at_entrance.by_hand(MIDNIGHT)) == ([], [])


def test_a_door_that_another_access_opens_is_not_missing() -> None:
    older = hall(1, dropped_ids=frozenset({"c2"}))
    for newer in (hall(2), replace(hall(2, dropped_ids=frozenset({"c2"})), state=SetState.REVOKING)):
        (visit, *_) = day_of([a_view("1", sets=[older, newer], state=BookingState.GRANTED)], SETUP, day=DAY, zone=ZONE).visits
        assert [door.name for door in visit.lacks] == ([] if newer.state is SetState.LIVE else ["Hall 1"])


@pytest.mark.parametrize(
    ("state", "is_drawn"),
    [(state, state not in {BookingState.REVOKED, BookingState.NONE}) for state in BookingState],
)
def test_what_opens_nothing_is_listed_and_not_drawn(state: BookingState, *, is_drawn: bool) -> None:
    day = day_of([booked(1, 600, 60, state)], SETUP, day=DAY, zone=ZONE)
    assert len(day.visits) == 1
    assert bool(day.doors) is is_drawn


def test_a_booking_that_was_never_read_is_on_no_day() -> None:
    assert day_of([a_view("1", state=BookingState.PENDING)], SETUP, day=DAY, zone=ZONE).visits == ()


def test_an_ended_access_is_shown_by_the_window_that_it_had() -> None:
    view = a_view("1", sets=[a_set(state=SetState.ENDED)], state=BookingState.ENDED)
    (visit,) = day_of([view], SETUP, day=DAY, zone=ZONE).visits
    assert visit.is_real


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (DAY, 24)])
def test_a_day_is_as_long_as_the_clock_makes_it(day: date, hours: int) -> None:
    begin, end = span_of_day(day, ZONE)
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=hours)


def test_doors_are_told_apart_by_site_and_ordered_by_name() -> None:
    views = [
        a_view(str(n), sets=[a_set(site_id=site)], state=BookingState.GRANTED)
        for n, site in product(range(2), ["site-2", "site-1"])
    ]
    assert [one.door.site_id for one in day_of(views, SETUP, day=DAY, zone=ZONE).doors] == ["site-1", "site-2"]


def named(number: int, name: str, component_id: str = "c1") -> BookingView:
    one = a_set(number)
    intent = replace(one.intent, component_ids=(component_id,), component_names=(name,))
    made = replace(one, intent=intent, sent_at=MIDNIGHT + number * MINUTE)
    return a_view(str(number), sets=[made], state=BookingState.GRANTED)


def test_a_renamed_door_is_one_door_by_its_newest_name_or_by_the_one_that_was_told() -> None:
    views = [named(2, "Zaal 1"), named(1, "Hall 1")]
    day = day_of(views, SETUP, day=DAY, zone=ZONE)
    assert [(one.door.name, len(one.openings)) for one in day.doors] == [("Zaal 1", 2)]
    told = day_of(views, SETUP, day=DAY, zone=ZONE, told={("site-1", "c1"): "Hall A"})
    assert [(one.door.name, len(one.openings)) for one in told.doors] == [("Hall A", 2)]


def test_what_would_be_made_by_a_former_name_stands_at_the_door_that_had_it() -> None:
    mapped = replace(MAPPED, mappings=(make_mapping("Hall 1"),))
    setup = Setup(version=1, sources={"club": CLUB}, integrations={"doors": mapped})
    views = [named(1, "Hall 1"), booked(2, 600, 60)]
    day = day_of(views, setup, day=DAY, zone=ZONE, told={("site-1", "c1"): "Zaal 1"})
    assert [(one.door.name, len(one.openings)) for one in day.doors] == [("Zaal 1", 2)]


def test_a_name_that_went_over_to_another_door_is_that_of_the_door_that_has_it_now() -> None:
    mapped = replace(MAPPED, mappings=(make_mapping("Hall 1"),))
    setup = Setup(version=1, sources={"club": CLUB}, integrations={"doors": mapped})
    told = {("site-1", "c1"): "Zaal 1", ("site-1", "c2"): "Hall 1"}
    day = day_of([named(1, "Hall 1"), booked(2, 600, 60)], setup, day=DAY, zone=ZONE, told=told)
    assert [(one.door.name, len(one.openings)) for one in day.doors] == [("Hall 1", 1), ("Zaal 1", 1)]
