"""One shared transaction: lock, check the fences, write.

The rows that workers say they hold are locked in order of their keys, and their tokens are looked at. From then on nothing can change under the
transaction, so whether a fence holds and whether a hint came in between is decided in one place, and the writes go out by kind, many at once.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, assert_never

from sqlalchemy import Connection, Executable, Row

from drempel.adapters.store.database import Database
from drempel.adapters.store.many_rows import ManyRows, RowsByKey
from drempel.adapters.store.operations import (
    FENCED,
    LEVER_PARAMETERS,
    ChangeRows,
    Claiming,
    Committing,
    Completing,
    Due,
    Fenced,
    Operation,
    Releasing,
    Renewing,
)
from drempel.adapters.store.rows import record_of, set_of
from drempel.adapters.store.times import EPOCH, SET_BACK
from drempel.adapters.store.wakes import Wakes
from drempel.adapters.store.work_statements import WorkStatements, order_of_claims, padded, parts
from drempel.domain.access import AuthorizationSet
from drempel.engine.ports import Claim, Clock, Lease, LeaseLost, Rations

__all__ = ["SharedTransaction"]

T = TypeVar("T")
LONG_SECONDS: Final = 0.002
"""A claim sorts all that is due: after an outage that may be a hundred thousand bookings, and must not hold up the hints that come in."""
PAUSE_JUST_ENDED: Final = timedelta(seconds=1)
"""Processes keep pauses in memory for about this long: who waits for one that has just ended comes back after it."""

_ORDER: Final = (
    "drop_set",
    "put_set",
    "add_event",
    "note_old_row",
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
_COLUMNS: Final = {"add_event": ("booking_key", "at", "type", "data")}


@dataclass(slots=True)
class _Row:
    """A locked row, as the operations of this transaction have left it so far."""

    token: int
    version: int
    leased: bool


@dataclass(slots=True)
class _Writes:
    """Rows to be written, by kind."""

    keys: set[int] = field(default_factory=set)
    by_kind: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, row: dict[str, Any]) -> None:
        self.by_kind[kind].append(row)

    def add_change(self, rows: ChangeRows) -> None:
        for kind, each in rows.items():
            self.by_kind[kind] += each


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is true until the transaction ends."""

    rows: dict[int, _Row]
    pauses: frozenset[str]
    now: datetime


