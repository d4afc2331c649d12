"""After the access was made, read it back: is the visitor able to open every mapped door for exactly the window?

An optional step, after everything else: its failure blocks nothing, revokes nothing and pauses no credential. What was not read is read by the next
run, which comes by a timer with growing pauses, or by itself. A set that opens more than it was made for goes the way of drift: it is revoked.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.comparison import Differences, FoundSet, Life, after_drift, compare
from drempel.domain.readiness import awaited, readiness
from drempel.domain.verdict import Field, ReadBack, Verdict
from drempel.engine.ports import BookingRecord, CallClass, CallFailed
from drempel.engine.retry import retry_delay
from drempel.engine.run import Line, Run

__all__ = ["judge", "read_back", "read_back_of", "shows_otherwise"]

TRIES_PLANNED: Final = 6
"""So often a reading that came to nothing is tried again by a timer of its own; after that the runs that come anyway do it."""
MAY_COME_YET: Final = frozenset({Field.ID, Field.STATUS})
"""What a Resivo that is slow to show its own writes may show right a moment later."""


async def read_back(run: Run) -> bool:
    """Read what is live and not known to be ready; whether one of them must go. Never raises `CallFailed`."""
    deadline = _deadline(run)
    drifted = False
    for integration in run.setup.of_source(run.claim.record.source):
        mine = [] if integration.paused else [s for s in awaited(run.sets.values()) if s.integration == integration.name]
        for each in mine:
            if _is_due(each, run.now, deadline):
                drifted = await _read_one(run, each) or drifted
    return drifted


def _is_due(each: AuthorizationSet, now: datetime, deadline: datetime | None) -> bool:
    """Whatever is not ready is looked at in every run; what is ready once more, when the booking starts soon."""
    read = each.read_back
    if read is None or read.verdict is not Verdict.READY:
        return True
    return deadline is not None and read.at < deadline <= now


async def _read_one(run: Run, each: AuthorizationSet) -> bool:
    if each.connection_id not in run.setup.connections:
        _keep(run, each, ReadBack(verdict=Verdict.CANNOT_KNOW, at=run.now))
        return False
    gateway = run.gateway(each.connection_id)
    if not gateway.can_read and not gateway.can_look:
        _keep(run, each, ReadBack(verdict=Verdict.CANNOT_KNOW, at=run.now))
        return False
    try:
        # Not longer than one call may take: while it waits in the line of a busy Resivo, a cancellation of this booking would wait too.
        async with asyncio.timeout(run.tools.limits.call_timeout.total_seconds()):
            row = await run.through_connection(each, lambda line: _read(line, run, each))
    except TimeoutError:
        _keep(run, each, _unread(run, each, "resivo.busy"))
        return False
    except CallFailed as error:
        if error.call_class is not CallClass.NOT_FOUND:
            _keep(run, each, _unread(run, each, error.failure.code, retry_after=error.retry_after))
            return False
        row = None
    if row is not None and row.life is not Life.NOT_LIVE and compare(each, row).opens_more:
        going = after_drift(each, row, now=run.now)
        assert going is not None
        run.put(going)
        run.note("access.revoking", number=str(going.number), reason=going.revoke_reason)
        run.tools.watcher.warn("readback.drift", booking_id=run.claim.record.booking_id, number=going.number)
        return True
    tries = _next_try(each)
    found = _nothing_there(run.now) if row is None else read_back_of(compare(each, row), now=run.now)
    if MAY_COME_YET & set(found.fields):
        found = replace(found, tries=tries, again_at=_again_at(run, tries))
    _keep(run, each, found)
    return False


async def _read(line: Line, run: Run, each: AuthorizationSet) -> FoundSet | None:
    gateway, site_id, authorization_id = line.gateway, each.intent.site_id, each.authorization_id
    assert authorization_id is not None
    make = run.tools.calls.make
    if gateway.can_read:
        return await make(line.target, "read_back", lambda: gateway.read(site_id, authorization_id), optional=True)
    rows = await make(line.target, "read_back", lambda: gateway.look(site_id, each.display_name), optional=True)
    return next((row for row in rows if row.id == authorization_id), None)


def read_back_of(found: Differences, *, now: datetime) -> ReadBack:
    """The verdict on a row that Resivo shows."""
    if found.fields:
        return ReadBack(verdict=Verdict.NOT_READY, fields=found.fields, missing_ids=found.missing_ids, at=now)
    unsure = (Field.STATUS,) if found.life is Life.UNCLEAR else () if found.tells_doors else (Field.DOORS,)
    return ReadBack(verdict=Verdict.CANNOT_KNOW if unsure else Verdict.READY, fields=unsure, at=now)


def shows_otherwise(each: AuthorizationSet, row: FoundSet, *, now: datetime) -> AuthorizationSet | None:
    """The set with the verdict that this row gives it, if that is another than the one on record. What was never read is left to the next run."""
    found, was = read_back_of(compare(each, row), now=now), each.read_back
    told = (found.verdict, found.fields, found.missing_ids)
    if was is None or found.verdict is Verdict.CANNOT_KNOW or told == (was.verdict, was.fields, was.missing_ids):
        return None
    return replace(each, read_back=found) if each.state is SetState.LIVE else None


def _nothing_there(now: datetime) -> ReadBack:
    return ReadBack(verdict=Verdict.NOT_READY, fields=(Field.ID,), at=now)


def _unread(run: Run, each: AuthorizationSet, code: str, *, retry_after: timedelta | None = None) -> ReadBack:
    """The reading failed: what was known stays known."""
    known = each.read_back or ReadBack(verdict=Verdict.CANNOT_KNOW, at=run.now)
    tries = _next_try(each)
    run.tools.watcher.note("readback.failed", booking_id=run.claim.record.booking_id, code=code)
    return replace(known, tries=tries, again_at=_again_at(run, tries, retry_after))


def _next_try(each: AuthorizationSet) -> int:
    """Counted only as far as it matters: what stays as it was is not written anew."""
    return min(each.read_back.tries if each.read_back is not None else 0, TRIES_PLANNED) + 1


def _again_at(run: Run, tries: int, retry_after: timedelta | None = None) -> datetime | None:
    if tries > TRIES_PLANNED:
        return None
    return run.now + retry_delay(tries - 1, limits=run.tools.limits, chance=run.tools.chance, retry_after=retry_after)


def _keep(run: Run, each: AuthorizationSet, read: ReadBack) -> None:
    """Written with the completion, and only if it says something new: another verdict, or that it was ready at this moment too."""
    was = each.read_back
    if was is None or read.verdict is Verdict.READY or replace(read, at=was.at) != was:
        run.put(replace(each, read_back=read))


# ------------------------------------------------------------------------------------------------------------- ready by the start


def _deadline(run: Run) -> datetime | None:
    start = run.claim.record.start
    return None if start is None else start - run.tools.limits.warn_before


def judge(run: Run) -> datetime | None:
    """Warn, once for each cause, of a booking that starts soon and is not ready. When to judge it, if that is yet to come."""
    record = run.claim.record
    failure_code = record.failure.code if record.failure is not None else ""
    found = readiness(list(run.sets.values()), state=record.state, reason=record.reason, failure_code=failure_code)
    deadline = _deadline(run)
    record.not_ready = ""
    if found is None or deadline is None or record.start is None or record.end is None or record.end <= run.now:
        return None
    if run.now < deadline:
        return deadline
    if found.verdict is not Verdict.NOT_READY:
        return None
    record.not_ready = found.cause
    if _is_new(record, found.cause):
        doors = ", ".join(dict.fromkeys(name for difference in found.differs for name in difference.names))
        run.note("booking.not_ready", cause=found.cause, **({"doors": doors} if doors else {}))
        run.tools.watcher.warn("booking.not_ready", source=record.source, booking_id=record.booking_id, cause=found.cause)
    return None


def _is_new(record: BookingRecord, cause: str) -> bool:
    """Whether nobody was told of this yet, for this start."""
    assert record.start is not None
    start = f"{record.start.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    was, *causes = record.warned.split() or [""]
    if was != start:
        causes = []
    if cause in causes:
        return False
    record.warned = " ".join((start, *causes, cause))
    return True
