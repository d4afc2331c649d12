"""Issuing again says what it will do before it does it."""

from __future__ import annotations

from drempel.domain.access import BookingState
from tests.engine.stand_in import a_set, a_view
from tests.web.pages.browser import Browser, Counting


async def test_the_page_says_that_a_new_message_goes_out_and_only_the_button_orders_it() -> None:
    browser = Browser(Counting(a_view("1363", sets=[a_set()], state=BookingState.GRANTED)))
    page = await browser.page("/bookings/club/1363/issue-again")
    assert "sends the visitor a new message" in page.text
    assert "set 1 is revoked" in page.text
    assert page.forms == ["/bookings/club/1363/issue-again"]
    assert browser.records.changes == []
    after = await browser.press_and_follow("/bookings/club/1363/issue-again")
    assert "Ordered: a new access is made" in after.text
    assert [one.issue_again for one in browser.records.changes[0].sets] == [True]


async def test_a_busy_booking_is_asked_for_in_a_moment() -> None:
    browser = Browser(Counting(a_view("1363", sets=[a_set()])))
    browser.records.busy = True
    answer = await browser.press("/bookings/club/1363/issue-again")
    assert answer.status == 409
    assert b"A worker is at this booking right now." in answer.body


async def test_a_form_of_another_site_orders_nothing() -> None:
    browser = Browser(Counting(a_view("1363", sets=[a_set()])))
    answer = await browser.ask("POST", "/bookings/club/1363/issue-again", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403
    assert browser.records.changes == []
