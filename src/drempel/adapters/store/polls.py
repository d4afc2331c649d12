"""What the slow loop asks: chores, polls, re-reads, and what is live where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Row,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.due import due_where
from drempel.adapters.store.polled import forget_rows, put_rows, rows_of
from drempel.adapters.store.rows import doors_of, set_of
from drempel.adapters.store.setups import raise_setup_version
from drempel.adapters.store.tables import bookings, chores, integrations, sets, sources
from drempel.adapters.store.times import span
from drempel.adapters.store.work import Work
from drempel.adapters.store.work_statements import OLD_ROW
from drempel.domain.access import SetState
from drempel.domain.own_name import proof_of
from drempel.engine.ports import DoorsInUse, SetAt

__all__ = ["Polls"]

_MAY_EXIST: Final = or_(
    sets.c.state.in_([SetState.LIVE.value, SetState.REVOKING.value, SetState.UNKNOWN.value]),
    and_(sets.c.state == SetState.INTENDED.value, sets.c.maybe_sent),
)
NAMES_AT_ONCE: Final = 500


class Polls:
    """What the sweep keeps and asks."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._time = database.time
        self._work = work

    async def take_chore(self, name: str, *, every: timedelta, again: timedelta | None = None) -> bool:
        now = self._time.sql
        taken_at = now if again is None else now - span(every - again)
        # A moment far in the future was written by a clock that has been set back since.
        is_due = or_(chores.c.taken_at <= now - span(every), chores.c.taken_at > now + span(every))
        taken = (
            self._database.insert(chores)
            .values(name=name, taken_at=taken_at)
            .on_conflict_do_update(index_elements=["name"], set_={"taken_at": taken_at}, where=is_due)
            .returning(chores.c.name)
        )

        async def carry_out(connection: AsyncConnection) -> bool:
            return (await connection.execute(taken, self._time.params())).first() is not None

        return await self._work.alone(carry_out)

    async def chore_done(self, name: str) -> None:
        done = update(chores).where(chores.c.name == name).values(taken_at=self._time.sql)
        await self._work.alone(lambda connection: connection.execute(done, self._time.params()))

    async def chore_wanted(self, name: str) -> None:
        await self._work.alone(lambda connection: connection.execute(delete(chores).where(chores.c.name == name)))

    async def wake_rereads(self, *, per_source: int) -> int:
        now = self._time.sql
        is_due = and_(
            bookings.c.reread_at <= now,
            or_(bookings.c.next_at.is_(None), bookings.c.next_at > now),
            or_(bookings.c.leased_until.is_(None), bookings.c.leased_until <= now),
        )
        place = func.row_number().over(partition_by=bookings.c.source, order_by=(bookings.c.reread_at, bookings.c.id))
        ranked = select(bookings.c.id, place.label("place")).where(is_due).subquery()
        chosen = bookings.c.id.in_(select(ranked.c.id).where(ranked.c.place <= per_source))

        async def carry_out(connection: AsyncConnection) -> int:
            # Counted by what comes back: the driver counts no rows of a statement that begins with WITH on SQLite.
            woken = due_where(and_(chosen, is_due), now).returning(bookings.c.id)
            return len((await connection.execute(woken, self._time.params())).all())

        return await self._work.alone(carry_out, wakes=True)

    # --- polls

    async def rows(self, source: str) -> Mapping[str, str]:
        async with self._database.reading() as connection:
            return await rows_of(connection, source)

    async def record(
        self,
        source: str,
        *,
        rows: Mapping[str, str],
        due: Sequence[str],
        existing: Sequence[str],
        complete: bool,
        with_status: bool,
    ) -> None:
        """See the port. `existing` are due as well: they are read, counted and left alone."""

        async def carry_out(connection: AsyncConnection) -> None:
            # Bookings before rows: a worker that makes a row old has its booking locked.
            await self._mark_existing(connection, source, existing)
            news = {*due, *existing}
            await self._work.make_due(connection, source, sorted(news))
            before = await rows_of(connection, source)
            # One that became old after this poll was compared is news to the next.
            seen = {
                booking_id: row for booking_id, row in rows.items() if before.get(booking_id) != OLD_ROW or booking_id in news
            }
            await put_rows(self._database, connection, source, before, seen)
            if complete:
                await forget_rows(connection, source, [booking_id for booking_id in before if booking_id not in rows])
            await _note_poll(connection, source, complete=complete, with_status=with_status)

        await self._work.alone(carry_out, wakes=bool(due or existing))

    async def _mark_existing(self, connection: AsyncConnection, source: str, booking_ids: Sequence[str]) -> None:
        """Only where we know nothing yet: of what came by a hint somebody has just told us, so it is issued as usual."""
        waiting = and_(integrations.c.source == source, not_(integrations.c.first_poll_done), not_(integrations.c.issue_existing))
        names = (await connection.execute(select(integrations.c.name).where(waiting).order_by(integrations.c.name))).scalars()
        existing = "".join(f" {name} " for name in names)
        if booking_ids:
            marked = self._database.insert(bookings).on_conflict_do_nothing()
            rows = [{"source": source, "booking_id": booking_id, "existing": existing} for booking_id in sorted(set(booking_ids))]
            await connection.execute(marked, rows)

    # --- what is live

    async def live_bookings(self, source: str) -> frozenset[str]:
        live = select(bookings.c.booking_id).where(bookings.c.source == source, bookings.c.live_from.is_not(None))
        async with self._database.reading() as connection:
            return frozenset((await connection.execute(live)).scalars())

    async def live_sites(self) -> Sequence[tuple[int, str]]:
        """From one site to the next in the index: sites are few, sets may be a million."""
        found: set[tuple[int, str]] = set()
        async with self._database.reading() as connection:
            for state in (SetState.LIVE, SetState.REVOKING):
                place = (-1, "")
                while True:
                    after = {"of_state": state.value, "connection": place[0], "site": place[1]}
                    row = (await connection.execute(_next_site, after)).first()
                    if row is None:
                        break
                    place = (row.connection_id, row.site_id)
                    found.add(place)
        return sorted(found)

    async def live_doors(self, connection_id: int, site_id: str) -> Sequence[DoorsInUse]:
        """From one combination to the next in the index, for the same reason."""
        found: list[DoorsInUse] = []
        async with self._database.reading() as connection:
            key = ""
            while True:
                after = {"connection": connection_id, "site": site_id, "after": key}
                row = (await connection.execute(_next_doors, after)).first()
                if row is None:
                    return found
                key = row.doors
                found.append(doors_of(key))

    async def bookings_with_doors(self, connection_id: int, site_id: str, doors: DoorsInUse) -> Sequence[tuple[str, str]]:
        behind = (
            select(bookings.c.source, bookings.c.booking_id)
            .join(sets, sets.c.booking_key == bookings.c.id)
            .where(_IS_LIVE, sets.c.connection_id == connection_id, sets.c.site_id == site_id, sets.c.doors == doors.key)
        )
        async with self._database.reading() as connection:
            return [(row.source, row.booking_id) for row in await connection.execute(behind)]

    async def live_sets(self, connection_id: int, site_id: str) -> Sequence[SetAt]:
        there = and_(sets.c.connection_id == connection_id, sets.c.site_id == site_id)
        async with self._database.reading() as connection:
            found = (await connection.execute(_with_booking.where(there, _MAY_EXIST))).all()
        return [SetAt(source=row.source, booking_id=row.booking_id, set=set_of(row)) for row in found]

    async def sets_named(self, names: Sequence[str]) -> Mapping[str, SetAt]:
        recorded: dict[str, SetAt] = {}
        # Of an erased booking the proof of the name is kept alone.
        wanted = sorted({*names, *map(proof_of, names)})
        async with self._database.reading() as connection:
            for start in range(0, len(wanted), NAMES_AT_ONCE):
                some = wanted[start : start + NAMES_AT_ONCE]
                for row in await connection.execute(_with_booking.where(sets.c.display_name.in_(some))):
                    _prefer(recorded, row.display_name, row)
        found = {name: recorded.get(name) or recorded.get(proof_of(name)) for name in names}
        return {name: at for name, at in found.items() if at is not None}

    async def sets_with_ids(self, authorization_ids: Sequence[str]) -> Mapping[str, SetAt]:
        found: dict[str, SetAt] = {}
        async with self._database.reading() as connection:
            for start in range(0, len(authorization_ids), NAMES_AT_ONCE):
                some = authorization_ids[start : start + NAMES_AT_ONCE]
                for row in await connection.execute(_with_booking.where(sets.c.authorization_id.in_(some))):
                    _prefer(found, row.authorization_id, row)
        return found

    async def is_ours(self, authorization_id: str) -> bool:
        known = select(exists().where(sets.c.authorization_id == authorization_id))
        return bool(await self._database.glance(lambda on: on.execute(known).scalar_one()))

    async def another_booking(self, source: str, *, than: str) -> str | None:
        """The one that was worked on last, of those that were found and whose source answered then."""
        answered = or_(bookings.c.failure_code.is_(None), not_(bookings.c.failure_code.startswith("source.", autoescape=True)))
        other = (
            select(bookings.c.booking_id)
            .where(
                bookings.c.source == source,
                bookings.c.booking_id != than,
                bookings.c.status.is_not(None),
                bookings.c.gone_at.is_(None),
                bookings.c.done_at.is_not(None),
                answered,
            )
            .order_by(bookings.c.done_at.desc())
            .limit(1)
        )
        async with self._database.reading() as connection:
            return (await connection.execute(other)).scalar_one_or_none()


