"""The head of a day tells of each door once, and counts each booking once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from drempel.domain.access import BookingState
from drempel.engine.day import Door, day_of
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors
from drempel.engine.records import BookingView
from drempel.web.pages.day_notes import DayNotes, day_notes
from drempel.web.pages.rows import BookingRow
from tests.engine.stand_in import NOW, a_set, a_view
from tests.engine.test_day import DAY, SETUP, ZONE

DOOR = OfflineDoor(component_id="c1", name="Main entrance", since=NOW)
LOOKS = [OfflineDoors(connection_id=1, site_id=site_id, looked_at=NOW, doors=(DOOR,)) for site_id in ("site-1", "site-2")]


def notes(*views: BookingView) -> DayNotes:
    day = day_of(views, SETUP, day=DAY, zone=ZONE)
    return day_notes([(visit, BookingRow.of(visit.view, SETUP, looks=LOOKS)) for visit in day.visits], now=NOW)


def granted(booking_id: str, *sets: object) -> BookingView:
    return a_view(booking_id, sets=sets, state=BookingState.GRANTED, object_id="81")  # type: ignore[arg-type]


def test_a_booking_with_two_windows_is_counted_once() -> None:
    window = a_set().intent.window
    later = replace(window, valid_from=window.valid_from + timedelta(hours=4), valid_to=window.valid_to + timedelta(hours=4))
    (note,) = notes(granted("1", a_set(), a_set(2, intent=replace(a_set().intent, window=later))), granted("2", a_set())).doors
    assert [row.record.booking_id for row in note.rows] == ["1", "2"]


def test_doors_of_one_name_at_two_sites_are_two_doors() -> None:
    told = notes(granted("1", a_set()), granted("2", a_set(site_id="site-2")))
    assert [(note.door.name, len(note.rows)) for note in told.doors] == [("Main entrance", 1), ("Main entrance", 1)]
    assert told.offline_doors == {Door("Main entrance", "site-1"), Door("Main entrance", "site-2")}


def test_what_has_no_access_yet_is_not_told_of() -> None:
    planned = a_view("1", state=BookingState.PENDING, object_id="81", start=NOW, end=NOW + timedelta(hours=1))
    assert notes(planned) == DayNotes(doors=())
