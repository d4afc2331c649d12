"""One site of one booking: settle what is unknown, then decide and act, step by step, until nothing is left to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from drempel.domain.access import AuthorizationSet, BookingState, SetState, facts_of
from drempel.domain.components import resolve_components
from drempel.domain.decision import (
    CreateAccess,
    KeepAccess,
    LeaveAlone,
    Presence,
    ReplaceAccess,
    ResolveFirst,
    RevokeAccess,
    Situation,
    decide,
)
from drempel.domain.failures import Failure, Next
from drempel.domain.mapping import mappings_of
from drempel.domain.owed import was_not_replaced
from drempel.domain.values import value
from drempel.engine.act import create_access, drop_unsent, revoke_access
from drempel.engine.limits import STEPS_MAX, WATCH_AGAIN, WATCH_AGAIN_LONGEST
from drempel.engine.ports import CallClass, CallFailed
from drempel.engine.reading import Reading
from drempel.engine.rights import note_rights, why_no_right
from drempel.engine.run import Run, Stopped
from drempel.engine.settle import settle, watch_for_twins
from drempel.engine.setup import IntegrationSetup
from drempel.engine.writeback import is_foreign

__all__ = ["SiteOutcome", "converge_site", "expire", "site_state"]

REFUSED_FOR_GOOD = frozenset({CallClass.DATA_REFUSED, CallClass.SETUP_REFUSED, CallClass.NOT_FOUND})
"""A create that was answered like this is refused, not delayed."""


@value(frozen=True, slots=True, kw_only=True)
class SiteOutcome:
    """Where the work at one site ended."""

    state: BookingState
    reason: str = ""
    failure: Failure | None = None
    at: datetime | None = None
    """When to go on, if that is known."""
    cause: CallFailed | None = None


def expire(run: Run) -> None:
    """Sets whose window is over open nothing any more; nobody needs to be asked."""
    for over in list(run.sets.values()):
        if over.state in {SetState.REVOKED, SetState.ENDED} or not over.intent.window.is_over(run.now):
            continue
        if over.unsent and not over.ever_unknown:
            run.drop(over)
            continue
        run.put(over.ended())
        run.note("access.ended", number=str(over.number))


async def converge_site(run: Run, integration: IntegrationSetup, site_id: str, reading: Reading) -> list[SiteOutcome]:
    """Bring one site to what the booking asks for; all that there is to say of it. Raises only `LeaseLost` and faults of ours."""
    waiting = await _settle_all(run, integration, site_id)
    try:
        outcomes = await _decide_and_act(run, integration, site_id, reading)
    except Stopped as stopped:
        outcomes = [_stopped(run, integration, site_id, stopped)]
    note_rights(run, integration, site_id, reading)
    withdrawn = why_no_right(run, integration, reading) or ""
    if withdrawn and reading.presence is not Presence.BRAKED:
        # From here on it is owed no successor any more: a status that is no trigger gives it none. Under the brake nobody believes that it is gone.
        for known in [one for one in run.at_site(integration.name, site_id) if was_not_replaced(one)]:
            run.put(known.noted())
    outcomes = [o if o.reason else replace(o, reason=withdrawn) for o in outcomes]
    if waiting is None:
        return outcomes
    unknown = replace(_stopped(run, integration, site_id, waiting), reason=withdrawn)
    if withdrawn and unknown.state is not BookingState.NEEDS_PERSON:
        unknown = replace(unknown, state=BookingState.REVOKING)
    # What the look says of the unknown outcome says it better than the decision that could not be carried out because of it.
    return [unknown, *(o for o in outcomes if o.failure is not None and o.failure.code != "access.outcome_unknown")]


async def _settle_all(run: Run, integration: IntegrationSetup, site_id: str) -> Stopped | None:
    """Look for what is unknown and for late twins. What cannot be known yet is returned, so that revokes go on meanwhile."""
    waiting: Stopped | None = None
    for candidate in run.at_site(integration.name, site_id):
        try:
            if candidate.unsettled:
                await settle(run, candidate)
        except Stopped as stopped:
            waiting = waiting or stopped
        await _watch(run, run.sets[candidate.number])
    return waiting


async def _watch(run: Run, watched: AuthorizationSet) -> None:
    if watched.unsettled or watched.watch_at is None or watched.watch_at > run.now:
        return
    try:
        await watch_for_twins(run, watched)
    except KeyError:
        # Its integration was removed: nobody can look any more.
        run.put(replace(run.sets[watched.number], watch_at=None))
        run.tools.watcher.warn("watch.given_up", booking_id=run.claim.record.booking_id)
    except Stopped as stopped:
        # Says nothing about the access that is recorded: only the watch is tried again.
        held = stopped.cause.retry_after if stopped.cause is not None else None
        pause = min(max(WATCH_AGAIN, held or WATCH_AGAIN), WATCH_AGAIN_LONGEST)
        run.put(replace(run.sets[watched.number], watch_at=run.now + pause))
        run.tools.watcher.warn("watch.failed", booking_id=run.claim.record.booking_id, code=stopped.failure.code)


async def _decide_and_act(run: Run, integration: IntegrationSetup, site_id: str, reading: Reading) -> list[SiteOutcome]:
    """Decide and act until nothing is left to do, or nothing more can be done now; what there is to say of it, one thing at least."""
    at = await _situation(run, integration, site_id, reading)
    stuck: dict[int, Stopped] = {}
    for _ in range(STEPS_MAX):
        at = replace(at, now=run.now, sets=run.at_site(integration.name, site_id))
        decision = decide(at)
        match decision:
            case ResolveFirst(only_to_check):
                at = await _with_doors(run, integration, site_id, at, only_to_check=only_to_check)
            case CreateAccess(want) | ReplaceAccess(_, want):
                changed = _why_replaced(at, decision.old) if isinstance(decision, ReplaceAccess) else ()
                try:
                    await create_access(run, integration, want, changed=changed)
                    # What Resivo answered is newer than what we read of its doors before.
                    at = replace(at, online_component_ids=frozenset())
                except Stopped as stopped:
                    if stopped.cause is None or stopped.cause.call_class not in REFUSED_FOR_GOOD:
                        raise
                    at = replace(at, refused=stopped.failure)
            case RevokeAccess(going, reason):
                drop_unsent(run, run.at_site(integration.name, site_id))
                try:
                    await revoke_access(run, going, reason)
                except Stopped as stopped:
                    stuck[going.number] = stopped
                    soon = any(s.failure.next is not Next.ASK_A_PERSON for s in stuck.values())
                    at = replace(at, stuck=frozenset(stuck), stuck_for_now=soon)
            case KeepAccess(kept, facts):
                run.put(replace(kept, facts=facts, policy_version=integration.policy_version))
                run.note("access.kept", number=str(kept.number))
            case LeaveAlone() | Failure():
                finished = _finished(run, integration, site_id, decision)
                said = [
                    replace(_stopped(run, integration, site_id, stopped), reason=finished.reason) for stopped in stuck.values()
                ]
                return [*said, finished] if finished.failure is not None or not said else said
            case _:
                assert_never(decision)
    raise AssertionError("the decisions for one site do not come to an end")


def _why_replaced(at: Situation, old: AuthorizationSet) -> tuple[str, ...]:
    """What differs from what it was made for, with the number read as it was then; with nothing else it is its doors, or a person's word."""
    if at.booking is None or at.visitor is None:
        return ()
    now = facts_of(at.booking, at.visitor, default_country=old.facts.default_country, fingerprint=at.fingerprint)
    return old.facts.changes(now) or (() if old.issue_again else ("doors",))


