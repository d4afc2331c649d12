from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from drempel.domain.policy import FollowChanges
from drempel.resivo.profile import profile_from_json
from drempel.setup_file import SetupFileError, read_setup_file
from tests.adapters.setup_texts import EMPTY, ENVIRON, RIGHT, line_of_text, problems, read, spoiled
from tests.engine.setups import setup_of


def test_the_file_of_the_design_is_read_whole() -> None:
    wanted = read(RIGHT)
    (source,), (doors,) = wanted.sources, wanted.integrations
    assert (source.name, source.password, source.poll_seconds) == ("club", "hunter2", 300)
    assert doors.client_secret == "s3cret"
    assert doors.policy.trigger_statuses == {"20", "30"}
    assert doors.policy.time_before == timedelta(minutes=15)
    assert doors.policy.authorization_field == "custom05"
    assert doors.policy.follow_changes is FollowChanges.ANY
    assert [(m.object_id, m.site_id, m.component_names) for m in doors.mappings] == [
        ("81", "site-1", ("Main entrance", "Hall 1")),
        ("81", "site-2", ("Gate",)),
    ]
    assert profile_from_json(doors.profile_json).name == "assumed-v8"


def test_no_secret_is_in_a_repr() -> None:
    assert "hunter2" not in repr(read(RIGHT))
    assert "s3cret" not in repr(read(RIGHT))


def test_what_may_be_left_out_has_its_default() -> None:
    text = RIGHT
    for line in (
        "poll_seconds = 300\n",
        "active = true\n",
        'profile = "assumed-v8"\n',
        'base_url = "https://api.resivo.io"\n',
        'target_mobile_app_id = ""\n',
        "time_before_minutes = 15\n",
        'default_language = "nl"\n',
        'default_country = ""\n',
        'follow_changes = "any"\n',
        'revoke_statuses = ["70", "80"]\n',
    ):
        assert line in text
        text = text.replace(line, "")
    (doors,) = read(text).integrations
    assert doors.base_url is None
    assert doors.policy.active
    assert doors.policy.revoke_statuses == frozenset()
    assert doors.policy.time_before == timedelta(minutes=15)


def test_statuses_and_objects_may_be_written_as_numbers() -> None:
    wanted = read(
        spoiled('trigger_statuses = ["20", "30"]', "trigger_statuses = [20, 30]").replace('object = "81"', "object = 81", 1)
    )
    assert wanted.integrations[0].policy.trigger_statuses == {"20", "30"}
    assert wanted.integrations[0].mappings[0].object_id == "81"


@pytest.mark.parametrize("name", ["Hall\u00a01", "Hall \U0001f469\u200d\U0001f3eb"])
def test_a_door_is_named_with_the_spaces_and_joiners_that_it_has_at_resivo(name: str) -> None:
    (doors,) = read(spoiled('"Hall 1"', f'"{name}"')).integrations
    assert doors.mappings[0].component_names == ("Main entrance", name)


def test_a_name_that_turns_the_direction_of_writing_is_refused() -> None:
    assert any("cannot be shown" in each for each in problems(spoiled('"Hall 1"', '"Hall \\u202e1"')))


@pytest.mark.parametrize(
    ("written", "kept"), [("custom5", "custom05"), ("custom05", "custom05"), ("custom12", "custom12"), ("custom123", "custom123")]
)
def test_a_booking_field_is_kept_in_its_padded_form(written: str, kept: str) -> None:
    (doors,) = read(spoiled("custom05", written)).integrations
    assert doors.policy.authorization_field == kept


