"""The front-desk pack on a sheet of A4: no heading breaks in two, and no column is squeezed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from tests.engine.test_day import SETUP, booked
from tests.web.pages import browser as in_process

pytestmark = pytest.mark.browser
LINES = """(all) => [...document.querySelectorAll(all)].map((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  return new Set([...text.getClientRects()].map((each) => Math.round(each.bottom))).size;
})"""


@pytest.mark.parametrize("language", ["nl", "de", "en", "fr"])
def test_headings_and_short_names_stand_on_one_line(browser: Browser, language: str) -> None:
    view = booked(3702, 600, 60)
    views = [replace(view, record=replace(view.record, object_name="Hall 1"))]
    asked = in_process.Browser(in_process.Counting(*views, setup=SETUP)).ask(
        "GET", "/today/pack", headers={"Accept-Language": language}
    )
    with ThreadPoolExecutor(1) as another:
        html = another.submit(asyncio.run, asked).result().body.decode()
    with browser.new_context(viewport={"width": 688, "height": 1000}) as context:
        page = context.new_page()
        page.emulate_media(media="print")
        page.set_content(html)
        assert set(page.evaluate(LINES, ".visits thead th, .visits td:nth-child(2)")) == {1}
