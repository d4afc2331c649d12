"""People who sign in, their sessions and one-time links; and the port to where they are kept.

Every moment is handed in by the caller's clock. Of tokens only hashes come here, of passwords only what argon2 made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Protocol

from drempel.domain.rights import Right, Role, may
from drempel.domain.sign_in import Pace
from drempel.domain.values import value
from drempel.engine.trail import Actor, TrailEntry, person_actor

__all__ = ["KnownPerson", "LastAdministrator", "PeopleStore", "Person", "Session", "SessionStore", "UnknownPerson"]


class UnknownPerson(LookupError):
    """Nobody of that name or number is here."""


class LastAdministrator(Exception):
    """Without this person nobody could sign in as administrator any more."""

    def __init__(self) -> None:
        super().__init__("This is the last administrator. Make another person administrator first.")


@value(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in."""

    id: int
    name: str
    role: Role
    created_at: datetime
    has_password: bool = False
    """False: invited, the one-time link was not used yet."""
    signed_in_at: datetime | None = None

    def may(self, right: Right) -> bool:
        return may(self.role, right)

    @property
    def actor(self) -> Actor:
        return person_actor(self.name)


@value(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person with what only the sign-in may see."""

    person: Person
    password_hash: str | None = field(repr=False)


@value(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in."""

    id: int
    person: Person
    browser: str
    """A few words: `Firefox on Windows`."""
    started_at: datetime
    seen_at: datetime


class PeopleStore(Protocol):
    """Each call is one transaction, and writes the entries of the trail that it is handed in it."""

    # --- people

    async def people(self) -> list[Person]:
        """By name."""
        ...

    async def known(self, name_key: str) -> KnownPerson | None: ...

    async def add_person(self, *, name: str, name_key: str, role: Role, now: datetime, entry: TrailEntry) -> Person | None:
        """None if somebody has that name."""
        ...

    async def change_role(self, person_id: int, role: Role, *, actor: Actor) -> Person:
        """Also ends all sessions of the person. The person as before. Raises `UnknownPerson`, `LastAdministrator`."""
        ...

    async def remove_person(self, person_id: int, *, actor: Actor) -> Person:
        """With sessions and links. The person as before. Raises `UnknownPerson`, `LastAdministrator`."""
        ...

    async def change_password(self, person_id: int, *, old_hash: str | None, new_hash: str, entry: TrailEntry | None) -> bool:
        """Only if the old one still stands. With an entry all sessions end and the link does; without, the same password was only
        hashed anew.
        """
        ...

    # --- one-time links

    async def put_link(self, person_id: int, *, token_hash: str, valid_until: datetime, entry: TrailEntry | None) -> None:
        """The only link of that person from now on. Raises `UnknownPerson`."""
        ...

    async def link(self, token_hash: str, *, now: datetime) -> Person | None:
        """Whose link this is, while it is valid. Nothing is changed."""
        ...

    async def use_link(self, token_hash: str, *, password_hash: str, now: datetime) -> Person | None:
        """Consume it in one statement, set the password and end all sessions; None if it is not valid (any more)."""
        ...


class SessionStore(Protocol):
    """Sessions, and tries to begin one. Each call is one transaction."""

    # --- sessions

    async def begin_session(
        self, person_id: int, *, password_hash: str, token_hash: str, browser: str, now: datetime
    ) -> Session | None:
        """None if the person is gone or the password is another meanwhile. What is over by `now` is swept away."""
        ...

    async def session(self, token_hash: str) -> Session | None: ...

    async def seen(self, session_id: int, *, now: datetime) -> None: ...

    async def sessions_of(self, person_id: int) -> list[Session]:
        """The one that was used last comes first."""
        ...

    async def end_session(self, session_id: int, *, person_id: int, entry: TrailEntry | None) -> bool:
        """Only a session of that person; whether there was one."""
        ...

    async def end_other_sessions(self, session_id: int, *, person_id: int, entry: TrailEntry) -> int: ...

    # --- tries

    async def begin_try(self, paces: Mapping[str, Pace], *, now: datetime) -> datetime | None:
        """Count one try under each key; or, if one of them has to wait, count nothing, keep nothing and tell until when."""
        ...

    async def forgive_try(self, key: str, *, begun_at: datetime) -> None:
        """Take back the one try that was begun then. A pause goes with it only if nobody tried since: it may be another's by now."""
        ...

    async def forgive_tries(self, key: str) -> None:
        """Take back all there were, with their pause: whoever is meant by the key has come in."""
        ...