def _finished(run: Run, integration: IntegrationSetup, site_id: str, decision: LeaveAlone | Failure) -> SiteOutcome:
    here = run.at_site(integration.name, site_id)
    if isinstance(decision, LeaveAlone):
        if decision.reason != "booking.unread":
            drop_unsent(run, here)
        return SiteOutcome(state=site_state(run.at_site(integration.name, site_id), None), reason=decision.reason)
    return SiteOutcome(state=site_state(here, decision), failure=decision)


def _stopped(run: Run, integration: IntegrationSetup, site_id: str, stopped: Stopped) -> SiteOutcome:
    state = site_state(run.at_site(integration.name, site_id), stopped.failure)
    return SiteOutcome(state=state, failure=stopped.failure, at=stopped.at, cause=stopped.cause)


def site_state(sets: list[AuthorizationSet], failure: Failure | None) -> BookingState:
    """What a person sees of one site."""
    if failure is not None and failure.next is Next.ASK_A_PERSON:
        return BookingState.NEEDS_PERSON
    states = {s.state for s in sets}
    if SetState.REVOKING in states:
        return BookingState.REVOKING
    if failure is not None or SetState.UNKNOWN in states or SetState.INTENDED in states:
        return BookingState.PENDING
    if SetState.LIVE in states:
        return BookingState.GRANTED
    newest = max(sets, key=lambda s: s.number, default=None)
    if newest is None:
        return BookingState.NONE
    return BookingState.ENDED if newest.state is SetState.ENDED else BookingState.REVOKED


async def _situation(run: Run, integration: IntegrationSetup, site_id: str, reading: Reading) -> Situation:
    record = run.claim.record
    booking = reading.booking
    mapping = None
    foreign = False
    if booking is not None and reading.presence is Presence.READ:
        mapping = next((m for m in mappings_of(integration.mappings, booking.object_id) if m.site_id == site_id), None)
        foreign = await is_foreign(run, integration, booking)
    return Situation(
        now=run.now,
        presence=reading.presence,
        policy=integration.policy,
        sets=run.at_site(integration.name, site_id),
        booking=booking,
        visitor=reading.visitor,
        status_only=reading.status_only,
        mapping=mapping,
        withheld=record.withheld,
        existing=f" {integration.name} " in record.existing,
        field_foreign=foreign,
        fingerprint=run.tools.outside.fingerprint,
    )


async def _with_doors(run: Run, integration: IntegrationSetup, site_id: str, at: Situation, *, only_to_check: bool) -> Situation:
    try:
        components = await run.tools.doors.of_site(
            integration.connection_id, site_id, integration=integration.name, since=run.began_monotonic, calls=run.tools.calls
        )
    except CallFailed as error:
        if only_to_check:
            # What fits is left alone; the next reading or the sweep checks again.
            return replace(at, live_component_ids=frozenset(i for s in at.sets for i in s.intent.component_ids))
        raise Stopped(error.failure, cause=error) from error
    return replace(
        at,
        resolution=resolve_components(at.mapping.component_names, components) if at.mapping is not None else None,
        live_component_ids=frozenset([component.id for component in components]),
        online_component_ids=frozenset([component.id for component in components if component.online]),
    )
