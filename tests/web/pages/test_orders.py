"""Each button posts the right lever, once, and only from our own pages."""

from __future__ import annotations

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.failures import Failure
from drempel.domain.rights import Role
from drempel.engine.records import Brake
from tests.engine.stand_in import NOW, a_set, a_view
from tests.web.pages.browser import HOST, HOSTILE, TO, Browser, Counting
from tests.web.signed_in import FORM_TOKEN

FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": f"http://{HOST}"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://evil.test"},
    {"Origin": f"http://{HOST}.evil.test"},
    {"Origin": f"http://{HOST}:81"},
    {"Origin": "http://[broken"},
]
OURS = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": f"http://{HOST}"},
    {"Origin": f"https://{HOST.upper()}"},
]


def unknown_view() -> object:
    failure = Failure("access.outcome_unknown_no_list", {"name": "Hall 1 · dr-abcd2345-club-1363-1"})
    return a_view("1363", sets=[a_set(state=SetState.UNKNOWN)], state=BookingState.NEEDS_PERSON, failure=failure)


def braked() -> Counting:
    records = Counting()
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    return records


async def test_retry_is_ordered_and_shown_where_it_was_pressed() -> None:
    browser = Browser(Counting(a_view("1363", sets=[a_set()])))
    page = await browser.press_and_follow("/bookings/club/1363/retry", back="booking")
    assert "Ordered: Drempel tries again now." in page.text
    assert (
        (await browser.press("/bookings/club/1363/retry", back="booking")).headers["location"].startswith("/bookings/club/1363?")
    )
    assert (await browser.press("/bookings/club/1363/retry", back="needs")).headers["location"] == "/needs?done=retry"
    assert (
        (await browser.press("/bookings/club/1363/retry", back="//evil.test")).headers["location"].startswith("/bookings/club/")
    )
    assert browser.records.orders == [("retry", "club", "1363")] * 4


async def test_revoke_says_what_it_will_do_before_it_does_it() -> None:
    browser = Browser(Counting(a_view("1363", sets=[a_set()], object_name=HOSTILE)))
    page = await browser.page("/bookings/club/1363/revoke")
    assert "Set 1 is revoked at Resivo, now: Main entrance no longer opens for the visitor" in page.text
    assert page.forms == ["/bookings/club/1363/revoke"]
    assert browser.records.orders == []
    after = await browser.press_and_follow("/bookings/club/1363/revoke")
    assert "Ordered: access is taken away now." in after.text
    assert browser.records.orders == [("revoke", "club", "1363")]


async def test_revoke_without_live_access_says_so() -> None:
    page = await Browser(Counting(a_view("1363"))).page("/bookings/club/1363/revoke")
    assert "no door opens for this booking" in page.text


async def test_an_unknown_outcome_is_resolved_as_created() -> None:
    browser = Browser(Counting(unknown_view()))
    assert "/bookings/club/1363/resolve" in (await browser.page("/needs")).links
    form = await browser.page("/bookings/club/1363/resolve")
    assert "Was the access made?" in form.text
    page = await browser.press_and_follow("/bookings/club/1363/resolve", answer="created", authorization_id=" auth-9 ")
    assert "Noted: Drempel goes on from there now." in page.text
    assert [one.authorization_id for one in browser.records.changes[0].sets] == ["auth-9"]


async def test_an_unknown_outcome_is_resolved_as_not_created() -> None:
    browser = Browser(Counting(unknown_view()))
    await browser.press_and_follow("/bookings/club/1363/resolve", answer="not_created", authorization_id="ignored")
    assert [one.state for one in browser.records.changes[0].sets] == [SetState.INTENDED]


@pytest.mark.parametrize("fields", [{}, {"answer": "created"}, {"answer": "created", "authorization_id": " "}, {"answer": "<b>"}])
async def test_half_an_answer_is_asked_for_again(fields: dict[str, str]) -> None:
    browser = Browser(Counting(unknown_view()))
    answer = await browser.press("/bookings/club/1363/resolve", **fields)
    assert answer.status == 400
    assert b"Choose an answer" in answer.body
    assert browser.records.changes == []


