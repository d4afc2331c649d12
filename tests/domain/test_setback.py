from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from drempel.domain.access import SetState
from drempel.domain.setback import corrected, earlier
from tests.factories import END, NOW, make_set

LOOK_WITHIN = timedelta(seconds=40)
HOUR = timedelta(hours=1)


def right(one):
    return corrected(one, NOW, look_within=LOOK_WITHIN)


def test_what_a_right_clock_wrote_stays_as_it_is():
    sent = make_set(state=SetState.INTENDED).about_to_send(now=NOW, look_at=NOW + LOOK_WITHIN)
    for one in (make_set(), sent, sent.outcome_lost(look_at=NOW).watched(NOW)):
        assert right(one) is one


def test_a_look_comes_no_later_than_it_is_ever_put_off_and_a_watch_no_later_than_its_step():
    sent = make_set(state=SetState.INTENDED).about_to_send(now=NOW, look_at=NOW + 3 * HOUR)
    assert right(sent).look_at == NOW + LOOK_WITHIN
    assert right(sent.outcome_lost(look_at=NOW).watched(NOW + HOUR)).watch_at == NOW + timedelta(minutes=1)


def test_a_set_that_ended_by_a_clock_that_was_ahead_stands_where_it_stood():
    live = make_set()
    assert right(live.ended()).state is SetState.LIVE
    assert right(live.revoking("status.revoke", now=NOW).ended()).state is SetState.REVOKING
    doubted = replace(live, right_ended_at=NOW)
    assert right(doubted.ended()).state is SetState.LIVE, "whose right seemed to be over, and which nobody had begun to revoke"
    lost = make_set(state=SetState.INTENDED).about_to_send(now=NOW, look_at=NOW).outcome_lost(look_at=NOW)
    again = right(lost.ended())
    assert (again.state, again.unsettled, again.look_at) == (SetState.UNKNOWN, True, NOW)


def test_a_set_whose_window_is_over_stays_ended():
    ended = make_set().ended()
    assert corrected(ended, END, look_within=LOOK_WITHIN) is ended


def test_a_moment_is_no_later_than_the_latest():
    assert (earlier(None, NOW), earlier(NOW + HOUR, NOW), earlier(NOW - HOUR, NOW)) == (None, NOW, NOW - HOUR)
