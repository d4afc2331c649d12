from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from drempel.adapters.secret_key_file import KeyFileError, key_file_warning, read_or_make_key


def test_the_first_start_makes_a_key_that_only_this_account_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    key = read_or_make_key(folder, database_file=folder / "drempel.sqlite")
    assert len(key) >= 32
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert key_file_warning(folder) is None


def test_a_key_that_is_there_stays(tmp_path: Path) -> None:
    assert read_or_make_key(tmp_path, database_file=None) == read_or_make_key(tmp_path, database_file=None)


def test_many_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    keys: list[str] = []

    def start() -> None:
        barrier.wait()
        keys.append(read_or_make_key(tmp_path, database_file=None))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_no_new_key_is_made_beside_a_database_that_was_encrypted_under_another(tmp_path: Path) -> None:
    database = tmp_path / "drempel.sqlite"
    database.write_bytes(b"something")
    with pytest.raises(KeyFileError, match="is gone"):
        read_or_make_key(tmp_path, database_file=database)
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize(("content", "says"), [(b"\n", "is empty"), (b"\xff\xfe", "is damaged")])
def test_a_damaged_key_file_is_refused_and_left_alone(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(KeyFileError, match=says):
        read_or_make_key(tmp_path, database_file=None)
    assert (tmp_path / "secret.key").read_bytes() == content


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="DREMPEL_DATA_DIR"):
        read_or_make_key(tmp_path / "file" / "folder", database_file=None)


def test_a_key_file_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    read_or_make_key(tmp_path, database_file=None)
    (tmp_path / "secret.key").chmod(0o644)
    assert "chmod 600" in (key_file_warning(tmp_path) or "")
