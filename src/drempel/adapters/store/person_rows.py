"""People who sign in: who there is, roles, passwords, one-time links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from drempel.adapters.store.database import Database
from drempel.adapters.store.people_tables import links, people, sessions
from drempel.adapters.store.trail_rows import put_entries
from drempel.adapters.store.work import Work
from drempel.domain.rights import Role
from drempel.engine.people import KnownPerson, LastAdministrator, Person, UnknownPerson
from drempel.engine.trail import Actor, TrailEntry

__all__ = ["PersonRows", "person_of"]


class PersonRows:
    """`drempel.engine.people.PeopleStore`."""

    def __init__(self, database: Database, *, work: Work) -> None:
        self._database = database
        self._work = work

    async def people(self) -> list[Person]:
        async with self._database.reading() as connection:
            found = (await connection.execute(select(people).order_by(people.c.name_key))).all()
        return [person_of(row) for row in found]

    async def known(self, name_key: str) -> KnownPerson | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(people).where(people.c.name_key == name_key))).first()
        return None if row is None else KnownPerson(person=person_of(row), password_hash=row.password_hash)

    async def add_person(self, *, name: str, name_key: str, role: Role, now: datetime, entry: TrailEntry) -> Person | None:
        added = (
            self._database.insert(people)
            .values(name=name, name_key=name_key, role=role.value, created_at=now)
            .on_conflict_do_nothing()
            .returning(*people.c)
        )

        async def carry_out(connection: AsyncConnection) -> Person | None:
            row = (await connection.execute(added)).first()
            if row is None:
                return None
            await put_entries(connection, self._database.time, entry)
            return person_of(row)

        return await self._work.alone(carry_out)

    async def change_role(self, person_id: int, role: Role, *, actor: Actor) -> Person:
        async def carry_out(connection: AsyncConnection) -> Person:
            person = await self._locked(connection, person_id, stays_administrator=role is Role.ADMINISTRATOR)
            if person.role is role:
                return person
            await connection.execute(update(people).where(people.c.id == person_id).values(role=role.value))
            await connection.execute(delete(sessions).where(sessions.c.person_id == person_id))
            entry = TrailEntry(actor=actor, type="person.role", about=person.name, before=person.role.value, after=role.value)
            await put_entries(connection, self._database.time, entry)
            return person

        return await self._work.alone(carry_out)

    async def remove_person(self, person_id: int, *, actor: Actor) -> Person:
        async def carry_out(connection: AsyncConnection) -> Person:
            person = await self._locked(connection, person_id, stays_administrator=False)
            await connection.execute(delete(people).where(people.c.id == person_id))
            entry = TrailEntry(actor=actor, type="person.remove", about=person.name, before=person.role.value)
            await put_entries(connection, self._database.time, entry)
            return person

        return await self._work.alone(carry_out)

    async def change_password(self, person_id: int, *, old_hash: str | None, new_hash: str, entry: TrailEntry | None) -> bool:
        stands = people.c.password_hash.is_not_distinct_from(old_hash)
        changed = update(people).where(people.c.id == person_id, stands).values(password_hash=new_hash)

        async def carry_out(connection: AsyncConnection) -> bool:
            if (await connection.execute(changed)).rowcount != 1:
                return False
            if entry is not None:
                # A link from before would set the password once more: whoever finds it must not take the place of who has just chosen.
                await connection.execute(delete(links).where(links.c.person_id == person_id))
                await connection.execute(delete(sessions).where(sessions.c.person_id == person_id))
                await put_entries(connection, self._database.time, entry)
            return True

        return await self._work.alone(carry_out)

    # --- one-time links

    async def put_link(self, person_id: int, *, token_hash: str, valid_until: datetime, entry: TrailEntry | None) -> None:
        values = {"token_hash": token_hash, "valid_until": valid_until}
        put = (
            self._database.insert(links)
            .values(person_id=person_id, **values)
            .on_conflict_do_update(index_elements=["person_id"], set_=values)
        )

        async def carry_out(connection: AsyncConnection) -> None:
            known = select(people.c.id).where(people.c.id == person_id).with_for_update()
            if (await connection.execute(known)).first() is None:
                raise UnknownPerson
            await connection.execute(put)
            if entry is not None:
                await put_entries(connection, self._database.time, entry)

        await self._work.alone(carry_out)

    async def link(self, token_hash: str, *, now: datetime) -> Person | None:
        valid = select(people).join(links, links.c.person_id == people.c.id)
        async with self._database.reading() as connection:
            row = (await connection.execute(valid.where(links.c.token_hash == token_hash, links.c.valid_until > now))).first()
        return None if row is None else person_of(row)

    async def use_link(self, token_hash: str, *, password_hash: str, now: datetime) -> Person | None:
        valid = links.c.token_hash == token_hash, links.c.valid_until > now
        # The person before the link, as everywhere: of two who take them in different orders each would wait for the other.
        locked = select(people.c.id).join(links, links.c.person_id == people.c.id).where(*valid).with_for_update(of=people)
        # Of two that come at once the database lets one delete the row: who deletes it, has it.
        consumed = delete(links).where(*valid).returning(links.c.person_id)

        async def carry_out(connection: AsyncConnection) -> Person | None:
            await connection.execute(locked)
            person_id = (await connection.execute(consumed)).scalar_one_or_none()
            if person_id is None:
                return None
            of_person = people.c.id == person_id
            row = (
                await connection.execute(update(people).where(of_person).values(password_hash=password_hash).returning(*people.c))
            ).one()
            await connection.execute(delete(sessions).where(sessions.c.person_id == person_id))
            person = person_of(row)
            entry = TrailEntry(actor=person.actor, type="person.password", about=person.name, after="by a one-time link")
            await put_entries(connection, self._database.time, entry)
            return person

        return await self._work.alone(carry_out)

    async def _locked(self, connection: AsyncConnection, person_id: int, *, stays_administrator: bool) -> Person:
        """The person, locked with every administrator, so that two who take each other's role away at once do not both succeed."""
        administrators = select(people).where(people.c.role == Role.ADMINISTRATOR.value).order_by(people.c.id).with_for_update()
        able = {row.id for row in await connection.execute(administrators) if row.password_hash is not None}
        row = (await connection.execute(select(people).where(people.c.id == person_id).with_for_update())).first()
        if row is None:
            raise UnknownPerson
        # Whoever has not come yet is no loss: the link may never be used.
        if able == {person_id} and not stays_administrator:
            raise LastAdministrator
        return person_of(row)


def person_of(row: Row[Any]) -> Person:
    """A row of `people`, or of a join that has its columns."""
    return Person(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        has_password=row.password_hash is not None,
        signed_in_at=row.signed_in_at,
    )