class SharedTransaction:
    """Carries operations out within a transaction that somebody else opens and commits. Short statements by key, one after the other."""

    def __init__(self, database: Database, *, clock: Clock, lease: timedelta, wakes: Wakes) -> None:
        self._database = database
        self._clock = clock
        self._claim_is_long = False
        self._lease = lease
        self._wakes = wakes
        self._statements = WorkStatements(database, lease=lease)
        dialect = database.writer.dialect
        self._lock = RowsByKey(self._statements.lock, dialect)
        self._by_kind = {kind: ManyRows(getattr(self._statements, kind), dialect, columns=_COLUMNS.get(kind)) for kind in _ORDER}

    def apply(self, connection: Connection, operations: Sequence[Operation]) -> Sequence[object]:
        """An answer for each: claims, whether a completed booking is due again, or `LeaseLost`."""
        dues = [operation for operation in operations if isinstance(operation, Due)]
        seen = self._look(connection, [operation for operation in operations if isinstance(operation, FENCED)], dues)
        answers: list[object] = [None] * len(operations)
        writes = _Writes()
        for index, operation in enumerate(operations):
            if isinstance(operation, FENCED):
                if operation.lease.booking_key in writes.keys:
                    # Two writes for one booking (the first one's caller was cancelled): in the order in which they came.
                    self._write(connection, writes)
                    writes = _Writes()
                answers[index] = self._gather(operation, seen, writes)
        for due in dues:
            writes.by_kind["hint" if due.hinted else "wake"] += self._due_rows(due)
        self._write(connection, writes)
        if dues:
            self._wakes.tell_others(connection)
        for index, operation in enumerate(operations):
            if isinstance(operation, Claiming):
                answers[index] = self._claim(connection, operation)
        return answers

    def put_change(self, connection: Connection, booking_key: int, rows: ChangeRows) -> None:
        """Write a change of a booking whose row is locked already."""
        writes = _Writes()
        writes.add_change(rows)
        writes.add("note_sets", {"key": booking_key})
        self._write(connection, writes)

    def make_due(self, connection: Connection, source: str, booking_ids: Collection[str]) -> None:
        """Make these due; unknown ones get a row."""
        if booking_ids:
            due = Due(source, sorted(booking_ids), hinted=False)
            self._locked(connection, (), [due])
            self._by_kind["wake"].write(connection, self._due_rows(due))

    def sets_of(self, connection: Connection, keys: Collection[int]) -> dict[int, tuple[AuthorizationSet, ...]]:
        """The sets of these bookings, by number."""
        found: dict[int, list[AuthorizationSet]] = defaultdict(list)
        for some in parts(keys):
            for row in connection.execute(self._statements.sets_of, {"keys": padded(some)}):
                found[row.booking_key].append(set_of(row))
        return {key: tuple(each) for key, each in found.items()}

    # --- looking

    def _look(self, connection: Connection, fenced: Sequence[Fenced], dues: Sequence[Due]) -> _Seen:
        # Pauses before bookings: who ends a pause locks in this order too.
        awaited = {operation.waits_for for operation in fenced if isinstance(operation, Completing) and operation.waits_for}
        pauses: set[str] = set()
        for some in parts(awaited):
            pauses |= set(connection.scalars(self._statements.hold_pauses, {"names": padded(some)}).all())
        rows, now = self._locked(connection, [operation.lease.booking_key for operation in fenced], dues)
        return _Seen(rows, frozenset(pauses), now)

    def _locked(self, connection: Connection, keys: Iterable[int], dues: Sequence[Due]) -> tuple[dict[int, _Row], datetime]:
        wanted = set(keys)
        names = [(due.source, booking_id) for due in dues for booking_id in due.booking_ids]
        if self._database.is_postgresql and len(wanted) + len(names) > 1:
            # A single row can wait for another process, but not in a circle; several are all locked first, in order of their keys.
            wanted |= self._keys_of(connection, names)
        rows: dict[int, _Row] = {}
        now = self._database.time.told() if self._database.time.is_handed_in else EPOCH
        for some in parts(wanted):
            for row in self._lock.read(connection, padded(some)):
                rows[row.id] = _Row(token=row.token, version=row.version, leased=row.leased_until is not None)
                if not self._database.time.is_handed_in:
                    now = EPOCH + timedelta(microseconds=row.now)
        return rows, now

    def _keys_of(self, connection: Connection, names: Sequence[tuple[str, str]]) -> set[int]:
        by_source: dict[str, set[str]] = defaultdict(set)
        for source, booking_id in names:
            by_source[source].add(booking_id)
        found: set[int] = set()
        for source, booking_ids in by_source.items():
            for some in parts(booking_ids):
                parameters = {"of_source": source, "names": padded(some)}
                found |= set(connection.scalars(self._statements.keys_of, parameters).all())
        return found

    # --- writing

    def _gather(self, operation: Fenced, seen: _Seen, writes: _Writes) -> object:
        """Add an operation's writes, or refuse it: the answer to its caller."""
        lease, now = operation.lease, seen.now
        row = seen.rows.get(lease.booking_key)
        if row is None or row.token != lease.token or not row.leased:
            return LeaseLost()
        fence: dict[str, Any] = {"key": lease.booking_key, "fence": lease.token}
        # A run begun by a clock that has been set back since plans too late: its booking is due at once as well.
        moved = row.version != lease.version or lease.now > now + SET_BACK
        writes.keys.add(lease.booking_key)
        match operation:
            case Renewing():
                writes.add("renew", {**fence, "to_leased_until": now + self._lease})
            case Committing(rows=change, last_number=last_number, renew=renew):
                writes.add_change(change)
                values = {**fence, "to_last_number": last_number}
                if renew:
                    writes.add("note_commit_renewed", {**values, "to_leased_until": now + self._lease})
                else:
                    writes.add("note_commit", values)
            case Releasing(next_at=next_at):
                row.leased = False
                writes.add("release", {**fence, "to_next_at": now if moved else next_at})
            case Completing(rows=change, record=record):
                row.leased = False
                writes.add_change(change)
                values = {**fence, **record, "to_done_at": now}
                if moved:
                    # A hint or a person's lever came in between: what they wrote stays, and the booking is due at once.
                    values = {name: value for name, value in values.items() if name not in LEVER_PARAMETERS}
                    writes.add("complete_moved", {**values, "to_next_at": now})
                else:
                    if operation.waits_for and operation.waits_for not in seen.pauses:
                        values["to_next_at"] = min(record["to_next_at"] or now, now + PAUSE_JUST_ENDED)
                    writes.add("complete", values)
            case _:
                assert_never(operation)
        return moved

    def _write(self, connection: Connection, writes: _Writes) -> None:
        for kind in _ORDER:
            rows = writes.by_kind.get(kind)
            if rows:
                self._by_kind[kind].write(connection, rows)

    def _due_rows(self, due: Due) -> list[dict[str, Any]]:
        now = self._database.time.params()
        return [{"of_source": due.source, "of_booking": booking_id, **now} for booking_id in sorted(due.booking_ids)]

    def _claim(self, connection: Connection, operation: Claiming) -> list[Claim]:
        limit, rations = operation.limit, operation.rations
        began = self._clock.monotonic()
        with self._database.unhurried(connection) if self._claim_is_long else contextlib.nullcontext():
            if rations is None:
                found, looked = self._lease_due(connection, self._statements.claim, limit), set[int]()
            else:
                found, looked = self._claim_rationed(connection, limit, rations)
        self._claim_is_long = self._clock.monotonic() - began > LONG_SECONDS
        sets = self.sets_of(connection, [row.id for row in found])
        return [
            Claim(
                lease=Lease(
                    booking_key=row.id,
                    token=row.token,
                    version=row.version,
                    now=row.now,
                    told_monotonic=began,
                    ends_monotonic=0.0,
                ),
                record=record_of(row),
                sets=sets.get(row.id, ()),
                only_look=row.id in looked,
            )
            for row in sorted(found, key=order_of_claims)
        ]

    def _claim_rationed(self, connection: Connection, limit: int, rations: Rations) -> tuple[list[Row[Any]], set[int]]:
        """The claimed rows, and the keys of those that are only to be looked at."""
        found: list[Row[Any]] = []
        looked: set[int] = set()
        for source, ration in sorted(rations.of.items()):
            of_source = {"of_source": source}
            most, before = min(ration, limit - len(found)), len(found)
            if source in rations.longest_due:
                found += self._lease_due(connection, self._statements.claim_longest_due, min(most, 1), of_source)
            found += self._lease_due(connection, self._statements.claim_known, most - (len(found) - before), of_source)
            left = most - (len(found) - before)
            wanted = min(left + rations.looks.get(source, 0), limit - len(found))
            unread = self._lease_due(connection, self._statements.claim_unread, wanted, of_source)
            looked |= {row.id for row in sorted(unread, key=order_of_claims)[left:]}
            found += unread
        if rations.others:
            but = {"but_sources": padded(rations.of)}
            found += self._lease_due(connection, self._statements.claim_others, limit - len(found), but)
        return found, looked

    def _lease_due(
        self, connection: Connection, statement: Executable, limit: int, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        if limit <= 0:
            return []
        values = {"claims_max": limit, **(parameters or {}), **self._database.time.params()}
        return connection.execute(statement, values).all()
