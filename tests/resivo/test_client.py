"""The client against the simulated Resivo: the calls of sections 9.3 to 9.10."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from drempel.resivo import (
    PAGES_MAX,
    AnswerBroken,
    AuthorizationNotFound,
    CredentialRefused,
    DataRefused,
    Liveness,
    RequestImpossible,
    RevokeRefused,
    Sent,
    SetupRefused,
)
from drempel.transport import Request, Response
from tests.resivo.factories import NOW, answer, every_operation, make_setting, written_client


async def test_the_create_is_sent_exactly_as_the_contract_writes_it() -> None:
    client, transport, _ = written_client(lambda _: answer(201, {"id": "1", "componentIds": ["door"]}))
    await every_operation(client, "create_remote_access")
    sent = transport.sent[1]
    assert (sent.method, sent.url) == ("POST", "https://resivo.test/v8/sites/site/authorizations/remote-access")
    assert sent.headers == {"accept": "application/json", "content-type": "application/json", "authorization": "Bearer token-1"}
    assert json.loads(sent.body) == {
        "displayName": "ireserve-1-1",
        "componentIds": ["door"],
        "restrictions": {"validFrom": "2026-03-14T08:00:00.000000Z", "validTo": "2026-03-14T09:00:00.000000Z"},
        "recipients": [{"email": "ada@example.com"}, {"phoneNumber": "+31612345678"}],
    }


async def test_the_revoke_is_a_delete_with_an_empty_object() -> None:
    client, transport, _ = written_client(lambda _: answer(204))
    await client.revoke_authorization("site", "set")
    sent = transport.sent[1]
    assert (sent.method, sent.url, sent.body) == (
        "DELETE",
        "https://resivo.test/v8/sites/site/authorizations/set/revoke",
        b"{}",
    )


async def test_reads_send_no_body_and_the_fixed_query() -> None:
    client, transport, _ = written_client(lambda _: answer(200, []))
    await client.list_components("site")
    assert transport.sent[1].url == "https://resivo.test/v8/sites/site/components?scope=all"
    assert transport.sent[1].body == b""
    assert "content-type" not in transport.sent[1].headers


async def test_ids_are_encoded_in_paths() -> None:
    client, transport, _ = written_client(lambda _: answer(200, {"status": "active"}))
    await client.read_authorization("a/b?c", "ä%2F..")
    assert transport.sent[1].url == "https://resivo.test/v8/sites/a%2Fb%3Fc/authorizations/%C3%A4%252F.."


@pytest.mark.parametrize("identity", ["", ".", "..", "\ud800"])
async def test_an_id_that_cannot_stand_in_a_path_is_never_sent(identity: str) -> None:
    client, transport, _ = written_client(lambda _: answer(204))
    with pytest.raises(RequestImpossible) as raised:
        await client.revoke_authorization("site", identity)
    assert raised.value.sent is Sent.NO
    assert transport.sent == []


async def test_sites_and_components_are_read() -> None:
    setting = make_setting()
    sites = await setting.client.list_sites()
    assert [(site.display_name, site.default_locale, site.time_zone) for site in sites] == [
        ("Sportpark Zuid", "nl", "Europe/Amsterdam")
    ]
    assert await setting.client.read_site(sites[0].id) == sites[0]
    components = await setting.client.list_components(sites[0].id)
    assert [(one.display_name, one.online) for one in components] == [
        ("Main entrance", True),
        ("Hall 1", True),
        ("Storage", False),
    ]


async def test_an_unknown_site_and_a_foreign_site_are_told_apart() -> None:
    setting = make_setting()
    foreign = setting.sim.add_site("Elsewhere", site_owner_id=setting.sim.add_site_owner("Other").id)
    with pytest.raises(SetupRefused):
        await setting.client.read_site("unknown")
    with pytest.raises(CredentialRefused) as raised:
        await setting.client.read_site(foreign.id)
    assert raised.value.status == 403


async def test_a_created_access_is_found_read_and_revoked() -> None:
    setting = make_setting()
    created = await setting.create()
    (found,) = await setting.client.find_authorizations(setting.site_id, display_name="ireserve-3691-1")
    assert found.id == created.id
    assert found.is_remote_access is True
    assert found.component_ids == created.component_ids
    assert (found.valid_from, found.valid_to) == (NOW + timedelta(minutes=45), NOW + timedelta(hours=3))
    assert found.liveness is Liveness.LIVE
    await setting.client.revoke_authorization(setting.site_id, created.id)
    assert (await setting.client.read_authorization(setting.site_id, created.id)).liveness is Liveness.NOT_LIVE
    with pytest.raises(RevokeRefused):
        await setting.client.revoke_authorization(setting.site_id, created.id)


async def test_offline_doors_are_missing_in_the_answer() -> None:
    setting = make_setting()
    created = await setting.create(component_ids=[setting.doors["Hall 1"], setting.doors["Storage"]])
    assert created.component_ids == (setting.doors["Hall 1"],)


async def test_each_recipient_gets_one_message() -> None:
    setting = make_setting()
    await setting.create(emails=["ada@example.com", "bob@example.com"])
    assert [message.recipient for message in setting.sim.outbox] == ["ada@example.com", "bob@example.com", "+31612345678"]


async def test_times_are_sent_in_utc_whatever_zone_they_came_in() -> None:
    setting = make_setting()
    summer = timezone(timedelta(hours=2))
    await setting.create(
        valid_from=(NOW + timedelta(hours=1)).astimezone(summer), valid_to=(NOW + timedelta(hours=2)).astimezone(summer)
    )
    assert setting.sim.authorizations()[0].valid_from == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"valid_to": NOW}, ValueError),
        ({"valid_to": None}, ValueError),
        ({"valid_from": None}, ValueError),
        ({"valid_to": datetime(2026, 3, 14, 11, 0)}, ValueError),
        ({"valid_from": datetime(2026, 3, 14, 9), "valid_to": datetime(2026, 3, 14, 11)}, ValueError),
        ({"display_name": " "}, ValueError),
        ({"component_ids": []}, ValueError),
        ({"emails": [], "phone_numbers": []}, RequestImpossible),
    ],
)
async def test_a_create_that_would_be_wrong_is_never_sent(changes: dict[str, Any], error: type[Exception]) -> None:
    setting = make_setting()
    with pytest.raises(error):
        await setting.create(**changes)
    assert setting.sim.calls.counts == {}


async def test_a_refused_create_says_why() -> None:
    setting = make_setting()
    with pytest.raises(DataRefused) as raised:
        await setting.create(component_ids=["0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c99"])
    assert raised.value.detail == "Component 0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c99 not found"
    assert setting.sim.outbox == []


async def test_an_authorization_of_another_site_is_not_found() -> None:
    setting = make_setting()
    created = await setting.create()
    other = setting.sim.add_site("Other")
    with pytest.raises(AuthorizationNotFound):
        await setting.client.read_authorization(other.id, created.id)
    with pytest.raises(AuthorizationNotFound):
        await setting.client.revoke_authorization(other.id, created.id)
    assert len(setting.sim.live()) == 1


async def test_a_server_that_ignores_the_name_is_filtered_here() -> None:
    setting = make_setting()
    setting.sim.quirks.list_ignores_display_name = True
    wanted = [await setting.create("wanted"), await setting.create("wanted")]
    for name in ("wanted ", "Wanted", "wanted-2", "other"):
        await setting.create(name)
    found = await setting.client.find_authorizations(setting.site_id, display_name="wanted")
    assert [one.id for one in found] == [one.id for one in wanted]


@pytest.mark.parametrize("cap", [None, 1, 7])
async def test_all_pages_are_read_whatever_the_server_makes_of_the_page_size(cap: int | None) -> None:
    setting = make_setting()
    setting.sim.quirks.list_page_size_cap = cap
    setting.sim.quirks.list_reversed = True
    ids = {(await setting.create("same")).id for _ in range(23)}
    listed = [one.id async for one in setting.client.list_authorizations(setting.site_id)]
    assert len(listed) == len(ids)
    assert set(listed) == ids
    assert len(await setting.client.find_authorizations(setting.site_id, display_name="same")) == 23


async def test_pages_are_asked_for_in_order_until_one_is_empty() -> None:
    def reply(request: Request) -> Response:
        page = int(parse_qs(urlsplit(request.url).query)["page"][0])
        return answer(200, [{"id": page, "displayName": "x", "status": "active"}] if page < 4 else [])

    client, transport, _ = written_client(reply)
    assert len(await client.find_authorizations("site", display_name="a b&c")) == 0
    queries = [parse_qs(urlsplit(request.url).query) for request in transport.sent[1:]]
    assert [query["page"] for query in queries] == [["1"], ["2"], ["3"], ["4"]]
    assert all(query["displayName"] == ["a b&c"] and query["pageSize"] == ["100"] for query in queries)


async def test_a_server_that_does_not_page_is_not_asked_for_ever() -> None:
    client, transport, _ = written_client(lambda _: answer(200, [{"id": "1", "displayName": "x", "status": "active"}]))
    assert len(await client.find_authorizations("site", display_name="x")) == 1
    assert len(transport.calls("page=")) == 2


async def test_a_list_without_an_end_is_an_error() -> None:
    def reply(request: Request) -> Response:
        return answer(200, [{"id": request.url, "displayName": "other", "status": "active"}])

    client, transport, _ = written_client(reply)
    with pytest.raises(AnswerBroken):
        await client.find_authorizations("site", display_name="x")
    assert len(transport.calls("page=")) == PAGES_MAX


async def test_a_page_that_fails_fails_the_whole_search() -> None:
    setting = make_setting()
    await setting.create()
    setting.sim.faults.add(operation="list_authorizations", kind="status", status=404, after=1)
    with pytest.raises(SetupRefused):
        await setting.client.find_authorizations(setting.site_id, display_name="ireserve-3691-1")


async def test_a_create_that_is_done_late_appears_later() -> None:
    setting = make_setting()
    setting.sim.faults.add(operation="create_remote_access", kind="late", late_seconds=90)
    with pytest.raises(Exception, match="the access may exist"):
        await setting.create()
    assert await setting.client.find_authorizations(setting.site_id, display_name="ireserve-3691-1") == []
    setting.sim.clock.advance(timedelta(seconds=90))
    assert len(await setting.client.find_authorizations(setting.site_id, display_name="ireserve-3691-1")) == 1
    assert setting.sim.authorizations()[0].created_at == datetime(2026, 3, 14, 8, 1, 30, tzinfo=UTC)


async def test_keys_that_nobody_knows_are_ignored() -> None:
    setting = make_setting()
    setting.sim.quirks.extra_keys = True
    setting.sim.quirks.credentials_missing = True
    created = await setting.create()
    assert (await setting.client.list_sites())[0].id == setting.site_id
    assert (await setting.client.read_authorization(setting.site_id, created.id)).liveness is Liveness.LIVE


async def test_a_status_word_that_nobody_knows_is_told() -> None:
    setting = make_setting()
    created = await setting.create()
    setting.sim.portal_change(created.id, status="under-review")
    (found,) = await setting.client.find_authorizations(setting.site_id, display_name="ireserve-3691-1")
    assert found.liveness is Liveness.UNKNOWN_WORD
    assert found.status == "under-review"
