"""One booking, from claim to completion: read, converge each site, write back, plan what comes next.

Level-triggered: it does not matter what hint brought us here, nor how often. Each step is committed before the next begins, so a process may die
at any await; the next run starts from what is committed and from what the outside says then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.access import BookingState, worst_state
from drempel.domain.decision import Presence
from drempel.domain.failures import Failure, Next
from drempel.domain.policy import StatusMeaning
from drempel.domain.setback import corrected, earlier
from drempel.engine import timers
from drempel.engine.converge import SiteOutcome, converge_site, expire, site_state
from drempel.engine.erasing import keep_erased
from drempel.engine.handing_over import hand_over
from drempel.engine.limits import NEEDS_PERSON_AGAIN, OFFLINE_AGAIN, RECHECK_LATE, RECHECK_SOON
from drempel.engine.ports import CallFailed, Claim
from drempel.engine.readback import judge, read_back
from drempel.engine.reading import Reading, Vitality, read
from drempel.engine.retry import retry_delay
from drempel.engine.rights import note_rights
from drempel.engine.run import Run, Stopped, Tools
from drempel.engine.setup import IntegrationSetup, Setup
from drempel.engine.writeback import write_back

__all__ = ["Reconciler"]

REFUSED: Final = frozenset({"access.refused", "setup.refused"})


class Reconciler:
    """Brings claimed bookings to what their source says. One for each process; keeps nothing that must survive it."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._vitality = Vitality()

    async def reconcile(self, claim: Claim, setup: Setup) -> None:
        """Work on one claimed booking and give its lease back. Raises `LeaseLost` if somebody took it over."""
        run = Run.of(claim, tools=self._tools, setup=setup)
        _correct_times(run)
        expire(run)
        _note_person(run)
        reading = await read(run, self._vitality)
        run.read_at = run.now
        if reading.booking is not None:
            hand_over(run, reading.booking)
        outcomes = await _converge_all(run, reading)
        outcomes += await _write_back_all(run, reading)
        drifted = await read_back(run)
        _plan(run, reading, outcomes, drifted=drifted)
        keep_erased(run, reading)
        await self._tools.store.complete(run.lease, run.claim.record, run.pending)

    async def begin_anew(self, run: Run) -> None:
        """What was read is too old to create by: read it again. At once the first time, for then the process may have stood still; if it happens
        again the answers are too slow, which the booking says, and it is tried after a pause.
        """
        record = run.claim.record
        if record.tries:
            failure, was = _too_slow(run), record.failure
            if was is None or was.code != failure.code:
                run.note("failure", code=failure.code)
            record.failure = _filled(run, failure, was)
            _again(run, failure, None)
        else:
            record.tries = 1
            record.next_at = run.now
        await self._tools.store.complete(run.lease, record, run.pending)

    async def give_up_for_now(self, claim: Claim, error: Exception) -> None:
        """A fault of ours: keep the booking, say so, try again later."""
        run = Run.of(claim, tools=self._tools, setup=Setup(version=0))
        failure = Failure("internal.error", {"detail": type(error).__name__})
        claim.record.failure = failure
        _again(run, failure, None)
        claim.record.next_at = timers.earliest([claim.record.next_at, judge(run)])
        run.note("failure", code=failure.code, detail=type(error).__name__)
        await self._tools.store.complete(run.lease, claim.record, run.pending)


def _too_slow(run: Run) -> Failure:
    """Which side took most of the time that passed since the claim."""
    detail = "its answers came too late to create by them"
    passed = run.now - run.lease.now
    if run.read_at is None or run.read_at - run.lease.now > passed / 2:
        return Failure("source.unreachable", {"detail": detail})
    return Failure("resivo.unreachable", {"detail": detail})


def _correct_times(run: Run) -> None:
    """Our clock may have been ahead when these moments were written."""
    limits, record, now = run.tools.limits, run.claim.record, run.now
    record.gone_at = earlier(record.gone_at, now)
    record.recheck_soon_at = earlier(record.recheck_soon_at, now + RECHECK_SOON)
    record.recheck_late_at = earlier(record.recheck_late_at, now + RECHECK_LATE)
    for known in list(run.sets.values()):
        right = corrected(known, now, look_within=limits.lease + limits.call_timeout)
        if right is not known:
            run.put(right)


def _note_person(run: Run) -> None:
    """What a person ordered since the last run."""
    record = run.claim.record
    if record.hinted or record.retry_ordered:
        record.existing = ""
    if not record.retry_ordered:
        return
    record.retry_ordered = False
    for known in list(run.sets.values()):
        if known.ended_elsewhere or known.changed_elsewhere:
            run.put(known.noted())


