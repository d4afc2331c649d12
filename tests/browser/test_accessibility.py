"""Every page, in every language, light and dark: no finding of axe that is serious, nothing wider than a phone, nothing that our own policy refuses."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from drempel.web.pages.language import LANGUAGES
from tests.browser.world import World

pytestmark = pytest.mark.browser
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = """async (rules) => (await axe.run(document, {resultTypes: ["violations"], preload: false, ...rules})).violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120) + " " + (node.any[0]?.message ?? "")).join(" | ")}`)"""
ALL_BUT_COLORS = {"rules": {"color-contrast": {"enabled": False}}}
COLORS = {"runOnly": ["color-contrast"]}
"""The slowest rule by far, and the only one for which light and dark differ; what language a page speaks is the same to it."""
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_serious_finding_or_is_wider_than_a_phone(visit: Callable[..., Page], world: World, language: str) -> None:
    page = visit("/", locale=language)
    expect(page.locator(".opening.is-granted").first).to_be_visible()
    found, wide = {}, {}
    for path in world.pages():
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        page.goto(path, wait_until="domcontentloaded")
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate(AXE)
        if findings := page.evaluate(RUN, ALL_BUT_COLORS):
            found[path] = findings
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
            wide[path] = width
    assert found == {}
    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(visit: Callable[..., Page], world: World, scheme: str) -> None:
    page = visit("/", locale="de", color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator(".opening.is-granted").first).to_be_visible()
    found = {}
    for path in world.pages():
        page.goto(path, wait_until="domcontentloaded")
        page.evaluate(AXE)
        if findings := page.evaluate(RUN, COLORS):
            found[path] = findings
    assert found == {}


def test_every_part_of_a_page_can_be_reached_by_keyboard_and_shows_where_one_is(visit: Callable[..., Page], world: World) -> None:
    page = visit("/today")
    expect(page.locator(".opening.is-granted").first).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto("/today")
    wanted = page.locator("a:visible, button:visible, summary:visible, input:visible").count()
    seen = set()
    for _ in range(3 * wanted):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => { const e = document.activeElement; if (e === document.body) return null;
            const s = getComputedStyle(e), inner = getComputedStyle(e.querySelector(".opening-whole") ?? e);
            return [e.tagName + (e.getAttribute("href")?.baseVal ?? e.getAttribute("href") ?? e.value ?? e.className) + (e.ariaLabel ?? ""),
                    s.outlineStyle !== "none" || inner.strokeWidth === "4px"]; }"""
        )
        if here is None:
            break
        assert here[1], f"{here[0]} does not show that it is focused"
        seen.add(here[0])
    assert f"A/bookings/club/{world.bookings['granted']}" in {name.split("Booking")[0] for name in seen}
    assert len(seen) > wanted / 2


def test_the_language_is_switched_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("/bookings")
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Deutsch").focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert page.url.endswith("/bookings")
