"""Repairs by pages in a real browser: an access that nobody knows, keys, and replacing after an edit. Every page on the way is fit for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import ALL_BUT_COLORS, AXE, COLORS, DESK, PHONE, RUN
from tests.browser.world import World, day

pytestmark = pytest.mark.browser


def look_over(page: Page) -> None:
    """No serious finding of axe, and nothing wider than a phone."""
    page.evaluate(AXE)
    assert page.evaluate(RUN, ALL_BUT_COLORS) == []
    assert page.evaluate(RUN, COLORS) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


@pytest.mark.parametrize(("scheme", "language"), [("light", "de-DE"), ("dark", "nl-NL")])
def test_an_orphan_is_found_by_a_look_and_adopted(visit: Callable[..., Page], world: World, scheme: str, language: str) -> None:
    booking = world.bookings["granted"]
    page = visit(f"/bookings/club/{booking}", locale=language, color_scheme=scheme)
    expect(page.locator(".pill.is-granted").first).to_be_visible()
    planted = world.plant_orphan(booking, name=f"orphan-{scheme}")
    page.goto("/needs")
    page.locator("form[action='/needs/look'] button").click()
    expect(page.locator("#orphans .card").filter(has_text=f"-club-{booking}-")).to_be_visible()
    look_over(page)
    page.goto(f"/needs/orphans/{planted}/revoke")
    look_over(page)
    page.goto(f"/needs/orphans/{planted}/adopt")
    look_over(page)
    page.locator(f"form[action='/needs/orphans/{planted}/adopt'] button").click()
    expect(page.locator(".flash")).to_be_visible()
    assert page.url.endswith(f"/bookings/club/{booking}")
    page.goto("/needs")
    expect(page.locator("#orphans .card").filter(has_text=f"-club-{booking}-")).to_have_count(0)


def test_a_key_is_made_and_revoked_without_script(visit: Callable[..., Page]) -> None:
    page = visit("/api-keys", java_script_enabled=False)
    page.locator("input[name=name]").fill("dashboard")
    page.locator("form[action='/api-keys'] button").click()
    expect(page.locator("code.once")).to_contain_text("drk_")
    page.goto("/api-keys/dashboard/revoke")
    page.locator("form[action='/api-keys/dashboard/revoke'] button").click()
    expect(page.locator(".flash")).to_be_visible()


def test_the_pages_of_a_key_are_fit_for_everybody(visit: Callable[..., Page]) -> None:
    page = visit("/api-keys", locale="de-DE", color_scheme="dark")
    page.locator("input[name=name]").fill("wall-display-of-the-front-desk")
    page.locator("form[action='/api-keys'] button").click()
    look_over(page)
    page.goto("/api-keys")
    look_over(page)
    page.goto("/api-keys/wall-display-of-the-front-desk/revoke")
    look_over(page)


def test_access_of_older_rules_is_shown_and_replaced(visit: Callable[..., Page], world: World) -> None:
    world.book("of older rules", "81", day(4) + timedelta(hours=9), 1)
    page = visit(f"/bookings/club/{world.bookings['of older rules']}", locale="de-DE")
    expect(page.locator(".pill.is-granted").first).to_be_visible()
    page.goto("/integrations/doors/details")
    page.locator("input[name=time_before_minutes]").fill("25")
    page.locator("form[action='/integrations/doors/details'] button").click()
    page.locator("form[action^='/integrations/review/'] button").click()
    page.goto("/integrations/doors/replace")
    look_over(page)
    page.locator("form[action='/integrations/doors/replace/rehearse'] button").click()
    row = page.locator("table.replacing tbody tr").filter(has_text=world.bookings["of older rules"])
    expect(row).to_be_visible()
    expect(row).to_contain_text("per E-Mail und SMS")
    look_over(page)
    page.locator("form[action='/integrations/doors/replace'] button").click()
    expect(page.locator("#replacing progress")).to_be_visible()
    look_over(page)
    expect(page.locator("#replacing h2").first).to_have_text("Ersetzt")
    page.goto("/integrations/doors/activity")
    look_over(page)