async def test_a_refused_answer_shows_the_sentence_and_what_was_typed() -> None:
    browser = Browser(Counting(unknown_view()))
    answer = await browser.press("/bookings/club/1363/resolve", answer="created", authorization_id=HOSTILE)
    assert answer.status == 409
    assert b"That is no id of an access." in answer.body
    assert b"<script>alert" not in answer.body
    assert browser.records.changes == []


async def test_a_busy_booking_is_asked_for_in_a_moment() -> None:
    browser = Browser(Counting(unknown_view()))
    browser.records.busy = True
    answer = await browser.press("/bookings/club/1363/resolve", answer="not_created")
    assert answer.status == 409
    assert b"A worker is at this booking right now." in answer.body


async def test_a_foreign_text_in_the_booking_field_may_be_overwritten() -> None:
    failure = Failure("field.foreign", {"field": "custom05"})
    browser = Browser(Counting(a_view("1", state=BookingState.NEEDS_PERSON, failure=failure, field_seen="theirs")))
    assert "May the booking field be overwritten?" in (await browser.page("/bookings/club/1/resolve")).text
    await browser.press_and_follow("/bookings/club/1/resolve", answer="not_created")
    assert browser.records.views["club", "1"].record.overwrite_value == "theirs"


async def test_an_access_that_was_to_be_revoked_may_be_gone() -> None:
    failure = Failure("authorization.not_found", {"id": "auth-1"})
    view = a_view("1", sets=[a_set(state=SetState.REVOKING)], state=BookingState.NEEDS_PERSON, failure=failure)
    browser = Browser(Counting(view))
    assert "Is the access gone?" in (await browser.page("/bookings/club/1/resolve")).text
    await browser.press_and_follow("/bookings/club/1/resolve", answer="not_created")
    assert [one.state for one in browser.records.changes[0].sets] == [SetState.REVOKED]


async def test_without_a_question_there_is_no_form() -> None:
    page = await Browser(Counting(a_view("1"))).page("/bookings/club/1/resolve")
    assert "Nothing waits for your word" in page.text
    assert page.forms == []


async def test_the_brake_is_released_after_a_question() -> None:
    browser = Browser(braked())
    assert "Release the brake of club?" in (await browser.page("/brakes/club/release")).text
    page = await browser.press_and_follow("/brakes/club/release")
    assert "Ordered: the brake is released." in page.text
    assert browser.records.brake_list == []
    assert "did not hold any more" in (await browser.press_and_follow("/brakes/club/release")).text
    assert "does not hold" in (await browser.page("/brakes/club/release")).text


async def test_before_the_brake_is_released_every_access_that_goes_is_listed() -> None:
    gone = Failure("brake.tripped", {"source": "club"})
    views = [
        a_view(f"{number:03}", sets=[a_set()], state=BookingState.NEEDS_PERSON, failure=gone, object_name="Hall 1")
        for number in range(60)
    ]
    another = a_view("900", state=BookingState.NEEDS_PERSON, failure=Failure("component.missing"))
    records = Counting(*views, another)
    records.brake_list = braked().brake_list
    page = await Browser(records).page("/brakes/club/release")
    assert "60 bookings are gone as far as Drempel sees. Their access is revoked at Resivo, now:" in page.text
    assert f"Hall 1 (000)Main entrance, Sat 14 Mar, 10:45 {TO} 13:00 CET" in page.text
    assert "/bookings/club/000" in page.links
    assert "/bookings/club/900" not in page.links
    assert "and 10 more" in page.text


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/bookings/club/1363/retry", "/bookings/club/1363/revoke", "/bookings/club/1363/resolve", "/brakes/club/release"]
)
async def test_a_form_of_another_site_is_refused(path: str, headers: dict[str, str]) -> None:
    records = braked()
    records.views["club", "1363"] = unknown_view()  # type: ignore[assignment]
    browser = Browser(records)
    answer = await browser.ask("POST", path, headers=headers, fields={"answer": "not_created"})
    assert answer.status == 403
    assert (records.orders, records.changes, len(records.brake_list)) == ([], [], 1)


