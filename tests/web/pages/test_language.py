"""Pages in the reader's language, a switch that works without JavaScript, days and zones as the language says them."""

from __future__ import annotations

from datetime import timedelta

import phonenumbers
import pytest

from drempel.domain.access import BookingState
from drempel.domain.failures import Failure
from drempel.domain.phone import NoSms
from drempel.web.pages.language import LANGUAGES, country_of_zone, speech
from tests.engine.stand_in import NOW, a_set, a_view
from tests.web.pages.browser import HOSTILE, TO, Browser, Counting
from tests.web.signed_in import COOKIE


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_page_says_which_language_it_speaks(language: str) -> None:
    page = await Browser(Counting()).page("/bookings", language=f"{language}-XX,en;q=0.1")
    assert [html.get("lang") for html in page.of("html")] == [language]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("nl", f"za 14 mrt, 10:45 {TO} 13:00 CET"),
        ("de", f"Sa., 14. März, 10:45 {TO} 13:00 MEZ"),
        ("fr", f"sam. 14 mars, 10:45 {TO} 13:00 CET"),
    ],
)
async def test_days_and_zones_are_told_in_the_readers_language(language: str, shown: str) -> None:
    view = a_view("1", sets=[a_set()], state=BookingState.GRANTED)
    page = await Browser(Counting(view)).page("/bookings", language=language)
    assert shown in page.text


@pytest.mark.parametrize(
    ("reader", "code", "name"),
    [
        ("nl", "nl", "Nederlands"),
        ("de", "fr-BE", "Französisch (Belgien)"),
        ("en", "nl_NL", "Dutch (Netherlands)"),
        ("en", "xx", "xx"),
        ("en", "", ""),
        ("en", "../nl", "../nl"),
        ("en", "n" * 100, "n" * 100),
    ],
)
def test_a_language_is_told_by_its_name_as_far_as_it_has_one(reader: str, code: str, name: str) -> None:
    assert speech(reader).language(code) == name


async def test_a_failure_is_told_in_the_readers_language_with_its_names_untouched() -> None:
    failure = Failure("visitor.unreachable", {"reason": NoSms.NO_COUNTRY_CODE.value})
    named = Failure("component.missing", {"names": HOSTILE, "near": "none"})
    views = [a_view(str(n), state=BookingState.NEEDS_PERSON, failure=each) for n, each in enumerate((failure, named))]
    page = await Browser(Counting(*views)).page("/needs", language="de")
    assert "die Mobilnummer hat keine Ländervorwahl" in page.text
    assert f"An diesem Standort heißt keine Tür „{' '.join(HOSTILE.replace('`', '').split())[:20]}" in page.text
    assert "Ähnliche Namen: keine" in page.text
    assert page.of("img") == []


async def test_a_refused_word_is_told_in_the_readers_language() -> None:
    view = a_view("1", state=BookingState.NEEDS_PERSON, failure=Failure("field.foreign"), field_seen="")
    answer = await Browser(Counting(view)).press("/bookings/club/1/resolve", speaks="nl", answer="not_created")
    assert answer.status == 409
    assert "Wat er in het boekingsveld staat, is nog niet gelezen." in answer.body.decode()


async def test_the_choice_is_kept_in_a_cookie_and_leads_back() -> None:
    browser = Browser(Counting())
    answer = await browser.press("/language", language="fr", back="/bookings?state=granted")
    assert (answer.status, answer.headers["location"]) == (303, "/bookings?state=granted")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("drempel_language=fr;")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = await browser.ask("GET", "/bookings", headers={"Cookie": f"{COOKIE}; drempel_language=fr", "Accept-Language": "nl"})
    assert '<html lang="fr">' in page.body.decode()


@pytest.mark.parametrize(
    "back", ["", "//evil.test", "/\\evil.test", "https://evil.test", "bookings", "/a\r\nSet-Cookie: x=y", "/" + "x" * 3000]
)
async def test_the_switch_leads_to_no_other_site(back: str) -> None:
    answer = await Browser(Counting()).press("/language", language="de", back=back)
    assert answer.headers["location"] == "/"


async def test_a_language_that_we_do_not_speak_is_not_kept() -> None:
    answer = await Browser(Counting()).press("/language", language="<b>", back="/bookings")
    assert "set-cookie" not in answer.headers


async def test_every_page_has_the_switch_and_says_where_it_comes_back_to() -> None:
    page = await Browser(Counting()).page("/bookings?state=granted&done=retry")
    (back,) = [field["value"] for field in page.of("input") if field.get("name") == "back"]
    assert back == "/bookings?state=granted"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_state_can_be_told_in_every_language(language: str) -> None:
    views = [a_view(str(n), state=state, start=NOW, end=NOW + timedelta(hours=1)) for n, state in enumerate(BookingState)]
    browser = Browser(Counting(*views))
    for view in views:
        await browser.page(f"/bookings/club/{view.record.booking_id}", language=language)


def test_countries_are_named_and_ordered_in_the_language_of_the_reader() -> None:
    dutch = speech("nl").countries()
    assert ("NL", "Nederland") in dutch
    assert [name for code, name in speech("de").countries() if code in {"AT", "OM", "EG"}] == ["Ägypten", "Oman", "Österreich"]
    assert {code for code, _ in dutch} == set(phonenumbers.SUPPORTED_REGIONS)


@pytest.mark.parametrize(
    ("zone", "country"), [("Europe/Amsterdam", "NL"), ("Europe/Berlin", "DE"), ("UTC", ""), ("Etc/UTC", ""), ("nowhere", "")]
)
def test_a_time_zone_tells_its_country_where_it_has_one(zone: str, country: str) -> None:
    assert country_of_zone(zone) == country
