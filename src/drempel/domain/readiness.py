"""Whether a booking's visitor can open every mapped door for exactly the window, out of what is recorded. Pure.

The worst of its sets decides. A booking that should have access and has none is not ready; one that should have none has no verdict at all. A failure
that leaves the access alone (the booking system is down, the booking field is short, an old set cannot be revoked) makes nobody less ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.values import value
from drempel.domain.verdict import Field, Verdict, worst_verdict

__all__ = ["NOTHING_WANTED", "Difference", "Readiness", "awaited", "readiness", "readiness_of_set"]

NOTHING_WANTED: Final = frozenset(
    {
        "status.revoke",
        "status.neither_trigger_nor_revoke",
        "booking.gone",
        "booking.not_found",
        "booking.withheld",
        "booking.over",
        "booking.existing",
        "object.unmapped",
        "integration.inactive",
        "integration.paused",
    }
)
"""Reasons that mean: without access this booking is as it should be."""
WAITING: Final = frozenset({BookingState.NEEDS_PERSON, BookingState.REVOKING, BookingState.PENDING})
ANOTHER_SITE_WAITS: Final = frozenset({BookingState.NEEDS_PERSON, BookingState.PENDING})
"""With access there. *Revoking* is then about an old set: the visitor can open with the new one."""
LEAVES_ACCESS_ALONE: Final = ("source", "booking", "field", "writeback", "authorization", "revoke", "brake", "internal")
"""The first word of failure codes that say nothing against access that is there."""


@value(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was asked for. `names`: the doors, by the names of the mapping."""

    field: str
    names: tuple[str, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class Readiness:
    """A verdict, what differs, and in one word why."""

    verdict: Verdict
    differs: tuple[Difference, ...] = ()
    cause: str = ""
    """A failure code, or the fields that differ with a comma between. Empty if nothing does."""


def awaited(sets: Iterable[AuthorizationSet]) -> list[AuthorizationSet]:
    """The sets that the visitor is to open doors with."""
    return [each for each in sets if each.state is SetState.LIVE and each.right_ended_at is None]


def readiness_of_set(each: AuthorizationSet) -> Readiness:
    """The verdict of a live set."""
    read = each.read_back
    if read is None:
        return Readiness(verdict=Verdict.CANNOT_KNOW)
    differs = tuple(Difference(field.value, _names(each) if field is Field.DOORS else ()) for field in read.fields)
    return Readiness(verdict=read.verdict, differs=differs, cause=",".join(field.value for field in read.fields))


def readiness(sets: Sequence[AuthorizationSet], *, state: BookingState, reason: str, failure_code: str) -> Readiness | None:
    """The verdict of a booking; None if it should have no access, or is over."""
    live = [readiness_of_set(each) for each in awaited(sets)]
    if not live:
        if state not in WAITING or reason in NOTHING_WANTED:
            return None
        return _no_access(failure_code or state.value)
    if state in ANOTHER_SITE_WAITS and failure_code and failure_code.split(".", maxsplit=1)[0] not in LEAVES_ACCESS_ALONE:
        # One site has its access, another has not.
        live.append(_no_access(failure_code))
    verdict = worst_verdict(one.verdict for one in live)
    assert verdict is not None
    worst = [one for one in live if one.verdict is verdict]
    return Readiness(
        verdict=verdict,
        differs=tuple(dict.fromkeys(difference for one in worst for difference in one.differs)),
        cause=",".join(dict.fromkeys(one.cause for one in worst if one.cause)),
    )


def _no_access(cause: str) -> Readiness:
    return Readiness(verdict=Verdict.NOT_READY, differs=(Difference("access"),), cause=cause)


def _names(each: AuthorizationSet) -> tuple[str, ...]:
    assert each.read_back is not None
    return tuple(name for component_id, name in each.intent.doors if component_id in each.read_back.missing_ids)
