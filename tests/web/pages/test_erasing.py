"""Erasing a booking is asked once more, ordered as the command orders it, and told by its receipt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.retention import Keeps
from drempel.domain.rights import Role
from tests.engine.stand_in import NOW, a_set, a_view
from tests.web.pages.browser import Browser, Counting

GRANTED = a_view("1363", sets=[a_set()], state=BookingState.GRANTED, object_name="Hall 1")
ERASE = "/bookings/club/1363/erase"


async def test_the_page_says_what_it_does_and_only_the_button_orders_it() -> None:
    browser = Browser(Counting(GRANTED))
    assert ERASE in (await browser.page("/bookings/club/1363")).links
    page = await browser.page(ERASE)
    assert "Its access is taken away first, at once" in page.text
    assert "That cannot be undone." in page.text
    assert page.forms == [ERASE]
    assert browser.records.orders == []


async def test_without_live_access_it_is_erased_at_once_and_the_receipt_is_shown() -> None:
    gone = a_view("1363", sets=[a_set(state=SetState.REVOKED)], state=BookingState.REVOKED)
    browser = Browser(Counting(gone))
    assert "No access of it is live: it is erased now." in (await browser.page(ERASE)).text
    answer = await browser.press(ERASE)
    assert (answer.status, answer.headers["location"]) == (303, ERASE)
    assert browser.records.orders == [("erase", "club", "1363")]
    assert [(entry.type, entry.actor.name) for entry in browser.records.trail] == [("booking.erase", "Anna")]
    browser.records.views["club", "1363"] = replace(gone, record=replace(gone.record, erased_at=NOW))
    page = await browser.page(ERASE)
    assert "Receipt1" in page.text
    assert "Confirmed revokedauth-1" in page.text
    assert page.forms == []


async def test_what_waits_for_its_access_to_be_gone_says_so() -> None:
    browser = Browser(Counting(GRANTED))
    browser.records.waits = Keeps.LIVE
    await browser.press(ERASE)
    browser.records.views["club", "1363"] = replace(GRANTED, record=replace(GRANTED.record, erase_ordered_at=NOW))
    page = await browser.page(ERASE)
    assert "Ordered: it is erased as soon as nothing of it is live" in page.text
    assert "not yet: Resivo has to confirm first that nothing opens any more" in page.text
    assert "It is to be erased as soon as nothing of it is live any more." in (await browser.page("/bookings/club/1363")).text


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
async def test_only_administrators_erase(role: Role) -> None:
    browser = Browser(Counting(GRANTED), role=role)
    assert ERASE not in (await browser.page("/bookings/club/1363")).links
    assert (await browser.ask("GET", ERASE)).status == 403
    assert (await browser.press(ERASE)).status == 403
    assert browser.records.orders == []


async def test_how_long_it_is_kept_stands_on_the_page_of_the_booking() -> None:
    page = await Browser(Counting(GRANTED)).page("/bookings/club/1363")
    assert "By itself Drempel erases what is kept of a booking 90 days after its end." in page.text
