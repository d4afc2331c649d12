"""What Resivo shows, beside what our record says: one class for each set on either side. Pure.

A set is ours if our record has its id, or if its name is wholly of our form with a marker of ours (`domain/own_name`). Everything else is foreign:
counted, shown apart, never touched. The sweep and `drempel audit` both judge by this page; neither has rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from drempel.domain.access import AuthorizationSet, Marker, SetState
from drempel.domain.values import value
from drempel.engine.ports import FoundSet, Life, SetAt

__all__ = ["NOTHING_TO_DO", "Finding", "Kind", "classify"]


class Kind(StrEnum):
    """The class of a set, as the table, REST and the metric name it."""

    AGREES = "agrees"
    """Live on both sides, and what it was made for."""
    ORPHAN = "orphan"
    """Our name, live, and our record does not know it."""
    LEFT = "left"
    """Live, and our record has it as revoked, ended or never created."""
    TWIN = "twin"
    """Live, with a name of ours whose recorded set has another id."""
    MISSING = "missing"
    """Our record says live, and Resivo does not show it."""
    ENDED_ELSEWHERE = "ended_elsewhere"
    """Our record says live, and Resivo says that it is not."""
    CHANGED = "changed"
    """Live on both sides, and not what it was made for."""
    UNSETTLED = "unsettled"
    """A create or a revoke of it has no outcome yet: the worker's matter."""
    UNCLEAR = "unclear"
    """Resivo says a word or a value of it that cannot be judged, or shows its id under a name that is not ours."""
    PAST = "past"
    """Ours, and over on both sides."""
    FOREIGN = "foreign"
    """Not ours: never touched."""


NOTHING_TO_DO: Final = frozenset({Kind.AGREES, Kind.PAST, Kind.FOREIGN})


@value(frozen=True, slots=True, kw_only=True)
class Finding:
    """One set: as Resivo shows it, as our record has it, or both."""

    kind: Kind
    row: FoundSet | None = None
    at: SetAt | None = None
    """Its record; of a twin, the record of the set that it is a twin of."""
    differs: tuple[str, ...] = ()
    """What is not as it was meant."""
    opens_more: bool = False
    """It opens a door or an hour that it was not made for: somebody changed it in the portal."""
    since: datetime | None = None
    """Since when it is ours, or one too many, by our own times: Resivo gives none."""

    @property
    def wants_look(self) -> bool:
        """A live row of a name of ours that our record does not have as live: the worker looks at that name and revokes what is too much."""
        if self.kind is Kind.UNCLEAR:
            return self.row is not None and self.at is not None and not _is_own_row(self.row, self.at.set)
        return self.kind in {Kind.LEFT, Kind.TWIN}

    @property
    def drifted(self) -> bool:
        """Our record says live, and that is no longer true, or no longer all: it must go, or has gone."""
        return self.kind in {Kind.MISSING, Kind.ENDED_ELSEWHERE} or self.opens_more


def classify(
    rows: Sequence[FoundSet],
    *,
    recorded: Sequence[SetAt],
    by_id: Mapping[str, SetAt],
    by_name: Mapping[str, SetAt],
    marker: Marker,
    began: datetime,
    now: datetime,
) -> list[Finding]:
    """One finding for each row, and one for each recorded set that no row is of.

    `rows` are of one site, each id once. `recorded` are the sets that our record has there as live, revoking or unsettled; `by_id` and `by_name`
    hold the record of that site for the ids and names in `rows`, of whatever state, as read after the rows. `began`: when
    the reading of the rows began; what was revoked since then may still have been live in them.
    """
    findings = [_of_row(row, _owner(row, by_id, by_name, marker), marker, began, now) for row in rows]
    told = {_key(found.at) for found in findings if found.at is not None and _speaks_for_it(found)}
    doubted = {_key(by_id[found.row.id]) for found in findings if found.at is None and found.row and found.row.id in by_id}
    findings += (_of_record(at, now, doubted=_key(at) in doubted) for at in recorded if _key(at) not in told)
    return findings


def _owner(row: FoundSet, by_id: Mapping[str, SetAt], by_name: Mapping[str, SetAt], marker: Marker) -> SetAt | None:
    """The record that a row belongs to: by its id, else by its name."""
    ours = row.is_remote_access and marker.owns(row.display_name)
    at = by_id.get(row.id)
    # An id that rests on a person's word may be somebody else's (`drempel resolve --created`): there the name must say it too.
    if at is not None and (ours or not (at.set.ever_unknown or at.set.unsettled) or not row.display_name):
        return at
    return by_name.get(row.display_name) if ours else None


