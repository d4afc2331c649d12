"""When a booking is looked at next. Pure arithmetic on what a run left behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.access import AuthorizationSet, SetState
from drempel.engine.ports import BookingRecord

__all__ = ["earliest", "reread_at", "set_timers"]

SOON: Final = timedelta(hours=24)
THIS_WEEK: Final = timedelta(days=7)
REREAD_SOON: Final = timedelta(minutes=5)
REREAD_THIS_WEEK: Final = timedelta(hours=1)
REREAD_LATER: Final = timedelta(days=1)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of these moments; None if there is none."""
    return min((moment for moment in moments if moment is not None), default=None)


def set_timers(sets: Iterable[AuthorizationSet]) -> list[datetime]:
    """When each set asks for work: its end, its next look, its next watch."""
    moments: list[datetime] = []
    for each in sets:
        if each.state in {SetState.REVOKED, SetState.ENDED}:
            moments += [each.watch_at] if each.watch_at is not None else []
            continue
        moments.append(each.intent.window.valid_to)
        moments += [moment for moment in (each.look_at, each.watch_at) if moment is not None]
    return moments


def reread_at(record: BookingRecord, sets: Iterable[AuthorizationSet], now: datetime) -> datetime | None:
    """When a booking with live access is read again though nobody told us anything: the sooner it starts, the oftener."""
    if record.start is None or not any(s.state is SetState.LIVE for s in sets):
        return None
    until_start = record.start - now
    if until_start <= SOON:
        return now + REREAD_SOON
    return now + (REREAD_THIS_WEEK if until_start <= THIS_WEEK else REREAD_LATER)
