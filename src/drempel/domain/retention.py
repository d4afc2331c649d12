"""What may be erased of a booking, why not yet, and what stays. Pure.

Safety leads: whatever may still open a door, or may still turn up, is known by its record. What stays behind tells no person from another: the
booking's id, its last number (a name is never used twice), the ids of its sets, and the part of their names that proves that they are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from drempel.domain.access import AuthorizationSet, BookingState, Facts, SetState
from drempel.domain.own_name import proof_of
from drempel.domain.values import value
from drempel.domain.window import AccessWindow

__all__ = ["AWAITED_WITHIN", "Keeps", "Standing", "reduced", "why_held", "why_kept_at_age", "why_kept_though_ordered"]

AWAITED_WITHIN: Final = timedelta(days=1)
"""A booking that is to be worked on within this time is left to the worker."""
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_WINDOW: Final = AccessWindow(valid_from=_NO_TIME, valid_to=_NO_TIME + timedelta(microseconds=1))
_NO_FACTS: Final = Facts(
    object_id="",
    start=_NO_WINDOW.valid_from,
    end=_NO_WINDOW.valid_to,
    email=None,
    mobile=None,
    default_country="",
)


class Keeps(StrEnum):
    """Why a booking is not erased now."""

    LIVE = "live"
    """Access is live, as far as we know."""
    REVOKING = "revoking"
    """A revoke is not confirmed."""
    UNSETTLED = "unsettled"
    """A create may be under way, or its answer was lost."""
    WATCHED = "watched"
    """A second access of a name whose answer was once lost is still looked for."""
    AT_WORK = "at_work"
    """A worker is at it right now."""
    NEEDS_PERSON = "needs_person"
    AWAITED = "awaited"
    """It is to be worked on within a day, or was told of and not read since."""
    YOUNG = "young"
    """Its end is not long enough ago."""


@value(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that the decision looks at. Times are the store's."""

    sets: Sequence[AuthorizationSet]
    state: BookingState
    leased: bool
    """A worker's lease runs."""
    end: datetime | None = None
    done_at: datetime | None = None
    """When it was worked on last."""
    told_at: datetime | None = None
    next_at: datetime | None = None


def why_kept_though_ordered(at: Standing) -> Keeps | None:
    """What a person's order to erase waits for; None: erase it now.

    A person who orders it has seen to it: what else there is to do for this booking is nobody's concern any more.
    """
    return why_held(at.sets) or (Keeps.AT_WORK if at.leased else None)


def why_kept_at_age(at: Standing, *, before: datetime, now: datetime) -> Keeps | None:
    """Why a booking is not erased by its age; None: erase it now. `before`: what ended earlier than this is old enough."""
    held = why_kept_though_ordered(at)
    if held is not None:
        return held
    if at.state is BookingState.NEEDS_PERSON:
        return Keeps.NEEDS_PERSON
    if at.told_at is not None or (at.next_at is not None and at.next_at <= now + AWAITED_WITHIN):
        return Keeps.AWAITED
    over = _over_since(at)
    return None if over is not None and over < before else Keeps.YOUNG


def why_held(sets: Sequence[AuthorizationSet]) -> Keeps | None:
    """What of its access holds a booking, whoever wants it erased."""
    states = {each.state for each in sets}
    if SetState.LIVE in states:
        return Keeps.LIVE
    if SetState.REVOKING in states:
        return Keeps.REVOKING
    if SetState.UNKNOWN in states or SetState.INTENDED in states:
        # An intent that was certainly not sent is dropped by the worker: one thing at a time.
        return Keeps.UNSETTLED
    return Keeps.WATCHED if any(each.watch_at is not None for each in sets) else None


def _over_since(at: Standing) -> datetime | None:
    """Since when there is nothing more to it, by its own times; of one that was never read, since it was last looked at."""
    ends = [each.intent.window.valid_to for each in at.sets]
    if at.end is not None:
        ends.append(at.end)
    return max(ends) if ends else at.done_at


def reduced(each: AuthorizationSet) -> AuthorizationSet:
    """What stays of a set that opens nothing: whose it was, its number, its id, the proof in its name, and whether it is gone or was over.

    Its window is nowhere in time, so it can agree with nothing that Resivo may show.
    """
    assert each.state in {SetState.REVOKED, SetState.ENDED}
    return replace(
        each,
        display_name=proof_of(each.display_name),
        intent=replace(
            each.intent,
            component_ids=(),
            component_names=(),
            window=_NO_WINDOW,
            recipients="",
            maybe_dropped=frozenset(),
            adds_dropped=False,
        ),
        facts=_NO_FACTS,
        look_at=None,
        looks=0,
        watch_step=0,
        watch_at=None,
        dropped_ids=frozenset(),
        revoke_reason="",
        right_ended_at=None,
        revoked_at=None,
        sent_at=None,
        exposure=None,
        read_back=None,
    )
