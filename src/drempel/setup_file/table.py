"""Reads one TOML table key by key. A wrong value becomes a problem and an empty stand-in, so that reading goes on to the next."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from drempel.setup_file.lines import KeyPath
from drempel.setup_file.problems import Problems

__all__ = ["Place", "Table"]

SECRET_BYTES_MAX: Final = 64 * 1024
TEXT_CHARACTERS_MAX: Final = 2000
JOINERS: Final = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
"""They stand in emoji and in some scripts, and no-break spaces in what was copied: a door whose name at Resivo has one is written the same here."""


class Place:
    """Where a set-up file is read: its folder, for relative paths, and the environment, for secrets."""

    def __init__(self, *, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = environ


class Table:
    """One table of the file, with the keys that it may have."""

    def __init__(self, content: Any, *, path: KeyPath, keys: Sequence[str], problems: Problems, place: Place) -> None:
        self.path = path
        self.place = place
        self._problems = problems
        self._content: Mapping[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            problems.add(path, "must be a table.")
        for key in self._content:
            if key not in keys:
                near = get_close_matches(key, keys, n=1)
                self.wrong(key, "unknown key." + (f" Did you mean {near[0]}?" if near else f" Known are {', '.join(keys)}."))

    def wrong(self, key: str, reason: str, *, element: int | None = None) -> None:
        """Note a problem at this key."""
        self._problems.add((*self.path, key) if element is None else (*self.path, key, element), reason)

    def has(self, key: str) -> bool:
        return key in self._content

    def raw(self, key: str) -> Any:
        return self._content.get(key)

    def text(self, key: str, *, default: str | None = None, may_be_empty: bool = False) -> str:
        """Text without blanks around it. Without a default the key must be there."""
        if not self.has(key):
            return self._missing(key) if default is None else default
        value = self._content[key]
        if not isinstance(value, str):
            self.wrong(key, "must be text in quotes.")
            return ""
        return self._clean(key, value, may_be_empty=may_be_empty)

    def id_text(self, key: str) -> str:
        """An id, which may be written as a whole number too."""
        if not self.has(key):
            return self._missing(key)
        text = _id_text(self._content[key])
        if text is None:
            self.wrong(key, "must be an id, as text in quotes.")
            return ""
        return self._clean(key, text)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._content.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, "must be true or false, without quotes.")
        return default

    def whole_number(self, key: str, *, default: int, low: int, high: int, meaning: str) -> int:
        value = self._content.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(key, f"must be {meaning}, without quotes.")
            return default
        if not low <= value <= high:
            self.wrong(key, f"is {value}; must be {meaning}.")
            return default
        return value

    def one_of(self, key: str, choices: Sequence[str], *, default: str | None = None) -> str:
        value = self.text(key, default=default)
        if value and value not in choices:
            near = get_close_matches(value, choices, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            self.wrong(key, f"is {value!r}; must be {' or '.join(repr(choice) for choice in choices)}.{hint}")
        return value

    def texts(self, key: str, *, required: bool, numbers_too: bool = False) -> list[str]:
        """A list of texts, trimmed, each once, in their order."""
        if not self.has(key):
            if required:
                self._missing(key)
            return []
        values = self._content[key]
        if not isinstance(values, list):
            self.wrong(key, 'must be a list, like ["20", "30"].' if numbers_too else 'must be a list, like ["Main entrance"].')
            return []
        found: dict[str, None] = {}
        for index, value in enumerate(values):
            text = _id_text(value) if numbers_too else value
            if not isinstance(text, str):
                self.wrong(key, "must be text in quotes.", element=index)
            elif not text.strip():
                self.wrong(key, "is empty.", element=index)
            elif _unprintable_as_a_name(text):
                self.wrong(key, "holds characters that cannot be shown.", element=index)
            else:
                found[text.strip()] = None
        return list(found)

    def tables(self, key: str, *, keys: Sequence[str]) -> list[Table]:
        """The tables of an array of tables; none if the key is not there."""
        values = self._content.get(key, [])
        if not isinstance(values, list):
            self.wrong(key, f"must be an array of tables: write [[{key}]].")
            return []
        return [
            Table(value, path=(*self.path, key, index), keys=keys, problems=self._problems, place=self.place)
            for index, value in enumerate(values)
        ]

    def secret(self, key: str) -> str:
        """Text, `{ env = "NAME" }` or `{ file = "PATH" }`. No sentence ever holds the value."""
        if not self.has(key):
            return self._missing(key)
        value = self._content[key]
        if isinstance(value, str):
            if not value.strip():
                self.wrong(key, "is empty.")
            return value.strip()
        if not isinstance(value, dict) or len(value) != 1 or not isinstance(next(iter(value.values())), str):
            self.wrong(key, 'must be text in quotes, { env = "NAME" } or { file = "PATH" }.')
            return ""
        kind, name = next(iter(value.items()))
        if kind == "env":
            return self._from_environment(key, name)
        if kind == "file":
            return self._from_file(key, name)
        self.wrong(key, f'{kind} is not known here; write {{ env = "NAME" }} or {{ file = "PATH" }}.')
        return ""

    def _from_environment(self, key: str, name: str) -> str:
        value = self.place.environ.get(name, "").strip()
        if not value:
            self.wrong(key, f"the environment variable {name} is not set. Set it for this command, for example with export.")
        return value

    def _from_file(self, key: str, name: str) -> str:
        path = self.place.folder / Path(name)
        try:
            with path.open("rb") as file:
                text = file.read(SECRET_BYTES_MAX).decode("utf-8").strip()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "not plain text"
            self.wrong(key, f"the file {path} cannot be read ({reason}).")
            return ""
        if not text:
            self.wrong(key, f"the file {path} is empty.")
        return text

    def _missing(self, key: str) -> str:
        self.wrong(key, "is missing.")
        return ""

    def _clean(self, key: str, value: str, *, may_be_empty: bool = False) -> str:
        text = value.strip()
        if not text and not may_be_empty:
            self.wrong(key, "is empty.")
        elif _unprintable(text):
            self.wrong(key, "holds characters that cannot be shown.")
        elif len(text) > TEXT_CHARACTERS_MAX:
            self.wrong(key, f"is longer than {TEXT_CHARACTERS_MAX} characters.")
        return text


def _id_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _unprintable(text: str) -> bool:
    return any(not character.isprintable() for character in text.strip())


def _unprintable_as_a_name(text: str) -> bool:
    """Of what others have named, and must be written just so."""
    return any(not (c.isprintable() or c in JOINERS or unicodedata.category(c) == "Zs") for c in text.strip())
