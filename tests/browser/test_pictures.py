"""The pictures of the docs, taken of the pages as they are: `make pictures` takes them anew."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import World, day

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "pictures"
BYTES_MAX = 150_000


def pictures(world: World) -> dict[str, tuple[str, dict[str, object]]]:
    """Name → the page, and how it is looked at."""
    desk = {"width": 1280, "height": 760}
    return {
        "today": (f"/today?day={day(1):%Y-%m-%d}", {"viewport": desk}),
        "today-phone-dark": ("/today", {"viewport": {"width": 360, "height": 760}, "color_scheme": "dark", "locale": "nl"}),
        "booking": (f"/bookings/club/{world.bookings['granted']}", {"viewport": desk}),
        "needs-a-person": ("/needs", {"viewport": {"width": 1280, "height": 640}}),
        "checklist": ("/integrations/doors/checklist", {"viewport": {"width": 1280, "height": 900}}),
        "mapping": ("/integrations/doors/mapping", {"viewport": desk}),
        "what-helps": ("/help/failures/component.missing", {"viewport": {"width": 1280, "height": 900}}),
    }


NAMES = ["today", "today-phone-dark", "booking", "needs-a-person", "checklist", "mapping", "what-helps"]


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_taken_small_and_without_a_secret(visit: Callable[..., Page], world: World, name: str) -> None:
    path, options = pictures(world)[name]
    page = visit(path, **options)
    expect(page.locator("main h1").first).to_be_visible()
    if path.startswith(("/today", "/bookings", "/needs")):
        expect(page.locator(".is-granted, .is-needs_person").first).to_be_visible()
    taken = page.screenshot(animations="disabled")
    assert len(taken) <= BYTES_MAX
    assert not re.search(r"demo-secret|visitor@example|31612345678", page.content())
    if os.environ.get("DREMPEL_PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.png").write_bytes(taken)
    assert (FOLDER / f"{name}.png").is_file(), "take it: make pictures"
