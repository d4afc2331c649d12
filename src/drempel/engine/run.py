"""One booking at work: what its steps share. Every write goes through `save`, behind the fence of the lease."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from drempel.domain.access import AuthorizationSet, Marker, SetState
from drempel.domain.events import Event
from drempel.domain.failures import Failure
from drempel.domain.values import value
from drempel.engine.calls import Calls, Target, site_target
from drempel.engine.doors import Doors
from drempel.engine.limits import STARTS_SOON, Limits
from drempel.engine.ports import CallClass, CallFailed, Chance, Change, Claim, Clock, Gateway, Lease, Outside, Store, Watcher
from drempel.engine.setup import Setup
from drempel.engine.waiting_line import LINE_SECONDS_MAX, Rank, Urgency

__all__ = ["Line", "Outdated", "Run", "Stopped", "Tools"]

T = TypeVar("T")


@value(frozen=True, slots=True)
class Line:
    """A way to Resivo: a connection's gateway, and what its calls are held back by."""

    gateway: Gateway
    target: Target


class Stopped(Exception):
    """The work at one site cannot go on now. Says what went wrong, and when to try again if that is known."""

    def __init__(self, failure: Failure, *, at: datetime | None = None, cause: CallFailed | None = None) -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.at = at
        self.cause = cause


class Outdated(Exception):
    """What this run has read is too old to create by: the process stood still, or the calls before took too long. Nothing was created."""

    def __init__(self, run: Run) -> None:
        super().__init__("read too long ago")
        self.run = run


@value(frozen=True, slots=True, kw_only=True)
class Tools:
    """What every run uses, handed in once."""

    store: Store
    outside: Outside
    calls: Calls
    doors: Doors
    clock: Clock
    chance: Chance
    limits: Limits
    marker: Marker
    watcher: Watcher


@dataclass(slots=True, kw_only=True)
class Run:
    """One claimed booking, with its sets as they are now."""

    tools: Tools
    claim: Claim
    setup: Setup
    began_monotonic: float
    sets: dict[int, AuthorizationSet] = field(default_factory=dict)
    read_at: datetime | None = None
    """When the booking had been read in this run."""
    pending: Change = field(default_factory=Change)
    """What the next save or the completion writes."""

    @classmethod
    def of(cls, claim: Claim, *, tools: Tools, setup: Setup) -> Run:
        """Begin work on a claimed booking."""
        sets = {s.number: s for s in claim.sets}
        run = cls(tools=tools, claim=claim, setup=setup, began_monotonic=tools.clock.monotonic(), sets=sets)
        patience = 0.0 if claim.only_look else LINE_SECONDS_MAX
        run.tools = replace(tools, calls=tools.calls.ordered_by(run.urgency, patience_seconds=patience))
        return run

    @property
    def lease(self) -> Lease:
        return self.claim.lease

    @property
    def now(self) -> datetime:
        """The store's time: that of the claim plus what passed since, by a clock that never jumps."""
        lease = self.claim.lease
        return lease.now + timedelta(seconds=self.tools.clock.monotonic() - lease.told_monotonic)

    @property
    def fresh_until(self) -> float:
        """Until when a create may act on what was read since the claim (monotonic), the set-up too: on what was true a moment ago, not before."""
        limits = self.tools.limits
        return self.lease.told_monotonic + (limits.lease - limits.call_timeout).total_seconds()

    def require_fresh(self) -> None:
        """Raises `Outdated` if the reading of this run began too long ago."""
        if self.tools.clock.monotonic() > self.fresh_until:
            raise Outdated(self)

    def urgency(self) -> Urgency:
        """Where its calls stand in a line: the order of claims, by what is known of it by now."""
        record, now = self.claim.record, self.now
        begins = record.start or now
        running = {s.state for s in self.sets.values() if s.intent.window.valid_from <= now < s.intent.window.valid_to}
        if SetState.REVOKING in running or (record.hinted and SetState.LIVE in running):
            return Urgency(Rank.ENDS_RUNNING_ACCESS, begins)
        soon = begins <= now + STARTS_SOON and (record.end is None or record.end > now)
        return Urgency(Rank.STARTS_SOON if soon else Rank.LATER, begins)

    def gateway(self, connection_id: int) -> Gateway:
        return self.tools.outside.gateway(connection_id)

    async def through_connection(self, of: AuthorizationSet, work: Callable[[Line], Awaitable[T]]) -> T:
        """Do work for a set through the connection that it was made with.

        If Resivo no longer takes that credential, through the integration's present one, if it leads to the same Site Owner at the same address:
        a credential of a Site Owner opens all its sites. Raises `CallFailed`.
        """
        connections = self._connections_of(of)
        for connection_id in connections[:-1]:
            try:
                return await work(self._line(connection_id, of))
            except CallFailed as error:
                if error.call_class is not CallClass.CREDENTIAL_REFUSED and not (error.pause_key or "").startswith("credential:"):
                    raise
        return await work(self._line(connections[-1], of))

    def _line(self, connection_id: int, of: AuthorizationSet) -> Line:
        return Line(self.gateway(connection_id), site_target(connection_id, of.intent.site_id, integration=of.integration))

    def _connections_of(self, of: AuthorizationSet) -> list[int]:
        made_with = self.setup.connections.get(of.connection_id)
        integration = self.setup.integrations.get(of.integration)
        present = self.setup.connections.get(integration.connection_id) if integration is not None else None
        if made_with is None or present is None or made_with.id == present.id:
            return [of.connection_id]
        same = made_with.leads_to == present.leads_to
        return [made_with.id, present.id] if same else [made_with.id]

    def at_site(self, integration: str, site_id: str) -> list[AuthorizationSet]:
        """The booking's sets of one integration at one site, by number."""
        return [s for _, s in sorted(self.sets.items()) if s.integration == integration and s.intent.site_id == site_id]

    def note(self, event: str, **data: str) -> None:
        """Remember a fact for the booking's history; written with the next save."""
        self.pending.events.append(Event(at=self.now, type=event, data=data))

    def put(self, changed: AuthorizationSet) -> AuthorizationSet:
        """Change a set; written with the next save."""
        self.sets[changed.number] = changed
        self.pending.sets = [s for s in self.pending.sets if s.number != changed.number]
        self.pending.sets.append(changed)
        return changed

    def drop(self, dropped: AuthorizationSet) -> None:
        """Forget an intent that certainly is not at Resivo."""
        del self.sets[dropped.number]
        self.pending.sets = [s for s in self.pending.sets if s.number != dropped.number]
        self.pending.dropped_numbers.append(dropped.number)

    async def save(self, *, renew: bool = False) -> None:
        """Commit what is pending. Raises `LeaseLost`: then nothing was written and the run must stop."""
        change, self.pending = self.pending, Change()
        await self.tools.store.commit(self.lease, self.claim.record, change, renew=renew)

    def live_ids(self, order: Sequence[tuple[str, str]]) -> list[str]:
        """The ids of the newest live set of each (integration, site), in this order."""
        ids: list[str] = []
        for integration, site_id in order:
            newest = [s for s in self.at_site(integration, site_id) if s.state == "live" and s.authorization_id]
            if newest:
                ids.append(str(newest[-1].authorization_id))
        return ids
