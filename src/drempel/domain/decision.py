"""What should happen to one booking's access at one site, now. Pure: every `if` of design section 2 lives here.

`decide` looks at one site of one integration. It is asked again after each act until it answers `LeaveAlone`, `KeepAccess` or a `Failure`, so each
of its answers is a single step: a replacement is a create, asked again, then a revoke of the set that became one too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, assert_never

from drempel.domain.access import ENDED_ELSEWHERE, AuthorizationSet, Facts, Intent, SetState, facts_of
from drempel.domain.booking import Booking, Visitor
from drempel.domain.components import Ambiguous, Missing, Resolved
from drempel.domain.failures import Failure, Next
from drempel.domain.mapping import ObjectMapping
from drempel.domain.owed import is_owed_successor
from drempel.domain.phone import SkippedNumber, sms_number
from drempel.domain.policy import FollowChanges, StatusMeaning
from drempel.domain.situation import Presence, Situation, Want
from drempel.domain.values import value
from drempel.domain.window import access_window

__all__ = [
    "CreateAccess",
    "Decision",
    "KeepAccess",
    "LeaveAlone",
    "Presence",
    "ReplaceAccess",
    "ResolveFirst",
    "RevokeAccess",
    "Situation",
    "Want",
    "decide",
    "why_withdrawn",
]

WIDENED_MAX: Final = 2
"""So often the same access is revoked because it opens more than was asked for; another would only be one more message to the visitor."""
OFFLINE_ASK_BEFORE: Final = timedelta(hours=24)
"""None of the doors online this close before the start: a person is asked too."""


@value(frozen=True, slots=True)
class CreateAccess:
    want: Want


@value(frozen=True, slots=True)
class ReplaceAccess:
    """Create the successor; the old set is revoked by the decision that follows."""

    old: AuthorizationSet
    want: Want


@value(frozen=True, slots=True)
class RevokeAccess:
    set: AuthorizationSet
    reason: str


@value(frozen=True, slots=True)
class KeepAccess:
    """The set still gives exactly what the changed facts ask for: note the new facts, call nothing."""

    set: AuthorizationSet
    facts: Facts


@value(frozen=True, slots=True)
class LeaveAlone:
    reason: str


@value(frozen=True, slots=True)
class ResolveFirst:
    """Today's components of the site are needed to decide."""

    only_to_check: bool = False
    """A live set fits already; the components only tell whether one of its doors vanished or came back."""


Decision = CreateAccess | ReplaceAccess | RevokeAccess | KeepAccess | LeaveAlone | ResolveFirst | Failure


def decide(at: Situation) -> Decision:
    """The next single step for this site.

    An unfinished revoke comes before everything. One that is stuck keeps back no other revoke, only creates: all of them while it is tried again
    by itself, and a first access (never a successor of one that no longer fits) while it waits for a person.
    """
    for unfinished in at.sets:
        if unfinished.state is SetState.REVOKING and unfinished.number not in at.stuck:
            return RevokeAccess(unfinished, unfinished.revoke_reason)
    withdrawn = why_withdrawn(at)
    if withdrawn is not None:
        return _withdraw(at, withdrawn)
    if at.presence is Presence.UNREAD or at.booking is None or at.visitor is None:
        return LeaveAlone("booking.unread")
    return _entitled(at, at.booking, at.visitor)


def _live(at: Situation) -> list[AuthorizationSet]:
    """Live sets, newest first."""
    return sorted((s for s in at.sets if s.state is SetState.LIVE), key=lambda s: s.number, reverse=True)


def why_withdrawn(at: Situation) -> str | None:
    """Why the booking has no right to any access, whatever else it says; None if it may have."""
    if at.withheld:
        return "booking.withheld"
    match at.presence:
        case Presence.GONE | Presence.BRAKED:
            return "booking.gone"
        case Presence.UNREAD:
            refused = at.status_only is not None and at.policy.meaning(at.status_only) is StatusMeaning.REVOKE
            return "status.revoke" if refused else None
        case Presence.READ:
            assert at.booking is not None
            if at.policy.meaning(at.booking.status) is StatusMeaning.REVOKE:
                return "status.revoke"
            return "booking.over" if at.booking.end <= at.now else None
        case _:
            assert_never(at.presence)


def _withdraw(at: Situation, reason: str) -> Decision:
    live = _live(at)
    if not live:
        return LeaveAlone(reason)
    if at.presence is Presence.BRAKED and reason == "booking.gone":
        return Failure("brake.tripped")
    running = [s for s in live if not s.intent.window.is_over(at.now)]
    return RevokeAccess(running[0], reason) if running else LeaveAlone(reason)


