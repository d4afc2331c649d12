"""Today: a picture by door, a list by time, any day, and a file for the front desk."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.failures import Failure
from drempel.domain.help import HELP
from drempel.engine.day import day_of
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors
from drempel.engine.ports import Pause
from drempel.engine.records import BookingView, Brake
from drempel.engine.setup import Setup
from drempel.web.pages.picture import picture
from tests.engine.stand_in import CLUB, NOW, a_set, a_view
from tests.engine.test_day import SETUP, booked
from tests.web.pages.browser import HOSTILE, TO, Browser, Counting

LOOK = OfflineDoors(
    connection_id=1,
    site_id="site-1",
    looked_at=NOW,
    doors=(OfflineDoor(component_id="c1", name="Main entrance", since=NOW - timedelta(hours=1)),),
)
GRANTED = a_view("1363", sets=[a_set()], state=BookingState.GRANTED, object_name="Hall 1", object_id="81")


async def test_the_first_page_is_today_by_door_and_by_time() -> None:
    page = await Browser(Counting(GRANTED)).page("/")
    assert "Today, Saturday, 14 March 2026" in page.text
    assert [section.get("aria-label") for section in page.of("section") if section.get("class") == "lane"] == ["Main entrance"]
    assert f"10:45 {TO} 13:00 booked from 11:00 Hall 1 1363" in page.text
    assert "Times are in Europe/Amsterdam." in page.text
    assert len(page.of("table")) == 1


async def test_each_bar_is_a_link_that_says_who_when_and_how_it_stands() -> None:
    page = await Browser(Counting(GRANTED)).page("/today")
    (bar,) = [link for link in page.of("a") if link.get("class", "").startswith("opening")]
    assert bar["href"] == "/bookings/club/1363"
    assert bar["aria-label"] == f"Booking 1363, 10:45 {TO} 13:00, Granted"
    assert bar["class"] == "opening is-granted"


async def test_what_is_open_now_says_so() -> None:
    at_eleven = NOW + timedelta(hours=2)
    assert "Access now" in (await Browser(Counting(GRANTED), now=at_eleven).page("/today")).text
    assert "Access now" not in (await Browser(Counting(GRANTED)).page("/today")).text


async def test_two_bookings_that_open_the_same_door_are_told() -> None:
    other = replace(GRANTED, record=replace(GRANTED.record, booking_id="1364"))
    page = await Browser(Counting(GRANTED, other)).page("/today")
    assert f"several bookings: 10:45{TO}13:00" in page.text


async def test_another_day_can_be_chosen_and_led_to() -> None:
    browser = Browser(Counting(GRANTED, setup=SETUP))
    page = await browser.page("/today?day=2026-03-15")
    assert "Sunday, 15 March 2026" in page.text
    assert "No booking opens a door on this day." in page.text
    assert {"/today?day=2026-03-14", "/today?day=2026-03-16", "/today"} <= set(page.links)
    assert "1363" in (await browser.page("/today?day=2026-03-14")).text


@pytest.mark.parametrize("day", ["nonsense", "2026-02-30", "1999-12-31", "9999-12-31", "2026-03-14T00:00", "%3Cb%3E"])
async def test_a_day_that_is_none_is_a_page_that_says_so(day: str) -> None:
    assert "This address leads nowhere" in (await Browser(Counting()).page(f"/today?day={day}", status=400)).text


async def test_each_zone_has_its_own_day() -> None:
    gym = replace(CLUB, name="gym", time_zone="America/New_York")
    setup = Setup(version=1, sources={"club": CLUB, "gym": gym})
    view = replace(GRANTED, record=replace(GRANTED.record, source="gym"))
    records = Counting(GRANTED, view, setup=setup)
    shown = await Browser(records).page("/today?day=2026-03-14")
    assert "America/New_York" in shown.text
    assert f"05:45 {TO} 08:00" in shown.text
    assert f"10:45 {TO} 13:00" in shown.text


async def test_hostile_names_stay_text() -> None:
    hostile = a_set()
    intent = replace(hostile.intent, component_names=(HOSTILE,))
    view = a_view("1", sets=[replace(hostile, intent=intent)], state=BookingState.GRANTED, object_name=HOSTILE)
    page = await Browser(Counting(view)).page("/today")
    assert page.of("img") == []
    assert len(page.of("script")) == 1
    assert page.text.count("<script>alert(1)</script>") >= 4
    pack = (await Browser(Counting(view)).ask("GET", "/today/pack")).body.decode()
    assert "<script>" not in pack
    assert "<img" not in pack


@pytest.mark.parametrize("state", BookingState)
async def test_every_state_can_be_drawn(state: BookingState) -> None:
    page = await Browser(Counting(booked(7, 600, 60, state), setup=SETUP)).page("/today")
    assert "/bookings/club/7" in page.links


async def test_the_pack_is_one_file_for_two_days_that_says_how_old_it_is() -> None:
    tomorrow = a_view("9", state=BookingState.PENDING, start=NOW + timedelta(days=1), end=NOW + timedelta(days=1, hours=1))
    answer = await Browser(Counting(GRANTED, tomorrow)).ask("GET", "/today/pack")
    html = answer.body.decode()
    assert answer.status == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="drempel-2026-03-14-0900.html"'
    assert "Made on Saturday, 14 March 2026 at 09:00" in html
    assert "1363" in html
    assert "Tomorrow, Sunday, 15 March 2026" in html
    assert not re.search(r"(src|href)=|<script|url\(|@import", html)


def test_a_picture_shows_the_working_day_and_whatever_lies_beyond_it() -> None:
    quiet = picture(day_of([booked(1, 600, 60)], SETUP, day=date(2026, 3, 14), zone="Europe/Amsterdam"), NOW + timedelta(hours=3))
    assert [hour.label for hour in quiet.hours][:2] == ["08", "09"]
    early = picture(day_of([booked(1, 190, 60)], SETUP, day=date(2026, 3, 14), zone="Europe/Amsterdam"), NOW)
    assert early.hours[0].label == "03"
    assert quiet.now is not None
    assert picture(day_of([], SETUP, day=date(2026, 3, 15), zone="Europe/Amsterdam"), NOW).now is None


@pytest.mark.parametrize(
    ("hour", "minute", "x", "mark", "text"),
    [
        (7, 0, "0.000%", "0.00em", "1.70em"),
        (7, 54, "6.000%", "-0.85em", "0.85em"),
        (9, 0, "13.333%", "-1.70em", "0.00em"),
        (20, 0, "86.667%", "-1.70em", "0.00em"),
        (21, 59, "99.889%", "-3.38em", "-1.68em"),
    ],
)
def test_the_mark_of_this_moment_lies_in_the_picture_also_at_its_edges(
    hour: int, minute: int, x: str, mark: str, text: str
) -> None:
    now = NOW.replace(hour=hour - 1, minute=minute)
    day = day_of([booked(1, 600, 60)], SETUP, day=date(2026, 3, 14), zone="Europe/Amsterdam")
    assert picture(day, now).now == (x, mark, text)


def test_no_hour_is_written_under_the_mark_of_this_moment() -> None:
    day = day_of([booked(1, 600, 60)], SETUP, day=date(2026, 3, 14), zone="Europe/Amsterdam")
    drawn = picture(day, NOW + timedelta(minutes=5))
    assert [hour.label for hour in drawn.hours][:4] == ["08", "", "10", "11"]
    # On a phone the mark takes more of the picture.
    assert [hour.is_even for hour in drawn.hours][:5] == [False, False, False, False, True]
    another_day = picture(day, NOW + timedelta(days=1))
    assert "" not in [hour.label for hour in another_day.hours]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 22), (date(2026, 10, 25), 24)])
def test_a_night_of_the_change_is_drawn_as_long_as_it_is(day: date, hours: int) -> None:
    start = NOW.replace(month=day.month, day=day.day, hour=0)
    view = a_view(
        "1", state=BookingState.PENDING, object_id="81", start=start - timedelta(hours=8), end=start + timedelta(hours=30)
    )
    drawn = picture(day_of([view], SETUP, day=day, zone="Europe/Amsterdam"), NOW)
    assert len(drawn.hours) == hours
    (bar,) = drawn.lanes[0].bars
    assert (bar.x, bar.width) == ("0.000%", "100.000%")


async def test_a_revoked_access_is_listed_and_not_drawn() -> None:
    view = a_view("1", sets=[a_set(state=SetState.REVOKED)], state=BookingState.REVOKED, start=NOW, end=NOW + timedelta(hours=1))
    page = await Browser(Counting(view)).page("/today")
    assert "Revoked" in page.text
    assert not [link for link in page.of("a") if link.get("class", "").startswith("opening")]


async def test_where_nothing_is_set_up_the_first_page_says_how_to_begin() -> None:
    page = await Browser(Counting(setup=Setup(version=0))).page("/")
    assert "Nothing is set up yet." in page.text
    page = await Browser(Counting()).page("/")
    assert "The booking system is set up. The next step is the integration with its doors" in page.text


async def test_what_stands_between_many_bookings_and_their_doors_is_told_on_the_first_page() -> None:
    records = Counting(GRANTED, setup=SETUP)
    at = {"detail": "no answer", "since": NOW, "probe_at": NOW}
    records.pause_list = [
        Pause(key="silence:source:club", code="source.unreachable", **at),
        Pause(key="source:club", code="source.refused", **at),
    ]
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    page = await Browser(records).page("/")
    assert "The booking system club does not answer. Since Sat 14 Mar, 09:00" in page.text
    assert "The booking system club refuses us" in page.text
    assert "The brake of club holds" in page.text
    assert page.links.count("/needs") >= 3


async def test_a_door_that_an_access_lacks_is_told_while_it_matters() -> None:
    hall = replace(a_set().intent, component_ids=("c1", "c2"), component_names=("Main entrance", "Hall 1"))
    lacking = replace(GRANTED, sets=(a_set(intent=hall, dropped_ids=frozenset({"c2"})),))
    page = await Browser(Counting(lacking, setup=SETUP)).page("/")
    assert "Hall 1: one booking has access without this door" in page.text
    assert "Main entrance without: Hall 1" in page.text
    over = await Browser(Counting(lacking, setup=SETUP), now=NOW + timedelta(hours=9)).page("/")
    assert "has access without this door" not in over.text
    replaced = replace(GRANTED, sets=(*lacking.sets, a_set(2, intent=hall)))
    assert "offline" not in (await Browser(Counting(replaced, setup=SETUP)).page("/")).text


def lacking_hall(booking_id: str = "1363") -> BookingView:
    hall = replace(a_set().intent, component_ids=("c1", "c2"), component_names=("Main entrance", "Hall 1"))
    return replace(
        GRANTED,
        record=replace(GRANTED.record, booking_id=booking_id),
        sets=(a_set(intent=hall, dropped_ids=frozenset({"c2"})),),
    )


async def test_who_cannot_open_a_door_stands_in_its_row_to_be_let_in_by_hand() -> None:
    records = Counting(lacking_hall(), setup=SETUP)
    page = await Browser(records).page("/")
    assert [section.get("aria-label") for section in page.of("section") if section.get("class") == "lane"] == [
        "Hall 1",
        "Main entrance",
    ]
    bars = [link for link in page.of("a") if link.get("class", "").startswith("opening")]
    assert [bar["aria-label"].rpartition(", ")[2] for bar in bars] == ["without this door", "Granted"]
    assert "Hall 1 let in by hand: 1363" in page.text
    over = await Browser(records, now=NOW + timedelta(hours=9)).page("/")
    assert "let in by hand: 1363" not in over.text


async def test_the_pack_says_at_a_door_who_is_to_be_let_in_by_hand() -> None:
    html = (await Browser(Counting(lacking_hall(), setup=SETUP)).ask("GET", "/today/pack")).body.decode()
    pack = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    at_hall = pack.partition("Hall 1 Time")[2].partition("Main entrance")[0]
    assert "1363 Hall 1 Without this door: let in by hand" in at_hall
    assert "without: Hall 1" in pack


async def test_the_row_of_a_door_that_is_lacking_says_too_that_it_is_offline() -> None:
    records = Counting(lacking_hall(), setup=SETUP)
    await records.keep_offline_doors(replace(LOOK, doors=(replace(LOOK.doors[0], component_id="c2", name="Hall 1"),)))
    page = await Browser(records).page("/")
    assert "Hall 1 Offline when last looked let in by hand: 1363" in page.text


async def test_a_door_that_some_access_lacks_and_some_opens_is_told_once_at_the_head() -> None:
    hall = replace(lacking_hall().sets[0], dropped_ids=frozenset())
    opens = replace(GRANTED, record=replace(GRANTED.record, booking_id="1364"), sets=(hall,))
    records = Counting(lacking_hall(), opens, setup=SETUP)
    await records.keep_offline_doors(replace(LOOK, doors=(replace(LOOK.doors[0], component_id="c2", name="Hall 1"),)))
    page = await Browser(records).page("/")
    assert "Hall 1 is offline (seen 09:00): 2 bookings need it" in page.text
    assert "have access without" not in page.text
    later = await Browser(records, now=NOW + timedelta(days=1)).page("/today?day=2026-03-14")
    assert "seen" not in later.text
    old = replace(records.offline[0], looked_at=NOW - timedelta(days=1))
    await records.keep_offline_doors(old)
    assert "Hall 1 is offline (seen Fri 13 Mar, 09:00 CET)" in (await Browser(records).page("/")).text


async def test_a_door_that_is_lacking_is_called_offline_only_while_it_is() -> None:
    page = await Browser(Counting(lacking_hall(), setup=SETUP)).page("/")
    assert "without: Hall 1" in page.text
    assert "offline: Hall 1" not in page.text


async def test_two_bookings_that_lack_a_door_are_both_counted_and_stand_in_the_list() -> None:
    page = await Browser(Counting(lacking_hall(), lacking_hall("1364"), setup=SETUP)).page("/")
    assert "Hall 1: 2 bookings have access without this door" in page.text
    assert "#times-title-1" in page.links


async def test_a_door_that_went_offline_after_access_was_given_is_told_until_the_booking_is_over() -> None:
    other = replace(GRANTED, record=replace(GRANTED.record, booking_id="1364"))
    records = Counting(GRANTED, other, setup=SETUP)
    await records.keep_offline_doors(LOOK)
    page = await Browser(records, now=NOW + timedelta(hours=2)).page("/")
    told = "Main entrance is offline (seen 09:00): 2 bookings need it"
    assert told in page.text
    assert page.text.count("Main entrance offline: Main entrance") == 2
    assert "Main entrance Offline when last looked several bookings" in page.text
    assert "offline" not in (await Browser(records, now=NOW + timedelta(hours=9)).page("/")).text
    await records.keep_offline_doors(replace(LOOK, doors=()))
    assert "offline" not in (await Browser(records).page("/")).text


async def test_a_pause_is_told_at_the_head_with_since_when_and_that_new_bookings_are_missing() -> None:
    doors = SETUP.integrations["doors"]
    setup = replace(SETUP, integrations={"doors": replace(doors, paused=True, paused_at=NOW)})
    page = await Browser(Counting(GRANTED, setup=setup)).page("/")
    told = "Integration doors is paused since Sat 14 Mar, 09:00 CET: nothing is created or revoked."
    assert f"{told} Bookings that come meanwhile are not shown here." in page.text
    both = replace(setup, integrations={**setup.integrations, "other": replace(doors, name="other")})
    page = await Browser(Counting(GRANTED, setup=both)).page("/")
    assert told in page.text
    assert "are not shown here" not in page.text


async def test_an_integration_that_is_not_active_is_told_at_the_head() -> None:
    doors = SETUP.integrations["doors"]
    setup = replace(SETUP, integrations={"doors": replace(doors, policy=replace(doors.policy, active=False))})
    assert "Integration doors is not active: nothing is created." in (await Browser(Counting(setup=setup)).page("/")).text


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        (BookingState.NONE, "object.unmapped", "No access no door mapped"),
        (BookingState.NONE, "booking.existing", "No access confirmed before Drempel began"),
        (BookingState.NONE, "integration.inactive", "No access integration not active"),
        (BookingState.NONE, "status.neither_trigger_nor_revoke", "No access not confirmed"),
        (BookingState.REVOKED, "status.revoke", "Revoked cancelled"),
    ],
)
async def test_why_there_is_no_access_is_said_in_few_words(state: BookingState, reason: str, said: str) -> None:
    view = a_view("1", state=state, reason=reason, start=NOW, end=NOW + timedelta(hours=1))
    assert said in (await Browser(Counting(view, setup=SETUP)).page("/today")).text


async def test_the_pack_warns_as_the_page_does_and_tells_apart_who_may_not_enter() -> None:
    at = {"start": NOW, "end": NOW + timedelta(hours=1)}
    records = Counting(
        GRANTED,
        a_view("2001", state=BookingState.NONE, reason="object.unmapped", **at),
        a_view("2002", sets=[a_set(state=SetState.REVOKED)], state=BookingState.REVOKED, reason="status.revoke", **at),
        a_view("2003", state=BookingState.NEEDS_PERSON, failure=Failure("component.missing"), **at),
        setup=replace(SETUP, integrations={"doors": replace(SETUP.integrations["doors"], paused=True, paused_at=NOW)}),
    )
    await records.keep_offline_doors(LOOK)
    html = (await Browser(records).ask("GET", "/today/pack")).body.decode()
    pack = " ".join(re.sub(r"<[^>]+>", "", html).split())
    head, _, day = pack.partition("Today, Saturday")
    assert "Main entrance is offline (seen 09:00): today and tomorrow one booking needs it" in head
    assert "Integration doors is paused since" in head
    assert "One booking needs a person" in head
    may_enter, _, without = day.partition("Without access")
    assert "1363" in may_enter
    assert "offline: Main entrance" in may_enter
    assert not [number for number in ("2001", "2002", "2003") if number in may_enter]
    assert "No access: no door mapped" in without
    assert f"Needs a person: No door link yet ({HELP['component.missing'].title}): let the visitor in by hand." in without
    assert "2002" not in pack
    assert not re.search(r"(src|href)=", html)


SILENT = Failure("resivo.unreachable", {"integration": "doors", "detail": "no answer"})


def waits(booking_id: str, *, begins: int, not_ready: str = "resivo.unreachable", **record: object) -> BookingView:
    """Minutes after 9 o'clock, which is now."""
    view = booked(int(booking_id), 9 * 60 + begins, 60)
    return replace(view, record=replace(view.record, failure=SILENT, not_ready=not_ready, object_name="Hall 1", **record))


