"""One browser and one world for all tests here. `make browser` runs them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.world import World, running_world

SECONDS_MAX = 20


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with running_world() as made:
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("These tests need a browser: on Debian, `apt-get install chromium`.")
    expect.set_options(timeout=SECONDS_MAX * 1000)
    with sync_playwright() as playwright:
        # Without a sandbox, because CI is root in a container; it meets pages of ours alone.
        made = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture
def visit(browser: Browser, world: World) -> Iterator[Callable[..., Page]]:
    """Opens a page in a context of its own; whatever the browser refuses or reports as an error fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(path: str, **options: Any) -> Page:
        context = browser.new_context(
            base_url=world.url, **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in?" + urlencode({"next": path}))
        page.locator("input[name=name]").fill("administrator")
        page.locator("input[name=password]").fill(world.password)
        page.locator("form[action='/sign-in'] button").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
