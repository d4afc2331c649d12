"""Sign-in, sign-out, cookies, guesses and one-time links, over the pages."""

from __future__ import annotations

import asyncio

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.rights import Role
from drempel.engine.trail import COMMAND_LINE
from tests.clock import ManualClock
from tests.engine.sign_in_desk import PASSWORD
from tests.web.sign_in.house import OURS, Browser, House

NEW = "another horse battery"


async def test_signing_in_leads_to_where_one_wanted_to_go_and_signing_out_ends_it_on_the_server(house: House) -> None:
    await house.desk.person("Anna")
    browser = Browser(house)
    asked = await browser.look("/trail")
    assert 'value="/trail"' in (await browser.look(asked.header("location"))).body.decode()
    answer = await browser.sign_in("Anna", next="/trail")
    assert (answer.status, answer.header("location"), answer.header("cache-control")) == (303, "/trail", "no-store")
    assert (await browser.look("/trail")).status == 200
    stolen = dict(browser.jar)
    assert (await browser.press("/sign-out")).header("location") == "/sign-in"
    browser.jar = stolen
    assert not await browser.is_in()


async def test_where_nobody_can_sign_in_yet_the_form_says_where_the_first_link_stands(house: House) -> None:
    await house.desk.invitations.first_administrator(actor=COMMAND_LINE)
    page = (await Browser(house).look("/sign-in")).text
    assert "Nobody can sign in here yet." in page
    assert "drempel invite NAME --role administrator" in page
    await house.desk.person("Anna")
    assert "Nobody can sign in here yet." not in (await Browser(house).look("/sign-in")).text


@pytest.mark.parametrize(
    ("url", "prefix", "secure"), [("http://drempel.test", "", False), ("https://drempel.test", "__Host-", True)]
)
async def test_cookies_are_as_closed_as_they_can_be(
    sqlite_store: SqlStore, clock: ManualClock, url: str, prefix: str, secure: bool
) -> None:
    house = House(sqlite_store, clock, public_url=url)
    await house.desk.person("Anna")
    cookies = (await Browser(house).sign_in("Anna")).cookies
    assert set(cookies) == {f"{prefix}drempel", f"{prefix}drempel-known"}
    for cookie in cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "lax", "/", "")
        assert bool(cookie["secure"]) is secure
    assert cookies[f"{prefix}drempel"]["max-age"] == ""


async def test_a_cookie_that_was_set_beforehand_is_never_adopted(house: House) -> None:
    await house.desk.person("Anna")
    browser = Browser(house)
    browser.jar["drempel"] = "chosen-by-an-attacker"
    await browser.sign_in("Anna")
    assert browser.jar["drempel"] != "chosen-by-an-attacker"
    attacker = Browser(house)
    attacker.jar["drempel"] = "chosen-by-an-attacker"
    assert not await attacker.is_in()


async def test_an_attackers_own_session_in_the_victims_browser_ends_when_the_victim_signs_in(house: House) -> None:
    eve = await house.browser_of("Eve", Role.RECEPTION)
    await house.desk.person("Anna")
    victim = Browser(house)
    victim.jar = dict(eve.jar)
    await victim.sign_in("Anna")
    assert victim.jar["drempel"] != eve.jar["drempel"]
    assert not await eve.is_in()


async def test_the_cookie_of_a_removed_person_and_of_a_changed_role_opens_nothing(house: House) -> None:
    anna = await house.browser_of("Anna")
    ben = await house.browser_of("Ben")
    cor = await house.browser_of("Cor")
    numbers = {person.name: person.id for person in await house.store.people.people()}
    await anna.press(f"/people/{numbers['Ben']}/remove")
    await anna.press(f"/people/{numbers['Cor']}/role", role="reception")
    assert not await ben.is_in()
    assert not await cor.is_in()
    assert (await ben.sign_in("Ben")).status == 401
    await cor.sign_in("Cor")
    assert (await cor.look("/people")).status == 403


async def test_nothing_tells_whether_a_name_is_known(house: House) -> None:
    await house.desk.person("Anna")
    await house.desk.invitations.invite("Ben", Role.RECEPTION, actor=COMMAND_LINE)
    seen = set()
    for name in ("Anna", "Ben", "Eve"):
        browser = Browser(house, address=f"192.0.2.{len(name)}{len(seen)}")
        answers = [await browser.sign_in(name, "wrong horse battery") for _ in range(7)]
        seen.add(tuple((one.status, one.header("retry-after"), one.body.replace(name.encode(), b"NAME")) for one in answers))
    assert len(seen) == 1
    (answers,) = seen
    assert [status for status, *_ in answers] == [401] * 5 + [429] * 2
    assert answers[-1][1] == "2"