def _of_row(row: FoundSet, at: SetAt | None, marker: Marker, began: datetime, now: datetime) -> Finding:
    opens = row.life is not Life.NOT_LIVE and not (row.window is not None and row.window.is_over(now))
    if at is None:
        if not (row.is_remote_access and marker.owns(row.display_name)):
            return Finding(kind=Kind.FOREIGN, row=row)
        return Finding(kind=Kind.PAST if not opens else Kind.UNCLEAR if _is_unclear(row) else Kind.ORPHAN, row=row)
    one, since = at.set, _since(at.set)
    if one.unsettled or (one.state is SetState.REVOKING and row.id == one.authorization_id):
        return Finding(kind=Kind.UNSETTLED, row=row, at=at, since=since)
    is_live = one.state is SetState.LIVE and not one.intent.window.is_over(now)
    if is_live and row.id == one.authorization_id:
        return _of_live(row, at, opens=opens)
    revoked_meanwhile = row.id == one.authorization_id and one.revoked_at is not None and one.revoked_at >= began
    if not opens or revoked_meanwhile:
        return Finding(kind=Kind.PAST, row=row, at=at, since=since)
    if _is_unclear(row):
        return Finding(kind=Kind.UNCLEAR, row=row, at=at, since=since)
    twin = row.id != one.authorization_id and (is_live or one.state is SetState.REVOKING)
    return Finding(kind=Kind.TWIN if twin else Kind.LEFT, row=row, at=at, since=since)


def _of_live(row: FoundSet, at: SetAt, *, opens: bool) -> Finding:
    """The recorded live set, as Resivo shows it."""
    differs = tuple(_differences(row, at.set)) if opens and not row.unreadable else ()
    opens_more = bool(_OPENING & frozenset(differs))
    if not opens:
        kind = Kind.ENDED_ELSEWHERE
    elif _is_unclear(row):
        kind = Kind.UNCLEAR
    else:
        kind = Kind.CHANGED if differs else Kind.AGREES
    return Finding(kind=kind, row=row, at=at, differs=differs, opens_more=opens_more)


def _of_record(at: SetAt, now: datetime, *, doubted: bool) -> Finding:
    """A recorded set that no row is of. `doubted`: its id is that of a set which is not ours by its name."""
    one, since = at.set, _since(at.set)
    if one.unsettled or one.state is SetState.REVOKING:
        return Finding(kind=Kind.UNSETTLED, at=at, since=since)
    if one.state is not SetState.LIVE or one.intent.window.is_over(now):
        return Finding(kind=Kind.PAST, at=at, since=since)
    return Finding(kind=Kind.UNCLEAR if doubted else Kind.MISSING, at=at)


_OPENING: Final = frozenset({"further doors", "no beginning or no end", "begins earlier", "ends later"})


def _differences(row: FoundSet, of: AuthorizationSet) -> Iterator[str]:
    """What a set is not, of what it was made for. Doors that Resivo dropped when it was made are no difference, nor are doors of which it tells none."""
    wanted, asked = of.intent.window, frozenset(of.intent.component_ids)
    if row.component_ids - asked:
        yield "further doors"
    if row.tells_doors and asked - row.component_ids - of.dropped_ids:
        yield "fewer doors"
    if row.window is None:
        yield "no beginning or no end"
    else:
        if row.window.valid_from != wanted.valid_from:
            yield "begins earlier" if row.window.valid_from < wanted.valid_from else "begins later"
        if row.window.valid_to != wanted.valid_to:
            yield "ends later" if row.window.valid_to > wanted.valid_to else "ends earlier"
    if row.display_name and row.display_name != of.display_name:
        yield "another name"


def _is_unclear(row: FoundSet) -> bool:
    return row.life is Life.UNCLEAR or row.unreadable


def _is_own_row(row: FoundSet, of: AuthorizationSet) -> bool:
    return row.id == of.authorization_id and of.state is SetState.LIVE


def _speaks_for_it(found: Finding) -> bool:
    """Whether the finding says what has become of the recorded set itself, not only of another of its name."""
    assert found.at is not None
    return found.row is not None and (found.at.set.unsettled or found.row.id == found.at.set.authorization_id)


def _key(at: SetAt) -> tuple[str, str, int]:
    return at.source, at.booking_id, at.set.number


def _since(one: AuthorizationSet) -> datetime | None:
    match one.state:
        case SetState.REVOKING:
            return one.right_ended_at
        case SetState.REVOKED:
            return one.revoked_at
        case SetState.ENDED:
            return one.intent.window.valid_to
        case _:
            return None
