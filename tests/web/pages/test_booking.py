"""The page of one booking tells the whole why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.events import EVENT_TYPES, Event
from drempel.domain.failures import CATALOGUE, Failure
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors
from drempel.engine.setup import IntegrationSetup, Setup
from tests.engine.stand_in import CLUB, NOW, a_set, a_view
from tests.factories import make_policy
from tests.web.pages.browser import HOSTILE, TO, Browser, Counting

DOORS = IntegrationSetup(
    name="doors",
    kind="resivo",
    source="club",
    paused=False,
    policy=make_policy(),
    policy_version=1,
    mappings=(),
    connection_id=1,
)


def told(event: str, minutes: int = 0, **data: str) -> Event:
    return Event(at=NOW + timedelta(minutes=minutes), type=event, data=data)


async def test_state_reason_window_sets_and_history_are_told() -> None:
    history = [
        told("booking.not_found"),
        told("access.created", 1, number="1", authorization_id="auth-1"),
        told("access.revoking", 2, number="1", reason="status.revoke"),
    ]
    sets = [
        a_set(1, state=SetState.REVOKED, revoke_reason="status.revoke", authorization_id="auth-1"),
        a_set(2),
    ]
    view = a_view("1363", sets=sets, history=history, state=BookingState.GRANTED, status="20", reason="access.fits", next_at=NOW)
    page = await Browser(Counting(view)).page("/bookings/club/1363")
    assert "The access fits the booking; there is nothing to do." in page.text
    assert f"Doors openSat 14 Mar, 10:45 {TO} 13:00 CET" in page.text
    assert "auth-1" in page.text
    assert "The status of the booking is a revoke status." in page.text
    newest, oldest = "The access must go", "The booking system does not know the booking (first reading)"
    assert page.text.index(newest) < page.text.index(oldest)


async def test_a_door_that_was_left_out_stands_apart_from_those_that_open() -> None:
    made = a_set(dropped_ids=frozenset({"c2"}))
    intent = replace(made.intent, component_ids=("c1", "c2", "c3"), component_names=("Main entrance", "Storage", "Hall 2"))
    view = a_view("1", sets=[replace(made, intent=intent)], state=BookingState.GRANTED, reason="access.fits")
    browser = Browser(Counting(view))
    page = await browser.page("/bookings/club/1")
    assert "Access stands, but it lacks a door." in page.text
    assert "there is nothing to do" not in page.text
    assert "DoorsMain entrance, Hall 2 " in page.text
    assert "Left out by ResivoStorage: offline when it was made" in page.text
    assert "now: Main entrance, Hall 2 no longer open for the visitor" in (await browser.page("/bookings/club/1/revoke")).text


async def test_answers_and_reasons_stand_in_the_history_by_words_and_not_by_codes() -> None:
    history = [
        *(
            told("person.resolved", 1, answer=answer, name="x")
            for answer in ("created", "not_created", "gone", "overwrite_field")
        ),
        told("access.revoking", 2, number="1", reason="visitor.unreachable"),
        told("access.revoking", 3, number="2", reason="person.revoke"),
    ]
    browser = Browser(Counting(a_view("1", history=history)))
    text = (await browser.page("/bookings/club/1", language="nl")).text
    for answer in ("aangemaakt", "niet aangemaakt", "het is weg", "het veld mag worden overschreven"):
        assert f"Antwoord{answer} " in text
    for raw in ("created", "overwrite_field", "visitor.unreachable", "person.revoke"):
        assert raw not in text


async def test_why_another_access_took_the_place_of_one_is_told_in_the_history_and_at_what_went() -> None:
    history = [
        told("access.intended", 1, number="1", site_id="site-1"),
        told("access.intended", 2, number="2", site_id="site-1", changed="time contact"),
        told("access.intended", 3, number="3", site_id="site-1", changed="doors"),
        told("access.intended", 4),
    ]
    gone = [a_set(number, state=SetState.REVOKED, revoke_reason="access.superseded") for number in (1, 2)]
    text = (await Browser(Counting(a_view("1", sets=[*gone, a_set(3)], history=history))).page("/bookings/club/1")).text
    sentence = "The time of the booking changed. The contact details changed."
    assert text.count(f"A newer access took its place. {sentence}") == 1
    assert text.count("A newer access took its place. Doors at Resivo changed") == 1
    assert text.count(f"Reason{sentence}") == 1


async def test_the_first_reading_differs_from_nothing() -> None:
    history = [told("booking.read", 0, status="10"), told("booking.read", 1, status="20")]
    text = (await Browser(Counting(a_view("1", history=history))).page("/bookings/club/1")).text
    assert text.count("The booking was read") == 2
    later = "The booking was read and differs from what was known"
    assert (text.count(later), text.index(later)) == (1, text.index("The booking was read"))


async def test_every_event_and_every_failure_can_be_shown() -> None:
    for code in CATALOGUE:
        history = [told(event, number, code=code, detail=HOSTILE) for number, event in enumerate(EVENT_TYPES)]
        view = a_view("1", history=history, state=BookingState.NEEDS_PERSON, failure=Failure(code, {"detail": HOSTILE}))
        page = await Browser(Counting(view)).page("/bookings/club/1")
        assert view.record.failure is not None
        assert " ".join(view.record.failure.plain_message_in(str).split()) in page.text
        assert all(sentence[1:] in page.text for event, sentence in EVENT_TYPES.items() if event != "booking.read")


async def test_where_nothing_failed_a_check_is_next_and_no_button_stands_out() -> None:
    fine = a_view("1", sets=[a_set()], state=BookingState.GRANTED, reason="access.fits", next_at=NOW)
    page = await Browser(Counting(fine)).page("/bookings/club/1")
    assert "Next check" in page.text
    assert "Next attempt" not in page.text
    assert not [button for button in page.of("button") if "btn-first" in (button.get("class") or "")]
    failed = a_view("1", state=BookingState.PENDING, failure=Failure("component.none_online", {"names": "Gate"}), next_at=NOW)
    assert "Next attempt" in (await Browser(Counting(failed)).page("/bookings/club/1")).text


async def test_a_booking_that_was_not_found_once_is_not_called_unread() -> None:
    missing = a_view("1", sets=[a_set()], state=BookingState.GRANTED, reason="booking.unread", gone_at=NOW, next_at=NOW)
    page = await Browser(Counting(missing)).page("/bookings/club/1")
    assert "The booking system does not find this booking any more. Drempel looks once more" in page.text
    assert "has not been read yet" not in page.text


async def test_no_sms_is_told_with_its_reason_and_our_words_for_silence_in_the_readers_language() -> None:
    history = [told("visitor.no_sms", reason="phone.not_mobile"), told("access.outcome_unknown", 1, detail="no answer")]
    browser = Browser(Counting(a_view("1", history=history, state=BookingState.PENDING)))
    assert "No SMS: the number belongs to a landline" in (await browser.page("/bookings/club/1")).text
    assert "geen antwoord" in (await browser.page("/bookings/club/1", language="nl")).text


async def test_an_unread_booking_has_a_page() -> None:
    page = await Browser(Counting(a_view("1", state=BookingState.PENDING))).page("/bookings/club/1")
    assert "Not read yet" in page.text
    assert "Nothing has happened yet." in page.text


async def test_the_status_is_told_with_what_it_means() -> None:
    setup = Setup(version=1, sources={"club": CLUB}, integrations={"doors": DOORS})
    page = await Browser(Counting(a_view("1", status="70"), setup=setup)).page("/bookings/club/1")
    assert "70, a revoke status of doors" in page.text


async def test_a_long_history_is_shown_whole_when_asked_for() -> None:
    browser = Browser(Counting(a_view("1", history=[told("booking.not_found", number) for number in range(230)])))
    page = await browser.page("/bookings/club/1")
    assert len(page.of("li")) < 230
    assert "/bookings/club/1?history=whole" in page.links
    whole = await browser.page("/bookings/club/1?history=whole")
    assert "/bookings/club/1?history=whole" not in whole.links
    assert len(whole.of("li")) >= 230


async def test_hostile_data_stays_text() -> None:
    sets = [a_set(display_name=HOSTILE, authorization_id=HOSTILE, site_id=HOSTILE, revoke_reason=HOSTILE)]
    view = a_view(
        "1",
        sets=sets,
        history=[told("failure", code=HOSTILE, reason=HOSTILE), Event(at=NOW, type="failure", data={HOSTILE: "x"})],
        object_name=HOSTILE,
        object_id=HOSTILE,
        status=HOSTILE,
        reason=HOSTILE,
        field_written=HOSTILE,
    )
    page = await Browser(Counting(view)).page("/bookings/club/1")
    assert page.of("img") == []
    assert len(page.of("script")) == 1
    assert page.text.count("<script>alert(1)</script>") >= 12


async def test_ids_with_odd_characters_have_an_address() -> None:
    browser = Browser(Counting(a_view("a:b_c.d-1", state=BookingState.NEEDS_PERSON)))
    link = next(link for link in (await browser.page("/bookings")).links if link and link.startswith("/bookings/"))
    assert link == "/bookings/club/a%3Ab_c.d-1"
    await browser.page(link)


async def test_what_is_not_known_is_a_page_that_says_so() -> None:
    browser = Browser(Counting())
    assert "Drempel does not know this booking" in (await browser.page("/bookings/club/9", status=404)).text
    for odd in ("%00", "%ff", "a%0Ab", "x" * 65):
        await browser.page(f"/bookings/club/{odd}", status=404)
    assert "No source of this name is set up" in (await browser.page("/bookings/elsewhere/9", status=404)).text


async def test_withheld_access_says_how_it_comes_back() -> None:
    page = await Browser(Counting(a_view("1", sets=[a_set()], withheld=True))).page("/bookings/club/1")
    assert "a manager gives access again" in page.text
    assert "/bookings/club/1/revoke" not in page.links


async def test_what_stands_in_the_booking_field_is_told_by_field() -> None:
    written = '{"custom05": ["auth-1 auth-2", "auth-1 auth"], "custom06": ["", ""]}'
    page = await Browser(Counting(a_view("1", field_written=written))).page("/bookings/club/1")
    assert "In the booking fieldcustom05 auth-1 auth" in page.text
    assert "custom06" not in page.text


async def test_a_door_that_went_offline_after_access_was_given_is_told_with_when_that_was_seen() -> None:
    view = a_view("1363", sets=[a_set()], state=BookingState.GRANTED, reason="access.fits")
    records = Counting(view)
    door = OfflineDoor(component_id="c1", name="Main entrance", since=NOW - timedelta(hours=1))
    await records.keep_offline_doors(OfflineDoors(connection_id=1, site_id="site-1", looked_at=NOW, doors=(door,)))
    page = await Browser(records).page("/bookings/club/1363")
    at = "Main entrance was offline when last looked, Sat 14 Mar, 09:00 CET; seen so since Sat 14 Mar, 08:00 CET."
    assert at in page.text
    assert "Offline when last lookedMain entrance Sat 14 Mar, 09:00 CET" in page.text
    assert "Access stands, but a door that it opens is offline." in page.text
    assert "the doors open in the window below" not in page.text
    assert "there is nothing to do" not in page.text


async def test_a_booking_that_came_during_a_pause_says_why_nothing_happens() -> None:
    doors = replace(DOORS, paused=True, paused_at=NOW)
    setup = Setup(version=1, sources={"club": CLUB}, integrations={"doors": doors})
    page = await Browser(Counting(a_view("1", next_at=NOW), setup=setup)).page("/bookings/club/1")
    assert "Integration doors is paused since Sat 14 Mar, 09:00 CET: nothing is created or revoked." in page.text
    assert "Next checkwhen the integration goes on" in page.text
    assert "/needs" in page.links
    assert "Try again now" not in page.text


async def test_what_came_in_during_a_pause_is_not_passed_over() -> None:
    doors = replace(DOORS, paused=True, paused_at=NOW)
    view = a_view("1", sets=[a_set()], state=BookingState.GRANTED, reason="access.fits", told_at=NOW)
    paused = Setup(version=1, sources={"club": CLUB}, integrations={"doors": doors})
    page = await Browser(Counting(view, setup=paused)).page("/bookings/club/1")
    assert "A change came in that has not been read yet." in page.text
    assert "there is nothing to do" not in page.text
    running = replace(paused, integrations={"doors": replace(doors, paused=False)})
    assert "A change came in" not in (await Browser(Counting(view, setup=running)).page("/bookings/club/1")).text


async def test_an_order_during_a_pause_says_that_it_waits() -> None:
    setup = Setup(version=1, sources={"club": CLUB}, integrations={"doors": replace(DOORS, paused=True)})
    browser = Browser(Counting(a_view("1", sets=[a_set()]), setup=setup))
    assert "all this is done only when it goes on" in (await browser.page("/bookings/club/1/revoke")).text
    assert "access is taken away as soon as the integration goes on" in (await browser.page("/bookings/club/1?done=revoke")).text


async def test_what_was_taken_away_has_no_time_at_which_doors_open() -> None:
    gone = a_view("1", sets=[a_set(state=SetState.REVOKED)], state=BookingState.REVOKED)
    page = await Browser(Counting(gone)).page("/bookings/club/1")
    assert "Doors openno access any more" in page.text
    over = a_view("1", sets=[a_set(state=SetState.ENDED)], state=BookingState.ENDED)
    assert f"Doors openSat 14 Mar, 10:45 {TO} 13:00 CET" in (await Browser(Counting(over)).page("/bookings/club/1")).text


@pytest.mark.parametrize(("hours", "told"), [(5, "as soon as a door is online, within a minute"), (30, "in 13 min")])
async def test_the_next_attempt_agrees_with_what_the_remedy_says_of_doors_that_are_offline(hours: int, told: str) -> None:
    failure = Failure("component.none_online", {"names": "Gate"})
    at = {"start": NOW + timedelta(hours=hours), "end": NOW + timedelta(hours=hours + 1), "next_at": NOW + timedelta(minutes=13)}
    browser = Browser(Counting(a_view("1", state=BookingState.PENDING, failure=failure, **at)))
    assert f"Next attempt{told}" in (await browser.page("/bookings/club/1")).text
    assert told in (await browser.page("/bookings")).text


async def test_seconds_open_without_right_are_told_only_where_there_were_some() -> None:
    def revoked(seconds: str) -> Event:
        return Event(at=NOW, type="access.revoked", data={"number": "1", "exposure_seconds": seconds})

    told = "Seconds open without right"
    page = await Browser(Counting(a_view("1", history=[revoked("0.000")]))).page("/bookings/club/1")
    assert told not in page.text
    page = await Browser(Counting(a_view("1", history=[revoked("37.000")]))).page("/bookings/club/1")
    assert f"{told}37" in page.text
