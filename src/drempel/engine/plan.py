"""What a plan tells: every booking under both set-ups, and what follows from that. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from drempel.domain.access import BookingState
from drempel.domain.failures import Failure, Next
from drempel.domain.values import value
from drempel.engine.ports import BookingRecord, Pause
from drempel.engine.rehearsal import CreateCall, RehearsedCall

__all__ = ["ByKind", "Messages", "Outcome", "Plan", "PlannedBooking", "Problem"]


@value(frozen=True, slots=True, kw_only=True)
class ByKind:
    """How many messages of each kind."""

    emails: int
    sms: int


@value(frozen=True, slots=True, kw_only=True)
class Messages:
    """What Resivo would send to visitors, one for each recipient of a create."""

    more: ByKind
    """Sent only under the changed set-up."""
    fewer: ByKind
    """Sent only under today's."""
    altered: ByKind
    """Sent under both, for another window, other doors or in another way."""
    again: int
    """How many of `more` go to visitors who have access for this booking already."""


@value(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one set-up would make of one booking."""

    calls: tuple[RehearsedCall, ...] = ()
    state: BookingState = BookingState.NONE
    reason: str = ""
    failure: Failure | None = None

    @property
    def needs_person(self) -> bool:
        return self.failure is not None and self.failure.next is Next.ASK_A_PERSON

    @property
    def waits(self) -> bool:
        """It would be tried again by itself: what is called in the end cannot be told now."""
        return self.failure is not None and self.failure.next in {Next.RETRY, Next.LOOK_FIRST}


@value(frozen=True, slots=True, kw_only=True)
class PlannedBooking:
    """One booking under both set-ups. `record` is as the rehearsal under the changed one left it."""

    record: BookingRecord
    had_access: bool
    """Something was live for it already, so its visitor has had a message."""
    today: Outcome
    changed: Outcome

    @property
    def differs(self) -> bool:
        return self.today.calls != self.changed.calls

    @property
    def dropped(self) -> tuple[RehearsedCall, ...]:
        """Calls that only today's set-up would make; all of them if only the order differs."""
        return _without(self.today.calls, self.changed.calls)

    @property
    def added(self) -> tuple[RehearsedCall, ...]:
        """Calls that only the changed set-up would make; all of them if only the order differs."""
        return _without(self.changed.calls, self.today.calls)


@value(frozen=True, slots=True)
class Problem:
    """Why the bookings of a source are not known as they should be."""

    source: str
    sentence: str
    remedy: str


@value(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a plan tells."""

    days: int
    bookings: tuple[PlannedBooking, ...]
    problems: tuple[Problem, ...] = ()
    pauses: tuple[Pause, ...] = ()
    """Those that hold calls back under the changed set-up."""

    @property
    def differing(self) -> tuple[PlannedBooking, ...]:
        return tuple(one for one in self.bookings if one.differs)

    @property
    def needing_person(self) -> tuple[PlannedBooking, ...]:
        return tuple(one for one in self.bookings if one.changed.needs_person)

    @property
    def waiting(self) -> tuple[PlannedBooking, ...]:
        return tuple(one for one in self.bookings if one.changed.waits)

    @property
    def existing(self) -> int:
        """Bookings from before their integration began, which get nothing by themselves."""
        return sum(one.changed.reason == "booking.existing" for one in self.bookings)

    @property
    def added(self) -> tuple[RehearsedCall, ...]:
        return tuple(call for one in self.bookings if one.differs for call in one.added)

    @property
    def dropped(self) -> tuple[RehearsedCall, ...]:
        return tuple(call for one in self.bookings if one.differs for call in one.dropped)

    @property
    def messages(self) -> Messages:
        """What Resivo would send to visitors because of the change."""
        more, fewer, altered, again = Counter[str](), Counter[str](), Counter[str](), 0
        for one in self.differing:
            added, dropped = _recipients(one.added), _recipients(one.dropped)
            more += added - dropped
            fewer += dropped - added
            altered += added & dropped
            again += (added - dropped).total() if one.had_access else 0
        return Messages(more=_by_kind(more), fewer=_by_kind(fewer), altered=_by_kind(altered), again=again)

    @property
    def found_a_problem(self) -> bool:
        return bool(self.problems or self.needing_person or self.waiting)


def _without(calls: Sequence[RehearsedCall], others: Sequence[RehearsedCall]) -> tuple[RehearsedCall, ...]:
    if Counter(calls) == Counter(others):
        return tuple(calls)
    return tuple(_left(calls, Counter(others)))


def _left(calls: Sequence[RehearsedCall], others: Counter[RehearsedCall]) -> Iterator[RehearsedCall]:
    for call in calls:
        if others[call]:
            others[call] -= 1
        else:
            yield call


def _recipients(calls: Sequence[RehearsedCall]) -> Counter[str]:
    creates = [call for call in calls if isinstance(call, CreateCall)]
    return Counter(emails=sum(len(call.emails) for call in creates), sms=sum(len(call.phone_numbers) for call in creates))


def _by_kind(count: Counter[str]) -> ByKind:
    return ByKind(emails=count["emails"], sms=count["sms"])
