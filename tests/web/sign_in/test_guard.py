"""Every page and every order needs its right; no trick of a browser's or of an attacker's gets round it."""

from __future__ import annotations

import pytest

from drempel.domain.rights import Right, Role
from drempel.engine.sign_in import form_token
from tests.web.every_route import NEEDS, SESSION, filled, roles_of
from tests.web.sign_in.house import HOST, OURS, Browser, House

PAGES = {route: needed for route, needed in NEEDS.items() if isinstance(needed, Right) or needed == SESSION}


def addresses(method: str) -> dict[str, str]:
    """Those that a house without the pages of the set-up has, with the roles that may."""
    return {
        filled(path, number="7"): " ".join(sorted(roles_of(needed)))
        for (asked, path), needed in PAGES.items()
        if asked == method and not path.startswith(("/integrations", "/sources", "/needs/look", "/needs/orphans"))
    }


LOOKS = addresses("GET")
ORDERS = addresses("POST")


@pytest.mark.parametrize("role", Role)
async def test_what_a_role_may_not_is_403_and_says_who_may(house: House, role: Role) -> None:
    browser = await house.browser_of("Anna", role)
    for path, roles in LOOKS.items():
        answer = await browser.look(path)
        assert (answer.status == 403) is (role.value not in roles.split()), path
        if answer.status == 403:
            assert "Administrator" in answer.text
            assert ("Manager" in answer.text) is ("manager" in roles)
    before = await house.trail()
    for path, roles in ORDERS.items():
        if role.value not in roles.split():
            assert (await browser.press(path, role="administrator", name="x")).status == 403, path
    assert await house.trail() == before


async def test_without_a_session_a_page_leads_to_sign_in_and_an_order_is_refused(house: House) -> None:
    for path in LOOKS:
        answer = await Browser(house).look(path)
        assert answer.status == 303, path
        assert answer.header("location").startswith("/sign-in")
    assert (await Browser(house).look("/trail?before=5")).header("location") == "/sign-in?next=%2Ftrail%3Fbefore%3D5"
    for path in ORDERS:
        answer = await Browser(house).send(path, form_token="x")
        assert answer.status == 401, path
        assert "Sign in and do it again" in answer.text


async def test_a_page_that_refreshes_itself_is_told_that_the_session_is_over(house: House) -> None:
    assert (await Browser(house).ask("GET", "/", headers={"sec-fetch-dest": "empty"})).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "null"},
        {"origin": "http://evil.test"},
        {"origin": f"http://{HOST}.evil.test"},
        {"sec-fetch-site": "cross-site", "origin": f"http://{HOST}"},
        {"referer": f"http://{HOST}/"},
        {"x-forwarded-host": HOST, "origin": "http://evil.test"},
    ],
)
async def test_a_form_of_another_site_is_refused_even_with_the_right_token(house: House, headers: dict[str, str]) -> None:
    browser = await house.browser_of("Anna")
    token = await browser.form_token()
    for path in ORDERS:
        assert (await browser.send(path, headers, form_token=token)).status == 403, path
    for path in ("/sign-in", "/link/x"):
        assert (await browser.send(path, headers, name="Anna", password="x")).status == 403
    assert await browser.is_in()


async def test_a_missing_foreign_or_old_form_token_is_refused_from_whatever_origin(house: House) -> None:
    anna, ben = await house.browser_of("Anna"), await house.browser_of("Ben")
    old = await anna.form_token()
    await anna.press("/sign-out")
    await anna.sign_in("Anna")
    for token in ("", "x", "\u00e9", old, await ben.form_token(), form_token("guessed")):
        for headers in (OURS, {"origin": f"http://{HOST}"}):
            answer = await anna.send("/people/invite", headers, form_token=token, name="Cor", role="administrator")
            assert answer.status == 403
            assert "Open the page anew" in answer.text
    assert (await anna.send("/people/invite", name="Cor", role="administrator")).status == 403
    assert len(await house.store.people.people()) == 2
    assert (await anna.press("/people/invite", name="Cor", role="reception")).status == 200


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/plain", "x"])
async def test_other_bodies_than_forms_are_refused(house: House, kind: str) -> None:
    browser = await house.browser_of("Anna")
    token = await browser.form_token()
    body = f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n--x--\r\n'.encode()
    for path in ("/people/invite", "/sign-in", "/link/x"):
        answer = await browser.ask("POST", path, headers={"content-type": kind, **OURS}, body=body)
        assert (answer.status, "This form cannot be read" in answer.text) == (400, True)


async def test_a_form_with_too_many_or_too_long_fields_is_refused(house: House) -> None:
    browser = await house.browser_of("Anna")
    many = {f"f{number}": "x" for number in range(20)}
    assert (await browser.send("/sign-in", **many)).status == 400
    assert (await browser.send("/people/invite", form_token=await browser.form_token(), **many)).status == 400
    form = {"content-type": "application/x-www-form-urlencoded", **OURS}
    pieces = [b"name=" + b"x" * 40_000, b"x" * 40_000]
    assert (await browser.ask("POST", "/sign-in", headers=form, body=pieces)).status == 413
    stated = {**form, "content-length": "10000000"}
    assert (await browser.ask("POST", "/sign-in", headers=stated, body=b"name=x")).status == 413


async def test_head_is_guarded_and_other_methods_are_none(house: House) -> None:
    browser = await house.browser_of("Anna")
    for path in LOOKS:
        assert (await Browser(house).ask("HEAD", path)).status == 303
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        for path in ("/people", "/sign-in", "/link/x", "/sign-out"):
            assert (await browser.ask(method, path, headers=OURS)).status == 405
    assert (await browser.ask("HEAD", "/sign-out")).status == 405
    assert await browser.is_in()


async def test_no_page_allows_anything_inline(house: House) -> None:
    browser = await house.browser_of("Anna")
    for path in ("/people", "/account", "/trail", "/link/x", "/people/99/remove"):
        answer = await browser.look(path)
        assert answer.page.of("main")
        policy = answer.header("content-security-policy")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    assert (await Browser(house).look("/sign-in")).page.of("main")
