"""Hints, claims and what workers write: everything that goes through shared commits.

A batch locks the rows that its workers say they hold, in order of their keys, and looks at their tokens. From then on nothing can change under
it, so whether a fence holds and whether a hint came in between is decided in one place, and the writes go out by kind, many rows at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, assert_never

from sqlalchemy import Executable
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.group_commit import GroupCommit
from drempel.adapters.store.rows import LEVER_COLUMNS, event_values, record_of, record_values, set_of, set_values
from drempel.adapters.store.times import EPOCH
from drempel.adapters.store.wakes import Wakes
from drempel.adapters.store.work_statements import WorkStatements, order_of_claims, padded
from drempel.domain.access import AuthorizationSet
from drempel.engine.ports import BookingRecord, Change, Claim, Clock, Lease, LeaseLost

__all__ = ["Work", "change_rows"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Due:
    """Bookings that become due: by a hint, or woken."""

    source: str
    booking_ids: Sequence[str]
    hinted: bool


@dataclass(frozen=True, slots=True)
class _Claim:
    limit: int


@dataclass(frozen=True, slots=True)
class _Renew:
    lease: Lease


@dataclass(frozen=True, slots=True)
class _Release:
    lease: Lease
    next_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeRows:
    """A change, as rows. Made when it is asked for: what the caller does with his objects later is not written."""

    sets: list[dict[str, Any]]
    dropped: list[dict[str, Any]]
    events: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Commit:
    lease: Lease
    rows: ChangeRows
    last_number: int
    renew: bool


@dataclass(frozen=True, slots=True)
class _Complete:
    lease: Lease
    rows: ChangeRows
    record: dict[str, Any]


_Fenced = _Renew | _Release | _Commit | _Complete
_FENCED: Final = (_Renew, _Release, _Commit, _Complete)
_Operation = _Due | _Claim | _Fenced
_LEVERS: Final = frozenset(f"to_{name}" for name in LEVER_COLUMNS)
NAMES_AT_ONCE: Final = 4096


@dataclass(slots=True)
class _Row:
    """A locked row, as the operations of this batch have left it so far."""

    token: int
    version: int
    leased: bool


@dataclass(slots=True)
class _Batch:
    """The writes of one transaction, by kind."""

    keys: set[int] = field(default_factory=set)
    writes: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, statement: str, row: dict[str, Any]) -> None:
        self.writes[statement].append(row)

    def add_change(self, rows: ChangeRows) -> None:
        self.writes["drop_set"] += rows.dropped
        self.writes["put_set"] += rows.sets
        self.writes["add_event"] += rows.events


_ORDER: Final = (
    "drop_set",
    "put_set",
    "add_event",
    "note_sets",
    "note_commit",
    "note_commit_renewed",
    "renew",
    "release",
    "complete",
    "complete_moved",
    # After the completions: a hint that comes with one is never taken for seen.
    "wake",
    "hint",
)


def change_rows(booking_key: int, change: Change) -> ChangeRows:
    """The rows of a change of this booking."""
    return ChangeRows(
        sets=[{"booking_key": booking_key, **set_values(each)} for each in change.sets],
        dropped=[{"key": booking_key, "dropped": number} for number in change.dropped_numbers],
        events=[{"booking_key": booking_key, **event_values(event)} for event in change.events],
    )


class Work:
    """The work table."""

    def __init__(self, database: Database, *, clock: Clock, lease: timedelta, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease
        self._wakes = wakes
        self._statements = WorkStatements(database, lease=lease)
        self._by_name: dict[str, Executable] = {name: getattr(self._statements, name) for name in _ORDER}
        self._giving_back: set[asyncio.Task[Any]] = set()
        self._commits: GroupCommit[_Operation] = GroupCommit(database.writer, apply=self._apply, orphaned=self._orphaned)

    # --- what the engine asks

    async def hint(self, source: str, booking_id: str) -> None:
        await self._make_due(_Due(source, (booking_id,), hinted=True))

    async def wake(self, source: str, booking_ids: Sequence[str]) -> None:
        if booking_ids:
            await self._make_due(_Due(source, tuple(booking_ids), hinted=False))

    async def claim(self, *, limit: int) -> list[Claim]:
        sent = self._clock.monotonic()
        claims: list[Claim] = await self._commits.share(_Claim(limit))
        for claim in claims:
            claim.lease.ends_monotonic = sent + self._lease.total_seconds()
        return claims

    async def renew(self, lease: Lease) -> None:
        sent = self._clock.monotonic()
        await self._commits.share(_Renew(lease))
        lease.ends_monotonic = sent + self._lease.total_seconds()

    async def commit(self, lease: Lease, record: BookingRecord, change: Change, *, renew: bool) -> None:
        rows = change_rows(lease.booking_key, change)
        sent = self._clock.monotonic()
        await self._commits.share(_Commit(lease, rows, record.last_number, renew))
        if renew:
            lease.ends_monotonic = sent + self._lease.total_seconds()

    async def complete(self, lease: Lease, record: BookingRecord, change: Change) -> None:
        rows = change_rows(lease.booking_key, change)
        values = {f"to_{name}": value for name, value in record_values(record).items()}
        if await self._commits.share(_Complete(lease, rows, values)):
            self._wakes.tell_here()

    async def release(self, lease: Lease, *, next_at: datetime) -> None:
        with contextlib.suppress(LeaseLost):
            await self._commits.share(_Release(lease, next_at))

    # --- for the other tables

    async def alone(self, work: Callable[[AsyncConnection], Awaitable[T]], *, wakes: bool = False) -> T:
        """A transaction of its own for the people's side and the sweep; with `wakes`, workers look for due bookings after it."""

        async def carry_out(connection: AsyncConnection) -> T:
            result = await work(connection)
            if wakes:
                await self._wakes.tell_others(connection)
            return result

        result = await self._commits.alone(carry_out)
        if wakes:
            self._wakes.tell_here()
        return result

    async def put_change(self, connection: AsyncConnection, booking_key: int, rows: ChangeRows) -> None:
        """Write a change within another transaction."""
        batch = _Batch()
        batch.add_change(rows)
        batch.add("note_sets", {"key": booking_key})
        await self._write(connection, batch)

    async def make_due(self, connection: AsyncConnection, source: str, booking_ids: Sequence[str]) -> None:
        """Make these due within another transaction; unknown ones get a row."""
        if booking_ids:
            await self._locked(connection, (), [_Due(source, booking_ids, hinted=False)])
            await connection.execute(self._statements.wake, self._due_rows(_Due(source, booking_ids, hinted=False)))

    async def sets_of(self, connection: AsyncConnection, keys: list[int]) -> dict[int, tuple[AuthorizationSet, ...]]:
        """The sets of these bookings, by number."""
        found: dict[int, list[AuthorizationSet]] = defaultdict(list)
        if keys:
            for row in await connection.execute(self._statements.sets_of, {"keys": padded(keys)}):
                found[row.booking_key].append(set_of(row))
        return {key: tuple(each) for key, each in found.items()}

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.gather(*self._giving_back, return_exceptions=True)
        await self._commits.close()

    # --- one transaction

    async def _make_due(self, due: _Due) -> None:
        try:
            await self._commits.share(due)
        except IntegrityError:
            raise KeyError(due.source) from None
        self._wakes.tell_here()

    async def _apply(self, connection: AsyncConnection, operations: Sequence[_Operation]) -> Sequence[object]:
        dues = [operation for operation in operations if isinstance(operation, _Due)]
        keys = [operation.lease.booking_key for operation in operations if isinstance(operation, _FENCED)]
        rows, now = await self._locked(connection, keys, dues)
        batch = _Batch()
        results: list[object] = []
        for operation in operations:
            if isinstance(operation, _FENCED):
                if operation.lease.booking_key in batch.keys:
                    # Two writes for one booking (the first one's caller was cancelled): in the order in which they came.
                    await self._write(connection, batch)
                    batch = _Batch()
                results.append(self._gather(operation, rows, batch, now))
            else:
                results.append(None)
        for due in dues:
            batch.writes["hint" if due.hinted else "wake"] += self._due_rows(due)
        await self._write(connection, batch)
        if dues:
            await self._wakes.tell_others(connection)
        for index, operation in enumerate(operations):
            if isinstance(operation, _Claim):
                results[index] = await self._take(connection, operation.limit)
        return results

    async def _locked(
        self, connection: AsyncConnection, keys: Sequence[int], dues: Sequence[_Due]
    ) -> tuple[dict[int, _Row], datetime]:
        names = [(due.source, booking_id) for due in dues for booking_id in due.booking_ids]
        wanted = set(keys)
        if self._database.is_postgresql and len(wanted) + len(names) > 1:
            # A single row can wait for another process, but not in a circle; several are all locked first, in order of their keys.
            wanted |= await self._keys_of(connection, names)
        if not wanted:
            return {}, EPOCH
        found = (await connection.execute(self._statements.lock, {"keys": padded(wanted)})).all()
        rows = {row.id: _Row(token=row.token, version=row.version, leased=row.leased_until is not None) for row in found}
        if self._database.time.is_handed_in:
            return rows, await self._database.time.read(connection)
        return rows, found[0].now if found else EPOCH

    async def _keys_of(self, connection: AsyncConnection, names: Sequence[tuple[str, str]]) -> set[int]:
        found: set[int] = set()
        by_source: dict[str, list[str]] = defaultdict(list)
        for source, booking_id in names:
            by_source[source].append(booking_id)
        for source, booking_ids in by_source.items():
            for some in _parts(sorted(set(booking_ids)), NAMES_AT_ONCE):
                found |= set(
                    (await connection.scalars(self._statements.keys_of, {"of_source": source, "names": padded(some)})).all()
                )
        return found

    def _gather(self, operation: _Fenced, rows: dict[int, _Row], batch: _Batch, now: datetime) -> object:
        """Add an operation's writes, or refuse it: the answer to its caller."""
        lease = operation.lease
        row = rows.get(lease.booking_key)
        if row is None or row.token != lease.token or not row.leased:
            return LeaseLost()
        fence: dict[str, Any] = {"key": lease.booking_key, "fence": lease.token}
        moved = row.version != lease.version
        batch.keys.add(lease.booking_key)
        match operation:
            case _Renew():
                batch.add("renew", {**fence, "to_leased_until": now + self._lease})
            case _Commit(rows=change, last_number=last_number, renew=renew):
                batch.add_change(change)
                values = {**fence, "to_last_number": last_number}
                if renew:
                    batch.add("note_commit_renewed", {**values, "to_leased_until": now + self._lease})
                else:
                    batch.add("note_commit", values)
            case _Release(next_at=next_at):
                row.leased = False
                batch.add("release", {**fence, "to_next_at": now if moved else next_at})
            case _Complete(rows=change, record=record):
                row.leased = False
                batch.add_change(change)
                values = {**fence, **record, "to_done_at": now}
                if moved:
                    batch.add("complete_moved", {k: v for k, v in values.items() if k not in _LEVERS} | {"to_next_at": now})
                else:
                    batch.add("complete", values)
            case _:
                assert_never(operation)
        return moved

    async def _write(self, connection: AsyncConnection, batch: _Batch) -> None:
        for name in _ORDER:
            rows = batch.writes.get(name)
            if rows:
                await connection.execute(self._by_name[name], rows)

    def _due_rows(self, due: _Due) -> list[dict[str, Any]]:
        now = self._database.time.params()
        return [{"of_source": due.source, "of_booking": booking_id, **now} for booking_id in sorted(due.booking_ids)]

    async def _take(self, connection: AsyncConnection, limit: int) -> list[Claim]:
        parameters = {"claims_max": limit, **self._database.time.params()}
        found = (await connection.execute(self._statements.claim, parameters)).all()
        found = sorted(found, key=order_of_claims)
        sets = await self.sets_of(connection, [row.id for row in found])
        return [
            Claim(
                lease=Lease(booking_key=row.id, token=row.token, version=row.version, now=row.now, ends_monotonic=0.0),
                record=record_of(row),
                sets=sets.get(row.id, ()),
            )
            for row in found
        ]

    def _orphaned(self, operation: _Operation, result: object) -> None:
        """A claim whose caller has gone is given back at once, not when its lease ends."""
        if isinstance(operation, _Claim) and isinstance(result, list):
            for claim in result:
                release = self._commits.share(_Release(claim.lease, claim.record.next_at or claim.lease.now))
                task = asyncio.create_task(release)
                self._giving_back.add(task)
                task.add_done_callback(self._given_back)

    def _given_back(self, task: asyncio.Task[Any]) -> None:
        self._giving_back.discard(task)
        if not task.cancelled():
            # If it failed, the lease ends by itself.
            task.exception()


def _parts(names: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), length):
        yield names[start : start + length]
