"""`drempel audit`: every place compared, for people. The same for the command line, REST and the pages. It only reads, and keeps what it found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from drempel.domain.failures import Failure
from drempel.domain.values import value
from drempel.engine.audit import NOTHING_TO_DO, Finding
from drempel.engine.comparing import Comparing, compare_place, what_went_wrong
from drempel.engine.kept_audit import kept_audit
from drempel.engine.last_audit import LastAudit, last_audit
from drempel.engine.orphans import Orphans
from drempel.engine.places import Place, audit_chore, places_of
from drempel.engine.ports import CallFailed
from drempel.engine.records import Records, UnknownBooking
from drempel.engine.setup import Setup

__all__ = ["Auditor", "PlaceAudit"]

OnProgress = Callable[[Place, int, int | None], None]
_MADE: Final = frozenset({"access.intended", "access.created", "access.found", "access.adopted"})


@value(frozen=True, slots=True, kw_only=True)
class PlaceAudit:
    """What was found at one place, or why nothing could be."""

    place: Place
    sources: frozenset[str] = frozenset()
    """Whose bookings get access here."""
    findings: tuple[Finding, ...] = ()
    listed: bool = True
    """False: this profile has no list, so only what our record has was compared."""
    problem: str = ""
    """Why it could not be compared, with the remedy."""
    failure: Failure | None = None
    """The same, if it was a call that failed."""

    @property
    def needs_person(self) -> bool:
        return bool(self.problem) or any(finding.kind not in NOTHING_TO_DO for finding in self.findings)


class Auditor:
    """Compares every place. One comparison at a time in each process."""

    def __init__(self, tools: Comparing, records: Records) -> None:
        self._tools = tools
        self._records = records
        self.orphans = Orphans(tools, records)
        self._one_at_a_time = asyncio.Lock()

    async def audit(self, *, progress: OnProgress = lambda _place, _done, _of: None) -> list[PlaceAudit]:
        """Every place, by integration. What cannot be compared says why; the others are compared all the same."""
        async with self._one_at_a_time:
            setup = await self._tools.outside.current()
            places = places_of(setup, await self._tools.store.live_sites())
            return [await self._audit(setup, place, progress) for place in places]

    async def last(self) -> LastAudit:
        """What the last audits found that is still so, as far as our record tells. Calls nobody."""
        return await last_audit(self._tools.store, self._records)

    # --- comparing

    async def _audit(self, setup: Setup, place: Place, progress: OnProgress) -> PlaceAudit:
        if not place.integrations:
            problem = (
                "Its integration was removed, and its credential with it: what is live there cannot be compared. Look in the Resivo portal for "
                "names that begin with `dr-` behind the dot."
            )
            return PlaceAudit(place=place, problem=problem)
        found = PlaceAudit(place=place, sources=frozenset(setup.integrations[name].source for name in place.integrations))
        gateway = self._tools.outside.gateway(place.connection_ids[0])
        if not gateway.can_look and not gateway.can_read:
            live = [at for c in place.connection_ids for at in await self._tools.store.live_sets(c, place.site_id)]
            problem = (
                f"This profile has neither a list nor a read, so {len(live)} live or unsettled sets of ours cannot be compared. Look for "
                "their names in the Resivo portal (`drempel bookings`, `drempel why`)."
            )
            return replace(found, listed=False, problem=problem if live else "")
        began = await self._tools.store.now()
        try:
            findings = await compare_place(
                self._tools,
                place,
                await self._tools.store.marker(),
                progress=lambda done, of: progress(place, done, of),
            )
        except CallFailed as error:
            # The sweep goes on with it: a person who is told so must not be told of it tomorrow.
            for connection_id in place.connection_ids:
                await self._tools.store.chore_wanted(audit_chore(connection_id, place.site_id))
            return replace(found, listed=gateway.can_look, problem=what_went_wrong(error), failure=error.failure)
        await self._records.keep_audit(kept_audit(place, findings, at=began, listed=gateway.can_look))
        told = tuple([await self._aged(finding) for finding in findings])
        return replace(found, listed=gateway.can_look, findings=told)

    async def _aged(self, finding: Finding) -> Finding:
        """Since when it is ours, by the booking's history, where the set itself does not say."""
        if finding.at is None or finding.since is not None or finding.kind in NOTHING_TO_DO:
            return finding
        try:
            view = await self._records.booking(finding.at.source, finding.at.booking_id)
        except UnknownBooking:
            return finding
        number = str(finding.at.set.number)
        made = (event.at for event in view.history if event.type in _MADE and event.data.get("number") == number)
        return replace(finding, since=next(made, None))