@pytest.mark.parametrize("headers", OURS)
async def test_a_form_of_ours_is_taken(headers: dict[str, str]) -> None:
    browser = Browser(Counting(a_view("1363")))
    answer = await browser.ask("POST", "/bookings/club/1363/retry", headers=headers, fields={"form_token": FORM_TOKEN})
    assert answer.status == 303


@pytest.mark.parametrize("order", ["retry", "revoke", "resolve"])
@pytest.mark.parametrize("booking", ["club/9", "elsewhere/9"])
async def test_an_order_for_what_is_not_known_is_a_page_that_says_so(booking: str, order: str) -> None:
    answer = await Browser(Counting()).press(f"/bookings/{booking}/{order}", answer="not_created")
    assert answer.status == 404


async def test_nothing_is_ordered_by_looking() -> None:
    browser = Browser(Counting(a_view("1363", sets=[a_set()])))
    assert (await browser.ask("GET", "/bookings/club/1363/retry")).status == 405
    await browser.page("/bookings/club/1363/revoke")
    await browser.page("/bookings/club/1363/resolve")
    assert browser.records.orders == []


REVOKED = {"sets": [a_set(state=SetState.REVOKED)], "state": BookingState.REVOKED, "withheld": True, "reason": "booking.withheld"}
FROM_BEFORE = {"state": BookingState.NONE, "existing": " doors ", "reason": "booking.existing"}


@pytest.mark.parametrize(
    ("record", "button", "told"),
    [(REVOKED, "Give access again", "given again by a manager"), (FROM_BEFORE, "Give access", "is given by a manager")],
)
async def test_reception_does_not_undo_what_somebody_decided(record: dict[str, object], button: str, told: str) -> None:
    browser = Browser(Counting(a_view("1363", **record)), role=Role.RECEPTION)
    page = await browser.page("/bookings/club/1363")
    assert "Try again now" not in page.text
    assert f"{button}…" not in page.text
    assert told in page.text
    answer = await browser.press("/bookings/club/1363/retry")
    assert (answer.status, "Access to this booking is kept back" in answer.body.decode()) == (409, True)
    assert (await browser.ask("GET", "/bookings/club/1363/give")).status == 403
    assert (await browser.press("/bookings/club/1363/give")).status == 403
    assert browser.records.orders == []


@pytest.mark.parametrize(
    ("record", "button", "told"),
    [
        (REVOKED, "Give access again", "A person took access away from this booking. That ends now."),
        (FROM_BEFORE, "Give access", "That ends now, for this booking alone."),
    ],
)
async def test_a_manager_is_asked_once_more_before_it_is_undone(record: dict[str, object], button: str, told: str) -> None:
    browser = Browser(Counting(a_view("1363", **record)), role=Role.MANAGER)
    assert f"{button}…" in (await browser.page("/bookings/club/1363")).text
    page = await browser.page("/bookings/club/1363/give")
    assert told in page.text
    assert "sends the visitor a message with a new door link" in page.text
    assert browser.records.orders == []
    after = await browser.press_and_follow("/bookings/club/1363/give")
    assert "Ordered: if the status and the time of the booking ask for access" in after.text
    assert browser.records.lifted == ["1363"]


async def test_what_is_taken_away_just_when_somebody_tries_again_stays_taken_away() -> None:
    browser = Browser(Counting(a_view("1363")), role=Role.RECEPTION)
    await browser.press("/bookings/club/1363/retry")
    assert (browser.records.orders, browser.records.lifted) == ([("retry", "club", "1363")], [])
