from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.ireserve import search
from tests.ireserve.answers import unhurried


def test_the_searches_are_those_of_the_contract() -> None:
    assert search.bookings(["3691", 3692]) == "BOOKING_ID IN (3691,3692)"
    assert search.booking_above(3600) == "BOOKING_ID > 3600"
    assert search.start_between(-1, 30) == 'startdatum >= "-1d" AND startdatum <= "30d"'
    assert search.objects(["81", "82"]) == "product IN (81,82)"
    assert search.statuses(["20", "30"]) == "STATUS IN (20,30)"
    assert search.statuses([20], criterion="RES_STATUS") == "RES_STATUS IN (20)"
    assert (
        search.all_of(search.start_between(0, 7), search.statuses([20, 30]))
        == 'startdatum >= "0d" AND startdatum <= "7d" AND STATUS IN (20,30)'
    )


@pytest.mark.parametrize("value", ["1) OR (1", "", "1 ", "-1", "1.5", "x", "\uff11", "1\n", "9" * 19, True, 1.5])
def test_nothing_but_a_whole_number_gets_into_a_search(value: Any) -> None:
    for build in (search.booking_above, lambda one: search.bookings([one]), lambda one: search.statuses([one])):
        with pytest.raises(ValueError, match="Only whole numbers"):
            build(value)


@pytest.mark.parametrize("day", ["1", 1.5, True, 4000, -4000])
def test_a_day_is_a_whole_number_near_today(day: Any) -> None:
    with pytest.raises(ValueError, match="A day is"):
        search.start_between(0, day)


def test_a_list_or_a_search_with_nothing_in_it_is_refused() -> None:
    for build in (lambda: search.bookings([]), search.all_of):
        with pytest.raises(ValueError, match="at least one"):
            build()


@unhurried
@given(st.text())
def test_no_name_of_a_criterion_smuggles_anything_in(criterion: str) -> None:
    try:
        text = search.statuses([20], criterion=criterion)
    except ValueError:
        return
    assert text == f"{criterion} IN (20)"
    assert criterion.isidentifier()
