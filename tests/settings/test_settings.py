from __future__ import annotations

from pathlib import Path

import pytest

from drempel.settings import SETTINGS, Refused, SettingsError, read_settings


def read(tmp_path: Path, **variables: str):
    return read_settings({"DREMPEL_DATA_DIR": str(tmp_path), **variables}, terminal=False)


def test_without_variables_everything_has_its_documented_default(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/drempel.sqlite"
    assert settings.sqlite_path == tmp_path / "drempel.sqlite"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert (settings.call_timeout_seconds, settings.lease_seconds) == (10, 30)
    assert (settings.retry_first_seconds, settings.retry_max_seconds) == (2, 900)
    assert (settings.sweep_seconds, settings.gone_confirm_seconds) == (60, 600)
    assert (settings.log_format, settings.log_level) == ("json", "info")
    assert settings.warnings == ()


def test_proxies_are_addresses_and_networks(tmp_path: Path) -> None:
    proxies = read(tmp_path, DREMPEL_TRUSTED_PROXIES="10.0.0.7, 2001:db8::/32").trusted_proxies
    assert [str(each) for each in proxies] == ["10.0.0.7/32", "2001:db8::/32"]


def test_at_a_terminal_log_lines_are_made_for_a_person() -> None:
    assert read_settings({}, terminal=True).log_format == "console"


def test_the_data_folder_is_the_platforms_own_unless_it_is_named() -> None:
    assert "drempel" in str(read_settings({}, terminal=False).data_dir)


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("correct horse battery staple\n")
    assert read(tmp_path, DREMPEL_SECRET_KEY_FILE=str(path)).secret_key == "correct horse battery staple"


@pytest.mark.parametrize(
    ("variables", "named", "says"),
    [
        ({"DREMPEL_PUBLIC_URL": "http://a", "DREMPEL_PUBLIC_URL_FILE": "/x"}, "DREMPEL_PUBLIC_URL ", "both given"),
        ({"DREMPEL_SECRET_KEY_FILE": "/no/such/file"}, "DREMPEL_SECRET_KEY_FILE", "cannot be read"),
        ({"DREMPEL_SECRET_KEY": ""}, "DREMPEL_SECRET_KEY", "empty"),
        ({"DREMPEL_SECRET_KEY": "0123456789abcdef,0123456789abcdef"}, "DREMPEL_SECRET_KEY", "twice"),
        ({"DREMPEL_SECRET_KEY": "hunter2,"}, "DREMPEL_SECRET_KEY", "empty part"),
        ({"DREMPEL_DATABASE_URL": "mysql://u:hunter2@h/d"}, "DREMPEL_DATABASE_URL", "postgresql://"),
        ({"DREMPEL_DATABASE_URL": "postgres://u:hunter2@h/d"}, "DREMPEL_DATABASE_URL", "postgresql://"),
        ({"DREMPEL_DATABASE_URL": "postgresql+asyncpg://u:hunter2@h/d"}, "DREMPEL_DATABASE_URL", "postgresql://"),
        ({"DREMPEL_DATABASE_URL": "postgresql://u:hunter2@h"}, "DREMPEL_DATABASE_URL", "no database"),
        ({"DREMPEL_DATABASE_URL": "postgresql://u:hunter2@h:port/d"}, "DREMPEL_DATABASE_URL", "not a usable address"),
        ({"DREMPEL_DATABASE_URL": "sqlite://"}, "DREMPEL_DATABASE_URL", "no database file"),
        ({"DREMPEL_DATABASE_URL": "sqlite:///:memory:"}, "DREMPEL_DATABASE_URL", "no database file"),
        ({"DREMPEL_DATABASE_URL": "sqlite:///a?mode=ro"}, "DREMPEL_DATABASE_URL", "?"),
        ({"DREMPEL_DATABASE_URL": "drempel.sqlite"}, "DREMPEL_DATABASE_URL", "sqlite:///PATH"),
        ({"DREMPEL_PUBLIC_URL": "drempel.example.com"}, "DREMPEL_PUBLIC_URL", "http"),
        ({"DREMPEL_PUBLIC_URL": "https://u:hunter2@x"}, "DREMPEL_PUBLIC_URL", "user"),
        ({"DREMPEL_TRUSTED_PROXIES": "*"}, "DREMPEL_TRUSTED_PROXIES", "10.1.0.0/24"),
        ({"DREMPEL_TRUSTED_PROXIES": "10.0.0.7,"}, "DREMPEL_TRUSTED_PROXIES", "separated by commas"),
        ({"DREMPEL_CALL_TIMEOUT_SECONDS": "ten"}, "DREMPEL_CALL_TIMEOUT_SECONDS", "'ten'"),
        ({"DREMPEL_CALL_TIMEOUT_SECONDS": "0"}, "DREMPEL_CALL_TIMEOUT_SECONDS", "above 0"),
        ({"DREMPEL_SWEEP_SECONDS": "inf"}, "DREMPEL_SWEEP_SECONDS", "from 0 to"),
        ({"DREMPEL_SWEEP_SECONDS": "nan"}, "DREMPEL_SWEEP_SECONDS", "from 0 to"),
        ({"DREMPEL_LEASE_SECONDS": "20"}, "DREMPEL_LEASE_SECONDS", "over twice"),
        ({"DREMPEL_RETRY_FIRST_SECONDS": "-1"}, "DREMPEL_RETRY_FIRST_SECONDS", "from 0 to"),
        ({"DREMPEL_LOG_LEVEL": "loud"}, "DREMPEL_LOG_LEVEL", "debug, info, warning or error"),
        ({"DREMPEL_LOG_FORMAT": "xml"}, "DREMPEL_LOG_FORMAT", "console or json"),
        ({"DREMPEL_DATABASE_URL": "postgresql://u@h/d"}, "DREMPEL_SECRET_KEY", "every machine needs the same key"),
    ],
)
def test_a_wrong_value_is_a_sentence_that_names_the_variable_and_no_secret(
    tmp_path: Path, variables: dict[str, str], named: str, says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, **variables)
    (sentence,) = refused.value.sentences
    assert sentence.startswith(named)
    assert says in sentence
    assert "hunter2" not in sentence
    assert isinstance(refused.value, Refused)


def test_all_wrong_values_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, DREMPEL_LOG_LEVEL="loud", DREMPEL_SWEEP_SECONDS="never")
    assert len(refused.value.sentences) == 2


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SettingsError, match="is a file"):
        read_settings({"DREMPEL_DATA_DIR": str(file)}, terminal=False)


