"""Since when a set is one too many, as far as anybody told us.

The right to a set ends when the booking is cancelled, gone, withheld, or no longer what the set was made for. Booking systems do not say when that
happened, so it counts from the first hint (or order of a person) that no completed reading had answered, else from the reading that showed it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from drempel.domain.access import AuthorizationSet, SetState, facts_of
from drempel.domain.decision import Presence, Situation, why_withdrawn
from drempel.domain.exposure import exposure, exposure_reason
from drempel.domain.window import AccessWindow
from drempel.engine.limits import RECHECK_LATE, RECHECK_SOON
from drempel.engine.reading import Reading
from drempel.engine.run import Run
from drempel.engine.setup import IntegrationSetup

__all__ = ["note_revoked", "note_rights", "observe_revoke", "right_ended_at", "seconds_text", "twin_exposure", "why_no_right"]


def why_no_right(run: Run, integration: IntegrationSetup, reading: Reading) -> str | None:
    """Why the booking has no right to any access of this integration, whatever else it says; None if it may have."""
    return why_withdrawn(
        Situation(
            now=run.now,
            presence=reading.presence,
            policy=integration.policy,
            sets=(),
            booking=reading.booking,
            status_only=reading.status_only,
            withheld=run.claim.record.withheld,
            fingerprint=run.tools.outside.fingerprint,
        )
    )


def right_ended_at(run: Run, reason: str = "") -> datetime:
    """Since when what this run's reading showed has been so, as far as we were told."""
    record, now = run.claim.record, run.lease.now
    moments = [record.told_at, record.gone_at, run.read_at or run.now]
    if record.told_at is None:
        # A hint that came before the status was stored: what its rechecks find is what it told of.
        if record.recheck_soon_at is not None and record.recheck_soon_at <= now:
            moments.append(record.recheck_soon_at - RECHECK_SOON)
        elif record.recheck_late_at is not None and record.recheck_late_at <= now:
            moments.append(record.recheck_late_at - RECHECK_LATE)
    told = min(moment for moment in moments if moment is not None)
    return max(told, record.end) if reason == "booking.over" and record.end is not None else told


def note_rights(run: Run, integration: IntegrationSetup, site_id: str, reading: Reading) -> None:
    """Mark what outlives its right and cannot be revoked yet; measure what ended by its own window."""
    withdrawn = why_no_right(run, integration, reading)
    for each in run.at_site(integration.name, site_id):
        keeps = False if withdrawn is not None else _fits(run, each, reading)
        if each.state is SetState.ENDED:
            _note_expired(run, each, keeps=keeps, reason=withdrawn or "")
        elif keeps is None or each.state in {SetState.REVOKING, SetState.REVOKED} or (each.unsent and not each.ever_unknown):
            continue
        elif keeps and each.right_ended_at is not None:
            run.put(replace(each, right_ended_at=None))
        elif not keeps and each.right_ended_at is None:
            run.put(replace(each, right_ended_at=right_ended_at(run, withdrawn or "")))


def _fits(run: Run, each: AuthorizationSet, reading: Reading) -> bool | None:
    """Whether the booking is still what the set was made for; None if that is not known."""
    if reading.presence is not Presence.READ or reading.booking is None or reading.visitor is None:
        return None
    today = facts_of(
        reading.booking,
        reading.visitor,
        default_country=each.facts.default_country,
        fingerprint=run.tools.outside.fingerprint,
    )
    return each.facts.same_as(today)


def _note_expired(run: Run, each: AuthorizationSet, *, keeps: bool | None, reason: str) -> None:
    """Resivo's own clock ends a set: what outlived its right did so until then at most."""
    if each.exposure is not None or each.authorization_id is None or (keeps is None and each.right_ended_at is None):
        return
    since = each.right_ended_at or (each.intent.window.valid_to if keeps else right_ended_at(run, reason))
    measured = run.put(each.expired(right_ended_at=since))
    assert measured.exposure is not None
    run.tools.watcher.measure("exposure_seconds", measured.exposure.total_seconds(), reason="expiry")


def note_revoked(run: Run, going: AuthorizationSet) -> AuthorizationSet:
    """A revoke is confirmed: the set as it is from now on, with its exposure; written with the next save."""
    gone = run.put(going.revoked(now=run.now, still_allowed=_still_allowed(run, going)))
    told = {} if gone.exposure is None else {"exposure_seconds": seconds_text(gone.exposure.total_seconds())}
    run.note(
        "access.revoked",
        number=str(gone.number),
        authorization_id=str(gone.authorization_id),
        reason=gone.revoke_reason,
        **told,
    )
    return gone


def _still_allowed(run: Run, gone: AuthorizationSet) -> AccessWindow | None:
    """When the same visitor may open the same doors all the same: the window of the set that took its place."""
    for other in reversed(run.at_site(gone.integration, gone.intent.site_id)):
        if other.state is SetState.LIVE and other.right_ended_at is None and other.number != gone.number:
            same = other.intent.recipients == gone.intent.recipients
            same = same and set(gone.intent.component_ids) <= set(other.intent.component_ids)
            return other.intent.window if same else None
    return None


def twin_exposure(run: Run, of: AuthorizationSet, window: AccessWindow | None) -> float:
    """Seconds in which a twin could open doors: it cannot have existed before its create was sent, and that is all that is known of it."""
    return exposure(since=of.sent_at or run.now, until=run.now, window=window).total_seconds()


def seconds_text(seconds: float) -> str:
    """Seconds for an event: to the millisecond."""
    return f"{seconds:.3f}"


def observe_revoke(run: Run, gone: AuthorizationSet) -> None:
    """Once it is committed: both distributions."""
    if gone.exposure is None or gone.right_ended_at is None or gone.revoked_at is None:
        return
    reason = exposure_reason(gone.revoke_reason)
    run.tools.watcher.measure("exposure_seconds", gone.exposure.total_seconds(), reason=reason)
    delay = max((gone.revoked_at - gone.right_ended_at).total_seconds(), 0.0)
    run.tools.watcher.measure("revoke_delay_seconds", delay, reason=reason)
