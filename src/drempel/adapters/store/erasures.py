"""Erasing bookings: what may be erased is locked, judged and erased within one transaction, so that nothing can become live in between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Row, Select, and_, delete, func, insert, literal_column, null, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.rows import RECORD_COLUMNS, dump, event_values, record_of, record_values, set_values
from drempel.adapters.store.tables import bookings, events, poll_rows, receipts, sets
from drempel.adapters.store.times import EPOCH, microseconds
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.events import Event
from drempel.domain.retention import Standing, reduced, why_kept_at_age, why_kept_though_ordered
from drempel.engine.erasing import ERASED, forget
from drempel.engine.receipts import Erasure, Receipt
from drempel.engine.records import UnknownBooking
from drempel.engine.trail import TrailEntry

__all__ = ["Erasures"]

_ROW: Final = select(
    bookings.c.id, bookings.c.leased_until, bookings.c.done_at, *(bookings.c[name] for name in RECORD_COLUMNS)
).order_by(bookings.c.id)
_ONE_MORE: Final = literal_column("1", BigInteger)


class Erasures:
    """Orders to erase, what is old, and the receipts."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work
        self._cut_due = False
        """SQLite's journal still holds what was erased."""

    async def order(self, source: str, booking_id: str, *, by: str, entries: Sequence[TrailEntry]) -> Erasure:
        async def carry_out(connection: AsyncConnection) -> Erasure:
            one = and_(bookings.c.source == source, bookings.c.booking_id == booking_id)
            row = (await connection.execute(_ROW.where(one).with_for_update())).first()
            if row is None:
                raise UnknownBooking
            now = await self._time.read(connection)
            number = await self._note_order(connection, row, by=by, now=now)
            await put_entries(connection, self._time, *entries)
            held = (await self._work.sets_of(connection, [row.id])).get(row.id, ())
            waits = why_kept_though_ordered(_standing(row, held, now))
            if waits is None:
                await self._erase(connection, row, held, cause="order", now=now)
            receipt = (await connection.execute(select(receipts).where(receipts.c.id == number))).one()
            return Erasure(receipt=_receipt(receipt), waits=waits)

        done = await self._work.alone(carry_out, wakes=True)
        await self._cut(needed=done.waits is None)
        return done

    async def ordered(self, *, limit: int, after: int) -> tuple[int, int | None]:
        """See the port."""
        wanted = select(bookings.c.id).where(bookings.c.erase_ordered_at.is_not(None), bookings.c.id > after)
        async with self._database.reading() as connection:
            keys = list((await connection.execute(wanted.order_by(bookings.c.id).limit(limit))).scalars())
        count = 0
        if keys:
            count = await self._erase_some(keys, why_kept=lambda at, _now: why_kept_though_ordered(at), cause="order")
        await self._cut(needed=count > 0)
        return count, keys[-1] if len(keys) == limit else None

    async def aged(self, *, before: datetime, limit: int, after: str) -> tuple[int, str | None]:
        """See the port. First what has an end, by its end; then what was never read."""
        async with self._database.reading() as connection:
            found = (await connection.execute(_aged(before, after, limit))).all()
        count = 0
        if found:
            count = await self._erase_some(
                [row.id for row in found], why_kept=lambda at, now: why_kept_at_age(at, before=before, now=now), cause="age"
            )
        await self._cut(needed=count > 0)
        if len(found) == limit:
            return count, _place(found[-1])
        return count, None if after.startswith(_UNREAD) else f"{_UNREAD}0"

    async def receipts(self) -> list[Receipt]:
        async with self._database.reading() as connection:
            return [_receipt(row) for row in await connection.execute(select(receipts).order_by(receipts.c.id))]

    # --- inside

    async def _erase_some(self, keys: Sequence[int], *, why_kept: Any, cause: str) -> int:
        async def carry_out(connection: AsyncConnection) -> int:
            rows = (await connection.execute(_ROW.where(bookings.c.id.in_(keys)).with_for_update())).all()
            held = await self._work.sets_of(connection, keys)
            now = await self._time.read(connection)
            count = 0
            for row in rows:
                mine = held.get(row.id, ())
                ordered = cause != "order" or row.erase_ordered_at is not None
                if ordered and row.erased_at is None and why_kept(_standing(row, mine, now), now) is None:
                    if cause == "age" and _leaves_nothing(row, mine):
                        await self._drop(connection, row)
                    else:
                        await self._erase(connection, row, mine, cause=cause, now=now)
                    count += 1
            return count

        return await self._work.alone(carry_out)

    async def _note_order(self, connection: AsyncConnection, row: Row[Any], *, by: str, now: datetime) -> int:
        """The receipt of this order, or of the one that waits already; its number."""
        withheld = (
            update(bookings)
            .where(bookings.c.id == row.id)
            .values(
                withheld=true(),
                retry_ordered=False,
                told_at=row.told_at or now,
                erase_ordered_at=row.erase_ordered_at or now,
                erased_at=null(),
                next_at=now,
                version=bookings.c.version + _ONE_MORE,
            )
        )
        await connection.execute(withheld)
        waiting = and_(receipts.c.source == row.source, receipts.c.booking_id == row.booking_id, receipts.c.erased_at.is_(None))
        number = (await connection.execute(select(func.max(receipts.c.id)).where(waiting))).scalar_one()
        if number is not None:
            return int(number)
        await connection.execute(
            insert(events).values(booking_key=row.id, **event_values(Event(at=now, type="person.erase", data={"by": by})))
        )
        noted = insert(receipts).values(source=row.source, booking_id=row.booking_id, ordered_at=now, ordered_by=by)
        return int((await connection.execute(noted.returning(receipts.c.id))).scalar_one())

    async def _erase(
        self, connection: AsyncConnection, row: Row[Any], held: Sequence[AuthorizationSet], *, cause: str, now: datetime
    ) -> None:
        """The row is locked, and nothing holds it."""
        record = record_of(row)
        record.withheld = record.withheld or cause == "order"
        record.failure = None
        forget(record)
        record.hinted = record.retry_ordered = False
        record.told_at = record.recheck_soon_at = record.recheck_late_at = record.waiting_for = None
        record.tries = 0
        record.erase_ordered_at, record.erased_at = None, now
        gone = update(bookings).where(bookings.c.id == row.id)
        # A worker whose lease ran out may still be at it: the new token shuts him out.
        fence = {"token": bookings.c.token + _ONE_MORE, "version": bookings.c.version + _ONE_MORE, "leased_until": null()}
        await connection.execute(gone.values(**record_values(record), **fence, done_at=null(), hinted_at=null()))
        for each in held:
            of = and_(sets.c.booking_key == row.id, sets.c.number == each.number)
            await connection.execute(update(sets).where(of).values(**set_values(reduced(each))))
        removed = await connection.execute(delete(events).where(events.c.booking_key == row.id))
        polled = and_(poll_rows.c.source == row.source, poll_rows.c.booking_id == row.booking_id)
        await connection.execute(delete(poll_rows).where(polled))
        told = Event(at=now, type=ERASED, data={"cause": cause})
        await connection.execute(insert(events).values(booking_key=row.id, **event_values(told)))
        if cause == "order":
            counts = {"history entries": removed.rowcount, "accesses reduced to their ids": len(held), "record of the booking": 1}
            await self._close_receipt(connection, row, held, counts, now=now)

    async def _drop(self, connection: AsyncConnection, row: Row[Any]) -> None:
        """Its history goes with it."""
        polled = and_(poll_rows.c.source == row.source, poll_rows.c.booking_id == row.booking_id)
        await connection.execute(delete(poll_rows).where(polled))
        await connection.execute(delete(bookings).where(bookings.c.id == row.id))

    async def _close_receipt(
        self,
        connection: AsyncConnection,
        row: Row[Any],
        held: Sequence[AuthorizationSet],
        removed: Mapping[str, int],
        *,
        now: datetime,
    ) -> None:
        waiting = and_(receipts.c.source == row.source, receipts.c.booking_id == row.booking_id, receipts.c.erased_at.is_(None))
        ids = {
            state: [each.authorization_id for each in held if each.state is state and each.authorization_id is not None]
            for state in (SetState.REVOKED, SetState.ENDED)
        }
        closed = update(receipts).where(waiting)
        await connection.execute(
            closed.values(
                erased_at=now,
                revoked=dump(ids[SetState.REVOKED]),
                ended=dump(ids[SetState.ENDED]),
                removed=dump(dict(removed)),
            )
        )

    async def _cut(self, *, needed: bool) -> None:
        """Empty SQLite's journal after an erasure; where somebody was in the way, at the next turn."""
        self._cut_due = self._cut_due or needed
        if self._cut_due:
            self._cut_due = not await self._database.cut_journal()


