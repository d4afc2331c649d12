"""What helps with a failure: for each code, in each language, to everybody who is signed in."""

from __future__ import annotations

import pytest

from drempel.domain.access import BookingState
from drempel.domain.failures import CATALOGUE, Failure
from drempel.domain.help import HELP, SITUATIONS
from drempel.domain.rights import Role
from drempel.engine.records import Brake
from drempel.engine.setup import Setup
from drempel.web.pages.language import LANGUAGES, speech
from drempel.web.problems import HELP_PATH, PROBLEMS
from tests.engine.stand_in import CLUB, NOW, a_view
from tests.web.pages.browser import Browser, Counting
from tests.web.pages.test_setup_page import CONNECTION, DOORS

SETUP = Setup(version=1, sources={"club": CLUB}, integrations={"doors": DOORS}, connections={1: CONNECTION})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_failure_is_told_in_every_language(language: str) -> None:
    browser, said = Browser(Counting()), speech(language).gettext
    for code, helps in {**HELP, **SITUATIONS}.items():
        page = await browser.page(HELP_PATH + code, language=language)
        for sentence in helps.sentences:
            assert " ".join(said(sentence).split()) in page.text


@pytest.mark.parametrize("role", Role)
async def test_everybody_who_is_signed_in_may_read_it(role: Role) -> None:
    browser = Browser(Counting(), role=role)
    assert "The booking system refuses our account" in (await browser.page(HELP_PATH + "source.refused")).text
    assert "source.refused" in (await browser.page("/help/failures")).text


async def test_who_is_not_signed_in_is_led_to_the_sign_in() -> None:
    answer = await Browser(Counting()).ask("GET", HELP_PATH + "source.refused", headers={"Cookie": ""})
    assert answer.status == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fhelp%2Ffailures%2Fsource.refused"


@pytest.mark.parametrize("code", ["nothing.known", "%3Cscript%3E", "source", "%00", "source.refused%0d%0aX"])
async def test_an_unknown_code_is_a_sentence_that_leads_to_the_list(code: str) -> None:
    page = await Browser(Counting()).page(HELP_PATH + code, status=404)
    assert "There is no failure of this name" in page.text
    assert "/help/failures" in page.links


async def test_the_list_leads_to_every_failure_and_to_every_answer_of_rest() -> None:
    page = await Browser(Counting()).page("/help/failures")
    assert {HELP_PATH + code for code in (*CATALOGUE, *SITUATIONS, *PROBLEMS)} <= set(page.links)


@pytest.mark.parametrize("code", PROBLEMS)
async def test_what_rest_answers_is_told_there_too(code: str) -> None:
    page = await Browser(Counting()).page(HELP_PATH + code)
    if code not in HELP:
        assert f"with status {PROBLEMS[code].status}" in page.text
        assert PROBLEMS[code].remedy.replace("`", "") in page.text


@pytest.mark.parametrize(("path", "links"), [("/needs", 2), ("/bookings/club/1", 1)])
async def test_each_remedy_leads_to_what_helps(path: str, links: int) -> None:
    records = Counting(a_view("1", state=BookingState.NEEDS_PERSON, failure=Failure("component.missing")))
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    page = await Browser(records).page(path)
    found = [link for link in page.links if (link or "").startswith(HELP_PATH)]
    assert HELP_PATH + "component.missing" in found
    assert len(found) == links


async def test_every_page_leads_to_the_list() -> None:
    assert "/help/failures" in (await Browser(Counting()).page("/today")).links


async def test_a_page_that_is_not_served_is_not_led_to() -> None:
    page = await Browser(Counting(setup=SETUP)).page(HELP_PATH + "component.missing")
    assert "/integrations/doors/mapping" not in page.links


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_told_of_keys_names_their_page_and_no_command(language: str) -> None:
    browser, said = Browser(Counting()), speech(language).gettext
    for code in ("key.missing", "key.unknown", "key.scope"):
        page = await browser.page(HELP_PATH + code, language=language)
        assert "drempel api-key" not in page.text
        assert said("API keys") in page.text
    assert "drempel api-key" not in (await browser.page("/help/failures", language=language)).text