@pytest.mark.parametrize(
    ("old", "new", "where", "key", "says"),
    [
        ('name = "club"', 'name = "club"\nnmae = 3', "nmae", "sources[1].nmae", "unknown key"),
        ("follow_changes =", "folow_changes =", "folow", "integrations[1].folow_changes", "Did you mean follow_changes?"),
        ("[[sources]]", "[[source]]", "[[source]]", "source", "unknown key. Did you mean sources?"),
        (
            'revoke_statuses = ["70", "80"]',
            'revoke_statuses = ["70", "30"]',
            "revoke",
            "integrations[1].revoke_statuses",
            "'30' stands in trigger",
        ),
        ('["20", "30"]', "[]", "trigger_statuses", "integrations[1].trigger_statuses", "no status"),
        ('trigger_statuses = ["20", "30"]\n', "", "[[integrations]]", "integrations[1].trigger_statuses", "is missing"),
        ('["20", "30"]', '["20", true]', "trigger_statuses", "integrations[1].trigger_statuses[2]", "must be text"),
        ('["20", "30"]', '["20", " "]', "trigger_statuses", "integrations[1].trigger_statuses[2]", "is empty"),
        ('["20", "30"]', '"20"', "trigger_statuses", "integrations[1].trigger_statuses", "must be a list"),
        ('authorization_field = "custom05"\n', "", "[[integrations]]", "integrations[1].authorization_field", "is missing"),
        ("custom05", "field5", "authorization_field", "integrations[1].authorization_field", "custom05"),
        ("custom05", "custom0", "authorization_field", "integrations[1].authorization_field", "custom05"),
        ("custom05", "custom005", "authorization_field", "integrations[1].authorization_field", "custom05"),
        ("Europe/Amsterdam", "Europe/Amsterdm", "time_zone", "sources[1].time_zone", "Did you mean Europe/Amsterdam?"),
        ("Europe/Amsterdam", "Europe", "time_zone", "sources[1].time_zone", "no known time zone"),
        ("Europe/Amsterdam", "../../etc/passwd", "time_zone", "sources[1].time_zone", "no known time zone"),
        ("Europe/Amsterdam", "localtime", "time_zone", "sources[1].time_zone", "no known time zone"),
        (
            'site_id = "site-2"\n',
            "",
            'object = "81"\ncomponents = ["Gate"]',
            "integrations[1].mappings[2].object",
            "stands at this site already",
        ),
        ('site_id = "site-1"\n', "", "[[integrations.mappings]]", "integrations[1].mappings[1].site_id", "is missing"),
        (
            'components = ["Gate"]',
            "components = []",
            "components = []",
            "integrations[1].mappings[2].components",
            "names no door",
        ),
        (
            'default_country = ""',
            'default_country = "UK"',
            "default_country",
            "integrations[1].default_country",
            "no known country code",
        ),
        (
            'default_language = "nl"',
            'default_language = "Dutch!"',
            "default_language",
            "integrations[1].default_language",
            "language code",
        ),
        ('source = "club"', 'source = "clbu"', 'source = "clbu"', "integrations[1].source", "Did you mean club?"),
        ('name = "club"', 'name = "my club"', 'name = "my', "sources[1].name", "begins with a letter or digit"),
        ('name = "doors"', f'name = "{"d" * 65}"', 'name = "ddd', "integrations[1].name", "1 to 64"),
        ('kind = "resivo"', 'kind = "exivo"', 'kind = "exivo"', "integrations[1].kind", "must be 'resivo'"),
        ("https://club.i-reserve.net", "club.i-reserve.net", "base_url", "sources[1].base_url", "no http or https address"),
        (
            "https://club.i-reserve.net",
            "http://127。0。0。1",
            "base_url",
            "sources[1].base_url",
            "a character that no address has",
        ),
        ("https://club.i-reserve.net", "http://club.i-reserve.net", "base_url", "sources[1].base_url", "allow_insecure"),
        ("https://api.resivo.io", "http://api.resivo.io", 'base_url = "http://', "integrations[1].base_url", "allow_insecure"),
        ("https://club.i-reserve.net", "https://u:p@club.i-reserve.net", "base_url", "sources[1].base_url", "may hold no user"),
        ("poll_seconds = 300", "poll_seconds = -1", "poll_seconds", "sources[1].poll_seconds", "0 (off)"),
        ("poll_seconds = 300", "poll_seconds = 1.5", "poll_seconds", "sources[1].poll_seconds", "whole number"),
        (
            "time_before_minutes = 15",
            "time_before_minutes = 1441",
            "time_before",
            "integrations[1].time_before_minutes",
            "0 to 1440",
        ),
        (
            "time_before_minutes = 15",
            "time_before_minutes = true",
            "time_before",
            "integrations[1].time_before_minutes",
            "whole number",
        ),
        (
            'follow_changes = "any"',
            'follow_changes = "never"',
            "follow_changes",
            "integrations[1].follow_changes",
            "'any' or 'trigger'",
        ),
        ("active = true", 'active = "true"', "active", "integrations[1].active", "true or false"),
        ('env = "IRESERVE_PASSWORD"', 'env = "NOT_SET"', "password", "sources[1].password", "variable NOT_SET is not set"),
        ('env = "IRESERVE_PASSWORD"', 'file = "no-such"', "password", "sources[1].password", "no-such cannot be read"),
        ('env = "IRESERVE_PASSWORD"', 'vault = "x"', "password", "sources[1].password", "vault is not known"),
        ('{ env = "IRESERVE_PASSWORD" }', "5", "password", "sources[1].password", "must be text in quotes"),
        ('profile = "assumed-v8"', 'profile = "no-such.toml"', "profile", "integrations[1].profile", "no such profile"),
    ],
)
def test_what_is_wrong_is_told_with_line_key_and_reason(old: str, new: str, where: str, key: str, says: str) -> None:
    text = spoiled(old, new)
    line = line_of_text(text, where)
    found = [sentence for sentence in problems(text) if says in sentence]
    assert found, problems(text)
    assert found[0].startswith(f"setup.toml, line {line}: {key}: "), found
    assert "hunter2" not in "".join(problems(text))


