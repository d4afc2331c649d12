"""Every shape of section 9.13, from its TOML through client and simulator and back."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drempel.resivo import (
    FailureClass,
    Liveness,
    OutcomeUnknown,
    Profile,
    RequestImpossible,
    SetupRefused,
    load_profile,
    profile_from_json,
    profile_to_json,
)
from tests.resivo.factories import NOW, Setting, make_setting

SHAPES: dict[str, str] = {
    "nothing changed": "",
    "another version": "\n".join(
        f'[operations.{name}]\npath = "/v9/sites/{{site_id}}/{rest}"'
        for name, rest in {
            "list_components": "components",
            "create_remote_access": "authorizations/remote-access",
            "list_authorizations": "authorizations",
            "revoke_authorization": "authorizations/{authorization_id}/revoke",
        }.items()
    ),
    "one operation on an older version": '[operations.list_components]\npath = "/v5/sites/{site_id}/components"',
    "another noun": '[operations.create_remote_access]\npath = "/v8/sites/{site_id}/remote-access-authorization-sets"',
    "a revoke by POST with a body": """
[operations.revoke_authorization]
method = "POST"
success = [200]
body_constant = '{"reason": "booking"}'
[operations.revoke_authorization.constants]
notify = false
""",
    "a revoke without a body": '[operations.revoke_authorization]\nbody = "none"\nsuccess = [202]',
    "another success status": "[operations.create_remote_access]\nsuccess = [200]\n[operations.list_sites]\nsuccess = [203, 200]",
    "other keys and depths": """
time_decimals = 0
[operations.list_components.response]
id = "uuid"
display_name = "label.text"
online = "connection.status"
[values.map.online]
connected = true
disconnected = false
[operations.create_remote_access.request]
display_name = "name"
component_ids = "doors"
valid_from = "validity.from"
valid_to = "validity.to"
recipient_email = "contact.mail"
recipient_phone_number = "contact.mobile"
[operations.create_remote_access.response]
id = "result.uuid"
component_ids = "result.doors"
[operations.list_authorizations.response]
id = "uuid"
display_name = "name"
component_ids = "doors"
valid_from = "validity.from"
valid_to = "validity.to"
credentials = "state.credentials"
status = "state.word"
credential_status = "word"
credential_is_expired = "over"
""",
    "restrictions in an array": """
[operations.create_remote_access.request]
valid_from = "restrictions.0.validFrom"
valid_to = "restrictions.0.validTo"
[operations.list_authorizations.response]
valid_from = "restrictions.0.validFrom"
valid_to = "restrictions.0.validTo"
""",
    "recipients over two keys": """
[operations.create_remote_access.request]
recipient_emails = "emails"
recipient_phone_numbers = "notify.phoneNumbers"
""",
    "envelopes": """
[operations.token]
items = "data"
[operations.list_sites]
items = "data"
[operations.read_site]
items = "data.site"
[operations.list_components]
items = "data.rows"
[operations.create_remote_access]
items = "data"
[operations.list_authorizations]
items = "page.rows"
[operations.read_authorization]
items = "data.0"
""",
    "other words": """
[values]
status_active = "ENABLED"
status_revoked = "DISABLED"
type_remote_access = "REMOTE"
[values.map.credential_is_expired]
over = true
running = false
[values.map.status]
A = "ENABLED"
D = "DISABLED"
""",
    "constants and no query": """
[operations.list_components.query]
scope = ""
[operations.create_remote_access.constants]
notify = true
kind.code = 7
message = "Your booking"
[operations.token.constants]
scope = "access"
""",
    "a token by JSON": '[operations.token]\npath = "/v8/token"\nbody = "json"\n[operations.token.request]\nclient_id = "auth.id"',
    "parameters in the query": """
[operations.list_components]
path = "/v8/components"
[operations.list_components.query]
site = "{site_id}"
""",
    "the Site Owner in the path": '[operations.list_components]\npath = "/{site_owner_id}/{site_id}/components"',
    "pages from nought": """
[operations.list_authorizations]
page_first = 0
page_size_max = 2
[operations.list_authorizations.query_names]
page = "p"
page_size = "n"
display_name = "name"
""",
    "one page, no filter": """
[operations.list_authorizations.query_names]
page = ""
page_size = ""
display_name = ""
status = ""
""",
    "credentials without a status": '[operations.list_authorizations.response]\ncredential_status = ""',
    "ids within a part of the path": '[operations.read_authorization]\npath = "/v8/sites/{site_id}/set-{authorization_id}.json"',
    "an authorization without its site": """
