"""The world without chance: a test says each step, and everything else happens as it would."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drempel.domain.access import BookingState
from drempel.engine.records import BookingView
from tests.simulation.stores import open_again, open_at
from tests.simulation.world import BEGIN, World

HOUR = timedelta(hours=1)
ADA = "ada@example.com"


class Stage:
    """One world with a booking or more, worked on until nothing is due."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.crew = world.crew()

    @property
    def resivo(self) -> Any:
        return self.world.resivo

    @property
    def ireserve(self) -> Any:
        return self.world.ireserve

    @property
    def store(self) -> Any:
        return self.world.store

    def book(
        self, *, status: str = "20", start: datetime = BEGIN + HOUR, hours: float = 2, object_id: str = "81", **more: Any
    ) -> str:
        values = {"email": ADA, "tel_mob": "+31612345678", **more}
        booking_id: str = self.ireserve.make_booking(object_id, start, start + hours * HOUR, status=status, **values)
        return booking_id

    async def work(self) -> None:
        """Deliver what is due and work until nothing is due now."""
        for _ in range(50):
            await self.world.deliver_all()
            if await self.crew.worker.run_once(limit=64) == 0 and not self.ireserve.deliveries.due(self.ireserve.clock.now()):
                return
        raise AssertionError("work is due at once, again and again")

    async def pass_time(self, by: timedelta | float, *, sweep: bool = False) -> None:
        """Let time pass, stopping at each moment at which something is due."""
        end = self.world.clock.now() + (by if isinstance(by, timedelta) else timedelta(seconds=by))
        for _ in range(500):
            if sweep:
                await self.crew.sweep.run_once()
            await self.work()
            due = await self.world.next_due()
            left = end - self.world.clock.now()
            if left <= timedelta():
                return
            step = left if due is None else min(left, max(due - self.world.clock.now(), timedelta(seconds=1)))
            self.world.advance(min(step, timedelta(seconds=60)) if sweep else step)
        raise AssertionError("too many moments")

    async def sweep(self) -> None:
        await self.crew.sweep.run_once()
        await self.work()

    async def put_back_later(self, folder: Path) -> None:
        """Keep a copy of the database as it is now."""
        await self._reopen(lambda path: shutil.copy(path, folder / "kept.sqlite"), folder)

    async def put_back(self, folder: Path) -> None:
        """A restored backup: the database as it was kept, which notices that and draws a new marker."""
        await self._reopen(lambda path: shutil.copy(folder / "kept.sqlite", path), folder)
        await self.store.draw_new_marker()
        self.world.marker = await self.store.marker()
        self.crew = self.world.crew()

    async def _reopen(self, meanwhile: Callable[[Path], object], folder: Path) -> None:
        path = folder / "stage.sqlite"
        await self.store.close()
        meanwhile(path)
        self.world.store = await open_again(path, self.world.clock)
        self.crew = self.world.crew()

    async def view(self, booking_id: str) -> BookingView:
        found: BookingView = await self.world.records.booking("club", booking_id)
        return found

    async def state(self, booking_id: str) -> BookingState:
        return (await self.view(booking_id)).record.state

    async def failure(self, booking_id: str) -> str | None:
        failure = (await self.view(booking_id)).record.failure
        return failure.code if failure is not None else None

    def live(self, booking_id: str) -> list[Any]:
        found: list[Any] = self.resivo.live(display_name_contains=f"-club-{booking_id}-")
        return found

    def made(self, booking_id: str) -> int:
        return len(self.resivo.authorizations(display_name_contains=f"-club-{booking_id}-"))

    def mails(self) -> int:
        return len(self.resivo.messages_to(ADA))

    def field(self, booking_id: str) -> str:
        value: str = self.ireserve.booking(booking_id).fields.get(5, "")
        return value


@asynccontextmanager
async def a_stage(tmp_path: Path, **world: Any) -> AsyncIterator[Stage]:
    opened = await World.begin(1, open_at, tmp_path / "stage.sqlite", **world)
    try:
        yield Stage(opened)
    finally:
        await opened.store.close()
