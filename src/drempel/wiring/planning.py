"""A planner: the engine around the real store and network, with nothing in it that could write to either."""

from __future__ import annotations

from dataclasses import dataclass

from drempel.adapters.clock import chance
from drempel.adapters.outside import OutsideWorld
from drempel.adapters.reading_transport import ReadingTransport
from drempel.adapters.store import SqlStore
from drempel.engine.calls import Calls
from drempel.engine.doors import Doors
from drempel.engine.limits import Limits
from drempel.engine.planned_setup import PlannedSetup, pauses_after, plan_write
from drempel.engine.planner import Planner, Side
from drempel.engine.ports import Clock
from drempel.engine.records import StoredSecrets
from drempel.engine.rehearsal_store import RehearsalStore
from drempel.engine.run import Tools
from drempel.engine.setup import Setup, SetupWrite
from drempel.transport import Transport

__all__ = ["make_planner"]


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
    now = PlannedSetup(setup=await store.setup(), secrets=await store.stored_secrets())
    then = plan_write(now.setup, now.secrets, write)
    pauses = await store.pauses()
    reading = ReadingTransport(transport)

    async def side(planned: PlannedSetup, rehearsal: RehearsalStore, like: OutsideWorld | None) -> tuple[Side, OutsideWorld]:
        kept = KeptSetup(planned)
        outside = OutsideWorld(store=kept, records=kept, transport=reading, clock=clock, fingerprint=store.fingerprint, like=like)
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
            marker=await store.marker(),
            watcher=Unwatched(),
        )
        return Side(setup=planned.setup, tools=tools), outside

    today, outside = await side(now, RehearsalStore(store, setup=now.setup, pauses=pauses), None)
    left = pauses_after(pauses, now.setup, write)
    changed, _ = await side(then, RehearsalStore(store, setup=then.setup, pauses=left), outside)
    return Planner(records=store, today=today, changed=changed, write=write)
