"""Writes that share commits.

A commit costs one flush of the disk, whatever it holds. So what arrives while a commit is under way waits for the next one and shares it. Nobody
is told that his write is done before its transaction is committed; a batch that fails is done again one by one, so that a bad write hurts nobody
but its author.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

__all__ = ["GroupCommit"]

BATCH_MAX: Final = 256
DEADLOCK_DETECTED: Final = "40P01"
LOST_AGAIN: Final = 1
DEADLOCKS_AGAIN: Final = 2
"""So often a transaction is done again, from its start."""

Op = TypeVar("Op")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Shared(Generic[Op]):
    """An operation that may share its transaction."""

    operation: Op
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Alone:
    """Work that has a transaction of its own."""

    work: Callable[[AsyncConnection], Awaitable[Any]]
    answer: asyncio.Future[Any]


class GroupCommit(Generic[Op]):
    """The only writer of this process.

    `apply` carries out several operations in one transaction and answers each with a value, or with an exception that is its caller's alone.
    `orphaned` is told of an operation that was committed after its caller had gone.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        apply: Callable[[AsyncConnection, Sequence[Op]], Awaitable[Sequence[object]]],
        orphaned: Callable[[Op, object], None],
    ) -> None:
        self._engine = engine
        self._apply = apply
        self._orphaned = orphaned
        self._queue: deque[_Shared[Op] | _Alone] = deque()
        self._writing: asyncio.Task[None] | None = None

    def share(self, operation: Op) -> asyncio.Future[Any]:
        """Carry out an operation together with others: await the answer, which comes once it is committed."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append(_Shared(operation, answer))
        self._ensure_writing()
        return answer

    async def alone(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Carry out `work` in a transaction of its own; returns once it is committed. An exception rolls back.

        It runs to its end even if the caller is cancelled: a transaction is never cut in the middle. `work` is done again, from the start,
        if nothing can have been written: the connection was lost before the commit, or ended by the database to break a deadlock.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Alone(work, answer))
        self._ensure_writing()
        return await answer

    async def close(self) -> None:
        """Finish what was begun."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    def _ensure_writing(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._queue:
            first = self._queue.popleft()
            if isinstance(first, _Alone):
                await self._carry_out_alone(first)
                continue
            batch = [first]
            while self._queue and len(batch) < BATCH_MAX and isinstance(self._queue[0], _Shared):
                batch.append(self._queue.popleft())  # type: ignore[arg-type]  # just looked
            # Whoever gave up before the transaction began was promised nothing.
            batch = [each for each in batch if not each.answer.done()]
            if batch:
                await self._carry_out(batch)

    async def _carry_out_alone(self, each: _Alone) -> None:
        if each.answer.done():
            return
        try:
            result = await self._in_transaction(each.work)
        except Exception as error:  # noqa: BLE001  # it is the caller's
            _fail(each.answer, error)
        else:
            if not each.answer.done():
                each.answer.set_result(result)

    async def _carry_out(self, batch: list[_Shared[Op]]) -> None:
        try:
            results = await self._transaction(batch)
            assert len(results) == len(batch)
        except Exception as error:  # noqa: BLE001  # it is told to those whom it concerns
            if len(batch) == 1 or _is_shared_trouble(error):
                for each in batch:
                    _fail(each.answer, error)
                return
            await self._one_by_one(batch)
            return
        for each, result in zip(batch, results, strict=True):
            self._answer(each, result)

    async def _one_by_one(self, batch: list[_Shared[Op]]) -> None:
        trouble: Exception | None = None
        for each in batch:
            if trouble is None:
                try:
                    self._answer(each, (await self._transaction([each]))[0])
                except Exception as error:  # noqa: BLE001  # it is told to its author
                    _fail(each.answer, error)
                    trouble = error if _is_shared_trouble(error) else None
            else:
                _fail(each.answer, trouble)

    async def _transaction(self, batch: Sequence[_Shared[Op]]) -> Sequence[object]:
        operations = [each.operation for each in batch]
        return await self._in_transaction(lambda connection: self._apply(connection, operations))

    async def _in_transaction(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        lost, deadlocks = LOST_AGAIN, DEADLOCKS_AGAIN
        while True:
            committing = False
            try:
                async with self._engine.connect() as connection:
                    transaction = await connection.begin()
                    result = await work(connection)
                    committing = True
                    await _committed(connection, transaction)
            except DBAPIError as error:
                # The database ended it to break a circle: nothing was written.
                if _is_deadlock(error) and deadlocks:
                    deadlocks -= 1
                    continue
                # A connection that was lost while it lay idle says so only when it is used. Before COMMIT was sent nothing can have been
                # written, so it is done again; after that nobody knows, and the caller must be told so.
                if error.connection_invalidated and not committing and lost:
                    lost -= 1
                    continue
                raise
            return result

    def _answer(self, each: _Shared[Op], result: object) -> None:
        if each.answer.done():
            self._orphaned(each.operation, result)
        elif isinstance(result, Exception):
            each.answer.set_exception(result)
        else:
            each.answer.set_result(result)


async def _committed(connection: AsyncConnection, transaction: AsyncTransaction) -> None:
    try:
        await transaction.commit()
    except Exception:
        # SQLite leaves a transaction open whose COMMIT failed, with its lock on the file, and SQLAlchemy takes it for ended.
        await connection.invalidate()
        raise


def _fail(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


def _is_shared_trouble(error: Exception) -> bool:
    """The database is away, locked or full: nothing is won by asking again for each."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError)
    return isinstance(error, (OSError, TimeoutError))


def _is_deadlock(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == DEADLOCK_DETECTED
