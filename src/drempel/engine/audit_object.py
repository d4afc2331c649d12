"""An audit as REST and `--json` give it, and what to do about each class: one shape, built here alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from drempel.domain.own_name import read_own_name
from drempel.engine.audit import NOTHING_TO_DO, Finding, Kind
from drempel.engine.auditor import PlaceAudit
from drempel.engine.booking_object import utc_text

__all__ = ["NO_LIST", "audit_object", "remedy", "whose"]

NO_LIST: Final = (
    "This profile has no list: only what our record has was read, one by one. Orphans and twins cannot be seen from here; look in the Resivo "
    "portal for names with `dr-`."
)

_REMEDIES: Final = {
    Kind.AGREES: "Nothing to do.",
    Kind.PAST: "Nothing to do.",
    Kind.FOREIGN: "Never touched.",
    Kind.ORPHAN: "Ours, and not in our record: `drempel audit --adopt {id}` takes it in, `drempel audit --revoke {id}` takes it away.",
    Kind.LEFT: "The daily audit has it revoked; `drempel audit --revoke {id}` does so now.",
    Kind.TWIN: "The daily audit has it revoked, not the recorded one; `drempel audit --revoke {id}` does so now.",
    Kind.MISSING: "Look in the Resivo portal. The daily audit has it revoked, which asks a person; `drempel resolve {source} {booking} "
    "--not-created` says that it is gone.",
    Kind.ENDED_ELSEWHERE: "Somebody ended it in the portal. The daily audit notes that; `drempel retry {source} {booking}` then gives another.",
    Kind.CHANGED: "Somebody changed it in the portal, and it opens no more than it should: put it right there.",
    Kind.UNSETTLED: "Drempel is at it: see `drempel why {source} {booking}`.",
    Kind.UNCLEAR: "Resivo says something of it that cannot be judged: look in the portal, and compare the profile with what the API gives.",
}
_OPENS_MORE: Final = (
    "It opens more than its booking has: the daily audit has it revoked, and the booking gets one that fits. `drempel revoke {source} {booking}` "
    "takes it away now."
)
_ORPHAN_OF_NOBODY: Final = "Ours by its name, and the name tells no booking of a source whose access is made here: if it must go, revoke it in the Resivo portal."


def whose(finding: Finding, sources: frozenset[str]) -> tuple[str, str] | None:
    """The booking of a set: by our record, else by its name; None if neither tells."""
    if finding.at is not None:
        return finding.at.source, finding.at.booking_id
    own = read_own_name(finding.row.display_name) if finding.row is not None and finding.kind is not Kind.FOREIGN else None
    told = own.bookings(sources) if own is not None else []
    return told[0] if len(told) == 1 else None


def remedy(finding: Finding, sources: frozenset[str]) -> str:
    """What a person can do about it, in a sentence or two."""
    booking = whose(finding, sources)
    text = _OPENS_MORE if finding.opens_more else _REMEDIES[finding.kind]
    if finding.kind is Kind.ORPHAN and booking is None:
        text = _ORPHAN_OF_NOBODY
    if finding.kind is Kind.CHANGED and finding.differs == ("another name",):
        text = "Somebody gave it another name in the portal: give it back its own there, or Drempel cannot find it by name."
    source, booking_id = booking or ("SOURCE", "BOOKING")
    return text.format(id=finding.row.id if finding.row is not None else "ID", source=source, booking=booking_id)


def audit_object(audits: Sequence[PlaceAudit], *, with_foreign: bool) -> dict[str, Any]:
    """All places. What agrees, is past or is foreign is only counted; `with_foreign` gives ids and names of the foreign ones."""
    return {
        "needs_person": any(one.needs_person for one in audits),
        "sites": [_site(one, with_foreign=with_foreign) for one in audits],
    }


def _site(one: PlaceAudit, *, with_foreign: bool) -> dict[str, Any]:
    counts = Counter(finding.kind for finding in one.findings)
    shown: dict[str, Any] = {
        "site_id": one.place.site_id,
        "integrations": list(one.place.integrations),
        "listed": one.listed,
        "problem": one.problem or None,
        "counts": {kind.value: counts.get(kind, 0) for kind in Kind},
        "findings": [_finding(finding, one.sources) for finding in one.findings if finding.kind not in NOTHING_TO_DO],
    }
    if with_foreign:
        foreign = [finding.row for finding in one.findings if finding.kind is Kind.FOREIGN and finding.row is not None]
        shown["foreign"] = [{"id": row.id, "display_name": row.display_name} for row in foreign]
    return shown


def _finding(finding: Finding, sources: frozenset[str]) -> dict[str, Any]:
    row, known = finding.row, finding.at.set if finding.at is not None else None
    source, booking_id = whose(finding, sources) or (None, None)
    name = row.display_name if row is not None else ""
    return {
        "class": finding.kind.value,
        "id": row.id if row is not None else known.authorization_id if known is not None else None,
        "display_name": name or (known.display_name if known is not None else ""),
        "source": source,
        "booking_id": booking_id,
        "recorded": None if known is None else {"number": known.number, "state": known.state.value, "id": known.authorization_id},
        "differs": list(finding.differs),
        "opens_more": finding.opens_more,
        "since": None if finding.since is None else utc_text(finding.since),
        "remedy": remedy(finding, sources),
    }
