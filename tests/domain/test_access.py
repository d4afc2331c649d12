from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.domain.access import BookingState, Marker, SetState, display_name, worst_state
from tests.factories import END, NOW, make_set

SOON = timedelta(seconds=10)


def intended():
    return make_set(state=SetState.INTENDED)


def test_a_lost_answer_makes_the_set_unknown_until_it_was_looked_for_twice():
    sent = intended().about_to_send(now=NOW, look_at=NOW)
    assert sent.unsettled
    lost = sent.outcome_lost(look_at=NOW + SOON)
    assert (lost.state, lost.ever_unknown) == (SetState.UNKNOWN, True)
    once = lost.not_found(look_at=NOW + 2 * SOON)
    assert once.looks == 1
    again = once.not_done()
    assert again.unsent
    assert again.ever_unknown


def test_a_set_that_was_found_is_watched_after_1_10_and_60_minutes_and_then_daily_until_its_window_ends():
    window_end = END
    made = intended().about_to_send(now=NOW, look_at=NOW).outcome_lost(look_at=NOW).created("id", dropped=(), now=NOW)
    minutes = []
    now = NOW
    while made.watch_at is not None:
        minutes.append((made.watch_at - NOW).total_seconds() / 60)
        now = made.watch_at
        made = made.watched_once_more(now)
    assert minutes == [1, 10, 60]
    assert now < window_end


def test_a_set_whose_answer_came_is_not_watched():
    assert intended().about_to_send(now=NOW, look_at=NOW).created("id", dropped=(), now=NOW).watch_at is None


@pytest.mark.parametrize("state", [SetState.REVOKED, SetState.ENDED, SetState.LIVE])
def test_what_is_settled_cannot_be_sent(state):
    with pytest.raises(AssertionError):
        make_set(state=state).about_to_send(now=NOW, look_at=NOW)


def test_the_reason_and_moment_of_a_revoke_are_those_of_its_beginning():
    going = make_set().revoking("status.revoke", now=NOW)
    assert going.revoking("other", now=NOW + SOON) == going


def test_the_worst_site_wins():
    order = list(BookingState)
    assert worst_state(order) is BookingState.NEEDS_PERSON
    assert worst_state([BookingState.ENDED, BookingState.GRANTED]) is BookingState.GRANTED
    assert worst_state([]) is BookingState.NONE


def test_the_name_is_for_people_and_proves_ownership():
    name = display_name(object_name="Hall 1", marker="abcdefgh", source="club", booking_id="3691", number=2)
    assert name == "Hall 1 · dr-abcdefgh-club-3691-2"
    assert Marker(current="abcdefgh").owns(name)
    assert Marker(current="zzzzzzzz", former=frozenset({"abcdefgh"})).owns(name)
    assert not Marker(current="zzzzzzzz").owns(name)


@pytest.mark.parametrize("hostile", ["", "\n\t", "x" * 500, "a\u202eb\x00c"])
def test_a_hostile_object_name_gives_a_short_printable_name(hostile):
    name = display_name(object_name=hostile, marker="abcdefgh", source="club", booking_id="1", number=1)
    assert name.isprintable()
    assert len(name) <= 80
    assert name.endswith("dr-abcdefgh-club-1-1")
