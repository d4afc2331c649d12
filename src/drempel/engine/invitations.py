"""Who may sign in: invite, give another role, remove. The first person comes by a one-time link too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from drempel.domain.rights import Role
from drempel.domain.sign_in import LINK_LIVES, name_key, person_name
from drempel.domain.values import value
from drempel.engine.people import PeopleStore, Person, UnknownPerson
from drempel.engine.ports import Clock
from drempel.engine.sign_in import token_hash
from drempel.engine.trail import Actor, TrailEntry

__all__ = ["FIRST_NAME", "Invitation", "Invitations", "InviteRefused", "anybody_can_administer", "link_of"]

FIRST_NAME = "admin"


class InviteRefused(Exception):
    """Nobody was invited: a sentence with its remedy, and a code for pages."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@value(frozen=True, slots=True)
class Invitation:
    """A person, and the token of the one-time link, which is told once."""

    person: Person
    token: str = field(repr=False)


def link_of(public_url: str, invitation: Invitation) -> str:
    """Where the invited person chooses a password."""
    return f"{public_url}/link/{invitation.token}"


def anybody_can_administer(people: list[Person]) -> bool:
    """Whether an administrator has come in already."""
    return any(person.role is Role.ADMINISTRATOR and person.has_password for person in people)


class Invitations:
    """Changes who may sign in. Raises `UnknownPerson` and `LastAdministrator` as the store does."""

    def __init__(self, people: PeopleStore, *, clock: Clock, draw_token: Callable[[], str]) -> None:
        self._people = people
        self._clock = clock
        self._draw_token = draw_token

    async def invite(self, name: str, role: Role, *, actor: Actor) -> Invitation:
        """Somebody new. Raises `InviteRefused`."""
        kept = person_name(name)
        if kept is None:
            raise InviteRefused(
                "name.odd",
                "A name has 1 to 64 letters, digits, single spaces and any of . - _ @ ' and begins with a letter or digit.",
            )
        entry = TrailEntry(actor=actor, type="person.invite", about=kept, after=role.value)
        person = await self._people.add_person(name=kept, name_key=name_key(kept), role=role, now=self._clock.now(), entry=entry)
        if person is None:
            raise InviteRefused("name.taken", f"Somebody is called {kept} already. Choose another name.")
        return await self._link(person, actor=None)

    async def link_again(self, person_id: int, *, actor: Actor) -> Invitation:
        """A new one-time link for somebody who is here, for a forgotten password. The link before does not work any more."""
        person = next((one for one in await self._people.people() if one.id == person_id), None)
        if person is None:
            raise UnknownPerson
        return await self._link(person, actor=actor)

    async def invite_or_link(self, name: str, role: Role | None, *, actor: Actor) -> Invitation:
        """For the machine's own command line, which nobody can lock out. Raises `InviteRefused`.

        The very first person is administrator if no role is given, everybody after that at the reception.
        """
        people = await self._people.people()
        known = next((one for one in people if name_key(one.name) == name_key(name)), None)
        if known is None:
            return await self.invite(name, role or (Role.RECEPTION if people else Role.ADMINISTRATOR), actor=actor)
        if role not in {None, known.role}:
            raise InviteRefused(
                "name.taken",
                f"{known.name} is here already, as {known.role.value}. Leave --role out for a new link; an administrator changes roles "
                "on the page People.",
            )
        return await self._link(known, actor=actor)

    async def first_administrator(self, *, actor: Actor) -> Invitation | None:
        """A link for the first administrator; None if anybody else has been invited already."""
        people = await self._people.people()
        if not people:
            return await self.invite(FIRST_NAME, Role.ADMINISTRATOR, actor=actor)
        (only, *others) = people
        if others or only.has_password or only.name != FIRST_NAME or only.role is not Role.ADMINISTRATOR:
            return None
        return await self._link(only, actor=actor)

    async def change_role(self, person_id: int, role: Role, *, actor: Actor) -> Person:
        """All sessions of that person end. The person as before."""
        return await self._people.change_role(person_id, role, actor=actor)

    async def remove(self, person_id: int, *, actor: Actor) -> Person:
        """The person as before. What was done stays in the trail."""
        return await self._people.remove_person(person_id, actor=actor)

    async def _link(self, person: Person, *, actor: Actor | None) -> Invitation:
        token = self._draw_token()
        entry = None if actor is None else TrailEntry(actor=actor, type="person.link", about=person.name)
        valid_until = self._clock.now() + LINK_LIVES
        await self._people.put_link(person.id, token_hash=token_hash(token), valid_until=valid_until, entry=entry)
        return Invitation(person, token)