def test_what_should_be_tables_and_is_none_is_told() -> None:
    assert problems("sources = 5\n") == ["setup.toml, line 1: sources: must be an array of tables: write [[sources]]."]
    assert problems("sources = [5]\n")[0] == "setup.toml, line 1: sources[1]: must be a table."


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = RIGHT.replace("Europe/Amsterdam", "Mars").replace("custom05", "five").replace("Gate", " ")
    found = problems(text)
    assert len(found) == 3
    lines = [int(sentence.split("line ")[1].split(":")[0]) for sentence in found]
    assert lines == sorted(lines)


def test_what_is_not_toml_is_told_with_its_line() -> None:
    (problem,) = problems('a = 1\nb = "open\n')
    assert problem.startswith("setup.toml, line 2: file: is not TOML")


@pytest.mark.parametrize("table", ["sources", "integrations"])
def test_a_name_is_given_once(table: str) -> None:
    twice = RIGHT + RIGHT[RIGHT.index(f"[[{table}]]") :]
    assert any("is the name of an earlier table too" in sentence for sentence in problems(twice))


def test_two_integrations_of_one_source_may_not_write_the_same_booking_field() -> None:
    second = RIGHT[RIGHT.index("[[integrations]]") :].replace('name = "doors"', 'name = "more"').replace("custom05", "custom5")
    found = problems(RIGHT + second)
    assert any("authorization_field: 'custom05' is written by integration 'doors'" in problem for problem in found)


def test_two_integrations_of_one_source_may_not_open_the_doors_of_one_object_at_one_site() -> None:
    second = RIGHT[RIGHT.index("[[integrations]]") :].replace('name = "doors"', 'name = "more"').replace("custom05", "custom07")
    assert any("by integration 'doors' of the same source already" in problem for problem in problems(RIGHT + second))


def test_an_integration_may_follow_a_source_that_is_set_up_already_unless_it_is_pruned() -> None:
    only_integration = RIGHT[RIGHT.index("[[integrations]]") :]
    present = setup_of(read(RIGHT))
    assert read(only_integration, present=present).integrations[0].source == "club"
    assert any("is no source" in sentence for sentence in problems(only_integration, present=present, prune=True))
    assert any("is no source" in sentence for sentence in problems(only_integration))


def test_a_booking_field_of_an_integration_outside_the_file_is_taken_too() -> None:
    present = setup_of(read(RIGHT))
    renamed = RIGHT.replace('name = "doors"', 'name = "more"')
    assert any("is written by integration 'doors'" in sentence for sentence in problems(renamed, present=present))
    assert problems(renamed, present=present, prune=True) == []


def test_http_is_accepted_for_this_machine_and_where_the_file_says_so() -> None:
    for url in ("http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"):
        assert problems(RIGHT.replace("https://club.i-reserve.net", url)) == []
    text = RIGHT.replace('base_url = "https://club.i-reserve.net"', 'base_url = "http://club"\nallow_insecure = true')
    assert problems(text) == []


def test_an_insecure_address_inside_a_profile_is_refused_as_well(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('base_url = "http://resivo.example.com"\n')
    text = RIGHT.replace('"assumed-v8"', '"mine.toml"')
    assert problems(text, folder=tmp_path) == []  # the integration's own base_url counts
    (problem,) = problems(text.replace('base_url = "https://api.resivo.io"\n', ""), folder=tmp_path)
    assert "integrations[1].profile: its base_url is an http:// address" in problem


def test_paths_in_the_file_start_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    (tmp_path / "mine.toml").write_text('[values]\nstatus_active = "valid"\n')
    text = RIGHT.replace('env = "RESIVO_CLIENT_SECRET"', 'file = "secret"').replace('"assumed-v8"', '"mine.toml"')
    (tmp_path / "setup.toml").write_text(text)
    wanted = read_setup_file(tmp_path / "setup.toml", environ=ENVIRON, present=EMPTY)
    assert wanted.integrations[0].client_secret == "from-a-file"
    assert profile_from_json(wanted.integrations[0].profile_json).values.status_active == "valid"


def test_a_broken_profile_is_told_with_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("\n[values]\nstatus_actif = 3\n")
    (problem,) = problems(RIGHT.replace('"assumed-v8"', '"mine.toml"'), folder=tmp_path)
    assert "mine.toml, line 3: values.status_actif: unknown key" in problem


@pytest.mark.parametrize("content", [None, b"\xff", b"x" * 5_000_000], ids=["missing", "no UTF-8", "too long"])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "setup.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetupFileError, match="line 1: file: "):
        read_setup_file(path, environ=ENVIRON, present=EMPTY)


def test_the_same_file_read_twice_is_the_same_wish() -> None:
    assert dataclasses.asdict(read(RIGHT)) == dataclasses.asdict(read(RIGHT))