def _entitled(at: Situation, booking: Booking, visitor: Visitor) -> Decision:
    live = _live(at)
    # One that a person wants to see replaced fits as long as there is no better.
    for candidate in sorted(live, key=lambda s: s.issue_again):
        today = _facts_under(at, booking, visitor, candidate.facts.default_country)
        if candidate.facts.same_as(today):
            known = candidate.facts.filled_from(today)
            if known != candidate.facts:
                return KeepAccess(candidate, known)
            return _with_fitting(at, booking, visitor, candidate, live)
    return _changed_access(at, booking, visitor, live) if live else _first_access(at, booking, visitor)


def _facts_under(at: Situation, booking: Booking, visitor: Visitor, default_country: str) -> Facts:
    return facts_of(booking, visitor, default_country=default_country, fingerprint=at.fingerprint)


def _may_create(at: Situation, booking: Booking) -> bool:
    """Whether today's policy lets a successor of live access be made at this status."""
    meaning = at.policy.meaning(booking.status)
    return at.policy.active and (meaning is StatusMeaning.TRIGGER or at.policy.follow_changes is FollowChanges.ANY)


def _with_fitting(
    at: Situation, booking: Booking, visitor: Visitor, fitting: AuthorizationSet, live: Sequence[AuthorizationSet]
) -> Decision:
    """The facts are those that the set was made under: it is touched only if a door vanished, a dropped one came back, or a person asked for another.

    It lives until its successor is there: one that cannot be made takes nothing away.
    """
    for other in live:
        if other is not fitting:
            return RevokeAccess(other, "access.superseded")
    if at.live_component_ids is None:
        return ResolveFirst(only_to_check=not fitting.issue_again)
    vanished = frozenset(fitting.intent.component_ids) - at.live_component_ids
    returned = fitting.dropped_ids & at.online_component_ids if not fitting.intent.adds_dropped else frozenset()
    if not (vanished or returned or fitting.issue_again) or at.mapping is None or not _may_create(at, booking):
        return LeaveAlone("access.fits")
    want = _want(at, booking, visitor, at.mapping, adds_dropped=not vanished and not fitting.issue_again)
    if isinstance(want, Failure):
        return want
    if not (vanished or fitting.issue_again or returned & frozenset(want.intent.component_ids)):
        return LeaveAlone("access.fits")  # the mapping has lost that door meanwhile: what is there opens all that it would
    return _obstacle(at, want) or _create(at, fitting, want)


def _first_access(at: Situation, booking: Booking, visitor: Visitor) -> Decision:
    """Nothing is live: create at a trigger status, or say why not. What was taken away only because its successor could not be made is owed
    its successor at every status at which it would have been replaced.
    """
    is_owed = at.policy.follow_changes is FollowChanges.ANY and is_owed_successor(at.sets)
    if at.policy.meaning(booking.status) is not StatusMeaning.TRIGGER and not is_owed:
        return LeaveAlone("status.neither_trigger_nor_revoke")
    if not at.policy.active:
        return LeaveAlone("integration.inactive")
    if at.mapping is None:
        return LeaveAlone("object.unmapped")
    if at.existing:
        return LeaveAlone("booking.existing")
    if at.resolution is None:
        return ResolveFirst()
    want = _want(at, booking, visitor, at.mapping, adds_dropped=False)
    if isinstance(want, Failure):
        return want
    return _obstacle(at, want) or _create(at, None, want)


def _spoiled_elsewhere(at: Situation, want: Want) -> Failure | None:
    """The same access was ended in the portal, or widened again and again: a person decides about another."""
    same = [s for s in at.sets if _giving(s, want) is not None]
    if any(s.ended_elsewhere for s in same):
        return Failure(ENDED_ELSEWHERE)
    return Failure("access.opens_more") if sum(s.changed_elsewhere for s in same) >= WIDENED_MAX else None


def _changed_access(at: Situation, booking: Booking, visitor: Visitor, live: Sequence[AuthorizationSet]) -> Decision:
    """What is live was made under other facts: keep it if nothing changes for the visitor, else replace it.

    It stays only for a successor that is merely delayed; refused, impossible or not wanted, it is revoked.
    """
    stale = live[0]
    if at.mapping is None:
        return RevokeAccess(stale, "object.unmapped")
    if at.resolution is None:
        return ResolveFirst()
    want = _want(at, booking, visitor, at.mapping, adds_dropped=False)
    if isinstance(want, Failure) and want.code != "component.none_online":
        return RevokeAccess(stale, want.code)
    giving = [] if isinstance(want, Failure) else [_keeping(candidate, want) for candidate in live]
    kept = next((one for one in giving if one is not None), None)
    if kept is not None:
        return kept
    if len(live) > 1:
        # The newest took the place of the others, and stays in theirs for as long as its own successor is delayed.
        return RevokeAccess(live[-1], "access.superseded")
    return want if isinstance(want, Failure) else _successor(at, booking, stale, want)


