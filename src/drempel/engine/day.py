"""Who can open which door when, on one day. Pure: out of what is kept of the bookings, and of the set-up where no access is there yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.mapping import mappings_of
from drempel.domain.readiness import NOTHING_WANTED
from drempel.domain.values import value
from drempel.domain.window import AccessWindow, access_window
from drempel.engine.last_names import DoorNames
from drempel.engine.offline_doors import lacking
from drempel.engine.records import BookingView
from drempel.engine.setup import Setup

__all__ = ["Day", "DayOf", "Door", "Opening", "Overlap", "Visit", "day_of", "span_of_day"]

DRAWN: Final = frozenset(
    {BookingState.NEEDS_PERSON, BookingState.REVOKING, BookingState.PENDING, BookingState.GRANTED, BookingState.ENDED}
)
"""States of bookings that have, had or should get access. The others open nothing."""

WAIT_FOR_ACCESS: Final = frozenset({BookingState.PENDING, BookingState.NEEDS_PERSON})

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Door(NamedTuple):
    """A door of a site, by its name: one that was renamed by the name that was heard of it last, or it would be two."""

    name: str
    site_id: str


@value(frozen=True, slots=True, kw_only=True)
class Visit:
    """One booking on this day."""

    view: BookingView
    window: AccessWindow
    """When the doors open: of its access, or as it would be."""
    start: datetime
    """When the booking begins; what the window has before is the time before."""
    doors: tuple[Door, ...]
    lacks: tuple[Door, ...] = ()
    """Doors that it was made for and does not open: they were offline then. Somebody must let the visitor in there."""
    is_real: bool
    """There is an access; else the window is what the set-up would give."""

    @property
    def may_enter(self) -> bool:
        """Whether access for this window stands, or stood until the window was over."""
        there = {one.state for one in self.view.sets if one.intent.window == self.window}
        return self.is_real and bool(there & {SetState.LIVE, SetState.ENDED})

    def is_by_hand(self, now: datetime) -> bool:
        """Whether it has no access yet, though its doors should open by now or soon: somebody must let the visitor in."""
        record = self.view.record
        is_time = record.not_ready != "" or self.window.valid_from <= now
        wanted = record.state in WAIT_FOR_ACCESS and record.reason not in NOTHING_WANTED
        return wanted and is_time and now < self.window.valid_to and not self.may_enter

    def is_open(self, now: datetime) -> bool:
        """Whether the doors open for this visitor right now."""
        is_live = any(one.state is SetState.LIVE for one in self.view.sets)
        return is_live and self.window.valid_from <= now < self.window.valid_to


class Opening(NamedTuple):
    """A visit at one door. `level`: openings that overlap lie on different levels, from 0. `is_without`: its access lacks this door."""

    visit: Visit
    level: int
    is_without: bool


class Overlap(NamedTuple):
    """More than one visitor can open the door."""

    begin: datetime
    end: datetime


@value(frozen=True, slots=True, kw_only=True)
class DayOf:
    """One door on this day."""

    door: Door
    openings: tuple[Opening, ...]
    overlaps: tuple[Overlap, ...]

    @property
    def levels(self) -> int:
        return 1 + max((one.level for one in self.openings), default=0)

    def by_hand(self, now: datetime) -> list[Visit]:
        """Those that are not over and for whom the door does not open: somebody must let them in."""
        return [
            one.visit
            for one in self.openings
            if one.visit.is_by_hand(now) or (one.is_without and one.visit.window.valid_to > now)
        ]


@value(frozen=True, slots=True, kw_only=True)
class Day:
    """One day in one time zone."""

    day: date
    zone: str
    begin: datetime
    end: datetime
    """The midnight after; a day of a change of the clock is 23 or 25 hours long."""
    visits: tuple[Visit, ...]
    """By the moment at which the doors open."""
    doors: tuple[DayOf, ...]
    """By name."""


def span_of_day(day: date, zone: str) -> tuple[datetime, datetime]:
    """From midnight to midnight on the wall clock there."""
    place = ZoneInfo(zone)
    return tuple(datetime.combine(each, time(), tzinfo=place) for each in (day, day + timedelta(days=1)))  # type: ignore[return-value]


def day_of(views: Iterable[BookingView], setup: Setup, *, day: date, zone: str, told: DoorNames = MappingProxyType({})) -> Day:
    """The day, out of bookings that touch it. `told`: what doors are called today, where that is known."""
    begin, end = span_of_day(day, zone)
    views = list(views)
    called = _Called(views, told)
    visits = [
        visit
        for view in views
        for visit in _visits(view, setup, called)
        if visit.window.valid_to > begin and visit.window.valid_from < end
    ]
    visits.sort(key=lambda one: (one.window.valid_from, one.start, one.view.record.source, one.view.record.booking_id))
    drawn = [visit for visit in visits if visit.view.record.state in DRAWN]
    doors = sorted(
        {door for visit in drawn for door in (*visit.doors, *visit.lacks)}, key=lambda door: (door.name.casefold(), door.site_id)
    )
    return Day(
        day=day,
        zone=zone,
        begin=begin,
        end=end,
        visits=tuple(visits),
        doors=tuple(_at_door(door, drawn) for door in doors),
    )


class _Called:
    """What each door is called today, else as the newest access recorded it; and which door has or had a name."""

    def __init__(self, views: Iterable[BookingView], told: DoorNames) -> None:
        sets = sorted((one for view in views for one in view.sets), key=lambda one: (one.sent_at or LONG_AGO, one.number))
        recorded = [((one.intent.site_id, component_id), name) for one in sets for component_id, name in one.intent.doors]
        self._names = {**dict(recorded), **told}
        # Who has a name now comes before who had it.
        self._ids = {**_ids_of(recorded), **_ids_of(self._names.items())}

    def of(self, site_id: str, name: str, component_id: str = "") -> Door:
        """Without an id: the door that has, or had, this name."""
        known = component_id or self._ids.get((site_id, name.strip()), "")
        return Door(self._names.get((site_id, known), name), site_id)


def _ids_of(named: Iterable[tuple[tuple[str, str], str]]) -> dict[tuple[str, str], str]:
    """The id behind a name at a site; none where several have it."""
    found: dict[tuple[str, str], set[str]] = {}
    for (site_id, component_id), name in named:
        found.setdefault((site_id, name.strip()), set()).add(component_id)
    return {key: min(ids) if len(ids) == 1 else "" for key, ids in found.items()}


def _visits(view: BookingView, setup: Setup, called: _Called) -> list[Visit]:
    """One for each window that the booking's access has; one all the same if it has none yet."""
    record = view.record
    real = [one for one in view.sets if one.may_open]
    if not real and record.state is BookingState.ENDED:
        real = [one for one in view.sets if one.state is SetState.ENDED]
    without = {one.number for one in lacking(view.sets)}
    visits: dict[AccessWindow, Visit] = {}
    for one in sorted(real, key=lambda each: each.number):
        doors = _doors(one, called, left_out=False)
        lacks = _doors(one, called, left_out=True) if one.number in without else ()
        known = visits.get(one.intent.window)
        if known is not None:
            doors, lacks = _each_once(*known.doors, *doors), _each_once(*known.lacks, *lacks)
        visits[one.intent.window] = Visit(
            view=view,
            window=one.intent.window,
            start=max(one.facts.start, one.intent.window.valid_from) if known is None else known.start,
            doors=doors,
            # What another access of this window opens is not missing.
            lacks=tuple(door for door in lacks if door not in doors),
            is_real=True,
        )
    return list(visits.values()) or _as_it_would_be(view, setup, called)


