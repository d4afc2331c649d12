"""Plugged into the application, the pages take the place of its note, and keep their own headers."""

from __future__ import annotations

from drempel.engine.levers import Levers
from drempel.web.pages import demo_pages
from tests.engine.stand_in import NOW, a_view
from tests.web.client import Web
from tests.web.pages.browser import LINKS, Counting


async def test_the_pages_keep_their_headers_and_their_forms_work() -> None:
    records = Counting(a_view("1363"))
    pages = demo_pages(levers=Levers(records), setup=records.setup, zone="Europe/Amsterdam", links=LINKS, now=lambda: NOW)
    web = Web(records, pages=pages)
    answer = await web.ask("GET", "/")
    assert answer.status == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    form = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    ordered = await web.ask("POST", "/bookings/club/1363/retry", body=b"back=needs", headers=form)
    assert (ordered.status, ordered.headers["location"]) == (303, "/needs?done=retry")
    assert records.orders == [("retry", "club", "1363")]
