"""What is wrong with a set-up file. All of it is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drempel.setup_file.lines import KeyPath

__all__ = ["Problem", "Problems", "SetupFileError", "key_for_people"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to correct. `reason` never holds a secret."""

    line: int
    key: str
    reason: str


class SetupFileError(Exception):
    """The file cannot be used; nothing was changed."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}, line {one.line}: {one.key}: {one.reason}" for one in self.problems))


class Problems:
    """Collects problems by key; lines are looked up at the end."""

    def __init__(self) -> None:
        self.found: list[tuple[KeyPath, str]] = []

    def add(self, path: KeyPath, reason: str) -> None:
        self.found.append((path, reason))


def key_for_people(path: KeyPath) -> str:
    """`integrations[2].mappings[1].object`, counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "file"
