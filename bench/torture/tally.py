"""Counts what became of bookings whose hint was acknowledged. Pure: what the other sides show goes in, five numbers come out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.kills.oracle import SetSeen

__all__ = ["Tally", "Told", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A booking whose hint was acknowledged."""

    booking_id: str
    addresses: frozenset[str]
    wanted: bool
    """Whether it should have access in the end."""
    at: float
    """When its hint was acknowledged, in seconds of the wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Bookings, except `doubled`, which counts sets."""

    acknowledged: int
    lost: int
    """Should have access, and have none."""
    doubled: int
    """Sets beyond the first: each of them sent the visitor one more link."""
    orphaned: int
    """Live sets that nobody will take away: their id stands nowhere, or their booking is cancelled."""
    late: int
    """Got their access, but later than the row allows."""
    silent: int
    """Of all these, those of which no person could see a trace."""

    @property
    def kept(self) -> bool:
        return not (self.lost or self.doubled or self.orphaned or self.late or self.silent)


def count(
    told: Sequence[Told],
    sets: Sequence[SetSeen],
    fields: Mapping[str, str],
    *,
    traces: Collection[str],
    fair_from: float,
    late_after: float,
) -> Tally:
    """`fair_from`: before this moment (the restart, the end of an outage) nobody could have done better. `traces`: bookings that a person is told of."""
    lost = doubled = orphaned = late = 0
    wrong: set[str] = set()
    for one in told:
        made = [found for found in sets if found.addresses & one.addresses]
        live = [found for found in made if found.live]
        adrift = [found for found in live if not one.wanted or found.id not in fields.get(one.booking_id, "").split()]
        since = max(one.at, fair_from)
        lost_here = one.wanted and not live
        lost += lost_here
        doubled += max(0, len(made) - 1)
        orphaned += len(adrift)
        late += one.wanted and bool(live) and min(found.made_at for found in live) - since > late_after
        if lost_here or len(made) > 1 or adrift:
            wrong.add(one.booking_id)
    return Tally(
        acknowledged=len(told), lost=lost, doubled=doubled, orphaned=orphaned, late=late, silent=len(wrong - set(traces))
    )
