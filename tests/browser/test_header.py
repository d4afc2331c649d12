"""The head of a page on a phone: low, each row one line, and the page that is shown within its row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from drempel.web.pages.language import LANGUAGES

pytestmark = pytest.mark.browser
PIXELS_MAX = 150


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scripted", [True, False])
def test_the_head_of_a_page_is_low_on_a_phone_and_shows_where_one_is(
    visit: Callable[..., Page], language: str, scripted: bool
) -> None:
    page = visit("/trail", locale=language, viewport={"width": 390, "height": 844}, java_script_enabled=scripted)
    head, here = page.locator("header.bar"), page.locator(".pages a[aria-current]")
    assert head.bounding_box()["height"] <= PIXELS_MAX  # type: ignore[index]
    rows = {round(each.bounding_box()["y"]) for each in page.locator(".pages a").all()}  # type: ignore[index]
    assert len(rows) == 1
    if not scripted:
        here.scroll_into_view_if_needed()
    box = here.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= 390 - box["width"]


def test_the_menu_of_languages_and_the_account_can_be_reached_on_a_phone(visit: Callable[..., Page]) -> None:
    page = visit("/needs", viewport={"width": 360, "height": 740}, locale="fr-FR")
    page.locator(".menu summary").click()
    expect(page.get_by_role("button", name="Nederlands")).to_be_in_viewport(ratio=1)
    page.locator(".menu summary").click()
    page.locator(".you a").click()
    page.wait_for_url("**/account")
    expect(page.locator(".you button")).to_be_in_viewport(ratio=1)
