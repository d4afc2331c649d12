"""The world: booking system, Resivo, store and workers under one clock. What happens in it is a script (`script.py`) of actions (`actions.py`).

`resting.settle_down` heals the faults and lets everything come to rest; `oracle.check` then asks whether the promise holds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drempel.adapters.outside import OutsideWorld
from drempel.domain.access import BookingState
from drempel.engine.calls import Calls
from drempel.engine.doors import Doors
from drempel.engine.intake import take_hint
from drempel.engine.limits import Limits
from drempel.engine.run import Tools
from drempel.engine.sweep import Sweep
from drempel.engine.worker import Worker
from drempel.ireserve import booking_id_of
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.resivo import ResivoSimulator
from drempel.transport.in_process import InProcessTransport
from tests.clock import ManualClock
from tests.simulation.asked_to_wait import AskedToWait, Wait
from tests.simulation.beginning import DOORS, FOREIGN, build_resivo, set_up
from tests.simulation.mortal import Killed, Life, Mortal
from tests.simulation.neighbour import Neighbour
from tests.simulation.stores import next_due
from tests.simulation.truth import SITES, Rules, Truth
from tests.simulation.weather import FAIR, SPRING, Weather
from tests.simulation.witness import Witness

__all__ = ["BEGIN", "DOORS", "FOREIGN", "LIMITS", "Crew", "Silent", "World"]

import random

BEGIN = SPRING
LIMITS = Limits()


class Silent:
    """A watcher that keeps what it was told, for the leak check and for faults of ours."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.measured: list[tuple[str, str, float]] = []
        """Name, reason and value of what has a reason."""

    def note(self, event: str, /, **data: str | float) -> None:
        self.lines.append(f"{event} {data}")

    warn = note

    def measure(self, name: str, value: float, /, **labels: str) -> None:
        self.lines.append(f"{name} {labels}")
        if "reason" in labels:
            self.measured.append((name, labels["reason"], value))

    def forgive(self, *, since: int = 0) -> None:
        """A full disk is told as a fault of ours, and nobody can do anything about it from within."""
        self.lines[since:] = [line for line in self.lines[since:] if ".fault " not in line and "internal.error" not in line]


class SkewedClock:
    """The clock of a machine that is off. Its monotonic time is right."""

    def __init__(self, right: ManualClock, by: timedelta) -> None:
        self._right = right
        self._by = by

    def now(self) -> datetime:
        return self._right.now() + self._by

    def monotonic(self) -> float:
        return self._right.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._right.sleep(seconds)


@dataclass
class Crew:
    """One worker process: everything in it dies with it."""

    life: Life
    worker: Worker
    sweep: Sweep
    tools: Tools
    task: asyncio.Task[Any] | None = None


