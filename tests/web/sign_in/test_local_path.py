"""After signing in nobody is sent to another host."""

from __future__ import annotations

import pytest

from drempel.web.sign_in.local_path import local_path
from tests.web.sign_in.house import Browser, House

ELSEWHERE = [
    "//evil",
    "/\\evil",
    "\\\\evil",
    "https:evil",
    "https://evil",
    "http:///evil",
    "javascript:alert(1)",
    "/\t/evil",
    "/\n/evil",
    "\t//evil",
    " //evil",
    "/ /evil",
    "///evil",
    "//[evil",
    "/\u2044evil",
    "/\x00",
    "evil",
    "",
    "?x",
    "/" + "x" * 2000,
]


@pytest.mark.parametrize("path", ["/", "/people", "/?state=granted&after=5", "/bookings/club/1363?done=retry", "/a/%2F%2Fevil"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_everything_else_is_the_overview(wanted: str) -> None:
    assert local_path(wanted) == "/"


async def test_the_form_and_the_answer_both_hold_to_it(house: House) -> None:
    await house.desk.person("Anna")
    for wanted in ELSEWHERE:
        browser = Browser(house)
        form = await browser.send("/sign-in", name="Anna", password="wrong", next=wanted)
        assert 'name="next" value="/"' in form.body.decode()
        house.clock.advance(900)
        answer = await browser.sign_in("Anna", next=wanted)
        assert (answer.status, answer.header("location")) == (303, "/")
    answer = await Browser(house).sign_in("Anna", next="/people?told=x")
    assert answer.header("location") == "/people?told=x"
