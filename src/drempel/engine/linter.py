"""Reads what a lint judges: doors and sites of each credential, the names that our sets were made under, and the bookings to come."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from drempel.domain.failures import Failure
from drempel.domain.policy import StatusMeaning
from drempel.engine.calls import site_target, source_target
from drempel.engine.lint_findings import Evidence, SiteSeen
from drempel.engine.planner import CONCURRENCY, Side
from drempel.engine.ports import CallClass, CallFailed, PollResult
from drempel.engine.records import BookingView, Records

__all__ = ["Linter", "SitesOf"]

PAGE: Final = 500
READ_MAX: Final = 200
"""Bookings that only a poll shows are read to learn their object; more are left unread."""

SitesOf = Callable[[int], Awaitable[frozenset[str] | None]]
"""The sites that a connection's credential reaches; None if Resivo does not list them."""


@dataclass(kw_only=True)
class Linter:
    """Gathers the evidence for one lint. Reads only."""

    records: Records
    side: Side
    sites_of: SitesOf
    booked: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    statuses: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    former_ids: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    known: set[tuple[str, str]] = field(default_factory=set)
    unread: dict[str, Failure] = field(default_factory=dict)

    async def gather(self, integrations: Sequence[str]) -> Evidence:
        """All that is known today of these integrations and their sources."""
        setup = self.side.setup
        now = await self.side.tools.store.now()
        async for view in self._all_known():
            self._take(view, now)
        sources = dict.fromkeys(setup.integrations[name].source for name in integrations)
        for source in sources:
            await self._read_unknown(source, now)
        unseen = {name: await self._unseen_statuses(name) for name in integrations}
        return Evidence(
            setup=setup,
            integrations=tuple(integrations),
            sites=await self._sites(integrations),
            former_ids={key: frozenset(ids) for key, ids in self.former_ids.items()},
            booked=self.booked,
            unseen_statuses=unseen,
            unread_sources=self.unread,
        )

    async def _all_known(self) -> AsyncIterator[BookingView]:
        after: str | None = None
        while True:
            views, after = await self.records.bookings(state=None, limit=PAGE, after=after)
            for view in views:
                yield view
            if after is None:
                return

    def _take(self, view: BookingView, now: datetime) -> None:
        record = view.record
        self.known.add((record.source, record.booking_id))
        for one in view.sets:
            for name, component_id in zip(one.intent.component_names, one.intent.component_ids, strict=True):
                self.former_ids[one.intent.site_id, name.strip()].add(component_id)
        if record.status is not None:
            self._count(record.source, record.status, record.object_id, record.end, now)

    def _count(self, source: str, status: str, object_id: str | None, end: datetime | None, now: datetime) -> None:
        self.statuses[source].add(status)
        meanings = {integration.policy.meaning(status) for integration in self.side.setup.of_source(source)}
        if object_id is not None and end is not None and end > now and meanings != {StatusMeaning.REVOKE}:
            self.booked[source][object_id] += 1

    # -------------------------------------------------------------------------------------------------------- booking systems

    async def _read_unknown(self, source: str, now: datetime) -> None:
        """Read the bookings that only a poll shows, so that a set-up that is not applied yet can be judged too."""
        integrations = self.side.setup.of_source(source)
        statuses = sorted({status for integration in integrations for status in integration.policy.trigger_statuses})
        result = await self._poll(source, statuses)
        if result is None:
            return
        unknown = [booking_id for booking_id in sorted(result.rows) if (source, booking_id) not in self.known][:READ_MAX]
        waiting = iter(unknown)

        async def hand() -> None:
            for booking_id in waiting:
                await self._read_booking(source, booking_id, now)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(CONCURRENCY, len(unknown))):
                group.create_task(hand())

    async def _poll(self, source: str, statuses: Sequence[str]) -> PollResult | None:
        asked = [] if self.side.setup.sources[source].poll_without_status else statuses
        adapter = self.side.tools.outside.source(source)
        try:
            return await self.side.tools.calls.make(
                source_target(source), "poll", lambda: adapter.poll(statuses=asked), optional=True
            )
        except CallFailed as error:
            self.unread[source] = error.failure
            return None

    async def _read_booking(self, source: str, booking_id: str, now: datetime) -> None:
        adapter = self.side.tools.outside.source(source)
        try:
            booking = await self.side.tools.calls.make(
                source_target(source), "read_booking", lambda: adapter.read_booking(booking_id)
            )
        except CallFailed as error:
            if error.call_class not in {CallClass.NOT_FOUND, CallClass.UNREADABLE}:
                self.unread[source] = error.failure
            return
        self._count(source, booking.status, booking.object_id, booking.end, now)

    async def _unseen_statuses(self, name: str) -> frozenset[str]:
        """Trigger statuses of which a complete poll that asked for them alone showed nothing."""
        integration = self.side.setup.integrations[name]
        source, unseen = integration.source, set()
        for status in sorted(integration.policy.trigger_statuses - self.statuses[source]):
            result = await self._poll(source, [status])
            if result is not None and result.complete and result.with_status and not result.rows:
                unseen.add(status)
        return frozenset(unseen)

    # ------------------------------------------------------------------------------------------------------------------ sites

    async def _sites(self, integrations: Sequence[str]) -> Mapping[tuple[int, str], SiteSeen]:
        seen: dict[tuple[int, str], SiteSeen] = {}
        for name in integrations:
            integration = self.side.setup.integrations[name]
            reached = await self.sites_of(integration.connection_id)
            for site_id in dict.fromkeys(mapping.site_id for mapping in integration.mappings):
                key = (integration.connection_id, site_id)
                if reached is not None and site_id not in reached:
                    seen[key] = SiteSeen(components=None, is_seen=False, other_sites=tuple(sorted(reached)))
                else:
                    seen[key] = await self._site(*key, integration=name)
        return seen

    async def _site(self, connection_id: int, site_id: str, *, integration: str) -> SiteSeen:
        gateway = self.side.tools.outside.gateway(connection_id)
        target = site_target(connection_id, site_id, integration=integration)
        try:
            components = await self.side.tools.calls.make(target, "list_components", lambda: gateway.components(site_id))
        except CallFailed as error:
            refused = {CallClass.SITE_REFUSED, CallClass.SETUP_REFUSED, CallClass.NOT_FOUND}
            return SiteSeen(components=None, failure=error.failure, is_seen=error.call_class not in refused)
        return SiteSeen(components=components)