def test_the_log_level_may_be_written_in_any_case(tmp_path: Path) -> None:
    assert read(tmp_path, DREMPEL_LOG_LEVEL="WaRNing").log_level == "warning"


def test_a_relative_database_path_becomes_absolute_at_once(tmp_path: Path) -> None:
    settings = read(tmp_path, DREMPEL_DATABASE_URL="sqlite:///some.sqlite")
    assert settings.sqlite_path == Path.cwd() / "some.sqlite"


def test_postgresql_is_known_by_its_address(tmp_path: Path) -> None:
    settings = read(tmp_path, DREMPEL_DATABASE_URL="postgresql://u:p@h/d", DREMPEL_SECRET_KEY="k" * 32)
    assert settings.on_postgresql
    assert settings.sqlite_path is None


def test_an_unknown_variable_is_a_warning_with_a_near_name(tmp_path: Path) -> None:
    (warning,) = read(tmp_path, DREMPEL_LEASE_SECOND="3").warnings
    assert "DREMPEL_LEASE_SECOND is no setting" in warning
    assert "Did you mean DREMPEL_LEASE_SECONDS?" in warning


def test_a_short_key_is_a_warning_that_does_not_show_it(tmp_path: Path) -> None:
    (warning,) = read(tmp_path, DREMPEL_SECRET_KEY="a-key-that-is-long-enough,hunter2").warnings
    assert "shorter than 16 characters" in warning
    assert "hunter2" not in warning


def test_secrets_are_not_in_the_repr(tmp_path: Path) -> None:
    shown = repr(read(tmp_path, DREMPEL_DATABASE_URL="postgresql://u:hunter2@h/d", DREMPEL_SECRET_KEY="hunter2" * 5))
    assert "hunter2" not in shown


def test_every_setting_of_the_list_is_read(tmp_path: Path) -> None:
    for setting in SETTINGS:
        with pytest.raises(SettingsError, match=setting.variable):
            read(tmp_path, **{setting.variable: "", **({"DREMPEL_DATA_DIR": ""} if setting.name == "DATA_DIR" else {})})
