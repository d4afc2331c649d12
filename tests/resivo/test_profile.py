"""Profiles: the shipped ones, overlays, and the sentences that refuse what cannot be."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from drempel.resivo import ProfileError, load_profile, profile_from_json, profile_to_json, shipped_profiles
from drempel.resivo.profile_names import OperationName


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_two_profiles_are_shipped() -> None:
    assert shipped_profiles() == ["assumed-v8", "onegov-literal"]


def test_the_assumed_profile_says_what_the_contract_says() -> None:
    profile = load_profile("assumed-v8")
    assert profile.base_url == "https://api.resivo.io"
    assert profile.time_decimals == 6
    assert profile.token_lifetime_default_seconds == 300
    create = profile.operation(OperationName.CREATE_REMOTE_ACCESS)
    assert (create.method, create.path) == ("POST", "/v8/sites/{site_id}/authorizations/remote-access")
    assert profile.response_keys(OperationName.READ_AUTHORIZATION)["valid_to"] == "restrictions.validTo"
    assert all(operation.mark for operation in profile.operations.values())


def test_the_literal_profile_differs_only_in_paths_and_lists() -> None:
    base, literal = load_profile("assumed-v8"), load_profile("onegov-literal")
    assert literal.name == "onegov-literal"
    assert literal.operation(OperationName.LIST_COMPONENTS).path == "/{site_id}/components"
    assert literal.operation(OperationName.READ_SITE).path == "/v8/sites/{site_id}"
    assert literal.operation(OperationName.LIST_COMPONENTS).query == {"scope": "all"}
    assert not literal.operation(OperationName.LIST_AUTHORIZATIONS).supported
    assert not literal.operation(OperationName.LIST_SITES).supported
    assert literal.operation(OperationName.TOKEN) == base.operation(OperationName.TOKEN)


@pytest.mark.parametrize("name", ["assumed-v8", "onegov-literal"])
def test_a_profile_survives_being_stored(name: str) -> None:
    profile = load_profile(name)
    stored = profile_from_json(profile_to_json(profile))
    assert stored == profile
    assert stored.digest == profile.digest


def test_the_digest_changes_with_what_is_called_and_not_with_marks_or_names(tmp_path: Path) -> None:
    base = load_profile("assumed-v8")
    renamed = load_profile(write(tmp_path, 'name = "other"\n[operations.token]\nmark = "proven"\n', "a.toml"))
    changed = load_profile(write(tmp_path, '[operations.token]\npath = "/oauth2/tokens"\n', "b.toml"))
    assert renamed.digest == base.digest
    assert changed.digest != base.digest
    assert len(base.digest) == 12


def test_an_overlay_merges_tables_key_by_key_and_takes_its_file_name(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, '[operations.list_components.response]\nonline = "connection.status"\n'))
    assert profile.name == "mine"
    keys = profile.response_keys(OperationName.LIST_COMPONENTS)
    assert keys == {"id": "id", "display_name": "displayName", "online": "connection.status"}


def test_an_overlay_may_be_given_as_text_of_a_path(tmp_path: Path) -> None:
    assert load_profile(str(write(tmp_path, "time_decimals = 0\n"))).time_decimals == 0


def test_a_file_of_the_name_of_the_shipped_one_is_an_overlay_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "time_decimals = 3\n", "assumed-v8.toml")
    monkeypatch.chdir(tmp_path)
    assert load_profile("assumed-v8.toml").time_decimals == 3
    assert load_profile("assumed-v8").time_decimals == 6


def test_an_empty_file_is_the_assumed_profile(tmp_path: Path) -> None:
    assert load_profile(write(tmp_path, "")).digest == load_profile("assumed-v8").digest


CREATE = "[operations.create_remote_access"


@pytest.mark.parametrize(
    ("text", "line", "key", "reason"),
    [
        ('\nbase_ur = "x"\n', 2, "base_ur", "unknown key"),
        ('[operations.token]\npathh = "/x"\n', 2, "operations.token.pathh", "unknown key"),
        ('[operations.fly]\nmethod = "GET"\npath = "/"\n', 1, "operations.fly", "no such operation"),
        ("[operations.fly]\nspeed = 1\n", 1, "operations.fly", "no such operation"),
        ('[operations.token]\npath = "oauth"\n', 2, "operations.token.path", "must begin with one /"),
        ('[operations.token]\npath = "//evil.test/x"\n', 2, "operations.token.path", "must begin with one /"),
        ('[operations.token]\npath = "/x?y=1"\n', 2, "operations.token.path", "must begin with one /"),
        ('[operations.token]\nmethod = "FETCH"\n', 2, "operations.token.method", "GET"),
        ('[operations.token]\nmethod = "GET"\nbody = "none"\n', 3, "operations.token.body", "must be one of"),
        ('[operations.read_site]\npath = "/v8/sites/{siteid}"\n', 2, "operations.read_site.path", "{siteid} cannot be filled in"),
        ('[operations.read_site]\npath = "/v8/sites"\n', 2, "operations.read_site.path", "{site_id} must stand in it"),
        ('[operations.read_site]\npath = "/v8/{site_id"\n', 2, "operations.read_site.path", "brace"),
        ('[operations.read_site]\npath = "/{site_id}{site_id}"\n', 2, "operations.read_site.path", "twice"),
        ("[operations.read_site]\nsupported = 1\n", 2, "operations.read_site.supported", "boolean"),
        ("[operations.token]\nsupported = false\n", 2, "operations.token.supported", "nothing works"),
        (
            "[operations.create_remote_access]\nsupported = false\n",
            2,
            "operations.create_remote_access.supported",
            "nothing works",
        ),
        ("[operations.revoke_authorization]\nsuccess = [404]\n", 2, "operations.revoke_authorization.success.0", "less than"),
        ("[operations.revoke_authorization]\nsuccess = 204\n", 2, "operations.revoke_authorization.success", "tuple"),
        (
            '[operations.revoke_authorization]\nbody_constant = "{"\n',
            2,
            "operations.revoke_authorization.body_constant",
            "JSON text",
        ),
        (
            '[operations.revoke_authorization]\nbody_constant = "[]"\n',
            2,
            "operations.revoke_authorization.body_constant",
            "JSON object",
        ),
        ("[operations.read_site.constants]\nx = 1\n", 1, "operations.read_site.constants", "sends no body"),
        ('[operations.token.constants]\nclient_id = "x"\n', 2, "operations.token.constants.client_id", "filled in by the client"),
        (f'{CREATE}.request]\nrecipient = "to"\n', 2, "operations.create_remote_access.request.recipient", "none of our keys"),
        (f'{CREATE}.request]\nvalid_to = ""\n', 2, "operations.create_remote_access.request.valid_to", "must be named"),
        (
            f'{CREATE}.request]\nvalid_to = "restrictions"\n',
            2,
            "operations.create_remote_access.request.valid_to",
            "written twice",
        ),
        (
            f'{CREATE}.request]\nvalid_to = "restrictions.validFrom"\n',
            2,
            "operations.create_remote_access.request.valid_to",
            "twice",
        ),
        (f'{CREATE}.request]\nvalid_to = "r..x"\n', 2, "operations.create_remote_access.request.valid_to", "no dotted path"),
        (
            f'{CREATE}.constants]\ndisplayName = "x"\n',
            2,
            "operations.create_remote_access.constants.displayName",
            "written twice",
        ),
        (f'{CREATE}]\nbody = "form"\n', 2, "operations.create_remote_access.body", "must be one of"),
        (f'{CREATE}.request]\nrecipients = ""\n', 2, "operations.create_remote_access.request.recipients", "no way is left"),
        (
            f'{CREATE}.request]\nrecipient_emails = "emails"\n',
            1,
            "operations.create_remote_access.request.recipient_phone_numbers",
            "must be said too",
        ),
        (f'{CREATE}.response]\nid = ""\n', 2, "operations.create_remote_access.response.id", "must be named"),
        (
            '[operations.read_authorization]\nresponse_as = "read_authorization"\n',
            2,
            "operations.read_authorization.response_as",
            "another operation",
        ),
        ('[operations.read_authorization]\nresponse_as = "no"\n', 2, "operations.read_authorization.response_as", "another"),
        ('[operations.list_sites.query_names]\npage = "p"\n', 2, "operations.list_sites.query_names.page", "none of our keys"),
        ("[operations.list_authorizations]\npage_size_max = 0\n", 2, "operations.list_authorizations.page_size_max", "greater"),
        ("[values.map.colour]\nred = true\n", 1, "values.map.colour", "is none of our keys"),
        ("[values.map.online]\nup = 1\n", 2, "values.map.online.up", ""),
        ('[values]\nstatus_revoked = "active"\n', 1, "values", "must differ"),
        ('base_url = "ftp://x"\n', 1, "base_url", "http"),
        ('base_url = "https://user:secret@x"\n', 1, "base_url", "without query"),
        ("time_decimals = 10\n", 1, "time_decimals", "less than"),
        ('time_decimals = "6"\n', 1, "time_decimals", "integer"),
        ("operations = 3\n", 1, "operations", "dictionary"),
    ],
)
def test_what_cannot_be_is_refused_with_file_line_key_and_reason(
    tmp_path: Path, text: str, line: int, key: str, reason: str
) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ProfileError) as raised:
        load_profile(file)
    sentence = str(raised.value).splitlines()[0]
    assert sentence.startswith(f"{file}, line {line}: {key}")
    assert reason in sentence


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="line 2"):
        load_profile(write(tmp_path, "\nname = \n"))


@pytest.mark.parametrize("name", ["assumed-v9", "no/such/file.toml", "", ".", "a\x00b"])
def test_an_unknown_profile_is_refused_with_the_names_that_exist(name: str) -> None:
    with pytest.raises(ProfileError, match="assumed-v8, onegov-literal"):
        load_profile(name)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ProfileError, match="UTF-8"):
        load_profile(file)
    file.write_bytes(b"#" * 300_000)
    with pytest.raises(ProfileError, match="longer"):
        load_profile(file)


@pytest.mark.parametrize("text", ["", "{}", "null", '{"name": "x"}', "[" * 10_000])
def test_stored_text_that_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(ProfileError):
        profile_from_json(text)


def test_the_shipped_files_say_nothing_that_the_loader_does_not_read() -> None:
    folder = resources.files("drempel.resivo") / "profiles"
    for name in shipped_profiles():
        text = (folder / f"{name}.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)["name"] == name
