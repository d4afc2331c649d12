"""The list of bookings can be filtered and paged, and nothing hostile becomes markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.failures import Failure
from drempel.engine.ports import Pause
from drempel.engine.setup import Setup
from tests.engine.stand_in import CLUB, NOW, a_set, a_view
from tests.engine.test_day import SETUP
from tests.web.pages.browser import HOSTILE, LINKS, TO, Browser, Counting
from tests.web.pages.test_today import LOOK


def granted(booking_id: str, **more: object) -> object:
    return a_view(booking_id, sets=[a_set()], state=BookingState.GRANTED, object_id="81", object_name="Hall 1", **more)


async def test_an_empty_world_says_what_to_do_next() -> None:
    page = await Browser(Counting()).page("/bookings")
    assert "The next step is the integration with its doors" in page.text
    page = await Browser(Counting(setup=Setup(version=0))).page("/bookings")
    assert "Nothing is set up yet." in page.text
    assert page.of("table") == []
    page = await Browser(Counting(setup=SETUP)).page("/bookings")
    assert "No booking is known yet." in page.text


async def test_the_list_promises_nothing_and_tells_the_same_troubles_as_today() -> None:
    doors = replace(SETUP.integrations["doors"], paused=True, paused_at=NOW)
    records = Counting(granted("1363"), setup=replace(SETUP, integrations={"doors": doors}))
    records.pause_list = [Pause(key="silence:source:club", code="source.unreachable", detail="", since=NOW, probe_at=NOW)]
    await records.keep_offline_doors(LOOK)
    browser = Browser(records)
    page = await browser.page("/bookings")
    for told in (
        "Integration doors is paused since Sat 14 Mar, 09:00 CET",
        "The booking system club does not answer. Since Sat 14 Mar, 09:00",
        "Main entrance is offline (seen 09:00): one booking needs it",
    ):
        assert told in page.text
        assert told in (await browser.page("/today")).text
    assert "nobody needs to do anything" not in page.text


async def test_the_window_is_shown_in_the_zone_which_is_named() -> None:
    page = await Browser(Counting(granted("1363"))).page("/bookings")
    assert f"Sat 14 Mar, 10:45 {TO} 13:00 CET" in page.text
    assert "Times are in Europe/Amsterdam." in page.text
    assert "2026-03-14T09:45:00Z" in [time.get("datetime") for time in page.of("time")]


async def test_a_next_attempt_stands_only_where_something_is_to_come_of_it() -> None:
    views = [
        granted("1", next_at=NOW + timedelta(minutes=5)),
        a_view("2", state=BookingState.PENDING, next_at=NOW + timedelta(minutes=7)),
    ]
    page = await Browser(Counting(*views)).page("/bookings")
    assert "in 7 min" in page.text
    assert "in 5 min" not in page.text


async def test_a_window_over_the_night_of_the_change_names_both_sides() -> None:
    start = NOW.replace(month=3, day=28, hour=22)
    view = a_view("1", state=BookingState.PENDING, start=start, end=start + timedelta(hours=5))
    page = await Browser(Counting(view)).page("/bookings")
    assert f"Sat 28 Mar, 23:00 CET {TO} Sun 29 Mar, 05:00 CEST" in page.text


async def test_the_booking_time_stands_in_until_there_is_an_access() -> None:
    view = a_view("1", state=BookingState.PENDING, start=NOW, end=NOW + timedelta(hours=1))
    assert f"Sat 14 Mar, 09:00 {TO} 10:00 CET" in (await Browser(Counting(view)).page("/bookings")).text


async def test_every_state_is_a_filter_with_its_count() -> None:
    browser = Browser(Counting(granted("1"), granted("2"), a_view("3", state=BookingState.NONE)))
    page = await browser.page("/bookings")
    assert {f"/bookings?state={state.value}" for state in BookingState} <= set(page.links)
    assert "Granted2" in page.text
    filtered = await browser.page("/bookings?state=granted")
    assert "/bookings/club/2" in filtered.links
    assert "/bookings/club/3" not in filtered.links


@pytest.mark.parametrize("state", BookingState)
async def test_every_filter_has_a_page_with_and_without_bookings(state: BookingState) -> None:
    await Browser(Counting()).page(f"/bookings?state={state.value}")
    page = await Browser(Counting(a_view("7", state=state))).page(f"/bookings?state={state.value}")
    assert "/bookings/club/7" in page.links


async def test_pages_follow_each_other_by_cursor_and_keep_the_filter() -> None:
    browser = Browser(Counting(*[granted(f"{number:03}") for number in range(120)]))
    first = await browser.page("/bookings?state=granted")
    assert "/bookings?state=granted&after=50" in first.links
    last = await browser.page("/bookings?state=granted&after=100")
    assert "/bookings/club/119" in first.links
    assert "/bookings/club/000" in last.links
    assert not [link for link in last.links if link and "after=" in link]
    assert "/bookings?state=granted" in last.links


async def test_a_number_leads_to_its_booking_and_one_that_is_not_known_says_so() -> None:
    browser = Browser(Counting(granted("3691"), granted("3692")))
    found = await browser.ask("GET", "/bookings?id=+3691+")
    assert (found.status, found.headers["location"]) == (303, "/bookings/club/3691")
    for nothing in ("369", "%3Cb%3E", "x" * 100, "%00"):
        page = await browser.page(f"/bookings?id={nothing}")
        assert "Drempel knows no booking" in page.text
        assert "/bookings/club/3692" in page.links
    assert "Newest first" in (await browser.page("/bookings")).text


async def test_a_number_of_two_sources_shows_both() -> None:
    records = Counting(granted("1"), setup=Setup(version=1, sources={"club": CLUB, "hall": replace(CLUB, name="hall")}))
    view = records.views["club", "1"]
    records.views["hall", "1"] = replace(view, record=replace(view.record, source="hall"))
    page = await Browser(records).page("/bookings?id=1")
    assert {"/bookings/club/1", "/bookings/hall/1"} <= set(page.links)
    assert "Bookings with the number 1" in page.text


@pytest.mark.parametrize("query", ["state=nonsense", "after=nonsense", "state=granted&after=%3Cb%3E"])
async def test_an_address_that_is_none_is_answered_with_a_page(query: str) -> None:
    page = await Browser(Counting()).page(f"/bookings?{query}", status=400)
    assert "This address leads nowhere" in page.text


async def test_hostile_names_stay_text() -> None:
    failure = Failure("component.missing", {"names": HOSTILE, "near": HOSTILE})
    views = [
        a_view("1", state=BookingState.NEEDS_PERSON, failure=failure, object_name=HOSTILE, object_id=HOSTILE, status=HOSTILE),
        a_view("2", state=BookingState.GRANTED, sets=[a_set(display_name=HOSTILE)], object_name=HOSTILE, reason=HOSTILE),
        a_view("3", state=BookingState.NONE, object_id=HOSTILE),
    ]
    page = await Browser(Counting(*views)).page("/bookings")
    assert page.text.count("{{ 7*7 }}") == 3
    assert page.of("img") == []
    assert len(page.of("script")) == 1


async def test_the_simulators_are_led_to() -> None:
    page = await Browser(Counting()).page("/bookings")
    assert {link.url for link in LINKS} <= set(page.links)


@pytest.mark.parametrize(("done", "shown"), [("retry", True), ("<b>", False), ("nonsense", False), ("", False)])
async def test_only_listed_notes_are_shown(done: str, *, shown: bool) -> None:
    page = await Browser(Counting()).page(f"/bookings?done={done}")
    assert ("flash" in [note.get("class") for note in page.of("p")]) is shown


async def test_without_script_the_list_reloads_itself_and_forgets_the_note() -> None:
    page = await Browser(Counting()).page("/bookings?state=granted&done=retry")
    refresh = [meta for meta in page.of("meta") if meta.get("http-equiv") == "refresh"]
    assert [meta["content"] for meta in refresh] == ["30; url=/bookings?state=granted"]


async def test_many_sets_are_counted_and_not_all_shown() -> None:
    sets = [a_set(number, state=SetState.REVOKED) for number in range(1, 6)]
    page = await Browser(Counting(a_view("1", sets=sets, state=BookingState.REVOKED))).page("/bookings")
    assert "and 2 more" in page.text


async def test_a_page_says_what_it_may_load_and_is_not_kept() -> None:
    answer = await Browser(Counting()).ask("GET", "/bookings")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