async def _converge_all(run: Run, reading: Reading) -> list[SiteOutcome]:
    outcomes: list[SiteOutcome] = []
    integrations = run.setup.of_source(run.claim.record.source)
    for integration in integrations:
        for site_id in _sites(run, integration, reading):
            if integration.paused:
                note_rights(run, integration, site_id, reading)
                outcomes.append(
                    SiteOutcome(state=site_state(run.at_site(integration.name, site_id), None), reason="integration.paused")
                )
            else:
                outcomes += await converge_site(run, integration, site_id, reading)
    if not outcomes:
        outcomes.append(SiteOutcome(state=BookingState.NONE, reason=_why_nowhere(run, reading, integrations)))
    return outcomes


def _sites(run: Run, integration: IntegrationSetup, reading: Reading) -> tuple[str, ...]:
    """Where the object has doors today, and where the booking has sets: mapping order first."""
    mapped = run.setup.sites_of(integration, reading.booking.object_id) if reading.booking is not None else ()
    held = (s.intent.site_id for _, s in sorted(run.sets.items()) if s.integration == integration.name)
    return tuple(dict.fromkeys((*mapped, *held)))


def _why_nowhere(run: Run, reading: Reading, integrations: tuple[IntegrationSetup, ...]) -> str:
    if reading.presence is Presence.GONE:
        return "booking.not_found"
    if reading.booking is None:
        return "booking.unread"
    meanings = {integration.policy.meaning(reading.booking.status) for integration in integrations}
    if StatusMeaning.TRIGGER in meanings:
        return "booking.over" if reading.booking.end <= run.now else "object.unmapped"
    return "status.revoke" if StatusMeaning.REVOKE in meanings else "status.neither_trigger_nor_revoke"


async def _write_back_all(run: Run, reading: Reading) -> list[SiteOutcome]:
    """What the write-back has to say; it never changes the state of access."""
    said: list[SiteOutcome] = []
    if reading.booking is None or reading.presence is not Presence.READ:
        return said
    for integration in run.setup.of_source(run.claim.record.source):
        if integration.paused:
            continue
        try:
            failure = await write_back(run, integration, reading.booking)
        except Stopped as stopped:
            said.append(SiteOutcome(state=BookingState.NONE, failure=stopped.failure, cause=stopped.cause))
        else:
            if failure is not None:
                state = BookingState.NEEDS_PERSON if failure.next is Next.ASK_A_PERSON else BookingState.NONE
                said.append(SiteOutcome(state=state, failure=failure))
    return said


# ------------------------------------------------------------------------------------------------------------ what comes next


def _plan(run: Run, reading: Reading, outcomes: list[SiteOutcome], *, drifted: bool) -> None:
    """Write the result into the record: state, failure, reason, and when to look again. `drifted`: a set must go, now."""
    record = run.claim.record
    if reading.failure is not None:
        # With live access a booking system that is down takes nothing away; without it, the booking waits.
        state = BookingState.NEEDS_PERSON if reading.failure.next is Next.ASK_A_PERSON else worst_state(o.state for o in outcomes)
        if state is BookingState.NONE:
            state = BookingState.PENDING
        outcomes = [*outcomes, SiteOutcome(state=state, failure=reading.failure, cause=reading.cause)]
    was = record.failure
    record.state = worst_state(o.state for o in outcomes)
    record.reason = _reason(record.state, outcomes)
    worst = _worst_failure(outcomes)
    record.failure = _filled(run, worst.failure, was) if worst is not None and worst.failure is not None else None
    if record.failure is not None and (was is None or was.code != record.failure.code):
        run.note("failure", code=record.failure.code)
        run.tools.watcher.note("booking.failure", source=record.source, booking_id=record.booking_id, code=record.failure.code)
    _lift_marks(run, reading)
    _plan_rechecks(run, reading)
    record.reread_at = timers.reread_at(record, run.sets.values(), run.now, unpolled=_is_unpolled(run, reading))
    if record.reread_at is not None and record.failure is not None and record.failure.code in REFUSED:
        # Each reading would send the refused create again: hourly is enough, and a hint or the poll tells of a cancellation before.
        record.reread_at = max(record.reread_at, run.now + NEEDS_PERSON_AGAIN)
    moments = [*timers.set_timers(run.sets.values(), run.now), record.recheck_soon_at, record.recheck_late_at, reading.again_at]
    moments += [_moment(run, o) for o in outcomes if o.failure is not None]
    moments += [judge(run), run.now if drifted else None]
    record.waiting_for = next((o.cause.pause_key for o in outcomes if o.cause is not None and o.cause.pause_key), None)
    again = any(o.failure is not None and o.failure.next in {Next.RETRY, Next.LOOK_FIRST} for o in outcomes)
    record.tries = record.tries + 1 if again else 0
    if timers.is_unfinished(run.sets.values(), run.now) and not any(o.failure is not None for o in outcomes):
        moments.append(run.now + timers.UNFINISHED_AGAIN)
    record.next_at = timers.earliest(moments)
    # A hint whose reading failed is a hint still: what then changes nothing is read again after 10 and after 60 s.
    record.hinted = record.hinted and reading.failure is not None
    if reading.failure is None and reading.again_at is None:
        record.told_at = None


