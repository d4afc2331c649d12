"""Look first: what became of a create whose answer was lost; and watch for late twins afterwards (Resivo contract, section 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from drempel.domain.access import ENDED_ELSEWHERE, AuthorizationSet, SetState
from drempel.domain.comparison import compare
from drempel.domain.failures import Failure
from drempel.domain.own_name import is_named
from drempel.engine.act import revoke_found
from drempel.engine.limits import LOOKS_NEEDED
from drempel.engine.ports import CallClass, CallFailed, FoundSet, Life
from drempel.engine.readback import read_back_of
from drempel.engine.rights import seconds_text, twin_exposure
from drempel.engine.run import Line, Run, Stopped

__all__ = ["settle", "watch_for_twins"]


async def settle(run: Run, unknown: AuthorizationSet) -> None:
    """Find out whether this create was done. Afterwards the set is live, revoked, or an intent that may be sent again.

    Raises `Stopped` while that is not known yet.
    """
    gateway = run.gateway(unknown.connection_id)
    if unknown.authorization_id is not None:
        await _take_at_word(run, unknown, unknown.authorization_id)
        return
    if not gateway.can_look:
        if unknown.state is not SetState.UNKNOWN:
            run.put(unknown.outcome_lost(look_at=run.now))
        raise Stopped(Failure("access.outcome_unknown_no_list", {"name": unknown.display_name}))
    if unknown.look_at is not None and run.now < unknown.look_at:
        raise Stopped(Failure("access.outcome_unknown"), at=unknown.look_at)
    await _judge(run, unknown, await _look(run, unknown))
    await run.save()
    settled = run.sets[unknown.number]
    if settled.unsettled:
        raise Stopped(Failure("access.outcome_unknown"), at=settled.look_at)


async def _judge(run: Run, unknown: AuthorizationSet, rows: Sequence[FoundSet]) -> None:
    """What the rows of its name say of a create whose answer was lost."""
    if any(row.life is Life.UNCLEAR for row in rows):
        raise Stopped(Failure("access.unclear", {"name": unknown.display_name}))
    live = sorted((row for row in rows if row.life is Life.LIVE), key=lambda row: row.id)
    ours = [row for row in live if compare(unknown, row).is_as_asked]
    for row in live:
        # The smallest id is kept, so that a repeat of this look keeps the same one.
        if not ours or row is not ours[0]:
            await _revoke_twin(run, unknown, row)
    if ours:
        _adopt(run, unknown, ours[0])
    elif ended := [row for row in rows if row.life is Life.NOT_LIVE and compare(unknown, row).is_as_asked]:
        # Only a row that was what we asked for: one that differed, and that we revoked ourselves, says nothing.
        _ended_elsewhere(run, unknown, ended)
    else:
        _not_there(run, unknown)


async def _take_at_word(run: Run, unknown: AuthorizationSet, authorization_id: str) -> None:
    """A person named this id (`drempel resolve --created`): it is ours if Resivo shows it under our name. Nobody else's access is ever taken.

    A profile without read leaves only the person's word.
    """
    try:
        row = await run.through_connection(unknown, lambda line: _read(run, line, unknown, authorization_id))
    except CallFailed as error:
        if error.call_class is CallClass.NOT_FOUND:
            raise Stopped(
                Failure("access.id_unknown", {"id": authorization_id, "name": unknown.display_name}), cause=error
            ) from error
        raise Stopped(error.failure, cause=error) from error
    if row is None:
        made = run.put(unknown.created(authorization_id, dropped=(), now=run.now).watched(run.now))
        run.note("access.found", number=str(made.number), authorization_id=authorization_id)
    elif row.display_name and row.display_name != unknown.display_name:
        raise Stopped(Failure("authorization.foreign", {"id": authorization_id}))
    elif row.life is Life.NOT_LIVE:
        _ended_elsewhere(run, unknown, [row])
    else:
        _adopt(run, unknown, row)
    await run.save()


async def _read(run: Run, line: Line, of: AuthorizationSet, authorization_id: str) -> FoundSet | None:
    gateway = line.gateway
    if not gateway.can_read:
        return None
    return await run.tools.calls.make(
        line.target, "read_authorization", lambda: gateway.read(of.intent.site_id, authorization_id)
    )


def _adopt(run: Run, unknown: AuthorizationSet, row: FoundSet) -> None:
    dropped = frozenset(unknown.intent.component_ids) - row.component_ids
    made = unknown.created(row.id, dropped=dropped, now=run.now).watched(run.now)
    # What was just read needs no second reading.
    found = run.put(replace(made, read_back=read_back_of(compare(made, row), now=run.now)))
    run.note("access.found", number=str(found.number), authorization_id=row.id)
    run.tools.watcher.note("access.found", booking_id=run.claim.record.booking_id)


def _ended_elsewhere(run: Run, unknown: AuthorizationSet, rows: Sequence[FoundSet]) -> None:
    """The create did happen and has ended since: the id is kept, nothing is created."""
    kept = min(row.id for row in rows)
    made = unknown.created(kept, dropped=(), now=run.now)
    run.put(made.revoking(ENDED_ELSEWHERE, now=run.now).revoked(now=run.now).watched(run.now))
    run.note("access.revoked", number=str(unknown.number), authorization_id=kept, reason=ENDED_ELSEWHERE)


def _not_there(run: Run, unknown: AuthorizationSet) -> None:
    looked = unknown.not_found(look_at=run.now + run.tools.limits.call_timeout)
    run.note("access.not_found", number=str(unknown.number), look=str(looked.looks))
    # Watched from now on: it may yet arrive, also while something keeps the intent from being sent again.
    run.put(looked.not_done().watched(run.now) if looked.looks >= LOOKS_NEEDED else looked)


async def watch_for_twins(run: Run, watched: AuthorizationSet) -> None:
    """A once unknown name is looked for again: the recorded set stays, every other live row of that name is revoked. Raises `Stopped`."""
    if run.gateway(watched.connection_id).can_look:
        kept = watched.authorization_id if watched.state is SetState.LIVE else None
        rows = await _look(run, watched)
        if watched.unsent and any(row.life is not Life.NOT_LIVE for row in rows):
            # It has arrived after all: what is to become of it is settled as for any create whose answer was lost.
            await settle(run, run.put(watched.arrived(now=run.now)))
            return
        for row in rows:
            if row.life is not Life.NOT_LIVE and row.id != kept:
                await _revoke_twin(run, watched, row)
    run.put(run.sets[watched.number].watched_once_more(run.now))
    await run.save()


async def _look(run: Run, of: AuthorizationSet) -> list[FoundSet]:
    """The remote access sets that bear exactly this name."""

    async def look(line: Line) -> Sequence[FoundSet]:
        gateway = line.gateway
        if run.claim.record.erased_at is not None:
            # Only the proof of its name is known, which no Resivo can be asked for.
            return await run.tools.calls.make(line.target, "list_authorizations", lambda: gateway.all_sets(of.intent.site_id))
        return await run.tools.calls.make(
            line.target, "list_authorizations", lambda: gateway.look(of.intent.site_id, of.display_name)
        )

    try:
        rows = await run.through_connection(of, look)
    except CallFailed as error:
        if error.call_class in {CallClass.SETUP_REFUSED, CallClass.NOT_FOUND}:
            raise Stopped(Failure("access.outcome_unknown_no_list", {"name": of.display_name}), cause=error) from error
        raise Stopped(error.failure, cause=error) from error
    return [row for row in rows if is_named(row.display_name, recorded=of.display_name) and row.is_remote_access]


async def _revoke_twin(run: Run, of: AuthorizationSet, row: FoundSet) -> None:
    await revoke_found(run, of, row.id)
    seconds = twin_exposure(run, of, row.window)
    run.note("access.twin_revoked", number=str(of.number), authorization_id=row.id, exposure_seconds=seconds_text(seconds))
    run.tools.watcher.warn("access.twin_revoked", booking_id=run.claim.record.booking_id)
    run.tools.watcher.measure("exposure_seconds", seconds, reason="twin")
