"""What a person does with the pages: with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import World, day

pytestmark = pytest.mark.browser


def test_a_page_shows_what_changed_without_a_reload(visit: Callable[..., Page], world: World) -> None:
    world.book("watched", "81", day(3) + timedelta(hours=9), 1, status="10")
    page = visit("/bookings")
    page.evaluate("window.stayed = true")
    world.set_status("watched", "20")
    row = page.get_by_role("row").filter(has_text=world.bookings["watched"])
    expect(row).to_contain_text("Granted")
    assert page.evaluate("window.stayed")


def test_access_is_issued_again_and_taken_away_from_the_page_of_the_booking(visit: Callable[..., Page], world: World) -> None:
    world.book("issued again", "81", day(4) + timedelta(hours=9), 1, status="20")
    page = visit(f"/bookings/club/{world.bookings['issued again']}")
    expect(page.locator("#lead .pill")).to_have_text("Granted")
    page.get_by_role("link", name="Issue again").click()
    expect(page.get_by_text("sends the visitor a new message")).to_be_visible()
    page.get_by_role("button", name="Issue again, with a new message").click()
    expect(page.get_by_text("Set 2", exact=True)).to_be_visible()
    expect(page.locator("#why .pill.is-revoked")).to_have_count(1)
    page.get_by_role("link", name="Take access away").click()
    page.get_by_role("button", name="Take access away").click()
    expect(page.locator("#lead .pill")).to_have_text("Revoked")


def test_everything_works_without_javascript_but_the_live_update(visit: Callable[..., Page], world: World) -> None:
    page = visit("/", java_script_enabled=False)
    page.get_by_role("link", name="Needs a person").first.click()
    page.get_by_role("button", name=f"Try again now Booking {world.bookings['needs a person']}").click()
    expect(page.get_by_role("status")).to_have_text("Ordered: Drempel tries again now. The card goes when it is done.")
    page.locator("summary").click()
    page.get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.get_by_role("link", name="Vandaag").click()
    page.get_by_role("link", name="De dag erna").click()
    expect(page.locator("h1")).to_contain_text(str(day(1).year))
    expect(page.locator(".opening.is-granted").first).to_be_visible()


def test_the_pack_opens_without_drempel_and_fits_a_sheet(visit: Callable[..., Page], world: World) -> None:
    page = visit("/today")
    with page.expect_download() as download:
        page.get_by_role("link", name="Front-desk pack").click()
    path = download.value.path()
    name = download.value.suggested_filename
    assert name.startswith("drempel-")
    assert name.endswith(".html")
    offline = visit("/today")
    offline.goto("about:blank")  # a file of one's own has no policy of ours
    offline.context.set_offline(True)
    offline.set_content(path.read_text(encoding="utf-8"))
    expect(offline.locator("h1")).to_contain_text("Made on")
    expect(offline.get_by_text(world.bookings["granted"]).first).to_be_visible()
    assert offline.pdf(format="A4")[:4] == b"%PDF"
