"""What the last audit of each site found, for people: above all the live sets with a name of ours that our record does not know.

Each audit, by the sweep or by a person's word, writes over what the one before found at that place. What became of a set since is not waited for: what
our record knows by now, and what is over, is left out when it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime

from drempel.domain.own_name import read_own_name
from drempel.domain.values import value
from drempel.engine.audit import Kind
from drempel.engine.kept_audit import KeptAudit, Orphan, by_beginning
from drempel.engine.places import Place, places_of
from drempel.engine.ports import Store
from drempel.engine.records import Records
from drempel.engine.setup import Setup

__all__ = ["LastAudit", "last_audit"]


@value(frozen=True, slots=True, kw_only=True)
class LastAudit:
    """All sites together, as they are shown."""

    orphans: tuple[Orphan, ...] = ()
    """The soonest to begin first."""
    foreign: int = 0
    """Sets that are not ours: never touched."""
    blind: int = 0
    """Sites at which orphans cannot be seen, because the profile has no list."""
    never: int = 0
    """Sites that were never compared."""
    compared_at: Mapping[Place, datetime] = field(default_factory=dict)
    """When each site was compared last."""

    @property
    def oldest_at(self) -> datetime | None:
        """When the site was compared whose last audit is the longest ago."""
        return min(self.compared_at.values(), default=None)

    def orphan(self, authorization_id: str) -> Orphan | None:
        return next((one for one in self.orphans if one.authorization_id == authorization_id), None)


async def last_audit(store: Store, records: Records) -> LastAudit:
    """What the last audits found that is still so, as far as our record tells. Calls nobody."""
    setup = await records.setup()
    places = [place for place in places_of(setup, await store.live_sites()) if place.integrations]
    kept = await records.kept_audits()
    newest = [_newest(place, kept) for place in places]
    found = [(place, one) for place, audit in zip(places, newest, strict=True) if audit is not None for one in audit.orphans]
    known = await store.sets_with_ids([one.authorization_id for _, one in found])
    now = await store.now()
    orphans = [
        _told(setup, place, one)
        for place, one in found
        if one.authorization_id not in known and not (one.window is not None and one.window.is_over(now))
    ]
    there = [audit for audit in newest if audit is not None]
    return LastAudit(
        orphans=tuple(sorted(orphans, key=by_beginning)),
        foreign=sum(audit.counts.get(Kind.FOREIGN, 0) for audit in there),
        blind=sum(not audit.listed for audit in there),
        never=len(newest) - len(there),
        compared_at={place: audit.at for place, audit in zip(places, newest, strict=True) if audit is not None},
    )


def _newest(place: Place, kept: Iterable[KeptAudit]) -> KeptAudit | None:
    """Several connections may lead to one site; the sweep compares it by each of them."""
    of_place = [one for one in kept if one.site_id == place.site_id and one.connection_id in place.connection_ids]
    return max(of_place, key=lambda one: one.at, default=None)


def _told(setup: Setup, place: Place, one: Orphan) -> Orphan:
    own = read_own_name(one.display_name)
    told = own.bookings({setup.integrations[name].source for name in place.integrations}) if own is not None else []
    source, booking_id = told[0] if len(told) == 1 else ("", "")
    return replace(one, source=source, booking_id=booking_id)
