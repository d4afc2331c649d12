"""The slow loop: finds what no hint told. Polls, re-reads of live access, doors that vanished or came back, the daily audit.

Each chore is done by one process at a time, whichever comes first, by a row in the store. Nothing here calls for a create or a revoke: it only makes
bookings due; truth is read and compared by the worker, as always.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.comparison import after_drift, compare
from drempel.domain.components import Component, Resolved, resolve_components
from drempel.engine.audit import Kind
from drempel.engine.back_online import back_online
from drempel.engine.calls import source_target
from drempel.engine.comparing import compare_place
from drempel.engine.kept_audit import kept_audit
from drempel.engine.limits import AUDIT_AGAIN, AUDIT_EACH, LISTED_AGAIN, NEEDS_PERSON_AGAIN, REREADS_PER_SECOND
from drempel.engine.naming import keep_names, learn_site_name
from drempel.engine.offline_doors import OfflineDoors, seen_offline
from drempel.engine.places import Place, audit_chore
from drempel.engine.ports import NOT_FOUND, BookingRecord, CallFailed, Change, DoorsInUse, FoundSet, Life, PollResult, SetAt
from drempel.engine.readback import shows_otherwise
from drempel.engine.records import BookingBusy, Records, UnknownBooking
from drempel.engine.retention import Retention
from drempel.engine.run import Tools
from drempel.engine.setup import Setup, SourceSetup

__all__ = ["Sweep"]

STEP_SECONDS = 1.0
"""How often the loop looks whether a chore is due."""
ASKED_MAX = 10_000
ORPHANS_NAMED = 20
ASK_AGAIN_SECONDS = 60.0
"""At least this often the store is asked: the process that does a chore may have died."""


RECORDED_LIVE = frozenset({Kind.AGREES, Kind.CHANGED, Kind.ENDED_ELSEWHERE, Kind.MISSING})
"""What an audit says of sets that our record has as live."""


class Sweep:
    """The chores of the slow loop. `run_once` does what is due; `run` repeats it until told to stop."""

    def __init__(self, tools: Tools, records: Records, *, on_due: Callable[[], None] = lambda: None) -> None:
        self._tools = tools
        self._records = records
        self._on_due = on_due
        self._ask_at: dict[str, float] = {}
        self._retention = Retention(tools, records)

    async def run(self, stop: asyncio.Event) -> None:
        """Do chores until `stop` is set."""
        while not stop.is_set():
            await self._guarded("sweep", self.run_once)
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: on Python 3.11 it swallows a cancellation that comes together with the event.
                async with asyncio.timeout(STEP_SECONDS):
                    await stop.wait()

    async def run_once(self) -> None:
        """Do every chore that is due now. One that fails does not stop the others."""
        tools = self._tools
        setup = await tools.outside.current()
        for source in setup.sources.values():
            if source.poll_seconds and await tools.store.take_chore(
                f"poll:{source.name}", every=timedelta(seconds=source.poll_seconds)
            ):
                await self._guarded("poll", partial(self._poll, setup, source))
        if self._may_ask("clock", tools.limits.sweep) and (count := await tools.store.forget_the_future()):
            tools.watcher.warn("clock.set_back", bookings=count)
            self._on_due()
        if await self._is_mine("rereads", tools.limits.sweep):
            most = max(1, round(REREADS_PER_SECOND * tools.limits.sweep.total_seconds()))
            if await tools.store.wake_rereads(per_source=most):
                self._on_due()
        if await self._is_mine("online", tools.limits.sweep):
            await self._guarded("online", partial(self._wake_who_is_back_online, setup))
        if await self._is_mine("erase", tools.limits.sweep):
            await self._guarded("erase", self._retention.run_once)
        if self._may_ask("sites", tools.limits.sweep):
            mapped = {(i.connection_id, m.site_id) for i in setup.integrations.values() for m in i.mappings}
            for connection_id, site_id in sorted(mapped | set(await tools.store.live_sites())):
                await self._sweep_site(setup, connection_id, site_id)

    async def _is_mine(self, chore: str, every: timedelta, *, again: timedelta | None = None) -> bool:
        """Whether this process does the chore now. The store is asked only when the chore may be due: asking is a write."""
        return self._may_ask(chore, every) and await self._tools.store.take_chore(chore, every=every, again=again)

    def _may_ask(self, chore: str, every: timedelta, *, bound: bool = True) -> bool:
        now = self._tools.clock.monotonic()
        if now < self._ask_at.get(chore, float("-inf")):
            return False
        if len(self._ask_at) >= ASKED_MAX:
            self._ask_at = {name: at for name, at in self._ask_at.items() if at > now}
        self._ask_at[chore] = now + (min(every.total_seconds(), ASK_AGAIN_SECONDS) if bound else every.total_seconds())
        return True

    async def _sweep_site(self, setup: Setup, connection_id: int, site_id: str) -> None:
        connection = setup.connections.get(connection_id)
        if connection is None:
            return
        integration = setup.integrations.get(connection.integration)
        if integration is None or integration.paused:
            return
        name = connection.integration
        if await self._is_mine(f"doors:{connection_id}:{site_id}", self._tools.limits.sweep):
            await self._guarded("doors", lambda: self._check_doors(connection_id, site_id, name))
        audit = audit_chore(connection_id, site_id)
        if await self._is_mine(audit, AUDIT_EACH, again=AUDIT_AGAIN) and await self._guarded(
            "audit", lambda: self._audit(connection_id, site_id, name)
        ):
            await self._tools.store.chore_done(audit)
            await self._guarded("name", partial(learn_site_name, self._tools, self._records, connection_id, site_id, name))

    async def _guarded(self, chore: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it came to its end."""
        try:
            await work()
        except CallFailed as error:
            self._tools.watcher.note("sweep.failed", chore=chore, code=error.failure.code)
        except Exception as error:  # noqa: BLE001  # the slow loop is a net: it must not tear
            self._tools.watcher.warn("sweep.fault", chore=chore, error=type(error).__name__)
        else:
            return True
        return False

    # ------------------------------------------------------------------------------------------------------------------ polls

    async def _poll(self, setup: Setup, source: SourceSetup) -> None:
        """Rows are hints: a booking is read only if its row is new or changed, or if it has live access and is missing from a complete poll."""
        integrations = setup.of_source(source.name)
        if not integrations or setup.is_paused(source.name):
            return
        statuses = sorted({status for integration in integrations for status in integration.policy.trigger_statuses})
        if source.poll_without_status:
            statuses = []
        adapter = self._tools.outside.source(source.name)
        result: PollResult = await self._tools.calls.make(
            source_target(source.name), "poll", lambda: adapter.poll(statuses=statuses), optional=True
        )
        store = self._tools.store
        known = await store.poll_rows(source.name)
        rows = {booking_id: self._tools.outside.fingerprint(text) for booking_id, text in result.rows.items()}
        due = [
            booking_id
            for booking_id, row in rows.items()
            if self._is_to_be_read(source.name, booking_id, known.get(booking_id), row)
        ]
        missing: list[str] = []
        if result.complete:
            missing = sorted(await store.live_bookings(source.name) - rows.keys())
        first = not all(integration.first_poll_done or integration.issue_existing for integration in integrations)
        existing = due if first else []
        await store.record_poll(
            source.name,
            rows=rows,
            due=[*due, *missing],
            existing=existing,
            complete=result.complete,
            with_status=result.with_status,
        )
        if due or missing:
            self._on_due()
            numbers = {"rows": len(rows), "due": len(due), "missing": len(missing), "existing": len(existing)}
            self._tools.watcher.note("poll.found", source=source.name, **numbers)

    def _is_to_be_read(self, source: str, booking_id: str, known: str | None, row: str) -> bool:
        """What the poll lists and no reading finds is asked for once in a while, not at each poll."""
        if known == NOT_FOUND:
            return self._may_ask(f"listed:{source}:{booking_id}", LISTED_AGAIN, bound=False)
        return known not in {row, ""}

    # ------------------------------------------------------------------------------------------------------------------ doors

    async def _check_doors(self, connection_id: int, site_id: str, integration: str) -> None:
        """Make due the bookings whose component ids are gone while the name has another, and those whose dropped doors are back."""
        in_use = await self._tools.store.live_doors(connection_id, site_id)
        if not in_use:
            await self._keep_offline(connection_id, site_id, (), ())
            return
        since = self._tools.clock.monotonic()
        components = await self._tools.doors.of_site(connection_id, site_id, integration=integration, since=since)
        today = frozenset(component.id for component in components)
        online = frozenset(component.id for component in components if component.online)
        due: dict[str, list[str]] = {}
        for doors in in_use:
            vanished = not doors.component_ids <= today
            elsewhere = vanished and isinstance(resolve_components(doors.component_names, components), Resolved)
            returned = bool(doors.dropped_ids & online) and not doors.adds_dropped
            if not (elsewhere or returned):
                continue
            for source, booking_id in await self._tools.store.bookings_with_doors(connection_id, site_id, doors):
                # Once in an hour: a replacement that is refused is not asked for again at each sweep.
                if self._may_ask(f"door:{source}:{booking_id}", NEEDS_PERSON_AGAIN, bound=False):
                    due.setdefault(source, []).append(booking_id)
        for source, booking_ids in due.items():
            await self._tools.store.wake(source, booking_ids)
            self._on_due()
        # Last: what people are shown holds up nothing that must be seen to.
        await self._keep_offline(connection_id, site_id, components, in_use)
        await keep_names(self._records, doors={site_id: components})

    async def _wake_who_is_back_online(self, setup: Setup) -> None:
        for record in await back_online(self._tools, self._records, setup):
            if self._may_ask(f"online:{record.source}:{record.booking_id}", NEEDS_PERSON_AGAIN, bound=False):
                await self._tools.store.wake(record.source, [record.booking_id])
                self._on_due()

    async def _keep_offline(
        self, connection_id: int, site_id: str, components: Sequence[Component], in_use: Sequence[DoorsInUse]
    ) -> None:
        """Keep for people which doors with access are offline. Written only where one is or was: else a look is no write."""
        place = (connection_id, site_id)
        looks = await self._records.offline_doors()
        before = next((look for look in looks if (look.connection_id, look.site_id) == place), None)
        now = await self._tools.store.now()
        doors = seen_offline(components, in_use, before=before, now=now)
        if doors or before is not None:
            await self._records.keep_offline_doors(
                OfflineDoors(connection_id=connection_id, site_id=site_id, looked_at=now, doors=doors)
            )

    # ------------------------------------------------------------------------------------------------------------------ audit

    async def _audit(self, connection_id: int, site_id: str, integration: str) -> None:
        """Compare Resivo's list with our record, and have the worker see to what is not as it was meant. Nothing is adopted: that is a person's."""
        gateway = self._tools.outside.gateway(connection_id)
        if not (gateway.can_look or gateway.can_read):
            return
        place = Place(site_id=site_id, integrations=(integration,), connection_ids=(connection_id,))
        now = await self._tools.store.now()
        findings = await compare_place(self._tools, place, self._tools.marker)
        for finding in findings:
            if finding.at is not None and finding.wants_look:
                await self._watch_now(finding.at)
            elif finding.at is not None and finding.kind in RECORDED_LIVE and finding.at.set.connection_id == connection_id:
                await self._note_drift(finding.at, finding.row, ended=finding.kind is Kind.ENDED_ELSEWHERE, now=now)
        # Last: what people are shown holds up nothing that must be seen to.
        await self._records.keep_audit(kept_audit(place, findings, at=now, listed=gateway.can_look))
        for kind, count in Counter(finding.kind for finding in findings).items():
            self._tools.watcher.measure("audit_sets", count, kind=kind.value)
        orphans = [finding.row.display_name for finding in findings if finding.row is not None and finding.kind is Kind.ORPHAN]
        if orphans:
            names = "; ".join(orphans[:ORPHANS_NAMED])
            self._tools.watcher.warn("audit.orphans", integration=integration, count=len(orphans), names=names)

    async def _watch_now(self, at: SetAt) -> None:
        """A live row of a name of ours that our record does not have as live: the worker looks at that name now and revokes what is too much."""
        number = at.set.number

        def change(_record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
            mine = [s for s in sets if s.number == number and s.state is not SetState.REVOKING]
            # What is over by our record is ended first: ending it later would end the watch.
            ended = [s.ended() if s.state is SetState.LIVE and s.intent.window.is_over(now) else s for s in mine]
            return Change(sets=[replace(s, watch_at=now) for s in ended])

        await self._amend(at, change)

    async def _note_drift(self, at: SetAt, row: FoundSet | None, *, ended: bool, now: datetime) -> None:
        """Our record says live; what does Resivo say?

        What becomes of a set that drifted, and what its verdict is, say the rules that the read-back has too.
        """
        number = at.set.number
        if ended and row is not None:
            row = replace(row, life=Life.NOT_LIVE)  # also where only its own window says so
        if row is not None and not compare(at.set, row).drifted:
            if shows_otherwise(at.set, row, now=now) is not None:
                await self._amend(at, partial(_read_back_as, number, row))
            return

        def change(_record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
            mine = [s for s in sets if s.number == number and s.state is SetState.LIVE and not s.intent.window.is_over(now)]
            return Change(sets=[gone for s in mine if (gone := after_drift(s, row, now=now)) is not None])

        self._tools.watcher.warn("audit.drift", source=at.source, booking_id=at.booking_id, number=number)
        await self._amend(at, change)

    async def _amend(self, at: SetAt, change: Callable[[BookingRecord, Sequence[AuthorizationSet], datetime], Change]) -> None:
        # A booking that is at work is compared again at the next audit.
        with contextlib.suppress(BookingBusy, UnknownBooking):
            await self._records.amend(at.source, at.booking_id, change)
            self._on_due()


def _read_back_as(number: int, row: FoundSet, _record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
    return Change(sets=[other for s in sets if s.number == number and (other := shows_otherwise(s, row, now=now)) is not None])