@dataclass
class World:
    """Everything there is."""

    store: Any
    clock: ManualClock
    resivo: ResivoSimulator
    ireserve: IReserveSimulator
    site_ids: dict[str, str]
    component_ids: dict[str, str]
    truth: Truth
    weather: Weather = FAIR
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    watcher: Silent = field(default_factory=Silent)
    marker: Any = None
    transport: Any = None
    witness: Any = None
    made: Any = None
    """How Resivo was made."""
    neighbour: Neighbour | None = None
    saved_secret: str = ""
    """The secret that Drempel was told last."""
    waits: dict[str, Wait] = field(default_factory=dict)
    """By host, for how long it asked not to be called."""
    crews: list[Crew] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    bookings: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    played: dict[str, int] = field(default_factory=dict)
    """How often each action and each kind of fault was played."""
    serial: int = 0
    focus: str | None = None
    """The booking that the next change is about; None: any."""
    source_is_out: bool = False
    """The booking system answers 404 or worse to everything: none of it says anything of a booking."""
    jumped: bool = False
    paused_at: datetime | None = None
    in_hand_at_pause: bool = False
    """Whether somebody stood in the middle of a booking when everything was paused: what he goes on to revoke he was told before."""
    customers_unreadable: bool = False
    late_seconds: set[float] = field(default_factory=set)
    touched_sets: set[str] = field(default_factory=set)
    """Sets that somebody changed or ended in the portal."""
    changed_unknown: set[str] = field(default_factory=set)
    """Those among them of which Drempel knew nothing then, because the answer to their create was lost."""
    deleted_sets: set[str] = field(default_factory=set)
    deleted_names: set[str] = field(default_factory=set)
    erase_ordered: set[str] = field(default_factory=set)
    """Bookings of which a person said: erase what is kept."""
    portal_ended: set[str] = field(default_factory=set)
    """Sets that somebody ended in the portal, and of which no person at Drempel has said since that there is to be another."""
    braked: bool = False
    """So much vanished at once that a person is asked before anything is revoked for that."""
    refused: set[str] = field(default_factory=set)
    """What has been refused by one of the other sides, and may be paused for that: credential, site, source."""
    once_taken: set[str] = field(default_factory=set)
    """Bookings of which a person has ever said that."""
    ordered_away: set[str] = field(default_factory=set)
    """Bookings of which a person said: take access away."""
    may_overwrite: set[str] = field(default_factory=set)
    may_vanish: set[str] = field(default_factory=set)
    """Bookings that the booking system hid when so few had access that nobody could tell it from cancellations."""
    existing: set[str] = field(default_factory=set)
    """Bookings that stood at a trigger status before Drempel began: they get nothing until somebody tells of them."""
    cautious: set[str] = field(default_factory=set)
    """Bookings whose right nobody can tell exactly: a person withheld access, and the status has left and come back since."""

    # ------------------------------------------------------------------------------------------------------------ beginning

    @classmethod
    async def begin(
        cls,
        seed: int,
        open_store: Callable[..., Any],
        path: Path,
        *,
        weather: Weather = FAIR,
        profile: str | None = None,
        follow: str | None = None,
        before: Callable[[IReserveSimulator], None] = lambda _: None,
        clock: ManualClock | None = None,
    ) -> World:
        """A world at rest: one source, one integration, two sites, some accesses made by hand in the portal."""
        if profile is not None or follow is not None:
            weather = replace(weather, profile=profile or weather.profile, follow=follow or weather.follow)
        clock = clock or ManualClock(weather.begin)
        store = await open_store(path, clock)
        shown = SimulatorClock(frozen_at=weather.begin)
        ireserve = IReserveSimulator(clock=shown, seed=seed)
        for name, value in weather.switches.items():
            setattr(ireserve.switches, name, value)
        for object_id, name in (("81", "Hall 1"), ("82", "Hall 2"), ("83", "Hall 1 half"), ("84", "All"), ("99", "Attic")):
            ireserve.add_object(object_id, name)
        for event in ("booking_created", "booking_updated"):
            ireserve.add_hook(event, "http://drempel/hook")
        made = build_resivo(weather, shown, seed)
        resivo = made.simulator
        truth = Truth(ireserve=ireserve, resivo=resivo, site_ids=made.site_ids, default_country=weather.default_country)
        world = cls(
            store=store,
            clock=clock,
            resivo=resivo,
            ireserve=ireserve,
            site_ids=made.site_ids,
            component_ids=made.component_ids,
            truth=truth,
            weather=weather,
            chance=random.Random(seed),
            neighbour=Neighbour.build(weather.begin, seed) if weather.neighbour else None,
        )
        world.witness = Witness(truth, world=world)
        if "token_ends_after_seconds" in weather.quirks or "token_lifetime_seconds" in weather.quirks:
            world.refused.add("credential")  # two in a row may end while a worker stands still
        apps = world.neighbour.apps if world.neighbour is not None else {}
        world.transport = InProcessTransport({"resivo": resivo.app, "ireserve": ireserve.app, **apps})
        world.marker = await store.marker()
        world.made, world.saved_secret = made, made.credential.client_secret
        await store.write_setup(set_up(weather, made, ireserve, rules=truth.rules, neighbour=world.neighbour))
        before(ireserve)
        for number in range(weather.existing):
            world.existing.add(_make_existing(ireserve, weather, number))
        world.bookings += sorted(world.existing)
        world.note_truth()
        world.crews = [world.crew(gated=True, skew=skew) for skew in weather.skew_seconds]
        await world.crew().sweep.run_once()
        if world.neighbour is not None:
            for status in ("30", "30", "20"):
                await world.neighbour.book(store, status=status)
        return world

    @property
    def records(self) -> Any:
        return self.store

    @property
    def site_id(self) -> str:
        return self.site_ids["north"]

    @property
    def now(self) -> datetime:
        """The true time, which is that of both other sides; our own clock may be wrong."""
        return self.resivo.clock.now()

    def slowest(self, since: datetime) -> datetime:
        """What our own clock may have said then, at the earliest."""
        return since - timedelta(hours=4) if self.jumped else since

    def crew(self, *, die_at: int | None = None, stand_at: int | None = None, gated: bool = False, skew: float = 0.0) -> Crew:
        """A fresh process: nothing of an earlier one is in its memory."""
        life = Life(gated=gated, die_at=die_at, stand_at=stand_at)
        store = Mortal(self.store, life, name="store")
        waits = AskedToWait(self)
        transport = self.witness.asking(Mortal(self.witness.sending(self.transport), life, name="transport"), waits)
        clock = SkewedClock(self.clock, timedelta(seconds=skew))
        outside = OutsideWorld(store=store, records=store, transport=transport, clock=clock, fingerprint=self.store.fingerprint)
        calls = Calls(store=store, clock=clock, limits=LIMITS, watcher=self.watcher)
        tools = Tools(
            store=store,
            outside=outside,
            calls=calls,
            doors=Doors(outside=outside, calls=calls, clock=clock),
            clock=clock,
            chance=self.chance,
            limits=LIMITS,
            marker=self.marker,
            watcher=self.watcher,
        )
        worker = Worker(tools)
        waits.in_hand, waits.is_dead = lambda: len(worker._active), lambda: life.dead
        return Crew(life=life, worker=worker, sweep=Sweep(tools, store), tools=tools)

    # ---------------------------------------------------------------------------------------------------------------- crews

    async def start(self, crew: Crew, *, limit: int = 1) -> None:
        """Give it something to do, if it stands about."""
        if crew.task is None:
            crew.task = asyncio.create_task(crew.worker.run_once(limit=limit))
            await crew.life.stands_still(crew.task)

    async def step(self, crew: Crew, steps: int) -> None:
        """Let it make so many steps."""
        await self.start(crew)
        for _ in range(steps):
            if crew.task is None or crew.task.done() or not crew.life.stands_at:
                break
            crew.life.let_go_on()
            await crew.life.stands_still(crew.task)
        if crew.task is not None and crew.task.done():
            await self.finish(crew)

    async def finish(self, crew: Crew) -> int:
        """Let it come to the end of what it does; how many bookings it worked on."""
        if crew.task is None:
            return 0
        gated = crew.life.gated and crew.life.stand_at is None
        crew.life.run_free()
        try:
            count: int = await crew.task
        except Killed:
            return 0
        finally:
            crew.task = None
            crew.life.gated = gated
        return count

    async def finish_all(self) -> None:
        """Everybody comes to the end of what he has in hand."""
        for crew in self.crews:
            await self.finish(crew)

    async def finish_all_that_is_due(self) -> None:
        """A fresh process does what is due now."""
        other = self.crew()
        for _ in range(2):
            await self.start(other, limit=8)
            await self.finish(other)

    async def kill(self, index: int) -> None:
        """A process dies where it stands, and another starts in its place."""
        crew = self.crews[index]
        crew.life.end()
        if crew.task is not None:
            with contextlib.suppress(Killed):
                await crew.task
        self.crews[index] = self.crew(gated=True, skew=self.weather.skew_seconds[index])

    # ----------------------------------------------------------------------------------------------------------------- time

    def note_truth(self) -> None:
        self.truth.note(self.now, self.bookings)
        for booking_id in sorted(self.existing):
            if any(len(self.truth.rights[booking_id, site]) > 1 for site in SITES):
                # Whether a poll that sees a changed row must leave it alone, nobody has said.
                self.existing.discard(booking_id)
                self.cautious.add(booking_id)

    def note_person(self, booking_id: str) -> None:
        """A person at Drempel has said something of it: whatever was ended before may come again."""
        self.portal_ended -= {row.id for site in SITES for row in self.witness.rows(booking_id, site)}

    def note_told(self, booking_id: str) -> None:
        """A hint of it was handed over."""
        self.truth.told.add(booking_id)
        self.existing.discard(booking_id)

    def advance(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.resivo.clock.set(self.now + by)
        self.resivo.catch_up()
        self.ireserve.catch_up()
        if self.neighbour is not None:
            self.neighbour.set_time(self.now)
        self.note_truth()

    def jump(self, by: timedelta) -> None:
        """Our clock alone is set."""
        self.clock.jump(by)
        self.jumped = True

    async def pause(self, *, paused: bool) -> None:
        """The kill switch."""
        await self.records.set_paused("doors", paused=paused)
        if paused and self.paused_at is None:
            self.in_hand_at_pause = any(crew.task is not None for crew in self.crews)
        self.paused_at = (self.paused_at or self.now) if paused else None

    async def write_setup(self, rules: Rules) -> None:
        """An edit of the set-up is saved."""
        await self.records.write_setup(set_up(self.weather, self.made, self.ireserve, rules=rules, neighbour=self.neighbour))
        self.waits.clear()
        self.saved_secret = self.made.credential.client_secret
        self.truth.rules = rules
        self.note_truth()

    def set_clock_right(self) -> None:
        self.clock.jump(self.now - self.clock.now())

    async def deliver_all(self) -> set[str]:
        """Every hint that is due is handed over; of which bookings."""
        told: set[str] = set()
        due = self.ireserve.deliveries.due(self.ireserve.clock.now())
        if due:
            self.note_truth()  # what a hint tells of was so before it was told
        for delivery in due:
            booking_id = booking_id_of(delivery.body)
            assert booking_id is not None
            await take_hint(self.store, source="club", booking_id=booking_id)
            self.note_told(booking_id)
            told.add(booking_id)
            self.ireserve.deliveries.done(delivery, ok=True)
        if self.neighbour is not None:
            await self.neighbour.tell(self.store)
        return told

    async def next_due(self) -> datetime | None:
        return await next_due(self.store)

    async def state_of(self, booking_id: str) -> BookingState:
        return (await self.records.booking("club", booking_id)).record.state


def _make_existing(ireserve: IReserveSimulator, weather: Weather, number: int) -> str:
    start = weather.begin + timedelta(hours=3 + number)
    booking_id: str = ireserve.make_booking(
        "81", start, start + timedelta(hours=1), email=f"before{number}@example.com", tel_mob="", status="20"
    )
    for delivery in ireserve.deliveries.due(ireserve.clock.now()):
        ireserve.deliveries.done(delivery, ok=True, outcome="before there was anybody to tell")
    return booking_id