def _leaves_nothing(row: Row[Any], held: Sequence[AuthorizationSet]) -> bool:
    """Never read, never given access, withheld by nobody: an id that somebody made up, or that was gone before it was read. No name was ever
    drawn for it, so its row keeps nothing safe; kept, whoever knows a hook's address could fill the database for good.
    """
    return row.ends_at is None and not held and not row.last_number and not row.existing and not row.withheld


def _standing(row: Row[Any], held: Sequence[AuthorizationSet], now: datetime) -> Standing:
    return Standing(
        sets=held,
        state=BookingState(row.state),
        leased=row.leased_until is not None and row.leased_until > now,
        end=row.ends_at,
        done_at=row.done_at,
        told_at=row.told_at,
        next_at=row.next_at,
    )


# ---------------------------------------------------------------------------------------------------------------- what is old

_UNREAD: Final = "unread "
_MAYBE: Final = and_(
    bookings.c.erased_at.is_(None),
    bookings.c.erase_ordered_at.is_(None),
    bookings.c.live_from.is_(None),
    bookings.c.leased_until.is_(None),
    bookings.c.told_at.is_(None),
    bookings.c.state != BookingState.NEEDS_PERSON.value,
)
"""What else holds a booking is looked at when it is locked; this keeps most of those that are held out of the batches."""


def _aged(before: datetime, after: str, limit: int) -> Select[Any]:
    """By the index, from one place to the next: what is held stays behind."""
    page = select(bookings.c.id, bookings.c.ends_at).where(_MAYBE).limit(limit)
    if after.startswith(_UNREAD):
        never = and_(bookings.c.ends_at.is_(None), bookings.c.id > int(after.removeprefix(_UNREAD)))
        return page.where(never, bookings.c.done_at < before).order_by(bookings.c.id)
    page = page.where(bookings.c.ends_at < before).order_by(bookings.c.ends_at, bookings.c.id)
    if after:
        end, _, key = after.partition(" ")
        at = EPOCH + timedelta(microseconds=int(end))
        page = page.where(or_(bookings.c.ends_at > at, and_(bookings.c.ends_at == at, bookings.c.id > int(key))))
    return page


def _place(row: Row[Any]) -> str:
    return f"{_UNREAD}{row.id}" if row.ends_at is None else f"{microseconds(row.ends_at)} {row.id}"


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(
        number=row.id,
        source=row.source,
        booking_id=row.booking_id,
        ordered_at=row.ordered_at,
        ordered_by=row.ordered_by,
        erased_at=row.erased_at,
        revoked=tuple(json.loads(row.revoked)),
        ended=tuple(json.loads(row.ended)),
        removed=json.loads(row.removed),
    )
