"""When a booking is looked at next. Pure arithmetic on what a run left behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.access import AuthorizationSet, SetState
from drempel.engine.ports import BookingRecord

__all__ = ["UNFINISHED_AGAIN", "earliest", "is_unfinished", "reread_at", "set_timers"]

SOON: Final = timedelta(hours=24)
THIS_WEEK: Final = timedelta(days=7)
REREAD_SOON: Final = timedelta(minutes=5)
REREAD_THIS_WEEK: Final = timedelta(hours=1)
REREAD_LATER: Final = timedelta(days=1)
UNFINISHED_AGAIN: Final = timedelta(minutes=1)
"""The net: unfinished work for which nothing else plans a moment is taken up again after this."""


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of these moments; None if there is none."""
    return min((moment for moment in moments if moment is not None), default=None)


def set_timers(sets: Iterable[AuthorizationSet], now: datetime) -> list[datetime]:
    """When each set asks for work in the future: its end, its next look, watch and read-back.

    A moment that has passed says only that the work could not be done: when to try again is the failure's matter, or the booking would be
    taken up again at once, and again.
    """
    moments: list[datetime | None] = []
    for each in sets:
        moments.append(each.watch_at)
        if each.state not in {SetState.REVOKED, SetState.ENDED}:
            moments += [each.intent.window.valid_to, each.look_at]
        if each.state is SetState.LIVE and each.read_back is not None:
            moments.append(each.read_back.again_at)
    return [moment for moment in moments if moment is not None and moment > now]


def is_unfinished(sets: Iterable[AuthorizationSet], now: datetime) -> bool:
    """Whether something is left to do now, whatever the moments say."""
    return any(s.unsettled or s.state is SetState.REVOKING or (s.watch_at is not None and s.watch_at <= now) for s in sets)


def reread_at(record: BookingRecord, sets: Iterable[AuthorizationSet], now: datetime, *, unpolled: bool) -> datetime | None:
    """When a booking with live access is read again though nobody told us anything: the sooner it starts, the oftener.

    `unpolled`: no poll would show a change of its status, so it is read again without access too, until it is over.
    """
    if record.start is None or record.end is None:
        return None
    if not any(s.state is SetState.LIVE for s in sets) and not (unpolled and record.end > now):
        return None
    until_start = record.start - now
    if until_start <= SOON:
        return now + REREAD_SOON
    return now + (REREAD_THIS_WEEK if until_start <= THIS_WEEK else REREAD_LATER)
