"""What replacing access that was made under older rules would do: booking by booking, before anybody says yes. Nothing is written, anywhere.

Each booking is rehearsed as the order would mark it (`engine/replacing`), by the engine that would carry the order out. Of recipients only numbers are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from drempel.domain.access import AuthorizationSet
from drempel.domain.failures import Failure
from drempel.domain.values import value
from drempel.domain.window import AccessWindow
from drempel.engine.plan import Outcome
from drempel.engine.planner import CONCURRENCY, Side, rehearse
from drempel.engine.ports import BookingRecord, CallFailed
from drempel.engine.records import BookingView
from drempel.engine.rehearsal import CreateCall, RevokeCall
from drempel.engine.replacing import SiteDoors, mark_differing
from drempel.engine.setup import IntegrationSetup

__all__ = ["RehearsedAccess", "RehearsedReplacement", "Replacements", "rehearse_replacing"]

Progress = Callable[[int, int | None], None]


@value(frozen=True, slots=True, kw_only=True)
class RehearsedAccess:
    """One live access of older rules, and what would come in its place."""

    site_id: str
    old_doors: tuple[str, ...]
    old_window: AccessWindow
    new_doors: tuple[str, ...] = ()
    new_window: AccessWindow | None = None
    """None: no successor would be created."""
    emails: int = 0
    """Messages of Resivo to the visitor, one for each recipient."""
    sms: int = 0
    revoked: bool = False
    """The old one would be revoked."""


@value(frozen=True, slots=True, kw_only=True)
class RehearsedReplacement:
    """One booking."""

    record: BookingRecord
    """As our record has it now."""
    accesses: tuple[RehearsedAccess, ...]
    reason: str = ""
    """Why nothing would be done, where nothing failed."""
    failure: Failure | None = None
    waits: bool = False
    """It failed in a way that is tried again by itself."""

    @property
    def changes_something(self) -> bool:
        return any(one.revoked or one.new_window is not None for one in self.accesses)


class Replacements(Protocol):
    """Rehearses; the composition root fills it."""

    async def rehearse(self, integration: str, *, progress: Progress) -> list[RehearsedReplacement]:
        """Every booking with a live access that differs from today's rules, the soonest first. Raises `KeyError` for an unknown integration."""
        ...


async def rehearse_replacing(
    side: Side, views: Sequence[BookingView], integration: str, *, progress: Progress
) -> list[RehearsedReplacement]:
    """Of these bookings those with an access that differs. `views` are as the store has them, `side` is today's set-up."""
    one, now = side.setup.integrations[integration], await side.tools.store.now()
    doors = await _doors(side, views, one)
    marked: list[tuple[BookingView, BookingView, list[AuthorizationSet]]] = []
    for view in views:
        record = replace(view.record)
        sets = list(mark_differing(record, view.sets, one, now=now, doors=doors).sets)
        if sets:
            numbers = {each.number for each in sets}
            rest = [each for each in view.sets if each.number not in numbers]
            marked.append((view, BookingView(record=record, sets=(*rest, *sets)), sets))
    progress(0, len(marked))
    waiting = iter(enumerate(marked))
    found: dict[int, RehearsedReplacement] = {}

    async def hand() -> None:
        for place, (view, as_ordered, sets) in waiting:
            outcome, _ = await rehearse(side, as_ordered, as_ordered.record.existing, now)
            found[place] = _told(view.record, sets, outcome)
            progress(len(found), len(marked))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(CONCURRENCY, len(marked))):
            group.create_task(hand())
    return [found[place] for place in sorted(found)]


async def _doors(side: Side, views: Sequence[BookingView], one: IntegrationSetup) -> SiteDoors:
    """Today's doors of the sites where something is live. One that cannot be read is told by the rehearsal of its bookings."""
    found, since = {}, side.tools.clock.monotonic() - 1
    for site_id in dict.fromkeys(each.intent.site_id for view in views for each in view.sets if each.integration == one.name):
        with contextlib.suppress(CallFailed):
            found[site_id] = await side.tools.doors.of_site(one.connection_id, site_id, integration=one.name, since=since)
    return found


def _told(record: BookingRecord, sets: Sequence[AuthorizationSet], outcome: Outcome) -> RehearsedReplacement:
    return RehearsedReplacement(
        record=record,
        accesses=tuple(_access(each, outcome) for each in sets),
        reason="" if outcome.calls else outcome.reason,
        failure=outcome.failure,
        waits=outcome.waits,
    )


def _access(old: AuthorizationSet, outcome: Outcome) -> RehearsedAccess:
    new = next((call for call in outcome.calls if isinstance(call, CreateCall) and call.site_id == old.intent.site_id), None)
    revoked = any(isinstance(call, RevokeCall) and call.authorization_id == old.authorization_id for call in outcome.calls)
    return RehearsedAccess(
        site_id=old.intent.site_id,
        old_doors=tuple(old.intent.component_names),
        old_window=old.intent.window,
        new_doors=() if new is None else tuple(name for name, _ in new.doors),
        new_window=None if new is None else new.window,
        emails=0 if new is None else len(new.emails),
        sms=0 if new is None else len(new.phone_numbers),
        revoked=revoked,
    )
