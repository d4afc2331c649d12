"""The world: booking system, Resivo, store and workers under one clock and one seed. Each step is drawn; faults are scripted, workers die.

`World.play` draws steps; `World.settle_down` heals the faults and lets everything come to rest; `oracle.check` then asks whether the promise holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drempel.adapters.outside import OutsideWorld
from drempel.domain.access import BookingState
from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges, Policy
from drempel.engine.calls import Calls
from drempel.engine.doors import Doors
from drempel.engine.intake import take_hint
from drempel.engine.limits import Limits
from drempel.engine.run import Tools
from drempel.engine.setup import DesiredIntegration, DesiredSource, SetupWrite
from drempel.engine.sweep import Sweep
from drempel.engine.worker import Worker
from drempel.ireserve import booking_id_of
from drempel.resivo import load_profile, profile_to_json
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.resivo import ResivoSimulator
from drempel.transport.in_process import InProcessTransport
from tests.clock import ManualClock
from tests.simulation import oracle
from tests.simulation.mortal import Killed, Life, Mortal

BEGIN = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)  # the night after, the clocks of Amsterdam go forward
DOORS = ("Main entrance", "Hall 1", "Hall 2", "Storage")
MAPPING = {"81": ("Main entrance", "Hall 1"), "82": ("Main entrance", "Hall 2"), "83": ("Main entrance", "Hall 1")}
UNMAPPED = "99"
LIMITS = Limits()
FOREIGN = "portal made this by hand"
RESIVO_OPERATIONS = (
    "create_remote_access",
    "revoke_authorization",
    "read_authorization",
    "list_authorizations",
    "list_components",
    "token",
)
RESIVO_WEIGHTS = (8, 4, 2, 2, 1, 1)
SOURCE_OPERATIONS = ("read_booking", "read_customer", "write_booking_field", "filter_bookings")


class Silent:
    """A watcher that keeps what it was told, for the leak check."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, event: str, /, **data: str | float) -> None:
        self.lines.append(f"{event} {data}")

    warn = note

    def measure(self, name: str, value: float, /, **labels: str) -> None:
        self.lines.append(f"{name} {labels}")


@dataclass
class Crew:
    """One worker process: everything in it dies with it."""

    life: Life
    worker: Worker
    sweep: Sweep
    task: asyncio.Task[Any] | None = None


