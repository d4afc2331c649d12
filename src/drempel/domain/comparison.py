"""What Resivo shows of a set, beside what the set was made for. One rule for the look after a lost answer, for drift and for the read-back.

Recipients are in no answer of Resivo, so nothing can be said of them (Resivo contract, section 9.6).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from drempel.domain.access import CHANGED_ELSEWHERE, ENDED_ELSEWHERE, AuthorizationSet
from drempel.domain.values import value
from drempel.domain.verdict import Field
from drempel.domain.window import AccessWindow

__all__ = ["Differences", "FoundSet", "Life", "after_drift", "compare"]


class Life(StrEnum):
    """Whether a set at Resivo still opens doors in its window (Resivo contract, section 9.9)."""

    LIVE = "live"
    NOT_LIVE = "not_live"
    UNCLEAR = "unclear"
    """A status word that we do not know: live for a revoke; a look stops there."""


@value(frozen=True, slots=True, kw_only=True)
class FoundSet:
    """A set as Resivo shows it."""

    id: str
    display_name: str
    is_remote_access: bool
    component_ids: frozenset[str]
    window: AccessWindow | None
    life: Life
    tells_doors: bool = True
    """Whether the answer says which doors count at all; if not, `component_ids` is empty."""
    unreadable: bool = False
    """Something is there that cannot be read, so what is missing above says nothing. Only rows of a whole listing can be so."""


@value(frozen=True, slots=True, kw_only=True)
class Differences:
    """How a row differs from what its set was made for."""

    fields: tuple[Field, ...]
    """In what; empty if it is exactly what was asked for."""
    missing_ids: frozenset[str]
    """Component ids that were asked for and are not there."""
    added_ids: frozenset[str]
    hours_added: bool
    is_as_asked: bool
    """What a look may adopt: its hours, and no other door. Doors may be missing, if any is left: Resivo drops silently what is offline when it makes
    the access, which may be later than we looked at the doors."""
    life: Life
    tells_doors: bool

    @property
    def opens_more(self) -> bool:
        """Whether it opens a door or an hour that it was not made for: somebody changed it in the portal."""
        return self.hours_added or bool(self.added_ids)

    @property
    def drifted(self) -> bool:
        """Whether a live set must not stay in our record as it is."""
        return self.life is Life.NOT_LIVE or self.opens_more


def compare(of: AuthorizationSet, row: FoundSet) -> Differences:
    """Both as they stand; an id, a name or doors that are not told are no difference."""
    asked, wanted = frozenset(of.intent.component_ids), of.intent.window
    missing = asked - row.component_ids if row.tells_doors else frozenset()
    added = row.component_ids - asked
    differs = {
        Field.ID: of.authorization_id is not None and row.id != of.authorization_id,
        Field.NAME: bool(row.display_name) and row.display_name != of.display_name,
        Field.STATUS: row.life is Life.NOT_LIVE,
        Field.WINDOW: row.window != wanted,
        Field.DOORS: bool(missing or added),
    }
    return Differences(
        fields=tuple(field for field, is_so in differs.items() if is_so),
        missing_ids=missing,
        added_ids=added,
        # A row without a window has no bounds.
        hours_added=row.window is None or row.window.valid_from < wanted.valid_from or row.window.valid_to > wanted.valid_to,
        is_as_asked=row.window == wanted and not added and row.component_ids != frozenset(),
        life=row.life,
        tells_doors=row.tells_doors,
    )


def after_drift(of: AuthorizationSet, row: FoundSet | None, *, now: datetime) -> AuthorizationSet | None:
    """What becomes of a set that our record has as live, when Resivo shows this of it; None: it stays.

    Ended in the portal: a person decides about another. Unknown to Resivo (`row` None), or opening more than was meant: it must go, by the way
    of every revoke, which asks a person where Resivo does not know it.
    """
    if row is not None and not compare(of, row).drifted:
        return None
    if row is not None and row.life is Life.NOT_LIVE:
        return of.revoking(ENDED_ELSEWHERE, now=now).revoked(now=now)
    return of.revoking(CHANGED_ELSEWHERE, now=now)
