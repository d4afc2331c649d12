"""The simulated API on the wire: answers and refusals of sections 9.2 to 9.11."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from drempel.simulators.resivo import ResivoSimulator
from tests.simulators.resivo.callers import MISSING, NOW, make_caller, read


async def test_a_token_is_given_for_client_credentials() -> None:
    caller = await make_caller()
    answer = await caller.sign_in()
    assert answer.status == 200
    assert read(answer) == {"access_token": caller.token, "token_type": "Bearer", "expires_in": 3600}


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"grant_type": "password"}, 400, "Unsupported grant type"),
        ({"grant_type": ""}, 400, "Unsupported grant type"),
        ({"client_id": ""}, 400, "Unsupported grant type"),
        ({"client_secret": ""}, 400, "Unsupported grant type"),
        ({"client_secret": "wrong"}, 401, "Invalid client credentials"),
        ({"client_id": "nobody"}, 401, "Invalid client credentials"),
    ],
)
async def test_a_wrong_token_request_is_refused(fields: dict[str, str], status: int, message: str) -> None:
    caller = await make_caller()
    good = {
        "grant_type": "client_credentials",
        "client_id": caller.credential.client_id,
        "client_secret": caller.credential.client_secret,
    }
    answer = await caller.form("/oauth2/token", **{**good, **fields})
    assert (answer.status, read(answer)) == (status, {"message": message})


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc"])
async def test_without_a_good_token_nothing_is_told(header: str) -> None:
    caller = await make_caller()
    answer = await caller.send("GET", f"/v8/sites/{caller.site.id}", headers={"authorization": header})
    assert (answer.status, read(answer)) == (401, {"message": "Unauthorized"})


async def test_a_token_ends() -> None:
    caller = await make_caller()
    path = f"/v8/sites/{caller.site.id}"
    caller.sim.clock.advance(timedelta(seconds=3599))
    assert (await caller.send("GET", path)).status == 200
    caller.sim.clock.advance(timedelta(seconds=1))
    assert (await caller.send("GET", path)).status == 401


@pytest.mark.parametrize(
    ("quirk", "told", "lives_seconds"),
    [
        ({"token_ends_after_seconds": 5}, 3600, 5),
        ({"token_without_lifetime": True}, None, 3600),
        ({"token_lifetime_seconds": 50}, 50, 50),
    ],
)
async def test_tokens_may_end_early_or_say_nothing(quirk: dict[str, Any], told: int | None, lives_seconds: int) -> None:
    caller = await make_caller()
    for name, value in quirk.items():
        setattr(caller.sim.quirks, name, value)
    assert read(await caller.sign_in()).get("expires_in") == told
    caller.sim.clock.advance(timedelta(seconds=lives_seconds - 1))
    assert (await caller.send("GET", f"/v8/sites/{caller.site.id}")).status == 200
    caller.sim.clock.advance(timedelta(seconds=1))
    assert (await caller.send("GET", f"/v8/sites/{caller.site.id}")).status == 401


async def test_sites_are_those_of_the_site_owner_and_of_the_scope() -> None:
    caller = await make_caller()
    second = caller.sim.add_site("Theater De Brug", default_locale="de", time_zone="Europe/Zurich")
    path = f"/v8/site-owners/{caller.credential.site_owner_id}/sites"
    assert read(await caller.send("GET", path)) == [
        {"id": caller.site.id, "displayName": "Sportpark Zuid", "defaultLocale": "nl", "timeZone": "Europe/Amsterdam"},
        {"id": second.id, "displayName": "Theater De Brug", "defaultLocale": "de", "timeZone": "Europe/Zurich"},
    ]
    await caller.sign_in(caller.sim.add_credential(site_id=second.id))
    assert [site["id"] for site in read(await caller.send("GET", path))] == [second.id]
    assert (await caller.send("GET", f"/v8/sites/{caller.site.id}")).status == 403
    other = caller.sim.add_site_owner("Other")
    assert (await caller.send("GET", f"/v8/site-owners/{other.id}/sites")).status == 403
    assert (await caller.send("GET", "/v8/site-owners/nobody/sites")).status == 404


async def test_a_site_without_locale_and_zone_says_nothing_of_them() -> None:
    caller = await make_caller()
    site = caller.sim.add_site("Bare", default_locale="", time_zone="")
    assert read(await caller.send("GET", f"/v8/sites/{site.id}")) == {"id": site.id, "displayName": "Bare"}


async def test_components_are_a_bare_array() -> None:
    caller = await make_caller()
    rows = read(await caller.send("GET", f"/v8/sites/{caller.site.id}/components?scope=all"))
    assert rows[2] == {"id": caller.doors[2], "displayName": "Storage", "online": False}
    caller.sim.quirks.online_missing = True
    rows = read(await caller.send("GET", f"/v8/sites/{caller.site.id}/components?scope=all"))
    assert rows[2] == {"id": caller.doors[2], "displayName": "Storage"}


async def test_a_create_answers_the_whole_authorization_with_three_decimals() -> None:
    caller = await make_caller()
    answer = await caller.create(accessRequestMessage="Your booking", unknown=[1])
    assert answer.status == 201
    row = read(answer)
    assert str(UUID(row["id"], version=4)) == row["id"]
    assert row == {
        "id": row["id"],
        "type": "remote-access",
        "displayName": "ireserve-3691-1",
        "componentIds": caller.doors[:2],
        "restrictions": {"validFrom": "2026-03-14T08:45:00.000Z", "validTo": "2026-03-14T11:00:00.000Z"},
        "status": "active",
        "credentials": [{"status": "active", "isExpired": False}, {"status": "active", "isExpired": False}],
    }
    assert read(await caller.send("GET", caller.path(row["id"]))) == row
    assert await caller.list() == [row]
    links = [message.link_token for message in caller.sim.outbox]
    assert len(set(links)) == 2
    assert not any(str(link) in answer.body.decode() for link in links)


REFUSED_CREATES: list[tuple[dict[str, Any], str]] = [
    ({"displayName": MISSING}, "displayName is required"),
    ({"displayName": "  "}, "displayName is required"),
    ({"displayName": 7}, "displayName is required"),
    ({"componentIds": MISSING}, "componentIds is required"),
    ({"componentIds": []}, "componentIds is required"),
    ({"componentIds": "all"}, "componentIds is required"),
    ({"componentIds": ["0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c99"]}, "Component 0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c99 not found"),
    ({"restrictions": {"validFrom": "2026-03-14T08:45:00+01:00"}}, "validFrom must be UTC with Z"),
    ({"restrictions": {"validTo": "2026-03-14T08:45:00"}}, "validTo must be UTC with Z"),
    ({"restrictions": {"validTo": 1773478800}}, "validTo must be UTC with Z"),
    ({"restrictions": {"validTo": "2026-13-14T08:45:00Z"}}, "validTo is not a time"),
    (
        {"restrictions": {"validFrom": "2026-03-14T11:00:00Z", "validTo": "2026-03-14T11:00:00Z"}},
        "validTo must be after validFrom",
    ),
    (
        {"restrictions": {"validFrom": "2026-03-14T06:00:00Z", "validTo": "2026-03-14T08:00:00Z"}},
        "validTo must not be in the past",
    ),
]
REFUSED_RECIPIENTS: list[tuple[dict[str, Any], str]] = [
    ({"recipients": MISSING}, "recipients is required"),
    ({"recipients": []}, "recipients is required"),
    ({"recipients": {}}, "recipients must be an array"),
    ({"recipients": [{}]}, "A recipient needs either email or phoneNumber"),
    ({"recipients": ["ada@example.com"]}, "A recipient needs either email or phoneNumber"),
    ({"recipients": [{"email": "a@b.nl", "phoneNumber": "+31612345678"}]}, "A recipient needs either email or phoneNumber"),
    ({"recipients": [{"phoneNumber": "0612345678"}]}, "phoneNumber is not valid"),
    ({"recipients": [{"phoneNumber": "+0612345678"}]}, "phoneNumber is not valid"),
    ({"recipients": [{"phoneNumber": "+31 612345678"}]}, "phoneNumber is not valid"),
    ({"recipients": [{"phoneNumber": "+31612345678\n"}]}, "phoneNumber is not valid"),
    ({"recipients": [{"phoneNumber": "+1234567890123456"}]}, "phoneNumber is not valid"),
]
REFUSED_PINS: list[tuple[dict[str, Any], str]] = [
    ({"pinCodes": MISSING}, "pinCodes is required"),
    ({"pinCodes": []}, "pinCodes is required"),
    ({"pinCodes": [{"pinCode": "1234567"}]}, "pinCode must have at least 8 digits"),
    ({"pinCodes": [{"pinCode": "1234567x"}]}, "pinCode must have at least 8 digits"),
    ({"pinCodes": [{"pinCode": 12345678}]}, "pinCode must have at least 8 digits"),
    ({"pinCodes": ["12345678"]}, "pinCode must have at least 8 digits"),
    ({"pinCodes": [{"pinCode": "12345678"}, {}]}, "pinCode must have at least 8 digits"),
]


@pytest.mark.parametrize(("changes", "message"), [*REFUSED_CREATES, *REFUSED_RECIPIENTS])
async def test_a_refused_create_makes_nothing_and_tells_nobody(changes: dict[str, Any], message: str) -> None:
    caller = await make_caller()
    answer = await caller.create(**changes)
    assert (answer.status, read(answer)) == (400, {"message": message})
    assert caller.sim.authorizations() == []
    assert caller.sim.outbox == []


@pytest.mark.parametrize(("changes", "message"), [*REFUSED_CREATES, *REFUSED_PINS])
async def test_a_refused_pin_access_makes_nothing(changes: dict[str, Any], message: str) -> None:
    caller = await make_caller()
    answer = await caller.create_pin(**changes)
    assert (answer.status, read(answer)) == (400, {"message": message})
    assert caller.sim.authorizations() == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    caller = await make_caller()
    answer = await caller.send("POST", f"/v8/sites/{caller.site.id}/authorizations/remote-access", body=body)
    assert answer.status == 400


@pytest.mark.parametrize("decimals", ["", ".0", ".123", ".123456", ".123456789"])
async def test_any_number_of_decimals_is_taken(decimals: str) -> None:
    caller = await make_caller()
    answer = await caller.create(restrictions={"validFrom": NOW.strftime(f"%Y-%m-%dT%H:%M:%S{decimals}Z")})
    assert answer.status == 201


@pytest.mark.parametrize(
    "restrictions", [MISSING, {}, {"validFrom": "2026-03-14T08:45:00Z"}, {"validTo": "2026-03-14T11:00:00Z"}]
)
async def test_a_missing_end_is_accepted_as_the_portal_does(restrictions: Any) -> None:
    caller = await make_caller()
    answer = await caller.create(restrictions=restrictions)
    assert answer.status == 201
    caller.sim.clock.advance(timedelta(days=4000))
    for_ever = restrictions is MISSING or "validTo" not in restrictions
    assert caller.sim.may_open("ada@example.com", caller.doors[0]) is for_ever


async def test_a_pin_access_has_a_credential_for_each_pin_and_tells_nobody() -> None:
    caller = await make_caller()
    answer = await caller.create_pin(pinCodes=[{"pinCode": "48213907"}, {"pinCode": "48213908"}])
    row = read(answer)
    assert (answer.status, row["type"], len(row["credentials"])) == (201, "pin-access", 2)
    assert b"4821390" not in answer.body
    assert caller.sim.outbox == []
    assert not caller.sim.may_open("ada@example.com", caller.doors[0])


async def test_the_minimum_of_a_pin_is_a_setting_of_the_site() -> None:
    caller = await make_caller()
    caller.sim.state.sites[caller.site.id].pin_digits_min = 6
    assert (await caller.create_pin(pinCodes=[{"pinCode": "123456"}])).status == 201
    assert (await caller.create_pin(pinCodes=[{"pinCode": "12345"}])).status == 400


async def test_offline_doors_are_dropped_silently_even_all_of_them() -> None:
    caller = await make_caller()
    assert read(await caller.create(componentIds=[*caller.doors, caller.doors[0]]))["componentIds"] == caller.doors[:2]
    assert read(await caller.create(componentIds=[caller.doors[2]]))["componentIds"] == []


async def test_the_list_filters_and_pages_oldest_first() -> None:
    caller = await make_caller()
    for number in range(5):
        await caller.create(displayName=f"set-{number % 2}")
    await caller.send("DELETE", caller.path((await caller.list())[0]["id"], "/revoke"), value={})
    names = [row["displayName"] for row in await caller.list()]
    assert names == ["set-0", "set-1", "set-0", "set-1", "set-0"]
    assert len(await caller.list("?displayName=set-0")) == 3
    assert len(await caller.list("?displayName=set-0&status=active")) == 2
    assert len(await caller.list("?status=revoked")) == 1
    assert len(await caller.list("?displayName=Set-0")) == 0
    assert len(await caller.list("?page=2&pageSize=3")) == 2
    assert await caller.list("?page=3&pageSize=3") == []


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=-1", "?pageSize=0", "?pageSize=101", "?pageSize=", "?page=1.5"])
async def test_a_page_that_cannot_be_is_refused(query: str) -> None:
    caller = await make_caller()
    assert (await caller.send("GET", f"/v8/sites/{caller.site.id}/authorizations{query}")).status == 400


async def test_the_page_size_is_fifty_if_nothing_is_asked() -> None:
    caller = await make_caller()
    for _ in range(51):
        await caller.create()
    assert len(await caller.list()) == 50
    assert len(await caller.list("?pageSize=100")) == 51
    caller.sim.quirks.list_page_size_cap = 10
    assert len(await caller.list("?pageSize=100")) == 10


@pytest.mark.parametrize("status", [404, 405])
async def test_the_list_may_be_missing(status: int) -> None:
    caller = await make_caller()
    caller.sim.quirks.list_missing = status  # type: ignore[assignment]
    assert (await caller.send("GET", f"/v8/sites/{caller.site.id}/authorizations")).status == status


async def test_the_words_follow_time_and_revoke() -> None:
    caller = await make_caller()
    path = caller.path(read(await caller.create())["id"])

    async def words() -> tuple[str, str, bool]:
        row = read(await caller.send("GET", path))
        return row["status"], row["credentials"][0]["status"], row["credentials"][0]["isExpired"]

    assert await words() == ("active", "active", False)
    caller.sim.clock.advance(timedelta(hours=3))
    await caller.sign_in()
    assert await words() == ("active", "active", True)
    answer = await caller.send("DELETE", f"{path}/revoke", value={})
    assert (answer.status, answer.body) == (204, b"")
    assert await words() == ("revoked", "revoked", True)
    answer = await caller.send("DELETE", f"{path}/revoke", value={})
    assert (answer.status, read(answer)) == (400, {"message": "Authorization is already revoked"})


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("DELETE", "/revoke")])
async def test_an_authorization_of_another_site_does_not_exist(method: str, rest: str) -> None:
    caller = await make_caller()
    identity = read(await caller.create())["id"]
    other = caller.sim.add_site("Other")
    for path in (f"/v8/sites/{other.id}/authorizations/{identity}{rest}", caller.path("unknown", rest)):
        answer = await caller.send(method, path, value={})
        assert (answer.status, read(answer)) == (404, {"message": "Authorization not found"})
    assert len(caller.sim.live()) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v8/nowhere", 404), ("GET", "/v9/sites/x", 404), ("PUT", "/oauth2/token", 405), ("GET", "/favicon.ico", 404)],
)
async def test_a_path_that_nobody_serves_is_refused(method: str, path: str, status: int) -> None:
    caller = await make_caller()
    assert (await caller.send(method, path)).status == status


@pytest.mark.parametrize(
    ("shape", "body"), [("empty", b""), ("json", b'{"message":"Unauthorized"}'), ("oauth", b'{"message":"Unauthorized"}')]
)
async def test_refusals_have_the_shape_that_is_asked_for(shape: str, body: bytes) -> None:
    caller = await make_caller()
    caller.sim.quirks.error_body = shape  # type: ignore[assignment]
    answer = await caller.send("GET", f"/v8/sites/{caller.site.id}", headers={"authorization": ""})
    assert (answer.status, answer.body) == (401, body)


async def test_more_calls_than_the_rate_allows_are_put_off() -> None:
    caller = await make_caller()
    caller.sim.quirks.calls_per_second = 2
    path = f"/v8/sites/{caller.site.id}"
    answers = [await caller.send("GET", path) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"
    caller.sim.clock.advance(timedelta(seconds=1))
    assert (await caller.send("GET", path)).status == 200


async def test_calls_are_logged_without_secrets() -> None:
    caller = await make_caller()
    await caller.create()
    await caller.list("?displayName=ireserve-3691-1")
    log = caller.sim.calls
    assert log.counts == {"token": 1, "create_remote_access": 1, "list_authorizations": 1}
    told = str(log.as_json())
    for secret in (caller.token, caller.credential.client_secret, "ada@example.com", "displayName"):
        assert secret not in told
    assert [call.status for call in log.of("create_remote_access")] == [201]


def test_the_same_seed_gives_the_same_ids_and_no_seed_gives_new_ones() -> None:
    def ids(seed: int | None) -> list[str]:
        sim = ResivoSimulator(seed=seed)
        return [sim.add_site().id, sim.add_credential().client_secret]

    assert ids(7) == ids(7)
    assert ids(7) != ids(8)
    assert ids(None) != ids(None)
