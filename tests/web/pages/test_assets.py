"""Files are named after their content, kept for a year, and cannot be anything but ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drempel.web.pages.assets import STATIC, Assets
from tests.web.pages.browser import Browser, Counting


async def test_every_file_of_a_page_is_there_and_may_be_kept() -> None:
    browser = Browser(Counting())
    page = await browser.page("/")
    addresses = [link["href"] for link in page.of("link")] + [script["src"] for script in page.of("script")]
    assert len(addresses) == 4
    for address in addresses:
        assert address is not None
        assert re.fullmatch(r"/static/[a-z]+\.[0-9a-f]{12}\.(css|js|svg)", address)
        answer = await browser.ask("GET", address)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["drempel.css", "..%2Fpages%2Froutes.py", "..", "drempel.000000000000.css", "nothing"])
async def test_no_other_name_is_served(name: str) -> None:
    assert (await Browser(Counting()).ask("GET", f"/static/{name}")).status == 404


def test_a_changed_file_gets_another_name(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("one")
    first = Assets(tmp_path).address("a.css")
    (tmp_path / "a.css").write_text("two")
    assert Assets(tmp_path).address("a.css") != first


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_no_file_fetches_anything_from_outside(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|@import|url\(", text)
