"""A character that no database takes is no trouble of ours: what holds it is unknown, whoever sends it. On both databases, which differ in this."""

from __future__ import annotations

import pytest

from drempel.adapters.store import SqlStore
from drempel.engine.api_keys import key_hash
from drempel.engine.records import ApiScope
from tests.clock import ManualClock
from tests.web.every_route import NEEDS, READ, WRITE, filled
from tests.web.integrations.office import Office
from tests.web.sign_in.house import OURS, Browser

NUL = "%00"


@pytest.fixture
async def office(store: SqlStore, clock: ManualClock) -> Office:
    office = Office(store, clock)
    await (await office.clerk("Ruth")).set_up()
    await store.hint("club", "1363")
    await store.add_api_key("writer", ApiScope.WRITE, key_hash("drk_write"))
    return office


@pytest.mark.parametrize("part", ["source", "booking_id", "number", "name", "token"])
async def test_an_address_that_cannot_be_is_unknown(office: Office, part: str) -> None:
    anna = await office.browser_of("Anna")
    token = (await anna.form_token()).encode()
    for (method, path), needed in NEEDS.items():
        if "{" + part + "}" not in path:
            continue
        headers, body = dict(OURS), b""
        if needed in {READ, WRITE}:
            headers |= {"authorization": "Bearer drk_write", "content-type": "application/json"}
            body = b'{"not_created": true}'
        elif method == "POST":
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = b"form_token=" + token
        answer = await anna.ask(method, filled(path, **{part: NUL}), headers=headers, body=body)
        # A number that is none ends no session, which is what was wished for; a link that is none cannot be used.
        assert answer.status in {400, 404} or path == "/account/sessions/{number}/end", (method, path, answer.status)
    assert office.notes.facts == []


async def test_a_name_that_cannot_be_is_refused_as_an_unknown_one_is(office: Office) -> None:
    for name in ("An\x00na", "\x00", "\ufffd"):
        answer = await Browser(office).sign_in(name)
        assert answer.status == 401
    assert (await (await office.browser_of("Anna")).press("/people/invite", name="B\x00en", role="reception")).status == 400


async def test_a_hook_that_cannot_be_is_unknown_and_no_failure_of_storing(office: Office) -> None:
    (hook,) = [each.token for each in await office.store.hook_tokens("club")]
    for target in (f"/hooks/{NUL}/{hook}", f"/hooks/club{NUL}/{hook}", f"/hooks/club/{NUL}", f"/hooks/club/{hook}{NUL}"):
        assert (await Browser(office).ask("POST", target, body=b'{"id": "1"}')).status == 404
    for body in (
        b'{"id": "\\u0000"}',
        b'{"id": "\\ud800"}',
        b"[" * 60_000,
        b'{"id":' + b"9" * 5000 + b"}",
        b'{"id": NaN}',
        b"\xff\xfe",
    ):
        assert (await Browser(office).ask("POST", f"/hooks/club/{hook}", body=body)).status == 400
    assert office.notes.facts == []


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"created": ' * 5000,
        b'{"created": "\\u0000"}',
        b'{"created": "\\ud800"}',
        b'{"created": ' + b"9" * 5000 + b"}",
        b'{"created": NaN}',
        b'{"created": "x", "not_created": true}',
        b"\xff\xfe",
        b"",
    ],
    ids=["deep", "deeper", "NUL", "half a surrogate", "long number", "no number", "two words", "no text", "nothing"],
)
async def test_rest_refuses_what_is_no_word_without_repeating_it(office: Office, body: bytes) -> None:
    headers = {"authorization": "Bearer drk_write", "content-type": "application/json"}
    answer = await Browser(office).ask("POST", "/api/v1/bookings/club/1363/resolve", headers=headers, body=body)
    assert answer.status in {400, 409}
    assert len(answer.body) < 1000
    assert office.notes.facts == []
