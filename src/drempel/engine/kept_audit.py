"""What is kept of an audit: figures, and the live sets with a name of ours that our record does not know. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Final

from drempel.domain.values import value
from drempel.domain.window import AccessWindow
from drempel.engine.audit import Finding, Kind
from drempel.engine.places import Place

__all__ = ["ORPHANS_KEPT", "KeptAudit", "Orphan", "by_beginning", "kept_audit"]

ORPHANS_KEPT: Final = 200
"""Of one site; more are counted, and shown when these are gone."""


@value(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A live set with a name of ours that our record does not know."""

    authorization_id: str
    display_name: str
    site_id: str
    doors: int
    """How many; which, is read when somebody orders something."""
    window: AccessWindow | None
    """None: Resivo shows no beginning or no end."""
    readable: bool = True
    """False: Resivo says something of it that cannot be judged, so only the portal can do something about it."""
    source: str = ""
    booking_id: str = ""
    """The booking that its name tells; empty if it tells none of a source whose access is made there."""


@value(frozen=True, slots=True, kw_only=True)
class KeptAudit:
    """What one audit found at one site."""

    connection_id: int
    site_id: str
    at: datetime
    listed: bool
    """False: this profile has no list, so orphans cannot be seen."""
    counts: Mapping[Kind, int] = field(default_factory=dict)
    orphans: tuple[Orphan, ...] = ()


def kept_audit(place: Place, findings: Sequence[Finding], *, at: datetime, listed: bool) -> KeptAudit:
    """What is kept of these findings. Of a foreign set only that there is one."""
    orphans = [
        Orphan(
            authorization_id=one.row.id,
            display_name=one.row.display_name,
            site_id=place.site_id,
            doors=len(one.row.component_ids),
            window=one.row.window,
            readable=one.kind is Kind.ORPHAN,
        )
        for one in findings
        if one.row is not None and one.at is None and one.kind in {Kind.ORPHAN, Kind.UNCLEAR}
    ]
    return KeptAudit(
        connection_id=place.connection_ids[0],
        site_id=place.site_id,
        at=at,
        listed=listed,
        counts=dict(Counter(one.kind for one in findings)),
        orphans=tuple(sorted(orphans, key=by_beginning)[:ORPHANS_KEPT]),
    )


def by_beginning(one: Orphan) -> tuple[bool, str, str]:
    return one.window is not None, one.window.valid_from.isoformat() if one.window is not None else "", one.authorization_id
