"""The id goes to the booking field, a copy for people: a step of its own, which never blocks or revokes access.

The ids of several sites are separated by one space, in mapping order. What is not ours is never overwritten; the field is cleared after a confirmed
revoke, only if it still holds our ids; what a short field cut is shown and not repeated until another value is wanted.
"""

from __future__ import annotations

import json
from typing import Final

from drempel.domain.access import SetState
from drempel.domain.booking import Booking
from drempel.domain.failures import Failure
from drempel.engine.calls import source_target
from drempel.engine.ports import CallFailed, LeaseLost
from drempel.engine.run import Run, Stopped
from drempel.engine.setup import IntegrationSetup

__all__ = ["is_foreign", "write_back"]

WRITES_TRIED: Final = 6
"""A write that leaves the field as it was is tried again while its booking was tried less often: a field that does not exist stays empty for ever."""
CUT_CHARACTERS_MIN: Final = 8
"""Fewer characters of an id may stand there by chance."""


async def is_foreign(run: Run, integration: IntegrationSetup, booking: Booking) -> bool:
    """Whether the booking field holds a text that is not an id of ours, and that no person allowed to overwrite."""
    current = booking.field_value(integration.policy.authorization_field)
    record = run.claim.record
    if not current or _is_cut(run, integration, current):
        return False
    # Kept as a hash: what somebody writes into a field may be a name or a number.
    seen = run.tools.outside.fingerprint(current)
    if seen == record.overwrite_value:
        return False
    for token in current.split():
        if not _is_of_this_booking(run, token) and not await run.tools.store.is_ours(token):
            record.field_seen = seen
            return True
    return False


def _is_of_this_booking(run: Run, token: str) -> bool:
    """Whether it is an id of a set of this booking, or what a short field left of one: of a write whose answer was lost nobody noted what became."""
    least = CUT_CHARACTERS_MIN
    return any(
        token == s.authorization_id or (len(token) >= least and s.authorization_id.startswith(token))
        for s in run.sets.values()
        if s.authorization_id is not None
    )


def _is_cut(run: Run, integration: IntegrationSetup, current: str) -> bool:
    """Whether this is what a short field left of an id that we wrote."""
    last = _last_write(run, integration)
    return last is not None and last[0].startswith(current)


async def write_back(run: Run, integration: IntegrationSetup, booking: Booking) -> Failure | None:
    """Write the ids if they differ. Returns what is worth showing; raises `Stopped` if the write is to be tried again,
    `LeaseLost` if this run may no longer write.
    """
    field_name = integration.policy.authorization_field
    current = booking.field_value(field_name)
    wanted = _wanted(run, integration, booking)
    if wanted is None or wanted == current:
        return None
    if await is_foreign(run, integration, booking):
        return Failure("field.foreign", _blanks(run, field_name)) if wanted else None
    if not wanted and not _holds_ours(run, integration, current):
        return None
    if _last_write(run, integration) == (wanted, _kept(run, wanted, current)):
        return Failure("writeback.cut", {"field": field_name})
    seen = await _write(run, booking, field_name, wanted)
    record = run.claim.record
    if seen == current and seen != wanted and record.tries < WRITES_TRIED:
        # Answered, and nothing of it done: what a short field keeps would at least be the beginning of what was sent.
        raise Stopped(Failure("writeback.failed", {"field": field_name, "detail": "the field holds what it held before"}))
    record.field_written = json.dumps({**_writes(run), field_name: [wanted, _kept(run, wanted, seen)]})
    record.overwrite_value = None
    if seen != wanted:
        run.note("writeback.cut", field=field_name)
        return Failure("writeback.cut", {"field": field_name})
    run.note("writeback.written" if wanted else "writeback.cleared", field=field_name)
    return None


def _wanted(run: Run, integration: IntegrationSetup, booking: Booking) -> str | None:
    """The text that the field should hold; None while a revoke is not confirmed and nothing else is live."""
    mine = [s for s in run.sets.values() if s.integration == integration.name]
    sites = list(dict.fromkeys((*run.setup.sites_of(integration, booking.object_id), *(s.intent.site_id for s in mine))))
    ids = run.live_ids([(integration.name, site_id) for site_id in sites])
    if ids:
        return " ".join(ids)
    newest = max(mine, key=lambda s: s.number, default=None)
    if newest is None and _handed_over(run, integration):
        return ""
    if newest is None or newest.state is not SetState.REVOKED or any(s.state is SetState.REVOKING for s in mine):
        # The id of an access whose window is over stays where it is; that of one whose revoke is not confirmed as well.
        return None
    return ""


def _handed_over(run: Run, integration: IntegrationSetup) -> bool:
    """Whether what was written last to this integration's field is the id of an access that is another's now."""
    last = _last_write(run, integration)
    written = last[0].split() if last is not None else []
    return any(s.authorization_id in written for s in run.sets.values() if s.integration != integration.name)


def _holds_ours(run: Run, integration: IntegrationSetup, current: str) -> bool:
    return all(_is_of_this_booking(run, token) for token in current.split()) or _is_cut(run, integration, current)


def _kept(run: Run, wanted: str, held: str) -> str:
    """What the field held, as it is kept: our own ids as they are, whole or cut; anything else as a keyed hash."""
    return held if wanted.startswith(held) else run.tools.outside.fingerprint(held)


def _writes(run: Run) -> dict[str, list[str]]:
    """Per field: what was written last, and what it held afterwards."""
    writes: dict[str, list[str]] = json.loads(run.claim.record.field_written or "{}")
    return writes


def _last_write(run: Run, integration: IntegrationSetup) -> tuple[str, str] | None:
    last = _writes(run).get(integration.policy.authorization_field)
    return (last[0], last[1]) if last is not None else None


async def _write(run: Run, booking: Booking, field_name: str, wanted: str) -> str:
    source = run.tools.outside.source(booking.source)
    target = source_target(booking.source)

    async def send() -> str:
        # Asked here, for the call may have stood in line. Whoever has taken the booking over since may have emptied the field for good: an id
        # that opens nothing would stand there.
        if run.lease.ends_monotonic <= run.tools.clock.monotonic():
            raise LeaseLost
        return await source.write_field(booking.booking_id, field_name, wanted)

    try:
        return await run.tools.calls.make(target, "write_field", send, optional=True)
    except CallFailed as error:
        detail = error.failure.params.get("detail", error.call_class.value)
        raise Stopped(Failure("writeback.failed", {"field": field_name, "detail": detail}), cause=error) from error


def _blanks(run: Run, field_name: str) -> dict[str, str]:
    record = run.claim.record
    return {"field": field_name, "source": record.source, "booking": record.booking_id}
