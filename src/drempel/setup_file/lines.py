"""Where each key of a TOML text stands. Only for text that `tomllib` has read: what is valid is skipped, not checked again."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["KeyPath", "line_of", "lines_of"]

KeyPath = tuple[str | int, ...]
"""`("integrations", 0, "mappings", 1, "object")`."""

BLANK: Final = " \t"
BARE_ENDS: Final = ",]}#\n"


def lines_of(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every table, key and array element."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


def line_of(lines: Mapping[KeyPath, int], path: Sequence[str | int]) -> int:
    """The line of this key; of the nearest table around it if the key is not there."""
    for length in range(len(path), 0, -1):
        line = lines.get(tuple(path[:length]))
        if line is not None:
            return line
    return 1


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [index for index, character in enumerate(text) if character == "\n"]
        self._found: dict[KeyPath, int] = {}
        self._tables_so_far: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip_to_content():
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _header(self) -> KeyPath:
        start = self._at
        is_array = self._peek("[[")
        self._at += 2 if is_array else 1
        keys = self._keys()
        self._at += 2 if is_array else 1
        path: KeyPath = ()
        for depth, key in enumerate(keys, start=1):
            path = (*path, key)
            if is_array and depth == len(keys):
                self._found.setdefault(path, self._line(start))
                self._tables_so_far[path] = self._tables_so_far.get(path, 0) + 1
            if path in self._tables_so_far:
                path = (*path, self._tables_so_far[path] - 1)
        self._note(path, start)
        return path

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = (*table, *self._keys())
        self._note(path, start)
        self._at += 1  # the equals sign
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip(BLANK)
        if self._peek('"') or self._peek("'"):
            self._string()
        elif self._peek("["):
            self._array(path)
        elif self._peek("{"):
            self._inline_table(path)
        else:
            while self._at < len(self._text) and self._text[self._at] not in BARE_ENDS:
                self._at += 1

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._skip_to_content() and not self._peek("]"):
            self._note((*path, index), self._at)
            self._value((*path, index))
            index += 1
            if self._skip_to_content() and self._peek(","):
                self._at += 1
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._skip_to_content() and not self._peek("}"):
            self._pair(path)
            if self._skip_to_content() and self._peek(","):
                self._at += 1
        self._at += 1

    def _keys(self) -> list[str]:
        """A dotted key; stands behind it and its blanks afterwards."""
        keys = []
        while True:
            self._skip(BLANK)
            start = self._at
            if self._peek('"') or self._peek("'"):
                self._string()
                keys.append(str(tomllib.loads(f"key = {self._text[start : self._at]}")["key"]))
            else:
                while self._text[self._at] not in " \t.=]":
                    self._at += 1
                keys.append(self._text[start : self._at])
            self._skip(BLANK)
            if not self._peek("."):
                return keys
            self._at += 1

    def _string(self) -> None:
        quote = self._text[self._at]
        long = self._text.startswith(quote * 3, self._at)
        closing = quote * 3 if long else quote
        self._at += len(closing)
        while not self._text.startswith(closing, self._at):
            self._at += 2 if quote == '"' and self._peek("\\") else 1
        self._at += len(closing)
        while long and self._peek(quote):  # up to two quotes may stand right before the closing ones
            self._at += 1

    def _skip_to_content(self) -> bool:
        """Skip blanks, line ends and comments; False at the end of the text."""
        while self._at < len(self._text):
            if self._peek("#"):
                self._at = next((n for n in self._newlines if n >= self._at), len(self._text))
            elif self._text[self._at] in " \t\n":
                self._at += 1
            else:
                return True
        return False

    def _skip(self, characters: str) -> None:
        while self._at < len(self._text) and self._text[self._at] in characters:
            self._at += 1

    def _peek(self, what: str) -> bool:
        return self._text.startswith(what, self._at)

    def _note(self, path: KeyPath, at: int) -> None:
        self._found.setdefault(path, self._line(at))

    def _line(self, at: int) -> int:
        return bisect_right(self._newlines, at - 1) + 1