async def test_guesses_are_slowed_per_name_and_per_address_and_no_header_changes_that(house: House) -> None:
    await house.desk.person("Anna")
    for number in range(6):
        browser = Browser(house, address=f"198.51.100.{number}")
        answer = await browser.sign_in("Anna", "wrong horse battery")
    assert answer.status == 429
    assert "Try again in 2 seconds" in answer.text
    one = Browser(house, address="203.0.113.7")
    statuses = []
    for number in range(22):
        forwarded = {
            **OURS,
            "x-forwarded-for": f"10.0.0.{number}",
            "forwarded": f"for=10.0.0.{number}",
            "x-real-ip": f"10.1.0.{number}",
        }
        statuses.append((await one.send("/sign-in", forwarded, name=f"name {number}", password="x" * 12)).status)
    assert statuses == [401] * 20 + [429] * 2
    neighbours = [Browser(house, address=f"2001:db8::{number:x}") for number in range(22)]
    statuses = [(await each.sign_in(f"other {number}")).status for number, each in enumerate(neighbours)]
    assert statuses == [401] * 20 + [429] * 2


async def test_who_signed_in_here_before_is_not_kept_out_by_the_tries_of_others(house: House) -> None:
    anna = await house.browser_of("Anna")
    await anna.press("/sign-out")
    for _ in range(6):
        await Browser(house).sign_in("Anna", "wrong horse battery")
    assert (await Browser(house).sign_in("Anna")).status == 429
    assert (await anna.sign_in("Anna")).status == 303


async def test_a_flood_is_told_to_come_again(house: House) -> None:
    house.desk.passwords.busy = True
    answer = await Browser(house).sign_in("Anna")
    assert (answer.status, answer.header("retry-after")) == (503, "5")


async def test_a_flood_of_strangers_does_not_keep_out_who_signed_in_here_before(house: House) -> None:
    anna = await house.browser_of("Anna")
    await anna.press("/sign-out")
    house.desk.passwords.crowded = True
    assert (await Browser(house).sign_in("Anna")).status == 503
    assert (await anna.sign_in("Anna")).status == 303


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7*7 }}", "x" * 5000, "\x00", "\ud7ff"])
async def test_what_was_typed_comes_back_as_text(house: House, name: str) -> None:
    answer = await Browser(house).sign_in(name)
    assert answer.status == 401
    assert answer.page.of("img") == []
    assert b"<script>alert" not in answer.body
    assert b"7*7" in answer.body or "7" not in name


# -------------------------------------------------------------------------------------------------------------- one-time links


async def link_for(house: House, name: str = "Anna") -> str:
    return (await house.desk.invitations.invite(name, Role.ADMINISTRATOR, actor=COMMAND_LINE)).token


async def test_a_link_is_looked_at_as_often_as_mail_scanners_like_and_works_once(house: House) -> None:
    token = await link_for(house)
    for method in ("GET", "HEAD", "GET"):
        assert (await Browser(house).ask(method, f"/link/{token}")).status == 200
    browser = Browser(house)
    assert "You are Anna here." in (await browser.look(f"/link/{token}")).text
    answer = await browser.send(f"/link/{token}", password=PASSWORD, again=PASSWORD)
    assert (answer.status, answer.header("location")) == (303, "/")
    assert await browser.is_in()
    late = Browser(house)
    answer = await late.send(f"/link/{token}", password=NEW, again=NEW)
    assert (answer.status, answer.cookies) == (404, {})
    assert "does not work any more" in answer.text
    assert (await late.look(f"/link/{token}")).status == 404
    assert (await late.sign_in("Anna")).status == 303, "the password of the first"
    assert (await house.trail())[-1] == ("Anna", "person.password", "Anna", "", "by a one-time link")


async def test_of_two_who_press_at_once_exactly_one_wins(house: House) -> None:
    token = await link_for(house)
    passwords = [f"password number {number}" for number in range(4)]
    answers = await asyncio.gather(*(Browser(house).send(f"/link/{token}", password=one, again=one) for one in passwords))
    won = [password for password, answer in zip(passwords, answers, strict=True) if answer.status == 303]
    assert sorted(answer.status for answer in answers) == [303, 404, 404, 404]
    assert (await Browser(house).sign_in("Anna", won[0])).status == 303


@pytest.mark.parametrize("token", ["guessed", "x" * 5000, "%00", "..", "\u00e9"])
async def test_a_guessed_link_is_over(house: House, token: str) -> None:
    await link_for(house)
    assert (await Browser(house).send(f"/link/{token}", password=PASSWORD, again=PASSWORD)).status == 404


async def test_an_expired_link_is_over(house: House, clock: ManualClock) -> None:
    token = await link_for(house)
    clock.advance(24 * 3600)
    assert (await Browser(house).look(f"/link/{token}")).status == 404
    assert (await Browser(house).send(f"/link/{token}", password=PASSWORD, again=PASSWORD)).status == 404


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("tooshort", "tooshort", "at least 12 characters"),
        ("x" * 257, "x" * 257, "256"),
        (PASSWORD, NEW, "differ"),
        ("", "", "at least 12 characters"),
    ],
)
async def test_a_password_that_cannot_be_one_leaves_the_link_as_it_is(
    house: House, password: str, again: str, sentence: str
) -> None:
    token = await link_for(house)
    answer = await Browser(house).send(f"/link/{token}", password=password, again=again)
    assert answer.status == 400
    assert sentence in answer.text
    assert password not in answer.body.decode() or not password
    assert (await Browser(house).send(f"/link/{token}", password=PASSWORD, again=PASSWORD)).status == 303
