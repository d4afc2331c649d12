from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.own_name import is_named
from drempel.domain.retention import Keeps, Standing, reduced, why_kept_at_age, why_kept_though_ordered
from tests.factories import END, NOW, make_set

LONG_AFTER = END + timedelta(days=91)
GONE = make_set(state=SetState.REVOKED, revoked_at=NOW)
OVER = make_set(state=SetState.ENDED)


def standing(*sets: AuthorizationSet, **also: Any) -> Standing:
    values: dict[str, Any] = {"state": BookingState.ENDED, "leased": False, "end": END, "done_at": END, **also}
    return Standing(sets=sets, **values)


def at_age(at: Standing, *, now: datetime = LONG_AFTER) -> Keeps | None:
    return why_kept_at_age(at, before=now - timedelta(days=90), now=now)


HELD = [
    (make_set(state=SetState.LIVE), Keeps.LIVE),
    (make_set(state=SetState.REVOKING), Keeps.REVOKING),
    (make_set(state=SetState.UNKNOWN), Keeps.UNSETTLED),
    (make_set(state=SetState.INTENDED, maybe_sent=True), Keeps.UNSETTLED),
    (make_set(state=SetState.INTENDED), Keeps.UNSETTLED),
    (replace(GONE, watch_at=NOW), Keeps.WATCHED),
]


@pytest.mark.parametrize(("held", "why"), HELD)
def test_what_may_open_a_door_or_turn_up_is_kept_whatever_was_ordered_and_however_old(held: AuthorizationSet, why: Keeps) -> None:
    assert why_kept_though_ordered(standing(GONE, held)) is why
    assert at_age(standing(GONE, held)) is why


def test_what_is_gone_or_over_is_erased_by_order_and_by_age() -> None:
    assert why_kept_though_ordered(standing(GONE, OVER)) is None
    assert at_age(standing(GONE, OVER)) is None


@pytest.mark.parametrize(
    ("also", "why"),
    [
        ({"state": BookingState.NEEDS_PERSON}, Keeps.NEEDS_PERSON),
        ({"told_at": NOW}, Keeps.AWAITED),
        ({"next_at": LONG_AFTER + timedelta(hours=23)}, Keeps.AWAITED),
        ({"next_at": LONG_AFTER - timedelta(days=9)}, Keeps.AWAITED),
        ({"next_at": LONG_AFTER + timedelta(days=2)}, None),
        ({"end": LONG_AFTER - timedelta(days=89)}, Keeps.YOUNG),
        ({"end": None, "done_at": LONG_AFTER - timedelta(days=89)}, Keeps.YOUNG),
        ({"end": None, "done_at": None}, Keeps.YOUNG),
        ({"end": None}, None),
    ],
)
def test_at_its_age_a_booking_is_kept_while_somebody_waits_for_it_or_it_is_young(also: dict[str, Any], why: Keeps | None) -> None:
    assert at_age(standing(**also)) is why


def test_a_booking_is_as_young_as_the_last_of_its_windows() -> None:
    late = replace(OVER, intent=replace(OVER.intent, window=replace(OVER.intent.window, valid_to=LONG_AFTER)))
    assert at_age(standing(OVER, late, end=None)) is Keeps.YOUNG


def test_a_worker_who_is_at_it_is_never_disturbed_and_a_person_who_orders_has_seen_to_it() -> None:
    assert why_kept_though_ordered(standing(leased=True)) is Keeps.AT_WORK
    assert at_age(standing(leased=True)) is Keeps.AT_WORK
    assert why_kept_though_ordered(standing(state=BookingState.NEEDS_PERSON, told_at=NOW, next_at=NOW)) is None


def test_what_stays_of_a_set_proves_whose_it_was_and_tells_no_time_no_door_and_no_visitor() -> None:
    left = reduced(replace(GONE, display_name="Hall Ada · dr-abcdefgh-club-3691-7", number=7))
    assert (left.number, left.authorization_id, left.state) == (7, "id-1", SetState.REVOKED)
    assert left.display_name == "dr-abcdefgh-club-3691-7"
    assert is_named("Hall Ada · dr-abcdefgh-club-3691-7", recorded=left.display_name)
    assert not is_named("Hall Ada · dr-abcdefgh-club-3691-8", recorded=left.display_name)
    text = repr(left)
    for told in ("Ada", "2026", "#", "c-main", "Main"):
        assert told not in text.replace("datetime.datetime(1970", "")
