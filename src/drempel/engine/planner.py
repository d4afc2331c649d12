"""What would be called under a changed set-up, and what under today's: every booking of the next days is rehearsed under both.

A booking is rehearsed as the next look at it would find it (a sweep, a saved set-up, a hint that waits already). A hint that comes in between lifts
the mark of a booking from before the integration began; without one it gets nothing by itself, and that is what is said here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.access import SetState
from drempel.domain.failures import Failure
from drempel.domain.values import value
from drempel.engine.calls import source_target
from drempel.engine.plan import Outcome, Plan, PlannedBooking, Problem
from drempel.engine.planned_setup import mark_unknown, marks_after
from drempel.engine.ports import BookingRecord, CallFailed, Claim, Lease
from drempel.engine.reconcile import Reconciler
from drempel.engine.records import BookingView, Records
from drempel.engine.rehearsal import RehearsedOutside
from drempel.engine.run import Outdated, Tools
from drempel.engine.setup import Setup, SetupWrite

__all__ = ["CONCURRENCY", "Planner", "Side", "rehearse"]

CONCURRENCY: Final = 8
"""Bookings rehearsed at once: the workers are at work as well, and the booking system is somebody else's."""
PAGE: Final = 500


@value(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two set-ups, with tools whose store is a `RehearsalStore`."""

    setup: Setup
    tools: Tools


@dataclass(slots=True)
class _Item:
    """One booking to rehearse; `changed_existing`: its mark after the write."""

    view: BookingView
    changed_existing: str


@dataclass(kw_only=True)
class Planner:
    """Rehearses under `today` and under `changed`, which is what `write` would make of today's set-up. Writes nothing, anywhere."""

    records: Records
    today: Side
    changed: Side
    write: SetupWrite
    problems: list[Problem] = field(default_factory=list)

    async def plan(self, *, days: int, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Plan:
        """Every booking that our record knows or a poll shows within the next `days`. `progress` is told how many are done, and of how many."""
        now = await self.today.tools.store.now()
        items = [item async for item in self._items(now, now + timedelta(days=days), days)]
        progress(0, len(items))
        waiting, found = iter(items), []

        async def hand() -> None:
            for item in waiting:
                found.append(await self._rehearse_both(item))
                progress(len(found), len(items))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(CONCURRENCY, len(items))):
                group.create_task(hand())
        pauses = await self.changed.tools.store.pauses()
        return Plan(
            days=days,
            bookings=tuple(sorted(found, key=_when)),
            problems=tuple(dict.fromkeys(self.problems)),
            pauses=tuple(pause for _, pause in sorted(pauses.items()) if pause.code),
        )

    # ------------------------------------------------------------------------------------------------------- which bookings

    async def _items(self, now: datetime, until: datetime, days: int) -> AsyncIterator[_Item]:
        polled: dict[str, set[str]] = {}
        for side in (self.today, self.changed):
            for source in side.setup.sources:
                polled.setdefault(source, set()).update(await self._poll(side, source, days))
        known: set[tuple[str, str]] = set()
        async for view in self._all_known():
            record = view.record
            known.add((record.source, record.booking_id))
            if record.booking_id in polled.get(record.source, ()) or _falls_within(view, now, until):
                yield _Item(view, self._marks(record))
        for source, booking_ids in sorted(polled.items()):
            for booking_id in sorted(booking_ids):
                if (source, booking_id) not in known:
                    record = BookingRecord(source=source, booking_id=booking_id, existing=mark_unknown(self.today.setup, source))
                    yield _Item(BookingView(record=record, sets=()), mark_unknown(self.changed.setup, source))

    async def _poll(self, side: Side, source: str, days: int) -> frozenset[str]:
        integrations = side.setup.of_source(source)
        if not integrations or side.setup.is_paused(source):
            return frozenset()
        statuses = sorted({status for integration in integrations for status in integration.policy.trigger_statuses})
        if side.setup.sources[source].poll_without_status:
            statuses = []
        adapter = side.tools.outside.source(source)
        try:
            result = await side.tools.calls.make(
                source_target(source), "poll", lambda: adapter.poll(statuses=statuses, days_ahead=days), optional=True
            )
        except CallFailed as error:
            self.problems.append(Problem(source, error.failure.message, error.failure.remedy))
            return frozenset()
        if not result.complete:
            sentence = f"The list of bookings of {source} is not complete: what is missing in it is missing here, unless Drempel knows it."
            self.problems.append(Problem(source, sentence, "Say it again; if it lasts, ask the supplier why the list is cut."))
        return frozenset(result.rows)

    async def _all_known(self) -> AsyncIterator[BookingView]:
        after: str | None = None
        while True:
            views, after = await self.records.bookings(state=None, limit=PAGE, after=after)
            for view in views:
                yield view
            if after is None:
                return

    def _marks(self, record: BookingRecord) -> str:
        return marks_after(record.existing, source=record.source, hinted=record.hinted, before=self.today.setup, write=self.write)

    # ------------------------------------------------------------------------------------------------------------- rehearsing

    async def _rehearse_both(self, item: _Item) -> PlannedBooking:
        now = await self.today.tools.store.now()
        today, _ = await rehearse(self.today, item.view, item.view.record.existing, now)
        changed, record = await rehearse(self.changed, item.view, item.changed_existing, now)
        had_access = any(one.opens_doors or one.unsettled for one in item.view.sets)
        return PlannedBooking(record=record, had_access=had_access, today=today, changed=changed)


async def rehearse(side: Side, view: BookingView, existing: str, now: datetime) -> tuple[Outcome, BookingRecord]:
    """What the next look at this booking would do under one set-up, and its record after it."""
    record = replace(view.record, existing=existing)
    if record.source not in side.setup.sources:
        return Outcome(reason="source.absent"), record
    outside = RehearsedOutside(side.tools.outside, side.setup)
    told = side.tools.clock.monotonic()
    lease = Lease(booking_key=0, token=0, version=0, now=now, told_monotonic=told, ends_monotonic=float("inf"))
    claim = Claim(lease=lease, record=record, sets=view.sets)
    failure: Failure | None
    try:
        await Reconciler(replace(side.tools, outside=outside)).reconcile(claim, side.setup)
    except Outdated:
        failure = Failure("resivo.busy", {"detail": "the readings took too long to act on them"})
    except Exception as error:  # noqa: BLE001  # one booking's fault must not hide the others
        failure = Failure("internal.error", {"detail": type(error).__name__})
    else:
        failure = record.failure
    return Outcome(calls=tuple(outside.calls), state=record.state, reason=record.reason, failure=failure), record


def _falls_within(view: BookingView, now: datetime, until: datetime) -> bool:
    """Whether the booking, or access that was made for it, lies in this time as far as our record knows; one that was never read may."""
    record = view.record
    if record.start is None or record.end is None or (record.end > now and record.start < until):
        return True
    windows = (one.intent.window for one in view.sets if one.state not in {SetState.REVOKED, SetState.ENDED})
    return any(window.valid_to > now and window.valid_from < until for window in windows)


def _when(one: PlannedBooking) -> tuple[bool, str, str, str]:
    start = one.record.start
    return (start is None, start.isoformat() if start is not None else "", one.record.source, one.record.booking_id)
