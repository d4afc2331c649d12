"""What a lint is given, and what it may find. A code is never renamed: CI and `--json` stand on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Final

from drempel.domain.components import Component
from drempel.domain.failures import Failure
from drempel.domain.values import value
from drempel.engine.setup import Setup

__all__ = ["LINT_CODES", "Evidence", "LintFinding", "LintLevel", "SiteSeen"]


class LintLevel(StrEnum):
    ERROR = "error"
    WARNING = "warning"


LINT_CODES: Final[Mapping[str, LintLevel]] = {
    "site.unseen": LintLevel.ERROR,
    "site.unreadable": LintLevel.ERROR,
    "source.unreadable": LintLevel.ERROR,
    "name.missing": LintLevel.ERROR,
    "name.spelling": LintLevel.ERROR,
    "name.renamed": LintLevel.ERROR,
    "name.ambiguous": LintLevel.ERROR,
    "object.twice": LintLevel.ERROR,
    "doors.none_online": LintLevel.ERROR,
    "doors.some_offline": LintLevel.WARNING,
    "doors.unsure": LintLevel.WARNING,
    "doors.alike": LintLevel.WARNING,
    "object.unmapped": LintLevel.WARNING,
    "status.unseen": LintLevel.WARNING,
}
"""Every code with its level, in the order of the documentation."""


@value(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One finding. `integration`, `mapping` (from 0) and `key` say where; `toml` is what to write there, if that helps."""

    code: str
    integration: str
    message: str
    remedy: str
    mapping: int | None = None
    key: str = ""
    element: int | None = None
    toml: str = ""
    new_name: str = ""
    """For a door that was renamed: what it is called now."""

    @property
    def level(self) -> LintLevel:
        return LINT_CODES[self.code]


@value(frozen=True, slots=True, kw_only=True)
class SiteSeen:
    """What one credential shows of one site. `components` None: it could not be read, and `failure` says why."""

    components: Sequence[Component] | None
    failure: Failure | None = None
    other_sites: tuple[str, ...] = ()
    """The sites that the credential does reach, where this is not one of them."""
    is_seen: bool = True


@value(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is judged."""

    setup: Setup
    integrations: Sequence[str]
    """Those that are judged; the others of the set-up only count as somebody who maps an object."""
    sites: Mapping[tuple[int, str], SiteSeen] = field(default_factory=dict)
    """By connection id and site id."""
    former_ids: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """By site id and name: the ids that this name had when we made access for it."""
    booked: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By source: objects with bookings to come at no revoke status, and how many."""
    unseen_statuses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By integration: trigger statuses that no known booking has, and no poll shows."""
    unread_sources: Mapping[str, Failure] = field(default_factory=dict)