def _keeping(candidate: AuthorizationSet, want: Want) -> KeepAccess | None:
    kept = _giving(candidate, want)
    return None if kept is None else KeepAccess(kept, want.facts)


def _successor(at: Situation, booking: Booking, stale: AuthorizationSet, want: Want) -> Decision:
    """What takes the place of the one that no longer fits; what cannot be made leaves it no place."""
    if not _may_create(at, booking):
        return RevokeAccess(stale, "access.no_longer_fits")
    obstacle = _obstacle(at, want)
    if obstacle is None:
        return _create(at, stale, want)
    # Of the stale one it is not true that somebody ended it in the portal.
    return RevokeAccess(stale, "access.no_longer_fits" if obstacle.code == ENDED_ELSEWHERE else obstacle.code)


def _giving(candidate: AuthorizationSet, want: Want) -> AuthorizationSet | None:
    """The live set, if it gives what is wanted: nothing would change for the visitor.

    Of an adopted set nobody knows who was told of it, nor for which facts it was made. It is believed as long as the visitor is the one that it
    was first found fitting for; doors that are missing from it count as dropped if Resivo may drop them.
    """
    intent, wanted = candidate.intent, want.intent
    if intent.same_as(wanted):
        return candidate
    here, asked = frozenset(intent.component_ids), frozenset(wanted.component_ids)
    told = replace(want.facts, email=candidate.facts.email, mobile=candidate.facts.mobile)
    if intent.recipients or intent.window != wanted.window or not told.same_as(want.facts):
        return None
    fits = here <= asked and asked - here <= wanted.maybe_dropped
    return replace(candidate, dropped_ids=asked - here) if fits else None


def _obstacle(at: Situation, want: Want) -> Failure | None:
    """What stands between a want and its create, whether something older is live or not."""
    spoiled = _spoiled_elsewhere(at, want)
    if spoiled is not None or at.refused is not None:
        return spoiled or at.refused
    return Failure("field.foreign", {"field": at.policy.authorization_field}) if at.field_foreign else None


def _create(at: Situation, stale: AuthorizationSet | None, want: Want) -> Decision:
    if at.stuck and (stale is None or at.stuck_for_now):
        return LeaveAlone("revoke.unfinished")
    if any(s.unsettled for s in at.sets):
        return Failure("access.outcome_unknown")
    return ReplaceAccess(stale, want) if stale is not None else CreateAccess(want)


def _want(at: Situation, booking: Booking, visitor: Visitor, mapping: ObjectMapping, *, adds_dropped: bool) -> Want | Failure:
    """What a create would be sent with under today's policy, or why there can be none."""
    assert at.resolution is not None
    match at.resolution:
        case Missing(names, near):
            return Failure("component.missing", {"names": ", ".join(names), "near": ", ".join(near) or "none"})
        case Ambiguous(names):
            return Failure("component.ambiguous", {"names": ", ".join(names)})
        case Resolved() as resolved:
            pass
        case _:
            assert_never(at.resolution)
    emails, phone_numbers, reason = _recipients(visitor, at.policy.default_country)
    if not emails and not phone_numbers:
        return Failure("visitor.unreachable", {"reason": reason})
    if resolved.none_online:
        near_start = booking.start - at.now <= OFFLINE_ASK_BEFORE
        return Failure("component.none_online", {"names": ", ".join(resolved.names)}, Next.ASK_A_PERSON if near_start else None)
    intent = Intent(
        site_id=mapping.site_id,
        component_ids=resolved.component_ids,
        component_names=resolved.names,
        window=access_window(start=booking.start, end=booking.end, time_before=at.policy.time_before),
        recipients=at.fingerprint("\n".join((*(e.casefold() for e in emails), *phone_numbers))),
        maybe_dropped=resolved.offline_ids | resolved.unsure_ids,
        adds_dropped=adds_dropped,
    )
    facts = _facts_under(at, booking, visitor, at.policy.default_country)
    return Want(
        intent=intent,
        facts=facts,
        object_name=booking.object_name,
        emails=emails,
        phone_numbers=phone_numbers,
        no_sms=reason,
        offline=resolved.offline_ids,
    )


def _recipients(visitor: Visitor, default_country: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """E-mail addresses, numbers for an SMS, and why there is no number."""
    emails = (visitor.email,) if visitor.email else ()
    if visitor.mobile is None:
        return emails, (), "the customer could not be read"
    number = sms_number(visitor.mobile, default_country=default_country)
    if isinstance(number, SkippedNumber):
        return emails, (), number.reason.value
    return emails, (number,), ""