def _reason(state: BookingState, outcomes: list[SiteOutcome]) -> str:
    """Of what the state comes from; else of access that is there. A site that the booking has left says *unmapped*, and nothing of what another waits for."""
    told = [o.reason for o in outcomes if o.state is state] + [o.reason for o in outcomes if o.state is BookingState.GRANTED]
    return next((reason for reason in told if reason), "")


def _is_unpolled(run: Run, reading: Reading) -> bool:
    """Whether a change of this booking's status alone would show in no poll: its source does not filter by status."""
    source = run.setup.sources.get(run.claim.record.source)
    return source is not None and bool(source.poll_seconds) and source.poll_without_status and reading.booking is not None


def _worst_failure(outcomes: list[SiteOutcome]) -> SiteOutcome | None:
    order = [Next.ASK_A_PERSON, Next.LOOK_FIRST, Next.RETRY, Next.GIVE_UP]
    failed = [o for o in outcomes if o.failure is not None]
    return min(failed, key=lambda o: order.index(o.failure.next) if o.failure else 0, default=None)


def _filled(run: Run, failure: Failure, was: Failure | None) -> Failure:
    """With the names of the booking, and since when it is so. `was`: what stood there before."""
    record = run.claim.record
    began = was.since if was is not None and was.code == failure.code else None
    names = {"source": record.source, "booking": record.booking_id, "since": (began or run.now).isoformat()}
    return replace(failure, params={**names, **failure.params})


def _moment(run: Run, outcome: SiteOutcome) -> datetime | None:
    """When a failed site is tried again."""
    failure = outcome.failure
    assert failure is not None
    if outcome.at is not None:
        return outcome.at
    if failure.code == "component.none_online":
        near = failure.next is Next.ASK_A_PERSON
        return run.now + (min(OFFLINE_AGAIN, run.tools.limits.retry_longest) if near else OFFLINE_AGAIN)
    match failure.next:
        case Next.GIVE_UP:
            return None
        case Next.ASK_A_PERSON:
            held = outcome.cause.retry_after if outcome.cause is not None else None
            return run.now + min(NEEDS_PERSON_AGAIN, held or NEEDS_PERSON_AGAIN)
        case _:
            return run.now + _pause(run, outcome.cause)


def _pause(run: Run, cause: CallFailed | None) -> timedelta:
    retry_after = cause.retry_after if cause is not None else None
    return retry_delay(run.claim.record.tries, limits=run.tools.limits, chance=run.tools.chance, retry_after=retry_after)


def _again(run: Run, failure: Failure, cause: CallFailed | None) -> None:
    record = run.claim.record
    record.next_at = _moment(run, SiteOutcome(state=record.state, failure=failure, cause=cause))
    record.tries += 1


def _lift_marks(run: Run, reading: Reading) -> None:
    """What a person revoked stays withheld until the status has left the trigger statuses: then a new trigger issues again.

    What the first poll found at another status did not stand at a trigger status then.
    """
    record = run.claim.record
    if reading.booking is None or not (record.withheld or record.existing):
        return
    if run.setup.asks_for_access(record.source, reading.booking.status):
        return
    record.existing = ""
    # What waits to be erased stays withheld, or it might never be.
    if record.erase_ordered_at is None and not any(s.opens_doors or s.unsettled for s in run.sets.values()):
        record.withheld = False


def _plan_rechecks(run: Run, reading: Reading) -> None:
    """The source may send the hint before it stores the status: what changed nothing is read once more after 10 and after 60 s."""
    record = run.claim.record
    if record.hinted and reading.unchanged:
        record.recheck_soon_at = run.now + RECHECK_SOON
        record.recheck_late_at = run.now + RECHECK_LATE
        return
    if record.recheck_soon_at is not None and record.recheck_soon_at <= run.now:
        record.recheck_soon_at = None
    if record.recheck_late_at is not None and record.recheck_late_at <= run.now:
        record.recheck_late_at = None
