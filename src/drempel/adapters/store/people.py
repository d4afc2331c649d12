"""What people ask and order: lists, reasons, levers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Executable,
    Row,
    and_,
    false,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.due import due_where
from drempel.adapters.store.rows import RECORD_COLUMNS, event_of, event_values, record_of, record_values
from drempel.adapters.store.setups import raise_setup_version
from drempel.adapters.store.tables import bookings, events, integrations, pauses
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.domain.access import AuthorizationSet, BookingState
from drempel.domain.events import Event
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.records import BookingBusy, BookingView, UnknownBooking
from drempel.engine.trail import TrailEntry

__all__ = ["People"]

_RECORD = select(bookings.c.id, *(bookings.c[name] for name in RECORD_COLUMNS))
_RAISED_VERSION = bookings.c.version + literal_column("1", BigInteger)


class People:
    """Bookings as people see them, and what they order."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work

    # --- looking

    async def bookings(
        self, *, state: BookingState | None, limit: int, after: str | None, newest_first: bool = False
    ) -> tuple[list[BookingView], str | None]:
        """The cursor is the key of the last booking on the page. One more is read than asked for, to know whether there is a next page."""
        page = _RECORD.order_by(bookings.c.id.desc() if newest_first else bookings.c.id).limit(limit + 1)
        if after is not None:
            place = _cursor(after)
            page = page.where(bookings.c.id < place if newest_first else bookings.c.id > place)
        if state is not None:
            page = page.where(bookings.c.state == state.value)
        async with self._database.snapshot() as connection:
            found = (await connection.execute(page)).all()
            shown = found[:limit]
            sets = await self._work.sets_of(connection, [row.id for row in shown])
        views = [BookingView(record=record_of(row), sets=sets.get(row.id, ())) for row in shown]
        return views, str(shown[-1].id) if len(found) > limit else None

    async def booking(self, source: str, booking_id: str) -> BookingView:
        """With its whole history. Raises `UnknownBooking`."""
        async with self._database.snapshot() as connection:
            row = (await connection.execute(_RECORD.where(_named(source, booking_id)))).first()
            if row is None:
                raise UnknownBooking
            sets = await self._work.sets_of(connection, [row.id])
            told = await connection.execute(select(events).where(events.c.booking_key == row.id).order_by(events.c.id))
            history = [event for event in map(event_of, told) if event is not None]
        return BookingView(record=record_of(row), sets=sets.get(row.id, ()), history=tuple(history))

    async def count_by_state(self) -> Mapping[BookingState, int]:
        """Every state, also those without a booking."""
        counted = select(bookings.c.state, func.count()).group_by(bookings.c.state)
        async with self._database.reading() as connection:
            counts = {BookingState(state): count for state, count in await connection.execute(counted)}
        return {state: counts.get(state, 0) for state in BookingState}

    async def count_in(self, state: BookingState) -> int:
        counted = select(func.count()).where(bookings.c.state == state.value)
        async with self._database.reading() as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def count_not_ready(self) -> int:
        """Bookings that are not ready and start soon, or run already."""
        counted = select(func.count()).where(bookings.c.not_ready != text("''"), bookings.c.ends_at > self._time.sql)
        async with self._database.reading() as connection:
            return int((await connection.execute(counted, self._time.params())).scalar_one())

    # --- ordering

    async def order_retry(self, source: str, booking_id: str, entries: Sequence[TrailEntry], *, lifts: bool) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            # The next call may try: this booking is the one probe. Before the booking's row is locked: pauses come first, everywhere.
            waiting_for = select(bookings.c.waiting_for).where(_named(source, booking_id)).scalar_subquery()
            probe = update(pauses).where(pauses.c.key == waiting_for).values(probe_at=self._time.sql)
            await connection.execute(probe, self._time.params())
            row = await self._locked(connection, source, booking_id)
            # What waits to be erased stays withheld: then this is the one probe for its revoke, and no more.
            waits = row.erase_ordered_at is not None
            ordered = {"withheld": true() if waits else false(), "existing": "", "retry_ordered": true(), "erased_at": null()}
            if not lifts and row.existing:
                # Only read anew: the order would have the engine lift the mark of the first poll.
                ordered = {}
            elif not lifts and row.withheld:
                ordered = {"retry_ordered": true()}
            await self._order(connection, row, "person.retry", ordered)
            await put_entries(connection, self._time, *entries)

        await self._work.alone(carry_out, wakes=True)

    async def order_revoke(self, source: str, booking_id: str, entries: Sequence[TrailEntry]) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            row = await self._locked(connection, source, booking_id)
            told_at = row.told_at or await self._time.read(connection)
            ordered = {"withheld": true(), "retry_ordered": false(), "told_at": told_at}
            await self._order(connection, row, "person.revoke", ordered)
            await put_entries(connection, self._time, *entries)

        await self._work.alone(carry_out, wakes=True)

    async def order_probe(self, key: str, entries: Sequence[TrailEntry]) -> bool:
        async def carry_out(connection: AsyncConnection) -> bool:
            probe = update(pauses).where(pauses.c.key == key).values(probe_at=self._time.sql)
            if (await connection.execute(probe, self._time.params())).rowcount != 1:
                return False
            # One is enough to see whether the other side answers; when it does, the pause ends and all that waited is due.
            waits = bookings.c.waiting_for == key
            soonest = select(bookings.c.id).where(waits).order_by(bookings.c.starts_at, bookings.c.id).limit(1).scalar_subquery()
            await connection.execute(due_where(bookings.c.id == soonest, self._time.sql), self._time.params())
            await put_entries(connection, self._time, *entries)
            return True

        return await self._work.alone(carry_out, wakes=True)

    async def amend(
        self,
        source: str,
        booking_id: str,
        change: Callable[[BookingRecord, Sequence[AuthorizationSet], datetime], Change],
        *,
        may_add: bool,
        entries: Sequence[TrailEntry],
    ) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            if may_add:
                # Nobody can claim it before what `change` says is committed with it.
                await connection.execute(self._row_of_its_own(source, booking_id))
            row = await self._locked(connection, source, booking_id)
            now = await self._time.read(connection)
            if row.leased_until is not None and row.leased_until > now:
                raise BookingBusy
            record = record_of(row)
            sets = (await self._work.sets_of(connection, [row.id])).get(row.id, ())
            changed = change(record, sets, now)
            amended = (
                update(bookings)
                .where(bookings.c.id == row.id)
                # A worker whose lease ran out may still be at it: the new token shuts him out.
                .values(token=bookings.c.token + literal_column("1", BigInteger), leased_until=null(), version=_RAISED_VERSION)
                .values(**{**record_values(record), "next_at": now})
            )
            await connection.execute(amended)
            await self._work.put_change(connection, row.id, changed)
            await put_entries(connection, self._time, *entries)

        await self._work.alone(carry_out, wakes=True)

    async def set_paused(self, integration: str, *, paused: bool, entries: Sequence[TrailEntry]) -> bool:
        async def carry_out(connection: AsyncConnection) -> bool:
            await raise_setup_version(connection)
            known = select(integrations.c.source, integrations.c.paused_at).where(integrations.c.name == integration)
            row = (await connection.execute(known)).first()
            if row is None:
                raise KeyError(integration)
            if paused == (row.paused_at is not None):
                return False
            mark = self._time.sql if paused else null()
            params = self._time.params() if paused else {}
            await connection.execute(
                update(integrations).where(integrations.c.name == integration).values(paused_at=mark), params
            )
            if not paused:
                # What was worked on while it was paused was decided without it.
                meanwhile = or_(bookings.c.done_at >= row.paused_at, bookings.c.leased_until.is_not(None))
                missed = due_where(and_(bookings.c.source == row.source, meanwhile), self._time.sql)
                await connection.execute(missed, self._time.params())
            await put_entries(connection, self._time, *entries)
            return True

        return await self._work.alone(carry_out, wakes=True)

    def _row_of_its_own(self, source: str, booking_id: str) -> Executable:
        return self._database.insert(bookings).values(source=source, booking_id=booking_id).on_conflict_do_nothing()

    async def _locked(self, connection: AsyncConnection, source: str, booking_id: str) -> Row[Any]:
        wanted = _RECORD.add_columns(bookings.c.leased_until).where(_named(source, booking_id)).with_for_update()
        row = (await connection.execute(wanted)).first()
        if row is None:
            raise UnknownBooking
        return row

    async def _order(self, connection: AsyncConnection, row: Row[Any], event: str, ordered: Mapping[str, Any]) -> None:
        now = await self._time.read(connection)
        written = update(bookings).where(bookings.c.id == row.id).values(next_at=now, version=_RAISED_VERSION, **ordered)
        await connection.execute(written)
        await connection.execute(insert(events).values(booking_key=row.id, **event_values(Event(at=now, type=event))))


def _named(source: str, booking_id: str) -> Any:
    return and_(bookings.c.source == source, bookings.c.booking_id == booking_id)


def _cursor(after: str) -> int:
    if not (after.isascii() and after.isdecimal() and len(after) <= 18):
        raise ValueError("That is no place to go on from. Use the `next` of the page before.")
    return int(after)
