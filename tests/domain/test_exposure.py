from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drempel.domain.exposure import EXPOSURE_REASONS, exposure, exposure_reason
from drempel.domain.window import AccessWindow
from tests.factories import make_set

ZERO = datetime(2026, 3, 14, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return ZERO + timedelta(minutes=minutes)


def window(start: float, end: float) -> AccessWindow:
    return AccessWindow(valid_from=at(start), valid_to=at(end))


@pytest.mark.parametrize(
    ("since", "until", "own", "allowed", "minutes"),
    [
        (10, 12, window(0, 60), None, 2),  # cancelled while it runs
        (-30, -10, window(0, 60), None, 0),  # revoked before its window began
        (-30, 5, window(0, 60), None, 5),  # cancelled before, revoked within
        (50, 90, window(0, 60), None, 10),  # an outage outlasted the window
        (70, 90, window(0, 60), None, 0),  # the right ended after the window
        (12, 10, window(0, 60), None, 0),  # a clock that went backwards
        (10, 12, None, None, 2),  # without bounds of its own
        (10, 40, window(0, 60), window(0, 30), 10),  # shortened: only what is beyond the new end
        (10, 20, window(0, 60), window(0, 30), 0),  # shortened, and revoked before the new end
        (10, 40, window(0, 60), window(20, 90), 10),  # moved to later: only what is before the new start
        (10, 40, window(0, 60), window(100, 200), 30),  # moved away
        (10, 40, window(0, 60), window(0, 60), 0),  # replaced by the same
        (10, 40, window(0, 60), window(20, 30), 20),  # shortened at both ends
    ],
)
def test_exposure_is_the_time_in_which_a_set_could_open_a_door_that_it_should_not(since, until, own, allowed, minutes):
    found = exposure(since=at(since), until=at(until), window=own, still_allowed=allowed)
    assert found == timedelta(minutes=minutes)


def test_every_reason_has_one_of_a_fixed_list_of_labels():
    assert exposure_reason("status.revoke") == "cancelled"
    assert exposure_reason("component.missing") == exposure_reason("anything") == "not_replaced"
    assert {exposure_reason(reason) for reason in ("access.superseded", "booking.over", "x")} <= set(EXPOSURE_REASONS)


def test_what_somebody_widened_in_the_portal_is_not_bounded_by_the_window_that_it_was_made_for():
    made = make_set()
    after = made.intent.window.valid_to
    gone = made.revoking("access.changed_elsewhere", now=after).revoked(now=after + timedelta(minutes=3))
    assert gone.exposure == timedelta(minutes=3)
    gone = made.revoking("status.revoke", now=after).revoked(now=after + timedelta(minutes=3))
    assert gone.exposure == timedelta()


def test_the_right_to_a_set_ends_once_and_what_was_never_there_has_no_exposure():
    since = make_set().intent.window.valid_from
    marked = make_set(right_ended_at=since)
    gone = marked.revoking("status.revoke", now=since + timedelta(minutes=5)).revoked(now=since + timedelta(minutes=6))
    assert gone.exposure == timedelta(minutes=6)
    assert make_set(authorization_id=None, right_ended_at=since).revoked(now=since).exposure is None
