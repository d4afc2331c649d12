"""The key file: made on the first start, readable by this account alone, never overwritten."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

__all__ = ["KEY_FILE", "KeyFileError", "key_file_warning", "read_or_make_key"]

KEY_FILE: Final = "secret.key"
KEY_BYTES: Final = 32
KEY_FILE_BYTES_MAX: Final = 64 * 1024
OTHERS_MAY: Final = 0o077


class KeyFileError(Exception):
    """The key cannot be read or made: a sentence with its remedy."""


def read_or_make_key(data_dir: Path, *, database_file: Path | None) -> str:
    """The text of `secret.key` in `data_dir`; made there if this is the first start.

    A database that already holds something was encrypted under a key that is gone: no new one is made beside it.
    """
    path = data_dir / KEY_FILE
    try:
        if not path.exists():
            if database_file is not None and database_file.exists() and database_file.stat().st_size:
                raise KeyFileError(
                    f"There is a database at {database_file}, but its key file {path} is gone. Put the file back, or give its "
                    "content in DREMPEL_SECRET_KEY; without it the stored secrets cannot be read."
                )
            _make(path)
        with path.open("rb") as file:
            text = file.read(KEY_FILE_BYTES_MAX).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise KeyFileError(f"The key file {path} is damaged. Put back a copy of it.") from error
    except OSError as error:
        raise KeyFileError(
            f"The key file {path} cannot be read or made ({error.strerror}). Make the folder writable for this account, "
            "choose another one with DREMPEL_DATA_DIR, or give the key in DREMPEL_SECRET_KEY."
        ) from error
    if not text:
        raise KeyFileError(f"The key file {path} is empty. Put back a copy of it.")
    return text


def key_file_warning(data_dir: Path) -> str | None:
    """A sentence if others than this account may read the key file."""
    path = data_dir / KEY_FILE
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    return f"Others may read the key file {path}. Say `chmod 600 {path}`." if mode & OTHERS_MAY else None


def _make(path: Path) -> None:
    """Written beside and linked into place: a second process finds the whole file or none, and the first key stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{KEY_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_urlsafe(KEY_BYTES).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
