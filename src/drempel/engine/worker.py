"""The worker: claims due bookings, works on many at once, keeps their leases alive, wakes when something is due.

`run_once` is one step, for tests and for the seeded world; `run` repeats it until told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

from drempel.engine.ports import Claim, LeaseLost, Rations
from drempel.engine.rations import Rationing
from drempel.engine.reconcile import Reconciler
from drempel.engine.run import Outdated, Tools
from drempel.engine.setup import Setup

__all__ = ["Worker"]

CONCURRENCY_DEFAULT: Final = 64
IN_HAND_FOR_EACH_CALL: Final = 4
"""A booking in hand spends only part of its time in outside calls; so many times as many bookings keep that many calls under way."""
POLL_SECONDS: Final = 1.0
"""The net below `wake`: what no wake told is found within this time."""
RENEWALS_PER_LEASE: Final = 3
GATHER_HELD_BACK_SECONDS: Final = 0.1
"""The same while calls are held back: nothing is lost by it, and each claim looks at everything that is due."""
STORE_DOWN_SECONDS: Final = 1.0
GATHER_SECONDS: Final = 0.005
"""With all hands full, so long the worker lets finished ones gather before it claims again."""


class Worker:
    """Works on due bookings until told to stop. As many as wanted on one PostgreSQL; one on SQLite."""

    def __init__(self, tools: Tools, *, concurrency: int = CONCURRENCY_DEFAULT) -> None:
        """`concurrency`: with so many outside calls under way no more bookings are taken in hand, so that a slow other side is not crowded."""
        self._tools = tools
        self._reconciler = Reconciler(tools)
        self._concurrency = concurrency
        self._wake = asyncio.Event()
        self._active: dict[asyncio.Task[None], Claim] = {}
        self._rationing = Rationing(tools.calls, tools.outside)
        self._rations: Rations | None = None
        """Of the last claim; None: nothing was held back."""
        self.ticked_monotonic = float("-inf")
        """When the loop last came round and the store answered; readiness asks for it."""

    def wake(self) -> None:
        """Something is due: look now."""
        self._wake.set()

    async def run_once(self, *, limit: int | None = None) -> int:
        """Claim what is due and finish it; how many bookings were worked on."""
        await self._claim(limit or self._concurrency)
        count = len(self._active)
        while self._active:
            await self._one_done()
        return count

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is in hand."""
        renewing = asyncio.create_task(self._renew_leases())
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._round(stopping)
            while self._active:
                await self._one_done()
        finally:
            # Bookings are still in hand only if this was cut off: then they end here, as a crash would end them, and not beside a closed store.
            left = (renewing, stopping, *self._active)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _round(self, stopping: asyncio.Task[bool]) -> None:
        self._wake.clear()
        free = self._free()
        claimed = 0
        if free > 0:
            try:
                claimed = await self._claim(free)
                self.ticked_monotonic = self._tools.clock.monotonic()
            except Exception as error:  # noqa: BLE001  # the database may come back; a worker that dies does not
                self._tools.watcher.warn("worker.store_failed", error=type(error).__name__)
                await self._tools.clock.sleep(STORE_DOWN_SECONDS)
        if claimed < free or free <= 0:
            await self._wait(stopping, full=free <= 0 or self._rations is not None)

    def _free(self) -> int:
        """How many more bookings may be taken in hand; 0 or less: none."""
        in_hand_max = self._concurrency * IN_HAND_FOR_EACH_CALL
        return min(in_hand_max - len(self._active), self._concurrency - self._tools.calls.under_way)

    async def _wait(self, stopping: asyncio.Task[bool], *, full: bool) -> None:
        """Until there may be something to claim: a wake, a finished booking (if no more could be taken in hand), a second, or the end."""
        waking = asyncio.create_task(self._wake.wait())
        wanted: set[asyncio.Task[None] | asyncio.Task[bool]] = {stopping, waking}
        if full:
            wanted |= set(self._active)
        try:
            await asyncio.wait(wanted, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waking
        if full:
            # Several claims share a transaction: better a few bookings at once than each for itself.
            await self._tools.clock.sleep(GATHER_SECONDS if self._rations is None else GATHER_HELD_BACK_SECONDS)

    async def _claim(self, limit: int) -> int:
        self._rations = await self._rationing.now(self._active.values())
        claims = await self._tools.store.claim(limit=limit, rations=self._rations)
        if not claims:
            return 0
        # After the claim: what a change of the set-up made due is never decided by the set-up of before.
        try:
            setup = await self._tools.outside.current()
        except Exception:
            for claim in claims:
                await self._tools.store.release(claim.lease, next_at=claim.lease.now)
            raise
        self._rationing.claimed(claims, setup)
        for claim in claims:
            task = asyncio.create_task(self._work(claim, setup))
            self._active[task] = claim
            task.add_done_callback(lambda done: self._active.pop(done, None))
        return len(claims)

    async def _work(self, claim: Claim, setup: Setup) -> None:
        record = claim.record
        try:
            await self._reconciler.reconcile(claim, setup)
        except LeaseLost:
            self._tools.watcher.note("lease.lost", source=record.source, booking_id=record.booking_id)
        except Outdated as outdated:
            self._tools.watcher.note("reading.outdated", source=record.source, booking_id=record.booking_id)
            with contextlib.suppress(Exception):
                await self._reconciler.begin_anew(outdated.run)
        except Exception as error:  # noqa: BLE001  # one booking's fault must not stop the others
            self._tools.watcher.warn("booking.fault", source=record.source, booking_id=record.booking_id, error=_place(error))
            with contextlib.suppress(Exception):
                await self._reconciler.give_up_for_now(claim, error)

    async def _one_done(self) -> None:
        await asyncio.wait(set(self._active), return_when=asyncio.FIRST_COMPLETED)

    async def _renew_leases(self) -> None:
        pause = self._tools.limits.lease / RENEWALS_PER_LEASE
        while True:
            await self._tools.clock.sleep(pause.total_seconds())
            for task, claim in list(self._active.items()):
                remaining = claim.lease.ends_monotonic - self._tools.clock.monotonic()
                if task.done() or timedelta(seconds=remaining) > 2 * pause:
                    continue
                with contextlib.suppress(Exception):
                    await self._tools.store.renew(claim.lease)


def _place(error: BaseException) -> str:
    """Kind and line of a fault, without its text, which could quote visitor data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "?"
    return f"{type(error).__name__} at {where}"
