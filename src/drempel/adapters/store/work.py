"""Hints, claims and what workers write: everything that shares commits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.due_at_once import DueAtOnce
from drempel.adapters.store.group_commit import GroupCommit
from drempel.adapters.store.operations import (
    Claiming,
    Committing,
    Completing,
    Due,
    Operation,
    Releasing,
    Renewing,
    change_rows,
    record_parameters,
)
from drempel.adapters.store.shared_transaction import SharedTransaction
from drempel.adapters.store.wakes import Wakes
from drempel.domain.access import AuthorizationSet
from drempel.engine.ports import BookingRecord, Change, Claim, Clock, Lease, LeaseLost, Rations

__all__ = ["Work"]

T = TypeVar("T")
LANES: Final = 2
"""On PostgreSQL: so many transactions of the workers of one process at once. More would only share fewer commits."""
DUE_AT_ONCE_MAX: Final = 64
"""More are written apart: nobody's hint waits for them."""


class Work:
    """The work items, and the writers of this process.

    SQLite lets one in at a time. On PostgreSQL what makes bookings due has a way of its own: no hint waits for the transactions of the workers.
    These have two ways there, by booking: while one waits for the database the other goes on, and what is written of one booking keeps its order.
    """

    def __init__(self, database: Database, *, clock: Clock, lease: timedelta, wakes: Wakes) -> None:
        self._clock = clock
        self._lease = lease
        self._wakes = wakes
        self._database = database
        self._transaction = SharedTransaction(database, clock=clock, lease=lease, wakes=wakes)
        self._giving_back: set[asyncio.Task[Any]] = set()
        self._lanes: list[GroupCommit[Operation]] = [
            GroupCommit(database.writer, apply=self._apply, orphaned=self._orphaned)
            for _ in range(LANES if database.is_postgresql else 1)
        ]
        self._commits = self._lanes[0]
        self._dues = self._commits
        if database.is_postgresql:
            due = DueAtOnce(database)
            self._dues = GroupCommit(database.writer_autocommit, apply=due.apply, orphaned=self._orphaned)

    async def hint(self, source: str, booking_id: str) -> None:
        """Raises `KeyError` for an unknown source."""
        await self._make_due(Due(source, (booking_id,), hinted=True))

    async def wake(self, source: str, booking_ids: Sequence[str]) -> None:
        """Raises `KeyError` for an unknown source."""
        if booking_ids:
            await self._make_due(Due(source, tuple(booking_ids), hinted=False))

    async def claim(self, *, limit: int, rations: Rations | None = None) -> list[Claim]:
        # Taken before anything is sent: by this clock the lease never ends later than by the store's.
        sent = self._clock.monotonic()
        claims: list[Claim] = await self._commits.share(Claiming(limit, rations))
        for claim in claims:
            claim.lease.ends_monotonic = sent + self._lease.total_seconds()
        return claims

    async def renew(self, lease: Lease) -> None:
        sent = self._clock.monotonic()
        await self._lane(lease).share(Renewing(lease))
        lease.ends_monotonic = sent + self._lease.total_seconds()

    async def commit(self, lease: Lease, record: BookingRecord, change: Change, *, renew: bool) -> None:
        sent = self._clock.monotonic()
        await self._lane(lease).share(Committing(lease, change_rows(lease.booking_key, change), record.last_number, renew))
        if renew:
            lease.ends_monotonic = sent + self._lease.total_seconds()

    async def complete(self, lease: Lease, record: BookingRecord, change: Change) -> None:
        completing = Completing(lease, change_rows(lease.booking_key, change), record_parameters(record), record.waiting_for)
        if await self._lane(lease).share(completing):
            self._wakes.tell_here()

    async def release(self, lease: Lease, *, next_at: datetime) -> None:
        """A lost lease is no error here."""
        with contextlib.suppress(LeaseLost):
            await self._lane(lease).share(Releasing(lease, next_at))

    # --- for the other tables

    async def alone(self, work: Callable[[AsyncConnection], Awaitable[T]], *, wakes: bool = False) -> T:
        """A transaction of its own for the people's side and the sweep; with `wakes`, workers look for due bookings after it."""

        async def carry_out(connection: AsyncConnection) -> T:
            result = await work(connection)
            if wakes:
                await connection.run_sync(self._wakes.tell_others)
            return result

        result = await self._commits.alone(carry_out)
        if wakes:
            self._wakes.tell_here()
        return result

    async def put_change(self, connection: AsyncConnection, booking_key: int, change: Change) -> None:
        """Write a change of a booking whose row is locked already."""
        rows = change_rows(booking_key, change)
        await connection.run_sync(lambda on: self._transaction.put_change(on, booking_key, rows))

    async def make_due(self, connection: AsyncConnection, source: str, booking_ids: Collection[str]) -> None:
        """Make these due within a transaction; unknown ones get a row."""
        await connection.run_sync(lambda on: self._transaction.make_due(on, source, booking_ids))

    async def sets_of(self, connection: AsyncConnection, keys: Collection[int]) -> dict[int, tuple[AuthorizationSet, ...]]:
        """The sets of these bookings, by number."""
        return await connection.run_sync(lambda on: self._transaction.sets_of(on, keys))

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.gather(*self._giving_back, return_exceptions=True)
        await self._dues.close()
        for lane in self._lanes:
            await lane.close()

    # --- inside

    def _lane(self, lease: Lease) -> GroupCommit[Operation]:
        return self._lanes[lease.booking_key % len(self._lanes)]

    async def _apply(self, connection: AsyncConnection, operations: Sequence[Operation]) -> Sequence[object]:
        return await self._database.at_once(connection, lambda on: self._transaction.apply(on, operations))

    async def _make_due(self, due: Due) -> None:
        try:
            if len(due.booking_ids) <= DUE_AT_ONCE_MAX:
                await self._dues.share(due)
            else:
                await self.alone(lambda connection: self.make_due(connection, due.source, due.booking_ids), wakes=True)
        except IntegrityError:
            raise KeyError(due.source) from None
        self._wakes.tell_here()

    def _orphaned(self, operation: Operation, result: object) -> None:
        """A claim whose caller has gone is given back at once, not when its lease ends."""
        if isinstance(operation, Claiming) and isinstance(result, list):
            for claim in result:
                releasing = asyncio.create_task(self._give_back(claim))
                self._giving_back.add(releasing)
                releasing.add_done_callback(self._giving_back.discard)

    async def _give_back(self, claim: Claim) -> None:
        # If the store does not take it, the lease ends by itself.
        with contextlib.suppress(Exception):
            await self.release(claim.lease, next_at=claim.record.next_at or claim.lease.now)
            self._wakes.tell_here()
