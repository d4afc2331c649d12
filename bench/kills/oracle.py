"""The oracle: asks the simulators alone, knows nothing of Drempel, and says whether the promise was kept.

Whose a set is, it takes from the addresses that Resivo was given, not from the name that Drempel chose.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bench.club import FIELD, Club
from bench.kills.people import Visit, Want

__all__ = ["Outside", "SetSeen", "Verdict", "judge", "look", "waits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeen:
    """An authorization set, as Resivo shows it."""

    id: str
    addresses: frozenset[str]
    doors: frozenset[str]
    valid_from: datetime | None
    valid_to: datetime | None
    live: bool
    made_at: float

    def fits(self, want: Want) -> bool:
        return (self.doors, self.valid_from, self.valid_to) == (want.doors, want.valid_from, want.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Both other sides at one moment."""

    sets: Sequence[SetSeen]
    links: Sequence[tuple[str, str]]
    """Whom Resivo sent a door link, and for which set."""
    fields: Mapping[str, str]
    """What each booking says."""
    foreign: Sequence[str]
    """Everything that is known of the sets that people made in the portal."""


@dataclass(slots=True)
class Verdict:
    """What is not as it should be, a line for each. What only takes its time is told apart from what no time heals."""

    lost: list[str] = field(default_factory=list)
    """Should have access, and has none that fits."""
    left_live: list[str] = field(default_factory=list)
    """Live, and no longer or never wanted; or more than one at once."""
    unsaid: list[str] = field(default_factory=list)
    """The booking does not say what is live."""
    doubled: list[str] = field(default_factory=list)
    """Issued more often than it was wanted; or a visitor got two links for one want."""
    foreign: list[str] = field(default_factory=list)
    """What was not ours was touched, or made for somebody who never booked."""

    @property
    def unfinished(self) -> list[str]:
        return [*self.lost, *self.left_live, *self.unsaid]

    @property
    def broken(self) -> list[str]:
        return [*self.doubled, *self.foreign]

    @property
    def lines(self) -> list[str]:
        return [*self.unfinished, *self.broken]

    @property
    def kept(self) -> bool:
        return not self.lines


def look(club: Club, booking_ids: Iterable[str]) -> Outside:
    """Ask both simulators."""
    now = club.resivo.clock.now()
    ours, foreign = [], []
    for one in club.resivo.authorizations():
        addresses = frozenset(recipient.address for recipient in one.recipients)
        if not addresses:
            foreign.append(
                f"{one.id} {one.display_name} {one.status} {one.valid_from} {one.valid_to} {sorted(one.component_ids)}"
            )
            continue
        seen = SetSeen(
            id=one.id,
            addresses=addresses,
            doors=frozenset(one.component_ids),
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            live=one.live(now),
            made_at=one.created_at.timestamp(),
        )
        ours.append(seen)
    return Outside(
        sets=ours,
        links=[(message.recipient, message.authorization_id) for message in club.resivo.outbox],
        fields={booking_id: club.ireserve.booking(booking_id).fields.get(FIELD, "") for booking_id in booking_ids},
        foreign=foreign,
    )


def judge(visits: Sequence[Visit], outside: Outside, *, foreign_before: Sequence[str]) -> Verdict:
    """Compare what was wanted with what is."""
    verdict = Verdict()
    by_address = {address: visit for visit in visits for address in visit.addresses}
    sets_of: dict[str, list[SetSeen]] = defaultdict(list)
    links_of: dict[str, list[str]] = defaultdict(list)
    for address, set_id in outside.links:
        links_of[address].append(set_id)
    for one in outside.sets:
        owners = {by_address[address].booking_id for address in one.addresses if address in by_address}
        if len(owners) == 1:
            sets_of[owners.pop()].append(one)
        else:
            verdict.foreign.append(f"set {one.id} belongs to {len(owners)} bookings")
    for visit in visits:
        _judge_access(verdict, visit, sets_of[visit.booking_id], outside.fields.get(visit.booking_id, ""))
        _judge_issued(verdict, visit, sets_of[visit.booking_id], {address: links_of[address] for address in visit.addresses})
    if sorted(outside.foreign) != sorted(foreign_before):
        verdict.foreign.append("a set that was made in the portal was changed, or ended")
    return verdict


def _judge_access(verdict: Verdict, visit: Visit, sets: Sequence[SetSeen], said: str) -> None:
    live = [one for one in sets if one.live]
    right = [one for one in live if visit.wants is not None and one.fits(visit.wants)]
    name = f"booking {visit.booking_id}"
    if visit.wants is not None and not right:
        verdict.lost.append(f"{name}: no live set that fits ({len(sets)} made, {len(live)} live)")
    if len(live) > len(right):
        verdict.left_live.append(f"{name}: {len(live) - len(right)} live that must not be")
    if len(right) > 1:
        verdict.left_live.append(f"{name}: {len(right)} live at once")
    if said != (right[0].id if right else ""):
        verdict.unsaid.append(f"{name}: its field does not say what is live")


def _judge_issued(verdict: Verdict, visit: Visit, sets: Sequence[SetSeen], links: Mapping[str, Sequence[str]]) -> None:
    name = f"booking {visit.booking_id}"
    want_of: dict[str, Want] = {}
    for one in sets:
        fitting = [period.want for period in visit.periods if period.want is not None and one.fits(period.want)]
        if fitting:
            want_of[one.id] = fitting[0]
        else:
            verdict.doubled.append(f"{name}: set {one.id} fits nothing that was ever wanted")
    for want, made in Counter(want_of.values()).items():
        if made > visit.times_wanted(want):
            verdict.doubled.append(f"{name}: {made} sets for what was wanted {visit.times_wanted(want)} times")
    for ids in links.values():
        for want, messages in Counter(want_of[set_id] for set_id in ids if set_id in want_of).items():
            if messages > visit.times_wanted(want):
                verdict.doubled.append(
                    f"{name}: {messages} links to one address for what was wanted {visit.times_wanted(want)} times"
                )


def waits(visits: Iterable[Visit], outside: Outside) -> dict[str, float]:
    """For each booking that has what it wants: the seconds from the wish to the set, kills and pauses included."""
    by_address: dict[str, list[SetSeen]] = defaultdict(list)
    for one in outside.sets:
        for address in one.addresses:
            by_address[address].append(one)
    found = {}
    for visit in visits:
        wants, since = visit.wants, visit.periods[-1].since
        made = [one.made_at for one in by_address[min(visit.addresses)] if one.live and wants is not None and one.fits(wants)]
        if made:
            found[visit.booking_id] = max(0.0, made[0] - since)
    return found
