"""A browser gets a page where there is none and where one failed; a program gets problem JSON; nobody who is not signed in learns an address."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast
from urllib.parse import quote

import pytest

from drempel.adapters.store import SqlStore
from drempel.engine.levers import Levers
from drempel.web.site import site_pages
from tests.clock import ManualClock
from tests.engine.stand_in import NOW, a_view
from tests.web.client import Web
from tests.web.pages.browser import Counting, Markup
from tests.web.sign_in.house import OURS, Answer, Browser, House
from tests.web.signed_in import COOKIE, signed_in_already

READS_PAGES = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def house(sqlite_store: SqlStore, clock: ManualClock) -> House:
    return House(sqlite_store, clock)


def looks(answer: Answer, target: str) -> tuple[int, bytes, dict[str, str]]:
    """What a caller sees, but for the address that was asked for."""
    asked, quoted = target.encode(), quote(target, safe="")
    headers = {name: value.replace(quoted, "") for name, value in answer.headers if name != "content-length"}
    return answer.status, answer.body.replace(asked, b""), headers


async def test_who_is_signed_in_gets_a_page_with_the_navigation_and_the_way_to_the_day(house: House) -> None:
    anna = await house.browser_of("Anna")
    answer = await anna.ask("GET", "/no/such", headers=READS_PAGES)
    assert answer.status == 404
    assert answer.page.of("title")
    assert "There is no page at this address" in answer.text
    assert {"/", "/bookings", "/needs", "/account"} <= set(answer.page.links)
    assert "style-src 'self'" in answer.header("content-security-policy")


async def test_the_page_speaks_the_language_of_its_reader(house: House) -> None:
    anna = await house.browser_of("Anna")
    answer = await anna.ask("GET", "/no/such", headers={**READS_PAGES, "accept-language": "nl"})
    assert "Op dit adres staat geen pagina" in answer.text


async def test_the_address_of_a_button_says_so_and_keeps_its_status(house: House) -> None:
    anna = await house.browser_of("Anna")
    answer = await anna.ask("GET", "/sign-out", headers=READS_PAGES)
    assert (answer.status, answer.header("allow")) == (405, "POST")
    assert "This address belongs to a button" in answer.text
    assert await anna.is_in()


async def test_who_is_not_signed_in_learns_nothing_about_which_addresses_there_are(house: House) -> None:
    nobody = Browser(house)
    form = {**READS_PAGES, "content-type": "application/x-www-form-urlencoded"}
    for method, headers, status in (
        ("GET", READS_PAGES, 303),
        ("POST", {**form, **OURS}, 401),
        ("POST", {**form, "sec-fetch-site": "cross-site"}, 403),
    ):
        there = "/trail" if method == "GET" else "/needs/resume"
        known = looks(await nobody.ask(method, there, headers=headers), there)
        assert known[0] == status
        for target in ["/no/such", "/today/", "/trail" if method == "POST" else "/needs/resume", "/integrations/doors"]:
            assert looks(await nobody.ask(method, target, headers=headers), target) == known, (method, target)


@pytest.mark.parametrize("target", ["/api", "/api/v1/no/such", "/api/v2/bookings", "/hooks/club", "/healthz/", "/metrics/x"])
async def test_where_programs_ask_a_browser_too_gets_problem_json(house: House, target: str) -> None:
    anna = await house.browser_of("Anna")
    answer = await anna.ask("GET", target, headers=READS_PAGES)
    assert (answer.status, answer.header("content-type")) == (404, "application/problem+json")


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/json, text/html;q=0", "text/plain"])
async def test_who_does_not_ask_for_a_page_gets_problem_json(house: House, accept: str) -> None:
    anna = await house.browser_of("Anna")
    answer = await anna.ask("GET", "/no/such", headers={"accept": accept} if accept else {})
    assert (answer.status, json.loads(answer.body)["code"]) == (404, "address.unknown")


async def test_a_form_that_is_too_long_is_told_on_a_page_too(house: House) -> None:
    form = {**READS_PAGES, **OURS, "content-type": "application/x-www-form-urlencoded"}
    answer = await Browser(house).ask("POST", "/sign-in", headers=form, body=b"x" * 70_000)
    assert answer.status == 413
    assert "What was sent is too long" in answer.text


class Failing(Counting):
    """No list of bookings can be had."""

    async def count_by_state(self) -> Any:
        raise RuntimeError("ada@example.com")


@pytest.mark.parametrize("sessions_answer", [True, False])
async def test_a_page_that_fails_is_a_page_without_details_whatever_else_fails(sessions_answer: bool) -> None:
    records, sign_in = Failing(a_view("1363")), signed_in_already()
    sessions = FirstOnly(sign_in.sign_in)
    if not sessions_answer:
        sign_in = replace(sign_in, sign_in=cast("Any", sessions))
    site = site_pages(levers=Levers(records), setup=records.setup, sign_in=sign_in, zone="Europe/Amsterdam", now=lambda: NOW)
    web = Web(records, pages=site.routes, problem_pages=site.problems)
    answer = await web.ask("GET", "/bookings", headers={"cookie": COOKIE, **READS_PAGES})
    assert answer.status == 500
    page = Markup(answer.body.decode())
    assert "Drempel itself failed here" in page.text
    assert ("Anna" in page.text) is sessions_answer
    assert b"ada" not in answer.body
    assert [event for event, _ in web.watcher.facts] == ["web.failed"]


class FirstOnly:
    """Sessions of a database that goes away after the first question."""

    def __init__(self, sessions: Any) -> None:
        self._sessions = sessions
        self._asked = False

    async def session(self, token: str, *, looked_at: bool = True) -> Any:
        if self._asked:
            raise RuntimeError("ada@example.com")
        self._asked = True
        return await self._sessions.session(token, looked_at=looked_at)
