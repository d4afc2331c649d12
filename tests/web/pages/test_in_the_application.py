"""Plugged into the application, the pages take the place of its note, and keep their own headers."""

from __future__ import annotations

from drempel.engine.levers import Levers
from drempel.web.site import site_pages
from tests.engine.stand_in import NOW, a_view
from tests.web.client import Web
from tests.web.pages.browser import Counting
from tests.web.signed_in import COOKIE, FORM_TOKEN, signed_in_already


async def test_the_pages_keep_their_headers_and_their_forms_work() -> None:
    records = Counting(a_view("1363"))
    site = site_pages(
        levers=Levers(records),
        setup=records.setup,
        sign_in=signed_in_already(),
        zone="Europe/Amsterdam",
        now=lambda: NOW,
    )
    web = Web(records, pages=site.routes)
    answer = await web.ask("GET", "/", headers={"cookie": COOKIE})
    assert answer.status == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    form = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", "cookie": COOKIE}
    ordered = await web.ask(
        "POST", "/bookings/club/1363/retry", body=f"back=needs&form_token={FORM_TOKEN}".encode(), headers=form
    )
    assert (ordered.status, ordered.headers["location"]) == (303, "/needs?done=retry")
    assert records.orders == [("retry", "club", "1363")]
    assert [(one.actor.name, one.type) for one in records.trail] == [("Anna", "booking.retry")]