async def test_who_should_be_inside_and_has_no_door_link_is_to_be_let_in_by_hand_and_says_why() -> None:
    records = Counting(waits("3702", begins=-11), waits("3701", begins=10), waits("3709", begins=600, not_ready=""), setup=SETUP)
    page = await Browser(records).page("/")
    assert page.text.count("No door link yet (Resivo does not answer): let the visitor in by hand.") == 2
    assert "Main entrance let in by hand: 3702, 3701" in page.text
    assert "Pending Resivo does not answer" in page.text
    assert "2 visitors have no door link yet: let them in by hand" in page.text
    bars = [link["aria-label"] for link in page.of("a") if link.get("class", "").startswith("opening")]
    assert any(bar is not None and bar.endswith("Pending: let in by hand") for bar in bars)
    pack = " ".join(re.sub(r"<[^>]+>", " ", (await Browser(records).ask("GET", "/today/pack")).body.decode()).split())
    assert pack.count("Pending: No door link yet (Resivo does not answer): let the visitor in by hand.") == 2
    assert pack.count("3702 Hall 1 Pending: let in by hand") == 2
    assert "2 visitors have no door link yet: let them in by hand" in pack


async def test_from_the_moment_at_which_the_doors_open_nobody_has_to_have_been_warned() -> None:
    waiting = waits("1", begins=15, not_ready="", state=BookingState.PENDING)
    assert "let in by hand: 1" in (await Browser(Counting(waiting, setup=SETUP)).page("/")).text
    early = await Browser(Counting(waiting, setup=SETUP), now=NOW - timedelta(minutes=1)).page("/")
    over = await Browser(Counting(waiting, setup=SETUP), now=NOW + timedelta(minutes=76)).page("/")
    assert "by hand: 1" not in early.text + over.text


