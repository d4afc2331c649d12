"""A planner and a linter: the engine around the real store and network, with nothing in it that could write to either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drempel.adapters.clock import chance
from drempel.adapters.outside import OutsideWorld
from drempel.adapters.reading_transport import ReadingTransport
from drempel.adapters.store import SqlStore
from drempel.engine.calls import Calls
from drempel.engine.doors import Doors
from drempel.engine.limits import Limits
from drempel.engine.linter import Linter
from drempel.engine.planned_setup import PlannedSetup, pauses_after, plan_write
from drempel.engine.planner import Planner, Side
from drempel.engine.ports import Clock, Pause
from drempel.engine.records import StoredSecrets
from drempel.engine.rehearsal_store import RehearsalStore
from drempel.engine.replace_rehearsal import RehearsedReplacement, rehearse_replacing
from drempel.engine.replacing import LIVE_LOOKED_AT
from drempel.engine.run import Tools
from drempel.engine.setup import Setup, SetupWrite
from drempel.resivo import ResivoError
from drempel.transport import Transport

__all__ = ["StoredReplacements", "make_linter", "make_planner"]


class Unwatched:
    """A watcher that tells nobody: what a rehearsal notes has not happened."""

    def note(self, event: str, /, **data: str | float) -> None: ...

    def warn(self, event: str, /, **data: str | float) -> None: ...

    def measure(self, name: str, value: float, /, **labels: str) -> None: ...


@dataclass(frozen=True, slots=True)
class KeptSetup:
    """A set-up that stands in no store."""

    planned: PlannedSetup

    async def setup_version(self) -> int:
        return self.planned.setup.version

    async def setup(self) -> Setup:
        return self.planned.setup

    async def stored_secrets(self) -> StoredSecrets:
        return self.planned.secrets


async def make_planner(*, store: SqlStore, write: SetupWrite, transport: Transport, clock: Clock, limits: Limits) -> Planner:
    """What plans a write of the set-up. One for each plan: what was read once stays as it was."""
    now, then, left = await _both(store, write)
    make = _SideMaker(store=store, transport=ReadingTransport(transport), clock=clock, limits=limits)
    today, outside = await make.side(now, await store.pauses())
    changed, _ = await make.side(then, left, like=outside)
    return Planner(records=store, today=today, changed=changed, write=write)


async def make_linter(*, store: SqlStore, write: SetupWrite, transport: Transport, clock: Clock, limits: Limits) -> Linter:
    """What gathers the evidence for a lint of the set-up as `write` would make it."""
    _, then, left = await _both(store, write)
    make = _SideMaker(store=store, transport=ReadingTransport(transport), clock=clock, limits=limits)
    side, outside = await make.side(then, left)

    async def sites_of(connection_id: int) -> frozenset[str] | None:
        client = outside.gateway(connection_id).client
        if not client.can_list_sites:
            return None
        try:
            return frozenset(site.id for site in await client.list_sites())
        except ResivoError:
            # Why it refuses is told by the reading of the doors.
            return None

    return Linter(records=store, side=side, sites_of=sites_of)


class StoredReplacements:
    """Fills the engine's port `Replacements`. Each rehearsal reads anew."""

    def __init__(self, *, store: SqlStore, transport: Transport, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._make = _SideMaker(store=store, transport=ReadingTransport(transport), clock=clock, limits=limits)

    async def rehearse(self, integration: str, *, progress: Callable[[int, int | None], None]) -> list[RehearsedReplacement]:
        store = self._store
        now = PlannedSetup(setup=await store.setup(), secrets=await store.stored_secrets())
        side, _ = await self._make.side(now, await store.pauses())
        views = await store.insight.with_live_sets(integration, limit=LIVE_LOOKED_AT)
        return await rehearse_replacing(side, views, integration, progress=progress)


async def _both(store: SqlStore, write: SetupWrite) -> tuple[PlannedSetup, PlannedSetup, dict[str, Pause]]:
    """Today's set-up, the one after the write, and the pauses that are left then."""
    now = PlannedSetup(setup=await store.setup(), secrets=await store.stored_secrets())
    left = pauses_after(await store.pauses(), now.setup, write)
    return now, plan_write(now.setup, now.secrets, write), left


@dataclass(frozen=True, slots=True, kw_only=True)
class _SideMaker:
    """Puts the engine's tools around a set-up that need not be stored."""

    store: SqlStore
    transport: ReadingTransport
    clock: Clock
    limits: Limits

    async def side(
        self, planned: PlannedSetup, pauses: Mapping[str, Pause], *, like: OutsideWorld | None = None
    ) -> tuple[Side, OutsideWorld]:
        kept, clock, limits = KeptSetup(planned), self.clock, self.limits
        rehearsal = RehearsalStore(self.store, setup=planned.setup, pauses=pauses)
        outside = OutsideWorld(
            store=kept, records=kept, transport=self.transport, clock=clock, fingerprint=self.store.fingerprint, like=like
        )
        await outside.current()
        calls = Calls(store=rehearsal, clock=clock, limits=limits, watcher=Unwatched())
        tools = Tools(
            store=rehearsal,
            outside=outside,
            calls=calls,
            doors=Doors(outside=outside, calls=calls, clock=clock),
            clock=clock,
            chance=chance(),
            limits=limits,
            marker=await self.store.marker(),
            watcher=Unwatched(),
        )
        return Side(setup=planned.setup, tools=tools), outside