_with_booking: Final = (
    select(bookings.c.source, bookings.c.booking_id, sets)
    .join(bookings, bookings.c.id == sets.c.booking_key)
    .order_by(sets.c.booking_key, sets.c.number)
)
# Written out: the index is partial, and only of a word that stands in the statement PostgreSQL knows that it fits.
_IS_LIVE: Final = sets.c.state == literal_column(f"'{SetState.LIVE.value}'")
_next_site: Final = (
    select(sets.c.connection_id, sets.c.site_id)
    .where(
        sets.c.state == bindparam("of_state"),
        tuple_(sets.c.connection_id, sets.c.site_id)
        > tuple_(bindparam("connection", type_=BigInteger), bindparam("site", type_=Text)),
    )
    .order_by(sets.c.connection_id, sets.c.site_id)
    .limit(1)
)
_next_doors: Final = (
    select(sets.c.doors)
    .where(
        _IS_LIVE,
        sets.c.connection_id == bindparam("connection"),
        sets.c.site_id == bindparam("site"),
        sets.c.doors > bindparam("after"),
    )
    .order_by(sets.c.doors)
    .limit(1)
)


def _prefer(found: dict[str, SetAt], key: str, row: Row[Any]) -> None:
    """Of several sets under one key (a person had a twin revoked by its id), the one that matters most; the newest of equals."""
    there = SetAt(source=row.source, booking_id=row.booking_id, set=set_of(row))
    if key not in found or _weight(there) >= _weight(found[key]):
        found[key] = there


def _weight(at: SetAt) -> int:
    if at.set.state is SetState.LIVE:
        return 3
    return 2 if at.set.unsettled else int(at.set.state is SetState.REVOKING)


async def _note_poll(connection: AsyncConnection, source: str, *, complete: bool, with_status: bool) -> None:
    """What a poll teaches of the set-up; its version rises only if something is new."""
    without = sources.c.poll_without_status
    told = update(sources).where(sources.c.name == source, without == with_status).values(poll_without_status=not with_status)
    changed = (await connection.execute(told)).rowcount
    if complete:
        first = update(integrations).where(integrations.c.source == source, not_(integrations.c.first_poll_done))
        changed += (await connection.execute(first.values(first_poll_done=true()))).rowcount
    if changed:
        await raise_setup_version(connection)
