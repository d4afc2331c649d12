"""Where to go after signing in: to a page of ours and nowhere else."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

__all__ = ["local_path"]

CHARACTERS_MAX: Final = 2_000


def local_path(wanted: str) -> str:
    r"""The path with its query if every browser takes it for one of this host; else `/`.

    Browsers take `\` for `/`, drop tabs and line ends, and read `//host` as another host.
    """
    harmless = (
        wanted.startswith("/")
        and not wanted.startswith("//")
        and len(wanted) <= CHARACTERS_MAX
        and "\\" not in wanted
        and all(" " < sign < "\x7f" for sign in wanted)
    )
    if not harmless:
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    return wanted if not parts.scheme and not parts.netloc else "/"