[operations.read_authorization]
path = "/v8/authorizations/{authorization_id}"
[operations.revoke_authorization]
path = "/v8/authorizations/{authorization_id}/revoke"
""",
}


def shape(tmp_path: Path, text: str) -> Profile:
    file = tmp_path / "shape.toml"
    lines = text.replace("kind.code = 7", '"kind.code" = 7')
    file.write_text(lines, encoding="utf-8")
    profile = load_profile(file)
    assert profile_from_json(profile_to_json(profile)) == profile
    return profile


@pytest.mark.parametrize("name", SHAPES)
async def test_the_whole_life_of_an_access_in_each_shape(tmp_path: Path, name: str) -> None:
    setting = make_setting(shape(tmp_path, SHAPES[name]))
    await whole_life(setting)


async def whole_life(setting: Setting) -> None:
    client, sim = setting.client, setting.sim
    (site,) = await client.list_sites()
    assert await client.read_site(site.id) == site
    assert (site.display_name, site.default_locale) == ("Sportpark Zuid", "nl")
    components = await client.list_components(site.id)
    assert {one.display_name: one.online for one in components} == {"Main entrance": True, "Hall 1": True, "Storage": False}

    created = [await setting.create(f"set-{number}") for number in range(5)]
    assert created[0].component_ids == (setting.doors["Main entrance"], setting.doors["Hall 1"])
    assert {message.recipient for message in sim.outbox} == {"ada@example.com", "+31612345678"}
    assert len(sim.outbox) == 10

    (found,) = await client.find_authorizations(site.id, display_name="set-3")
    assert (found.id, found.component_ids) == (created[3].id, created[3].component_ids)
    assert (found.valid_from, found.valid_to) == (NOW + timedelta(minutes=45), NOW + timedelta(hours=3))
    assert found.liveness is Liveness.LIVE
    assert found.is_remote_access is True
    assert len([one async for one in client.list_authorizations(site.id)]) == 5

    assert await client.read_authorization(site.id, found.id) == found
    await client.revoke_authorization(site.id, found.id)
    assert (await client.read_authorization(site.id, found.id)).liveness is Liveness.NOT_LIVE
    assert len(sim.live()) == 4
    sim.clock.advance(timedelta(days=1))
    assert (await client.read_authorization(site.id, created[0].id)).liveness is Liveness.NOT_LIVE


async def test_the_literal_profile_creates_reads_and_revokes_without_lists() -> None:
    setting = make_setting("onegov-literal")
    assert not setting.client.can_list
    assert not setting.client.can_list_sites
    assert setting.client.can_read
    assert len(await setting.client.list_components(setting.site_id)) == 3
    created = await setting.create()
    assert (await setting.client.read_authorization(setting.site_id, created.id)).liveness is Liveness.LIVE
    await setting.client.revoke_authorization(setting.site_id, created.id)
    assert setting.sim.live() == []
    with pytest.raises(RequestImpossible) as raised:
        await setting.client.find_authorizations(setting.site_id, display_name="x")
    assert raised.value.failure_class is FailureClass.SETUP_REFUSED
    with pytest.raises(RequestImpossible):
        await setting.client.list_sites()


@pytest.mark.parametrize(("profile", "refused"), [("assumed-v8", "prefixed"), ("onegov-literal", "unprefixed")])
async def test_a_refused_form_of_the_path_is_a_matter_of_the_setup(profile: str, refused: str) -> None:
    setting = make_setting(profile)
    setting.sim.quirks.paths_refused = refused  # type: ignore[assignment]
    for call in (setting.client.list_components(setting.site_id), setting.create()):
        with pytest.raises(SetupRefused) as raised:
            await call
        assert raised.value.status == 404
    assert setting.sim.authorizations() == []


async def test_constants_are_sent_and_the_fixed_query_is_not(tmp_path: Path) -> None:
    setting = make_setting(shape(tmp_path, SHAPES["constants and no query"]))
    await setting.client.list_components(setting.site_id)
    await setting.create()
    sent = setting.sent
    assert b"scope=access" in sent[0].body
    assert "?" not in sent[1].url
    body: dict[str, Any] = json.loads(sent[2].body)
    assert body["notify"] is True
    assert body["kind"] == {"code": 7}
    assert body["accessRequestMessage"] == "Your booking"


async def test_a_profile_that_sends_no_phone_numbers_never_pretends_to(tmp_path: Path) -> None:
    text = '[operations.create_remote_access.request]\nrecipient_emails = "emails"\nrecipient_phone_numbers = ""\n'
    setting = make_setting(shape(tmp_path, text))
    await setting.create("both")
    assert [message.channel for message in setting.sim.outbox] == ["email"]
    with pytest.raises(RequestImpossible):
        await setting.create("phone only", emails=[])
    assert len(setting.sim.authorizations()) == 1


async def test_a_success_status_that_is_not_listed_is_unknown_though_the_work_was_done(tmp_path: Path) -> None:
    setting = make_setting(shape(tmp_path, "[operations.create_remote_access]\nsuccess = [201]"))
    setting.sim.faults.add(operation="create_remote_access", kind="status", status=200, done=True)
    with pytest.raises(OutcomeUnknown):
        await setting.create()
    assert len(await setting.client.find_authorizations(setting.site_id, display_name="ireserve-3691-1")) == 1