@dataclass
class World:
    """Everything under one seed."""

    seed: int
    store: Any
    records: Any
    clock: ManualClock
    resivo: ResivoSimulator
    ireserve: IReserveSimulator
    site_id: str
    component_ids: dict[str, str]
    foreign_id: str
    chance: random.Random
    watcher: Silent = field(default_factory=Silent)
    marker: Any = None
    trace: list[str] = field(default_factory=list)
    bookings: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    faults_played: int = 0
    twins_possible: int = 0
    """How many creates may have come to Resivo after their caller had given up: each may leave a twin, to be found later."""
    changes: Counter[str] = field(default_factory=Counter)
    """How often each booking changed in a way that may want another set."""
    broken: list[str] = field(default_factory=list)
    frozen: list[Crew] = field(default_factory=list)
    transport: InProcessTransport | None = None
    serial: int = 0

    # ------------------------------------------------------------------------------------------------------------ beginning

    @classmethod
    async def begin(
        cls,
        seed: int,
        open_store: Callable[..., Any],
        path: Path,
        *,
        profile: str = "assumed-v8",
        follow: str = "any",
        before: Callable[[IReserveSimulator], None] = lambda _: None,
        clock: ManualClock | None = None,
    ) -> World:
        """A world at rest: one source, one integration, four doors, one access made by hand in the portal."""
        clock = clock or ManualClock(BEGIN)
        store = await open_store(path, clock)
        shown = SimulatorClock(frozen_at=BEGIN)
        resivo = ResivoSimulator(profile=load_profile(profile), clock=shown, seed=seed)
        ireserve = IReserveSimulator(clock=shown, seed=seed)
        owner = resivo.add_site_owner()
        credential = resivo.add_credential(site_owner_id=owner.id)
        site = resivo.add_site(site_owner_id=owner.id)
        ids = {name: resivo.add_component(site.id, name).id for name in DOORS}
        for object_id, name in (("81", "Hall 1"), ("82", "Hall 2"), ("83", "Hall 1 half"), (UNMAPPED, "Attic")):
            ireserve.add_object(object_id, name)
        world = cls(
            seed=seed,
            store=store,
            records=store,
            clock=clock,
            resivo=resivo,
            ireserve=ireserve,
            site_id=site.id,
            component_ids=ids,
            foreign_id="",
            chance=random.Random(seed),
        )
        world.transport = InProcessTransport({"resivo": resivo.app, "ireserve": ireserve.app})
        for event in ("booking_created", "booking_updated"):
            ireserve.add_hook(event, "http://drempel/hook")
        world.marker = await store.marker()
        await store.write_setup(
            SetupWrite(
                sources=(
                    DesiredSource(
                        name="club",
                        kind="ireserve",
                        base_url="http://ireserve",
                        username="drempel",
                        password=ireserve.accounts["drempel"],
                        time_zone="Europe/Amsterdam",
                    ),
                ),
                integrations=(
                    DesiredIntegration(
                        name="doors",
                        kind="resivo",
                        source="club",
                        policy=Policy(
                            trigger_statuses=frozenset({"20", "30"}),
                            revoke_statuses=frozenset({"70", "80"}),
                            time_before=timedelta(minutes=15),
                            authorization_field="custom05",
                            follow_changes=FollowChanges(follow),
                        ),
                        profile_json=profile_to_json(load_profile(profile)),
                        base_url="http://resivo",
                        site_owner_id=owner.id,
                        client_id=credential.client_id,
                        client_secret=credential.client_secret,
                        site_id=site.id,
                        mappings=tuple(
                            ObjectMapping(object_id=object_id, site_id=site.id, component_names=names)
                            for object_id, names in MAPPING.items()
                        ),
                    ),
                ),
            )
        )
        world.foreign_id = world._make_by_hand()
        before(ireserve)
        await world.crew().sweep.run_once()
        return world

    def _make_by_hand(self) -> str:
        from drempel.simulators.resivo.records import Authorization

        made = Authorization(
            id="by-hand",
            site_id=self.site_id,
            type="remote-access",
            display_name=FOREIGN,
            component_ids=[self.component_ids["Hall 1"]],
            valid_from=None,
            valid_to=None,
            created_at=self.clock.now(),
        )
        self.resivo.state.put_authorization(made)
        return made.id

    def crew(self, *, die_at: int | None = None, freeze_at: int | None = None) -> Crew:
        """A fresh process: nothing of an earlier one is in its memory."""
        life = Life(die_at=die_at, freeze_at=freeze_at)
        store = Mortal(self.store, life)
        transport = Mortal(self.transport, life)
        outside = OutsideWorld(
            store=store, records=store, transport=transport, clock=self.clock, fingerprint=self.store.fingerprint
        )
        calls = Calls(store=store, clock=self.clock, limits=LIMITS, watcher=self.watcher)
        tools = Tools(
            store=store,
            outside=outside,
            calls=calls,
            doors=Doors(outside=outside, calls=calls, clock=self.clock),
            clock=self.clock,
            chance=self.chance,
            limits=LIMITS,
            marker=self.marker,
            watcher=self.watcher,
        )
        return Crew(life=life, worker=Worker(tools), sweep=Sweep(tools, store))

    # ---------------------------------------------------------------------------------------------------------------- steps

    async def play(self, steps: int) -> None:
        """Draw so many steps."""
        actions: list[tuple[int, Callable[[], Any]]] = [
            (14, self.book),
            (16, self.change_status),
            (7, self.reschedule),
            (4, self.move),
            (4, self.change_visitor),
            (2, self.delete),
            (2, self.spoil_field),
            (14, self.deliver),
            (6, self.change_doors),
            (16, self.plant_fault),
            (26, self.work),
            (10, self.work_and_die),
            (6, self.freeze),
            (5, self.thaw),
            (14, self.pass_time),
            (4, self.sweep),
            (2, self.end_tokens),
        ]
        weights = [weight for weight, _ in actions]
        for _ in range(steps):
            action = self.chance.choices([a for _, a in actions], weights)[0]
            said = action()
            if inspect_awaitable(said):
                said = await said
            self.broken += oracle.at_each_step(self)
            if said:
                self.trace.append(f"{self.clock.now():%d %H:%M:%S} {said}")

    def _some_booking(self) -> str | None:
        alive = [b for b in self.bookings if b not in self.deleted]
        return self.chance.choice(alive) if alive else None

    def book(self) -> str | None:
        if len(self.bookings) >= 6:
            return None
        self.serial += 1
        start, end = self._times()
        booking_id = self.ireserve.make_booking(
            self.chance.choice(["81", "81", "82", "82", "83", "83", UNMAPPED]),
            start,
            end,
            email=self.chance.choice([f"visitor{self.serial}@example.com", f"visitor{self.serial}@example.com", ""]),
            tel_mob=self.chance.choice(["0031 6 1234 5678", "06 12345678", ""]),
            status=self.chance.choice(["10", "20", "20", "30"]),
        )
        self.bookings.append(booking_id)
        return f"book {booking_id} {start:%d %H:%M}-{end:%H:%M}"

    def _times(self) -> tuple[datetime, datetime]:
        start = BEGIN + timedelta(hours=self.chance.choice([-1, 1, 2, 6, 16, 17, 26, 60]), minutes=self.chance.choice([0, 30]))
        start = max(start, self.clock.now() - timedelta(hours=1)).replace(second=0, microsecond=0)
        return start, start + timedelta(minutes=self.chance.choice([30, 60, 120, 600]))

    def change_status(self) -> str | None:
        booking_id = self._some_booking()
        if booking_id is None:
            return None
        status = self.chance.choice(["10", "20", "20", "30", "30", "40", "70", "80"])
        self.changes[booking_id] += 1
        self.ireserve.set_status(booking_id, status)
        return f"status {booking_id} -> {status}"

    def reschedule(self) -> str | None:
        booking_id = self._some_booking()
        if booking_id is None:
            return None
        self.changes[booking_id] += 1
        start, end = self._times()
        if self.chance.random() < 0.4:
            with contextlib.suppress(ValueError):
                self.ireserve.reschedule_as_customer(booking_id, start, end)
        else:
            self.ireserve.reschedule_as_admin(booking_id, start, end)
        return f"reschedule {booking_id} {start:%d %H:%M}-{end:%H:%M}"

    def move(self) -> str | None:
        booking_id = self._some_booking()
        if booking_id is None:
            return None
        object_id = self.chance.choice(["81", "82", "83", UNMAPPED])
        self.changes[booking_id] += 1
        self.ireserve.move_object(booking_id, object_id)
        return f"move {booking_id} -> {object_id}"

    def change_visitor(self) -> str | None:
        booking_id = self._some_booking()
        if booking_id is None:
            return None
        self.changes[booking_id] += 1
        customer_id = self.ireserve.booking(booking_id).customer_id
        self.serial += 1
        if self.chance.random() < 0.5:
            self.ireserve.change_customer(customer_id, email=f"new{self.serial}@example.com")
        else:
            self.ireserve.change_customer(customer_id, tel_mob=self.chance.choice(["+31687654321", "", "020 1234567"]))
        return f"change visitor of {booking_id}"

    def delete(self) -> str | None:
        booking_id = self._some_booking()
        if booking_id is None:
            return None
        self.changes[booking_id] += 1
        self.ireserve.delete_booking(booking_id)
        self.deleted.add(booking_id)
        return f"delete {booking_id}"

    def spoil_field(self) -> str | None:
        booking_id = self._some_booking()
        if booking_id is None:
            return None
        value = self.chance.choice(["not-ours", "", "7f2d5c1e-0000-4000-8000-000000000000"])
        self.changes[booking_id] += 1
        self.ireserve.set_field(booking_id, 5, value)
        return f"field of {booking_id} = {value!r}"

    async def deliver(self) -> str | None:
        """Hand over what is due: each once, twice, in another order, or never."""
        due = self.ireserve.deliveries.due(self.ireserve.clock.now())
        self.chance.shuffle(due)
        for delivery in due:
            fate = self.chance.random()
            if fate < 0.1:
                self.ireserve.deliveries.done(delivery, ok=True, outcome="lost on the way")
                continue
            booking_id = booking_id_of(delivery.body)
            assert booking_id is not None
            for _ in range(2 if fate > 0.8 else 1):
                await take_hint(self.store, source="club", booking_id=booking_id)
            self.ireserve.deliveries.done(delivery, ok=True)
        return f"deliver {[d.booking_id for d in due]}" if due else None

    def change_doors(self) -> str:
        name = self.chance.choice(DOORS)
        component_id = self.component_ids[name]
        what = self.chance.choice(["rename", "name back", "offline", "online", "online", "new id", "twin"])
        state = self.resivo.state
        self.changes.update(self.bookings)
        match what:
            case "rename":
                self.resivo.rename_component(component_id, f"{name} (new)")
            case "name back":
                self.resivo.rename_component(component_id, name)
            case "offline" | "online":
                self.resivo.set_online(component_id, what == "online")
            case "new id":
                self.component_ids[name] = self.resivo.renew_component_id(component_id).id
            case _:
                twins = [c.id for c in state.components.values() if c.display_name == name and c.id != component_id]
                if twins:
                    self.resivo.remove_component(twins[0])
                else:
                    self.resivo.add_component(self.site_id, name)
        return f"door {name}: {what}"

    def plant_fault(self) -> str:
        self.faults_played += 1
        if self.chance.random() < 0.75:
            operation = self.chance.choices(RESIVO_OPERATIONS, RESIVO_WEIGHTS)[0]
            sim: Any = self.resivo
        else:
            operation = self.chance.choice(SOURCE_OPERATIONS)
            sim = self.ireserve
        kind, options = self.chance.choice(
            [
                ("lost_after", {}),
                ("lost_after", {}),
                ("lost_before", {}),
                ("refuse", {}),
                ("late", {"late_seconds": self.chance.choice([5, 15, 45, 400])}),
                ("late", {"late_seconds": self.chance.choice([25, 90, 700])}),
                (
                    "status",
                    {"status": self.chance.choice([500, 502, 503, 504]), "body": self.chance.choice(["html", "empty", "json"])},
                ),
                ("status", {"status": 503, "done": True, "retry_after": 3}),
                ("status", {"status": 500, "done": True}),
                ("status", {"status": 429, "retry_after": self.chance.choice([1, 7, 60])}),
                ("status", {"status": self.chance.choice([200, 201]), "body": "html", "done": True}),
            ]
        )
        times = self.chance.choice([1, 1, 1, 2, 4])
        if operation == "create_remote_access" and kind == "late":
            self.twins_possible += times
        try:
            sim.faults.add(operation=operation, kind=kind, times=times, **options)
        except ValueError as error:
            raise AssertionError(f"{operation} {kind} {options}") from error
        return f"fault {operation} {kind} {options} x{times}"

    async def work(self) -> str:
        crew = self.crew()
        worked = 0
        for _ in range(3):
            worked += await self._run(crew) or 0
        return f"work {worked}"

    async def work_and_die(self) -> str:
        crew = self.crew(die_at=self.chance.randint(3, 30))
        await self._run(crew)
        return f"work and die at {crew.life.die_at}" if crew.life.dead else "work"

    async def freeze(self) -> str | None:
        """A worker that sleeps in the middle of its work: its lease may end before it wakes."""
        crew = self.crew(freeze_at=self.chance.randint(4, 24))
        crew.task = asyncio.create_task(crew.worker.run_once(limit=1))
        freezing = asyncio.create_task(crew.life.frozen.wait())
        await asyncio.wait({crew.task, freezing}, return_when=asyncio.FIRST_COMPLETED)
        freezing.cancel()
        if crew.task.done():
            await self._finished(crew.task)
            return "work"
        self.frozen.append(crew)
        return f"freeze at {crew.life.freeze_at}"

    async def thaw(self) -> str | None:
        if not self.frozen:
            return None
        crew = self.frozen.pop(0)
        self.twins_possible += 1
        crew.life.thaw.set()
        assert crew.task is not None
        await self._finished(crew.task)
        return "thaw"

    async def _run(self, crew: Crew) -> int | None:
        return await self._finished(asyncio.create_task(crew.worker.run_once(limit=1)))

    async def _finished(self, task: asyncio.Task[Any]) -> Any:
        try:
            return await task
        except Killed:
            return None

    def pass_time(self) -> str:
        by = timedelta(seconds=self.chance.choice([1, 5, 11, 31, 45, 70, 130, 700, 1900]))
        self.advance(by)
        return f"{by.total_seconds():.0f} s pass"

    def advance(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.resivo.clock.set(self.clock.now())
        self.resivo.catch_up()
        self.ireserve.catch_up()

    async def sweep(self) -> str:
        await self.crew().sweep.run_once()
        return "sweep"

    def end_tokens(self) -> str:
        self.resivo.end_tokens()
        return "tokens end"

    # ----------------------------------------------------------------------------------------------------------- coming to rest

    async def settle_down(self) -> None:
        """No more faults; everything that is due is done, over hours, until the looks for late twins are over too."""
        while self.frozen:
            await self.thaw()
        self.resivo.faults.clear()
        self.ireserve.faults.clear()
        for pause in (0, 40, 620, 700, 1000, 1900, 3700):
            self.advance(timedelta(seconds=pause))
            await self._rest_once()

    async def _rest_once(self) -> None:
        crew = self.crew()
        for _ in range(120):
            await self._deliver_all()
            await crew.sweep.run_once()
            worked = await crew.worker.run_once(limit=64)
            due = await self.next_due()
            if worked == 0 and not self.ireserve.deliveries.due(self.ireserve.clock.now()):
                if due is None or due > self.clock.now() + timedelta(seconds=90):
                    return
                # What is due and not worked on is leased to a worker that died: wait for the end of its lease.
                self.advance(max(due - self.clock.now(), timedelta(seconds=5)) + timedelta(milliseconds=1))
        raise AssertionError("the world does not come to rest")

    async def _deliver_all(self) -> None:
        for delivery in self.ireserve.deliveries.due(self.ireserve.clock.now()):
            booking_id = booking_id_of(delivery.body)
            assert booking_id is not None
            await take_hint(self.store, source="club", booking_id=booking_id)
            self.ireserve.deliveries.done(delivery, ok=True)

    async def next_due(self) -> datetime | None:
        views, _ = await self.records.bookings(state=None, limit=500, after=None)
        return min((v.record.next_at for v in views if v.record.next_at is not None), default=None)

    async def state_of(self, booking_id: str) -> BookingState:
        return (await self.records.booking("club", booking_id)).record.state


def inspect_awaitable(value: object) -> bool:
    return hasattr(value, "__await__")
