"""What stands in a bar of Today's picture is whole, and where there is room for anything it is the number of the booking."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import drempel.web
from tests.engine.test_day import SETUP, booked
from tests.web.pages import browser as in_process

pytestmark = pytest.mark.browser
STATIC = Path(drempel.web.__file__).parent / "static"
HOME = f"http://{in_process.HOST}/today"
SEEN = """() => Object.fromEntries([...document.querySelector(".lane:nth-child(2)").querySelectorAll(".opening-say")].map((bar) => {
  const end = bar.getBoundingClientRect();
  const whole = (e) => { const b = e.getBoundingClientRect(); return b.top < end.top + 13 && b.right <= end.right + 0.5; };
  return [bar.querySelector(".opening-id").textContent, [".icon", ".opening-id"].filter((e) => whole(bar.querySelector(e)))];
}))"""


def today(*lengths: int) -> str:
    """A morning at which the bookings of these minutes, one after another, with 15 minutes before each. The first is number 3691."""
    views = [booked(3691 + number, 480 + number * 120, length) for number, length in enumerate(lengths)]
    asked = in_process.Browser(in_process.Counting(*views, setup=SETUP)).ask("GET", "/today")
    # Playwright has a loop of its own in this thread.
    with ThreadPoolExecutor(1) as another:
        return another.submit(asyncio.run, asked).result().body.decode()


def static(address: str) -> Path:
    """Names carry a mark of what is in the file."""
    name = Path(address).name
    return STATIC / f"{name.partition('.')[0]}{Path(name).suffix}"


def seen(page: Page, html: str) -> dict[str, list[str]]:
    page.route(HOME, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("**/static/*", lambda route: route.fulfill(path=static(route.request.url)))
    page.goto(HOME)
    found: dict[str, list[str]] = page.evaluate(SEEN)
    return found


def test_a_bar_has_its_number_where_that_fits_and_its_icon_where_it_does_not(browser: Browser) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        found = seen(context.new_page(), today(90, 60, 45, 40, 25))
    assert [found["3691"], found["3692"], found["3695"]] == [[".icon", ".opening-id"], [".icon", ".opening-id"], [".icon"]]
    assert all(".opening-id" in found[short] for short in ("3693", "3694"))


SIDES = """() => [...document.querySelectorAll(".opening-say")].filter((bar) => bar.getBoundingClientRect().width > 70).map((bar) =>
  bar.querySelector(".opening-id").getBoundingClientRect().left < bar.querySelector(".icon").getBoundingClientRect().left)"""


def test_the_number_comes_first_and_stands_in_a_bar_of_an_hour_on_a_small_desk_screen_and_on_paper(browser: Browser) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        found = seen(page, today(60, 90, 60))
        assert all(".opening-id" in each for each in found.values())
        sides = page.evaluate(SIDES)
        assert sides, "a bar of 90 minutes has both"
        assert all(sides)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 688, "height": 1000})
        on_paper: dict[str, list[str]] = page.evaluate(SEEN)
        assert all(".opening-id" in each for each in on_paper.values())
