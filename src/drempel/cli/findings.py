"""What `drempel doctor` found: one line each, ok, warning or problem, with advice."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Finding", "Findings", "Level"]


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    level: Level
    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.level.value:<8} {self.subject}: {self.sentence}"


@dataclass(slots=True)
class Findings:
    """All lines, in the order in which they were found."""

    found: list[Finding] = field(default_factory=list)

    def ok(self, subject: str, sentence: str) -> None:
        self.found.append(Finding(Level.OK, subject, sentence))

    def warning(self, subject: str, sentence: str) -> None:
        self.found.append(Finding(Level.WARNING, subject, sentence))

    def problem(self, subject: str, sentence: str) -> None:
        self.found.append(Finding(Level.PROBLEM, subject, sentence))

    @property
    def has_problem(self) -> bool:
        return any(finding.level is Level.PROBLEM for finding in self.found)
