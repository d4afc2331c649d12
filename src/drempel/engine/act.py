"""Create and revoke, so that a crash, a lost answer or a late twin leaves nothing behind.

Create: the intent is committed; then the call, with no transaction open; then the outcome, behind the fence. Whoever finds an intent that may have
been sent looks first (`settle`). Revoke: committed as *revoking*; read; revoke if live; read again if in doubt (Resivo contract, 9.10 and 10).
"""

from __future__ import annotations

from collections.abc import Sequence

from drempel.domain.access import AuthorizationSet, SetState, display_name
from drempel.domain.decision import Want
from drempel.domain.failures import Failure
from drempel.engine.calls import site_target
from drempel.engine.ports import CallClass, CallFailed, Created, Gateway, LeaseLost, Life
from drempel.engine.rights import note_revoked, observe_revoke, right_ended_at
from drempel.engine.run import Line, Run, Stopped
from drempel.engine.setup import IntegrationSetup

__all__ = ["create_access", "drop_unsent", "revoke_access", "revoke_found"]


def drop_unsent(run: Run, sets: list[AuthorizationSet], *, keep: AuthorizationSet | None = None) -> None:
    """Forget intents that are no longer wanted and certainly not at Resivo; one whose outcome was ever unknown is watched instead."""
    for unsent in sets:
        if not unsent.unsent or unsent is keep:
            continue
        if unsent.ever_unknown:
            run.put(unsent.revoked(now=run.now).watched(run.now))
        else:
            run.drop(unsent)
            run.note("access.dropped", number=str(unsent.number), site_id=unsent.intent.site_id)


async def create_access(run: Run, integration: IntegrationSetup, want: Want, *, changed: Sequence[str] = ()) -> None:
    """Create what is wanted. `changed`: why what is there is replaced. Raises `Stopped` if it could not be done, or not be known to be done."""
    site_id = want.intent.site_id
    target = site_target(integration.connection_id, site_id, integration=integration.name)
    try:
        admitted = await run.tools.calls.admit(target)
    except CallFailed as error:
        raise Stopped(error.failure, cause=error) from error
    run.require_fresh()
    intended = await _commit_intent(run, integration, want, changed)
    gateway = run.gateway(integration.connection_id)
    sendable_until = min(run.lease.ends_monotonic - run.tools.limits.call_timeout.total_seconds(), run.fresh_until)

    def may_send() -> bool:
        # Whoever takes over an open intent looks one call time-out after the old lease ended: nothing may be sent that could answer later.
        return run.tools.clock.monotonic() <= sendable_until

    try:
        created = await run.tools.calls.make(
            target,
            "create_remote_access",
            lambda: gateway.create(display_name=intended.display_name, want=want, may_send=may_send),
            admitted=admitted,
        )
    except CallFailed as error:
        await _record_failure(run, intended, error, gateway)
        raise _stopped_create(run, intended, error, gateway) from error
    await _record_created(run, intended, created, offline=want.offline)


async def _commit_intent(run: Run, integration: IntegrationSetup, want: Want, changed: Sequence[str]) -> AuthorizationSet:
    here = run.at_site(integration.name, want.intent.site_id)
    again = next(
        (s for s in here if s.unsent and s.intent.same_as(want.intent) and s.connection_id == integration.connection_id), None
    )
    drop_unsent(run, here, keep=again)
    record = run.claim.record
    if again is None:
        record.last_number += 1
        name = display_name(
            object_name=want.object_name,
            marker=run.tools.marker.current,
            source=record.source,
            booking_id=record.booking_id,
            number=record.last_number,
        )
        again = AuthorizationSet(
            number=record.last_number,
            integration=integration.name,
            connection_id=integration.connection_id,
            policy_version=integration.policy_version,
            display_name=name,
            intent=want.intent,
            facts=want.facts,
        )
    limits = run.tools.limits
    intended = run.put(again.about_to_send(now=run.now, look_at=run.now + limits.lease + limits.call_timeout))
    why = {"changed": " ".join(changed)} if changed else {}
    run.note("access.intended", number=str(intended.number), site_id=want.intent.site_id, name=intended.display_name, **why)
    if want.no_sms:
        run.note("visitor.no_sms", reason=want.no_sms)
    await run.save(renew=True)
    return intended


async def _record_failure(run: Run, intended: AuthorizationSet, error: CallFailed, gateway: Gateway) -> None:
    number = str(intended.number)
    if error.certainly_not_done:
        run.put(intended.not_done())
        run.note("access.not_done", number=number, code=error.failure.code)
    else:
        run.put(intended.outcome_lost(look_at=run.now + run.tools.limits.call_timeout))
        run.note("access.outcome_unknown", number=number, detail=error.failure.params.get("detail", ""))
        run.tools.watcher.warn("access.outcome_unknown", booking_id=run.claim.record.booking_id, can_look=str(gateway.can_look))
    await run.save()


