"""While something is wrong the pages are as fit for everybody as when all is well: an outage, a refusal, doors that are offline and the brake, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.house import House, empty_house, eventually, set_up
from tests.browser.person import a_person
from tests.browser.test_accessibility import ALL_BUT_COLORS, AXE, COLORS, DESK, PHONE, RUN

pytestmark = pytest.mark.browser
PAGES: Final = (
    "/today",
    "/needs",
    "/bookings?state=needs_person",
    "/sources",
    "/sources/club",
    "/sources/club/activity",
    "/integrations",
    "/integrations/doors/checklist",
    "/integrations/doors/mapping",
    "/integrations/doors/authentication",
    "/integrations/doors/activity",
)


def source_is_down(house: House, _bookings: Sequence[str]) -> None:
    house.ireserve.plant("*", "refuse", times=None)


def resivo_is_down(house: House, _bookings: Sequence[str]) -> None:
    house.resivo.plant("*", "refuse", times=None)


def account_is_refused(house: House, _bookings: Sequence[str]) -> None:
    house.ireserve.plant("*", "status", status=401, times=None)


def secret_is_refused(house: House, _bookings: Sequence[str]) -> None:
    house.change_secret("the-new-secret")


def many_are_gone(house: House, bookings: Sequence[str]) -> None:
    for each in bookings:
        house.ireserve.ask(f"bookings/{each}/delete", "POST", {})


def doors_are_offline(house: House, _bookings: Sequence[str]) -> None:
    for door in ("Main entrance", "Hall 1"):
        house.change_door(door, online=False)


@pytest.mark.parametrize(
    ("trouble", "says", "name", "language"),
    [
        (source_is_down, "The booking system %(name)s does not answer", {"name": "club"}, "nl"),
        (resivo_is_down, "Resivo does not answer integration %(name)s", {"name": "doors"}, "de"),
        (account_is_refused, "The booking system %(name)s refuses us", {"name": "club"}, "fr"),
        (secret_is_refused, "Resivo refuses integration %(name)s", {"name": "doors"}, "nl"),
        (doors_are_offline, "Offline when last looked", {}, "nl"),
        (many_are_gone, "The brake of %(source)s holds", {"source": "club"}, "de"),
    ],
)
def test_no_page_has_a_serious_finding_while_something_is_wrong(
    browser: Browser,
    tmp_path: Path,
    trouble: Callable[[House, Sequence[str]], None],
    says: str,
    name: dict[str, str],
    language: str,
) -> None:
    with empty_house(tmp_path) as house, a_person(browser, house, language, reduced_motion="reduce") as person:
        set_up(house)
        person.comes_in()
        bookings = [house.book(begins=timedelta(minutes=5 + number)) for number in range(4)]
        for booking in bookings:
            eventually(lambda booking=booking: house.sent(booking), f"booking {booking} has access")
        trouble(house, bookings)
        paths = [*PAGES, f"/bookings/club/{bookings[0]}"]
        # One that stays would tell the brake that not all are gone.
        paths.append("/brakes/club/release" if trouble is many_are_gone else f"/bookings/club/{house.book()}")
        person.page.goto("/")
        person.reads(says, **name)
        found = {path: findings for path in paths if (findings := look_at(person.page, path))}
        assert found == {}


def look_at(page: Page, path: str) -> list[str]:
    """What axe finds there, and what is wider than a phone."""
    page.emulate_media(color_scheme="light")
    page.goto(path, wait_until="domcontentloaded")
    page.evaluate(AXE)
    found = [*page.evaluate(RUN, ALL_BUT_COLORS), *page.evaluate(RUN, COLORS)]
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in page.evaluate(RUN, COLORS)]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    return found + ([f"{width} pixels wide"] if width > PHONE["width"] else [])