async def test_who_may_have_a_door_link_is_not_told_to_have_none() -> None:
    view = waits("1", begins=-5)
    unknown = replace(view, record=replace(view.record, failure=Failure("access.outcome_unknown", {})))
    text = (await Browser(Counting(unknown, setup=SETUP)).page("/")).text
    assert "If the visitor has no door link, let them in by hand." in text
    assert "No door link yet" not in text


async def test_nobody_waits_at_the_door_for_a_booking_that_asks_for_nothing() -> None:
    cancelled = waits("1", begins=-5, reason="status.revoke")
    assert "by hand: 1" not in (await Browser(Counting(cancelled, setup=SETUP)).page("/")).text


async def test_the_time_of_what_opens_nothing_is_not_called_that_of_open_doors() -> None:
    records = Counting(GRANTED, waits("1", begins=600), setup=SETUP)
    page = await Browser(records).page("/")
    assert "Doors open" not in page.text
    html = (await Browser(records).ask("GET", "/today/pack")).body.decode()
    may_enter, _, without = html.partition("Without access")
    assert "Doors open" in may_enter
    assert "Doors open" not in without


async def test_what_is_in_the_way_of_a_booking_stands_beside_needs_a_person_on_the_page_too() -> None:
    later = replace(waits("1", begins=600, not_ready=""), sets=())
    needy = replace(later.record, state=BookingState.NEEDS_PERSON, failure=Failure("component.missing"))
    page = await Browser(Counting(replace(later, record=needy), setup=SETUP)).page("/")
    assert f"Needs a person {HELP['component.missing'].title}" in page.text