def _stopped_create(run: Run, intended: AuthorizationSet, error: CallFailed, gateway: Gateway) -> Stopped:
    if error.certainly_not_done:
        return Stopped(error.failure, cause=error)
    if not gateway.can_look:
        return Stopped(Failure("access.outcome_unknown_no_list", {"name": intended.display_name}))
    return Stopped(Failure("access.outcome_unknown"), at=run.now + run.tools.limits.call_timeout)


async def _record_created(run: Run, intended: AuthorizationSet, created: Created, *, offline: frozenset[str]) -> None:
    # An answer that does not say which doors count: those that were offline do not.
    dropped = offline if created.component_ids is None else frozenset(intended.intent.component_ids) - created.component_ids
    made = run.put(intended.created(created.authorization_id, dropped=dropped, now=run.now))
    run.note("access.created", number=str(made.number), authorization_id=created.authorization_id, site_id=made.intent.site_id)
    if dropped:
        run.note("access.doors_dropped", number=str(made.number), component_ids=" ".join(sorted(dropped)))
    try:
        await run.save()
    except LeaseLost:
        # Somebody else looks for it by its name and finds it.
        run.tools.watcher.warn("lease.lost_after_create", booking_id=run.claim.record.booking_id)
        raise
    run.tools.watcher.note("access.created", source=run.claim.record.source, booking_id=run.claim.record.booking_id)


async def revoke_access(run: Run, going: AuthorizationSet, reason: str) -> None:
    """Take one set away, and return only when Resivo has confirmed it. Raises `Stopped` otherwise."""
    resumed = going.state is SetState.REVOKING
    if not resumed:
        going = run.put(going.revoking(reason, now=right_ended_at(run, reason)))
        run.note("access.revoking", number=str(going.number), reason=reason)
        await run.save()
    assert going.authorization_id is not None
    await revoke_found(run, going, going.authorization_id, asked_before=resumed)
    gone = note_revoked(run, going)
    await run.save()
    observe_revoke(run, gone)


async def revoke_found(run: Run, of: AuthorizationSet, authorization_id: str, *, asked_before: bool = False) -> None:
    """Revoke what Resivo has under this id, through the connection of the set that it belongs to. Revoking what is gone succeeds.

    `asked_before`: an earlier run may have asked already. Raises `Stopped` if it is not known to be gone.
    """
    try:
        await run.through_connection(of, lambda line: _revoke_through(run, line, of, authorization_id, asked_before=asked_before))
    except CallFailed as error:
        if error.call_class is CallClass.NOT_FOUND:
            raise Stopped(Failure("authorization.not_found", {"id": authorization_id}), cause=error) from error
        raise Stopped(error.failure, cause=error) from error


async def _revoke_through(run: Run, line: Line, of: AuthorizationSet, authorization_id: str, *, asked_before: bool) -> None:
    gateway = line.gateway
    # A status word that we do not know counts as live: better one revoke too many.
    before = await _life(run, line, of, authorization_id) if gateway.can_read else Life.LIVE
    if before is Life.NOT_LIVE:
        return
    try:
        is_plain = await run.tools.calls.make(
            line.target, "revoke_authorization", lambda: gateway.revoke(of.intent.site_id, authorization_id)
        )
        if not is_plain and gateway.can_read and await _life(run, line, of, authorization_id) is Life.LIVE:
            failure = Failure("resivo.broken", {"detail": "revoke_authorization was answered well, and the access is live"})
            raise CallFailed(CallClass.RETRY_LATER, failure)
    except CallFailed as error:
        if error.call_class not in {CallClass.DATA_REFUSED, CallClass.OUTCOME_UNKNOWN}:
            raise
        after = await _life(run, line, of, authorization_id) if gateway.can_read or gateway.can_look else Life.LIVE
        # A word that we do not know, where the word for live stood before we asked (or may have stood before an earlier run asked, and Resivo
        # says that there is nothing to revoke), is this Resivo's word for revoked.
        refused_again = asked_before and error.call_class is CallClass.DATA_REFUSED
        if after is Life.NOT_LIVE or (after is Life.UNCLEAR and (before is Life.LIVE or refused_again)):
            return
        if error.call_class is CallClass.DATA_REFUSED:
            detail = error.failure.params.get("detail", "")
            raise Stopped(Failure("revoke.refused", {"id": authorization_id, "detail": detail}), cause=error) from error
        raise


async def _life(run: Run, line: Line, of: AuthorizationSet, authorization_id: str) -> Life:
    site_id, gateway = of.intent.site_id, line.gateway
    if gateway.can_read:
        found = await run.tools.calls.make(line.target, "read_authorization", lambda: gateway.read(site_id, authorization_id))
    else:
        rows = await run.tools.calls.make(line.target, "list_authorizations", lambda: gateway.look(site_id, of.display_name))
        named = next((row for row in rows if row.id == authorization_id), None)
        if named is None:
            return Life.LIVE
        found = named
    if of.ever_unknown and found.display_name and not run.tools.marker.owns(found.display_name):
        # A person gave this id (`drempel resolve --created`), and it is somebody else's: never touched.
        raise Stopped(Failure("authorization.foreign", {"id": authorization_id}))
    return found.life
