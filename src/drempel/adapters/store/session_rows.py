"""Sessions of people, and tries to begin one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.people_tables import people, sessions, tries
from drempel.adapters.store.person_rows import person_of
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.domain.sign_in import SESSION_IDLE_MAX, SESSION_LIVES, TRIES_FORGOTTEN_AFTER, Pace
from drempel.engine.people import Session
from drempel.engine.trail import TrailEntry

__all__ = ["SessionRows"]

_WITH_PERSON = select(
    *people.c,
    sessions.c.id.label("session_id"),
    sessions.c.browser,
    sessions.c.started_at,
    sessions.c.seen_at,
).join(sessions, sessions.c.person_id == people.c.id)


class SessionRows:
    """`drempel.engine.people.SessionStore`."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def begin_session(
        self, person_id: int, *, password_hash: str, token_hash: str, browser: str, now: datetime
    ) -> Session | None:
        over = or_(sessions.c.seen_at <= now - SESSION_IDLE_MAX, sessions.c.started_at <= now - SESSION_LIVES)
        # The password that was verified must still be the one: between the two lies a long computation.
        stands = people.c.id == person_id, people.c.password_hash == password_hash
        signed_in = update(people).where(*stands).values(signed_in_at=now).returning(*people.c)
        begun = sessions.insert().values(token_hash=token_hash, person_id=person_id, browser=browser, started_at=now, seen_at=now)

        async def carry_out(connection: AsyncConnection) -> Session | None:
            row = (await connection.execute(signed_in)).first()
            if row is None:
                return None
            await connection.execute(delete(sessions).where(over))
            session_id = (await connection.execute(begun.returning(sessions.c.id))).scalar_one()
            return Session(id=session_id, person=person_of(row), browser=browser, started_at=now, seen_at=now)

        return await self._work.alone(carry_out)

    async def session(self, token_hash: str) -> Session | None:
        wanted = _WITH_PERSON.where(sessions.c.token_hash == token_hash)
        row = await self._database.glance(lambda on: on.execute(wanted).first())
        return None if row is None else _session_of(row)

    async def seen(self, session_id: int, *, now: datetime) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=now))

        await self._work.alone(carry_out)

    async def sessions_of(self, person_id: int) -> list[Session]:
        latest = _WITH_PERSON.where(sessions.c.person_id == person_id).order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
        async with self._database.reading() as connection:
            return [_session_of(row) for row in await connection.execute(latest)]

    async def end_session(self, session_id: int, *, person_id: int, entry: TrailEntry | None) -> bool:
        ended = delete(sessions).where(sessions.c.id == session_id, sessions.c.person_id == person_id)

        async def carry_out(connection: AsyncConnection) -> bool:
            there = (await connection.execute(ended)).rowcount == 1
            if there and entry is not None:
                await put_entries(connection, self._database.time, entry)
            return there

        return await self._work.alone(carry_out)

    async def end_other_sessions(self, session_id: int, *, person_id: int, entry: TrailEntry) -> int:
        ended = delete(sessions).where(sessions.c.id != session_id, sessions.c.person_id == person_id)

        async def carry_out(connection: AsyncConnection) -> int:
            count = (await connection.execute(ended)).rowcount
            if count:
                await put_entries(connection, self._database.time, entry)
            return count

        return await self._work.alone(carry_out)

    # --- tries

    async def begin_try(self, paces: Mapping[str, Pace], *, now: datetime) -> datetime | None:
        # In the order of the keys everywhere, so that two who try at once do not wait for each other.
        keys = sorted(paces)
        kept = select(tries).where(tries.c.key.in_(keys)).order_by(tries.c.key)
        # Who has to wait is told so by a look: a flood of the refused must not stand in the way of those who write.
        until = _waits(paces, await self._database.glance(lambda on: on.execute(kept).all()), now=now)
        if until is not None:
            return until
        forgotten = delete(tries).where(tries.c.last_at <= now - TRIES_FORGOTTEN_AFTER)
        first = {"tried": 0, "last_at": now, "next_at": now}
        there = self._database.insert(tries).values([{"key": key, **first} for key in keys]).on_conflict_do_nothing()

        async def carry_out(connection: AsyncConnection) -> datetime | None:
            await connection.execute(forgotten)
            added = (await connection.execute(there.returning(tries.c.key))).scalars().all()
            rows = (await connection.execute(kept.with_for_update())).all()
            until = _waits(paces, rows, now=now)
            if until is not None:
                # Others were counted since that look. A name that was made up leaves no row if its address has to wait.
                await connection.execute(delete(tries).where(tries.c.key.in_(added)))
                return until
            for row in rows:
                tried = row.tried + 1
                counts = {"tried": tried, "last_at": now, "next_at": now + paces[row.key].pause_after(tried)}
                await connection.execute(update(tries).where(tries.c.key == row.key).values(**counts))
            return None

        return await self._work.alone(carry_out)

    async def forgive_try(self, key: str, *, begun_at: datetime) -> None:
        # Who was last to try began the pause. Where that was another, who may be guessing, the pause goes on.
        next_at = case((tries.c.last_at == begun_at, tries.c.last_at), else_=tries.c.next_at)
        taken_back = update(tries).where(tries.c.key == key, tries.c.tried > 0).values(tried=tries.c.tried - 1, next_at=next_at)

        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(taken_back)

        await self._work.alone(carry_out)

    async def forgive_tries(self, key: str) -> None:
        async def carry_out(connection: AsyncConnection) -> None:
            await connection.execute(delete(tries).where(tries.c.key == key))

        await self._work.alone(carry_out)


def _waits(paces: Mapping[str, Pace], rows: Sequence[Any], *, now: datetime) -> datetime | None:
    """Until when who tries under these keys has to wait, if at all."""
    return max((row.next_at for row in rows if paces[row.key].waits(until=row.next_at, now=now)), default=None)


def _session_of(row: Any) -> Session:
    return Session(id=row.session_id, person=person_of(row), browser=row.browser, started_at=row.started_at, seen_at=row.seen_at)