def _doors(one: AuthorizationSet, called: _Called, *, left_out: bool) -> tuple[Door, ...]:
    """Those that it opens, or those that Resivo left out."""
    here = one.intent.site_id
    of = [(component_id, name) for component_id, name in one.intent.doors if (component_id in one.dropped_ids) is left_out]
    return _each_once(*(called.of(here, name, component_id) for component_id, name in of))


def _each_once(*doors: Door) -> tuple[Door, ...]:
    return tuple(dict.fromkeys(doors))


def _as_it_would_be(view: BookingView, setup: Setup, called: _Called) -> list[Visit]:
    record = view.record
    if record.start is None or record.end is None:
        return []
    before, doors = timedelta(), []
    for integration in setup.of_source(record.source):
        for mapping in mappings_of(integration.mappings, record.object_id or ""):
            before = max(before, integration.policy.time_before)
            doors += [called.of(mapping.site_id, name) for name in mapping.component_names]
    window = access_window(start=record.start, end=record.end, time_before=before)
    return [Visit(view=view, window=window, start=record.start, doors=_each_once(*doors), is_real=False)]


def _at_door(door: Door, drawn: Sequence[Visit]) -> DayOf:
    """Its visits by time, each on the lowest level that is free; and where two bookings can open the door at once."""
    visits = [visit for visit in drawn if door in visit.doors or door in visit.lacks]
    free_from: list[datetime] = []
    openings: list[Opening] = []
    for visit in visits:
        level = next((n for n, free in enumerate(free_from) if free <= visit.window.valid_from), len(free_from))
        free_from[level : level + 1] = [visit.window.valid_to]
        openings.append(Opening(visit, level, door in visit.lacks))
    opened = [visit for visit in visits if door in visit.doors]
    return DayOf(door=door, openings=tuple(openings), overlaps=tuple(_overlaps(opened)))


def _overlaps(visits: Sequence[Visit]) -> list[Overlap]:
    """Of different bookings, joined where they touch. Visits come by the moment at which they open."""
    found: list[Overlap] = []
    for number, one in enumerate(visits):
        for other in visits[number + 1 :]:
            if other.window.valid_from >= one.window.valid_to:
                break
            if _key(one) == _key(other):
                continue
            begin, end = other.window.valid_from, min(one.window.valid_to, other.window.valid_to)
            if found and begin <= found[-1].end:
                found[-1] = Overlap(found[-1].begin, max(found[-1].end, end))
            else:
                found.append(Overlap(begin, end))
    return found


def _key(visit: Visit) -> tuple[str, str]:
    return visit.view.record.source, visit.view.record.booking_id
