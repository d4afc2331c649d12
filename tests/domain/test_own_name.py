"""What is ours by its name: a proof at the end, and nothing else."""

from __future__ import annotations

import pytest

from drempel.domain.access import Marker, display_name
from drempel.domain.own_name import read_own_name

MARKER = Marker(current="abcdefgh", former=frozenset({"oldmarkr"}))


@pytest.mark.parametrize(
    "object_name", ["Hall 1", "", "dr-abcdefgh-club-1-1", "a · dr-zzzzzzzz-club-9-9", "x" * 80, "Zaal · ", "é\u202e\n"]
)
@pytest.mark.parametrize(("source", "booking_id"), [("club", "3691"), ("club-a.b_c", "a-1:x"), ("1", "-")])
def test_a_name_that_we_give_is_read_back_whatever_the_object_is_called(object_name: str, source: str, booking_id: str):
    name = display_name(object_name=object_name, marker="abcdefgh", source=source, booking_id=booking_id, number=12)
    own = read_own_name(name)
    assert own is not None
    assert (own.marker, own.number) == ("abcdefgh", 12)
    assert own.bookings({source, "other"}) == [(source, booking_id)]
    assert MARKER.owns(name)


@pytest.mark.parametrize(
    "typed",
    [
        "dr-abcdefgh-",
        "copy of dr-abcdefgh-club-3691-1",
        "Hall 1 · dr-abcdefgh-club-3691-1 (copy)",
        "Hall 1 · dr-abcdefgh-club-3691-1 ",
        "Hall 1 · dr-abcdefgh-club-3691-1\n",
        "Hall 1\n · dr-abcdefgh-club-3691-1",
        "Hall 1 · dr-abcdefgh-club-3691-0",
        "Hall 1 · dr-abcdefgh-club-3691-01",
        "Hall 1 · dr-abcdefgh-club-3691-\u0661",
        "Hall 1 · dr-abcdefgh-3691",
        "Hall 1 · dr-abcdefgh-cl ub-3691-1",
        "Hall 1 - dr-abcdefgh-club-3691-1",
        "Hall 1 · DR-abcdefgh-club-3691-1",
        "Hall 1 · dr-zzzzzzzz-club-3691-1",
        "dr-abcdefgh-club-3691-1 · Hall 1",
        "",
    ],
)
def test_a_name_that_only_contains_the_marker_is_not_ours(typed: str):
    assert not MARKER.owns(typed)


def test_a_former_marker_owns_as_the_current_one_does():
    assert MARKER.owns("Hall 1 · dr-oldmarkr-club-3691-1")


def test_where_source_names_and_booking_ids_can_be_split_in_two_ways_both_are_told():
    own = read_own_name("dr-abcdefgh-club-a-1-7")
    assert own is not None
    assert own.bookings({"club", "club-a", "club-a-1"}) == [("club", "a-1"), ("club-a", "1")]
    assert own.bookings({"other"}) == []
