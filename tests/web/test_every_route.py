"""Every address of the application, as nobody, as each role, and with each kind of key: exactly what the table of rights says, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from drempel.adapters.store import SqlStore
from drempel.adapters.store.tables import metadata
from drempel.domain.rights import Right, Role
from drempel.engine.api_keys import key_hash
from drempel.engine.records import ApiScope
from drempel.engine.trail import COMMAND_LINE
from tests.clock import ManualClock
from tests.web.every_route import EVERYBODY, NEEDS, READ, SESSION, WRITE, filled, roles_of, routes_of
from tests.web.integrations.office import Office
from tests.web.sign_in.house import HOST, NEVER_ENDING, OURS, Answer, Browser

PAGES = {route: needed for route, needed in NEEDS.items() if isinstance(needed, Right) or needed == SESSION}
REST = {route: needed for route, needed in NEEDS.items() if needed in {READ, WRITE}}
OPEN = {route for route, needed in NEEDS.items() if needed == EVERYBODY}
KEYS = {"read": "drk_read", "write": "drk_write"}


@pytest.fixture
async def office(sqlite_store: SqlStore, clock: ManualClock) -> Office:
    """With a source, an integration and a booking."""
    office = Office(sqlite_store, clock)
    clerk = await office.clerk("Ruth")
    await clerk.set_up()
    await sqlite_store.hint("club", "1363")
    for scope in ApiScope:
        await sqlite_store.add_api_key(scope.value, scope, key_hash(KEYS[scope.value]))
    return office


async def dump(store: SqlStore) -> dict[str, list[Any]]:
    """Everything that is kept, but when a session or a key was last used."""
    kept = {}
    async with store._database.reading() as connection:  # a test looks behind the port
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if column.name not in {"seen_at", "used_at"}]
            kept[table.name] = sorted(
                str(tuple(row)) for row in await connection.execute(table.select().with_only_columns(*columns))
            )
    return kept


def test_every_route_of_the_application_stands_in_the_table_with_what_it_needs(office: Office) -> None:
    assert routes_of(office.app) == set(NEEDS)


def test_nothing_but_the_hook_answers_beside_the_routes(office: Office) -> None:
    app: Any = office.app
    passed = [each.cls.__name__ for each in app.user_middleware]
    assert passed == ["CountRequests", "SecurityHeaders", "LastNet", "BodyLimit", "Hooks"]


@pytest.mark.parametrize("role", Role)
async def test_a_page_is_for_the_roles_that_have_its_right_and_for_nobody_else(office: Office, role: Role) -> None:
    browser = await office.browser_of("Anna", role)
    await office.desk.person("Other", Role.RECEPTION)
    for (method, path), needed in PAGES.items():
        if not await browser.is_in():
            await browser.sign_in("Anna")
        target, allowed = filled(path), role in roles_of(needed)
        before = await dump(office.store)
        answer = await (browser.look(target) if method == "GET" else browser.press(target))
        assert (answer.status == 403) is not allowed, (method, path)
        assert answer.status < 500, (method, path, office.notes.facts)
        if not allowed:
            assert await dump(office.store) == before, (method, path)


async def test_nobody_sees_or_orders_anything(office: Office) -> None:
    before = await dump(office.store)
    for method, path in PAGES:
        for headers in ({}, {"authorization": f"Bearer {KEYS['write']}"}, {"cookie": "drempel=x; drempel-known=x"}):
            stranger = Browser(office)
            answer = await (
                stranger.ask("GET", filled(path), headers=headers)
                if method == "GET"
                else stranger.send(filled(path), {**OURS, **headers}, form_token="x")
            )
            assert answer.status == (303 if method == "GET" else 401), (method, path)
            assert method == "POST" or answer.header("location").startswith("/sign-in"), path
    assert await dump(office.store) == before


@pytest.mark.parametrize("way", ["no token", "foreign site", "same site", "null origin", "no origin", "GET"])
async def test_no_order_is_taken_that_a_page_of_ours_did_not_send(office: Office, way: str) -> None:
    browser = await office.browser_of("Anna")
    token = await browser.form_token()
    before = await dump(office.store)
    headers = {
        "no token": OURS,
        "foreign site": {"sec-fetch-site": "cross-site", "origin": f"http://{HOST}"},
        "same site": {"sec-fetch-site": "same-site"},
        "null origin": {"origin": "null"},
        "no origin": {},
        "GET": OURS,
    }[way]
    for method, path in {*PAGES, *OPEN}:
        if method != "POST":
            continue
        if way == "GET":
            answer = await browser.ask("GET", f"{filled(path)}?form_token={token}", headers=headers)
            assert answer.status in {200, 404, 405} or path == "/sign-in", path
        elif way != "no token" or (method, path) in PAGES:
            fields = {} if way == "no token" else {"form_token": token}
            assert (await browser.send(filled(path), headers, **fields)).status == 403, path
    assert await dump(office.store) == before
    assert await browser.is_in()


async def test_reading_changes_nothing(office: Office) -> None:
    browser = await office.browser_of("Anna")
    link = (await office.desk.invitations.invite("Ben", Role.RECEPTION, actor=COMMAND_LINE)).token
    draft = (await (await office.clerk("Cor")).fill("/sources/club", username="other")).header("location").rpartition("/")[2]
    before = await dump(office.store)
    for (method, path), needed in NEEDS.items():
        for asked in ("GET", "HEAD") if method == "GET" else ():
            key = {"authorization": f"Bearer {KEYS['read']}"} if needed == READ else {}
            target = filled(path, token=link if "link" in path else draft, number="1")
            answer = await browser.ask(asked, target, headers=key)
            fine = {303} if path == "/sign-in" else {405} if asked == "HEAD" and needed == READ else {200, 404}
            assert answer.status in fine, (asked, path)
    assert await dump(office.store) == before


async def test_a_key_orders_by_its_scope_and_a_session_is_none(office: Office) -> None:
    anna = await office.browser_of("Anna")
    program = Browser(office)

    async def ask(method: str, path: str, key: str | None, browser: Browser = program) -> Answer:
        headers = {"content-type": "application/json", **OURS, **({} if key is None else {"authorization": f"Bearer {key}"})}
        return await browser.ask(method, filled(path), headers=headers, body=b'{"id": "no-such"}' if method == "POST" else b"")

    for (method, path), needed in REST.items():
        before = await dump(office.store)
        assert (await ask(method, path, None)).status == 401, path
        assert (await ask(method, path, None, anna)).status == 401, path
        for wrong in ("drk_unknown", "", "drk_read ", " ", "DRK_WRITE", "\u00e9", "x" * 30_000):
            assert (await ask(method, path, wrong if wrong != "drk_read " else "drk_read\u00a0x")).status == 401, (path, wrong)
        read = (await ask(method, path, KEYS["read"])).status
        assert read == 403 if needed == WRITE else read < 400, path
        assert await dump(office.store) == before, path
        assert (await ask(method, path, KEYS["write"])).status in {200, 202, 400, 409}, path
    await office.store.revoke_api_key("write")
    for method, path in REST:
        assert (await ask(method, path, KEYS["write"])).status == 401, path


async def test_every_answer_keeps_browsers_in_bounds(office: Office) -> None:
    anna = await office.browser_of("Anna")
    answers: dict[tuple[str, str, str], Answer] = {}
    for method, path in [
        *NEEDS,
        ("GET", "/no/such"),
        ("GET", "/api/v1/no/such"),
        ("GET", "/hooks/club/x"),
        ("POST", "/hooks/club/x"),
    ]:
        for who, browser in (("anna", anna), ("nobody", Browser(office))):
            for asked in (method, "TRACE", "PUT", "HEAD", "OPTIONS"):
                headers = {"sec-fetch-site": "cross-site"} if asked == "POST" else {}
                answers[asked, path, who] = await browser.ask(asked, filled(path), headers=headers)
    asset = next(iter((await anna.look("/account")).page.of("script")))["src"]
    answers["GET", "asset", ""] = await anna.look(str(asset))
    for what, answer in answers.items():
        policy = answer.header("content-security-policy")
        assert "default-src 'none'" in policy, what
        assert "frame-ancestors 'none'" in policy, what
        assert "base-uri 'none'" in policy, what
        assert "unsafe" not in policy, what
        assert "*" not in policy, what
        assert answer.header("x-content-type-options") == "nosniff", what
        assert answer.header("x-frame-options") == "DENY", what
        assert answer.header("referrer-policy") in {"no-referrer", "same-origin"}, what
        assert answer.header("cache-control") == ("no-store" if what[1] != "asset" else "public, max-age=31536000, immutable"), (
            what
        )
        assert answer.status < 500, what
        assert len({name for name, _ in answer.headers if name != "set-cookie"}) == len(
            [n for n, _ in answer.headers if n != "set-cookie"]
        )


async def test_a_body_that_is_too_long_or_never_ends_is_refused_everywhere(office: Office) -> None:
    anna = await office.browser_of("Anna")
    form = {"content-type": "application/x-www-form-urlencoded", **OURS}
    for (method, path), needed in NEEDS.items():
        if method != "POST":
            continue
        headers = (
            {**form}
            if needed not in {READ, WRITE}
            else {"authorization": f"Bearer {KEYS['write']}", "content-type": "application/json"}
        )
        takes_body = needed != WRITE or path.endswith(("/resolve", "/audit/adopt", "/audit/revoke"))
        if takes_body:
            for body in ([b"x" * 40_000] * 2, b"x" * 70_000):
                assert (await anna.ask("POST", filled(path), headers=headers, body=body)).status == 413, path
            assert (await anna.ask("POST", filled(path), headers=headers, body=NEVER_ENDING)).status == 408, path
    (token,) = [each.token for each in await office.store.hook_tokens("club")]
    assert (await Browser(office).ask("POST", f"/hooks/club/{token}", body=[b"x" * 40_000] * 2)).status == 413
    assert (await Browser(office).ask("POST", f"/hooks/club/{token}", body=NEVER_ENDING)).status == 408
