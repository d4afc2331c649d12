"""Keys for REST by pages: shown once, never again; what was done stands in the trail without the key."""

from __future__ import annotations

import re

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.rights import Role
from drempel.engine.api_keys import KEY_PREFIX, key_hash
from drempel.engine.records import ApiScope
from tests.clock import ManualClock
from tests.web.pages.browser import HOSTILE
from tests.web.sign_in.house import Browser, House


@pytest.fixture
async def anna(sqlite_store: SqlStore, clock: ManualClock) -> Browser:
    return await House(sqlite_store, clock).browser_of("Anna")


async def test_a_key_is_shown_once_and_works_and_stands_in_no_other_page_and_not_in_the_trail(anna: Browser) -> None:
    assert "There is no key." in (await anna.look("/api-keys")).text
    made = await anna.press("/api-keys", name="dashboard", scope="read")
    assert (made.status, made.header("cache-control")) == (200, "no-store")
    (key,) = re.findall(rf"{KEY_PREFIX}[\w-]+", made.text)
    known = await anna.house.store.key_of_hash(key_hash(key))
    assert known is not None
    assert (known.name, known.scope) == ("dashboard", ApiScope.READ)
    listed = await anna.look("/api-keys")
    assert "dashboard" in listed.text
    assert KEY_PREFIX not in listed.text
    (entry,) = [line for line in await anna.house.trail() if line[1] == "api_key.add"]
    assert entry == ("Anna", "api_key.add", "dashboard", "", "read")


async def test_a_key_is_revoked_after_the_page_said_what_that_does(anna: Browser, clock: ManualClock) -> None:
    await anna.house.store.add_api_key("dashboard", ApiScope.WRITE, "hash")
    await anna.house.store.note_key_use("hash")
    assert "It was last used" in (await anna.look("/api-keys/dashboard/revoke")).text
    assert await anna.house.store.key_of_hash("hash") is not None
    assert (await anna.press("/api-keys/dashboard/revoke")).header("location") == "/api-keys?done=key_revoked"
    assert await anna.house.store.key_of_hash("hash") is None
    assert "revoked" in (await anna.look("/api-keys")).text
    assert (await anna.house.trail())[-1][:3] == ("Anna", "api_key.revoke", "dashboard")
    assert (await anna.press("/api-keys/dashboard/revoke")).status == 404
    assert (await anna.look("/api-keys/dashboard/revoke")).status == 404


@pytest.mark.parametrize(
    ("name", "scope", "sentence"),
    [
        ("", "read", "begins with a letter or digit"),
        (HOSTILE, "read", "begins with a letter or digit"),
        ("taken", "read", "A key in use has this name."),
        ("other", "everything", "Choose what the key may do."),
    ],
)
async def test_what_cannot_be_made_says_why_and_makes_nothing(anna: Browser, name: str, scope: str, sentence: str) -> None:
    await anna.house.store.add_api_key("taken", ApiScope.READ, "hash")
    refused = await anna.press("/api-keys", name=name, scope=scope)
    assert refused.status == 400
    assert sentence in refused.text
    assert [key.name for key in await anna.house.store.api_keys()] == ["taken"]


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.MANAGER])
async def test_only_an_administrator_sees_or_makes_keys(anna: Browser, role: Role) -> None:
    bob = await anna.house.browser_of("Bob", role)
    await anna.house.store.add_api_key("dashboard", ApiScope.READ, "hash")
    for path in ("/api-keys", "/api-keys/dashboard/revoke"):
        assert (await bob.look(path)).status == 403
    assert (await bob.press("/api-keys", name="mine", scope="write")).status == 403
    assert (await bob.press("/api-keys/dashboard/revoke")).status == 403
    assert [key.revoked_at for key in await anna.house.store.api_keys()] == [None]
