"""Signing in and out, sessions, one-time links, passwords. Time, chance and the expensive part of passwords are handed in."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Protocol

from drempel.domain.sign_in import (
    PASSWORD_CHARACTERS_MAX,
    SEEN_EVERY,
    Pace,
    by_name,
    name_key,
    password_problem,
    session_over,
)
from drempel.domain.values import value
from drempel.engine.known_browsers import KnownBrowsers, may_be_token
from drempel.engine.people import KnownPerson, PeopleStore, Person, Session, SessionStore
from drempel.engine.ports import Clock
from drempel.engine.trail import TrailEntry

__all__ = ["Passwords", "Refused", "SignIn", "SignInDesk", "SignedIn", "TooManyAtOnce", "TooSoon", "form_token", "token_hash"]


class TooManyAtOnce(Exception):
    """So many passwords are being checked that this one would wait too long. Nothing was counted against anybody."""


class Passwords(Protocol):
    """What is slow on purpose, done aside, so that nothing else waits for it. Raises `TooManyAtOnce`.

    `vouched`: whoever asks has shown more than a name: a browser that is known, a one-time link, a session. Strangers, however many, must leave room
    for these.
    """

    async def hash(self, password: str, *, vouched: bool) -> str: ...

    async def fits(self, password: str, kept: str | None, *, vouched: bool) -> bool:
        """None costs as much as a wrong password, and never fits."""
        ...

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed at a lower cost than today's."""
        ...


@value(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun. Its token is told once, to the browser."""

    session: Session
    token: str = field(repr=False)
    known_browser: str = field(repr=False)
    """Proves later that this person signed in from this browser before; opens nothing."""


@value(frozen=True, slots=True)
class Refused:
    """Not signed in, or nothing changed: `sign_in.wrong`, `link.over`, `password.short` and so on."""

    code: str


@value(frozen=True, slots=True)
class TooSoon:
    """Too many tries that did not succeed: nobody may try before."""

    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class SignInDesk:
    """What the service stands on."""

    people: PeopleStore
    sessions: SessionStore
    passwords: Passwords
    clock: Clock
    draw_token: Callable[[], str]
    """256 bits of chance, as text for addresses and cookies."""
    fingerprint: Callable[[str], str]
    """A keyed hash; the key never leaves the database."""


class SignIn:
    """Who is it? Everything that begins, finds or ends a session."""

    def __init__(self, desk: SignInDesk) -> None:
        self._people = desk.people
        self._sessions = desk.sessions
        self._passwords = desk.passwords
        self._clock = desk.clock
        self._draw_token = desk.draw_token
        self._fingerprint = desk.fingerprint
        self._known_browsers = KnownBrowsers(desk.fingerprint)

    # --- in and out

    async def sign_in(
        self, name: str, password: str, *, addresses: Mapping[str, Pace], browser: str, known_browser: str, leaving: str
    ) -> SignedIn | Refused | TooSoon:
        """`addresses` are what of the caller's address is counted, each with its pace.

        `leaving` is the token of a session that this browser may have had: it ends. Nothing that came from outside is ever adopted.

        A name that nobody has is refused as a wrong password is: in the same words, at the same cost, after the same tries.
        """
        key, now = name_key(name), self._clock.now()
        vouched = self._known_browsers.knows(key, known_browser)
        paces = self._paces(key, addresses, known_browser if vouched else None)
        until = await self._sessions.begin_try(paces, now=now)
        if until is not None:
            return TooSoon(until)
        known = await self._people.known(key)
        kept = None if known is None else known.password_hash
        try:
            fits = len(password) <= PASSWORD_CHARACTERS_MAX and await self._passwords.fits(password, kept, vouched=vouched)
        except TooManyAtOnce:
            # This try alone: if it washed away those before it, a flood would be the way round every pause.
            for pace_key in paces:
                await self._sessions.forgive_try(pace_key, begun_at=now)
            raise
        if known is None or kept is None or not fits:
            return Refused("sign_in.wrong")
        begun = await self._begin(known.person, await self._renewed(known, kept, password), browser=browser)
        if begun is None:
            return Refused("sign_in.wrong")
        await self.sign_out(leaving)
        for pace_key, pace in paces.items():
            if pace is by_name:
                await self._sessions.forgive_tries(pace_key)
            else:
                # An address keeps the wrong tries of others: who has one name here may not try all others for ever.
                await self._sessions.forgive_try(pace_key, begun_at=now)
        return begun

    async def sign_out(self, token: str) -> None:
        """End the session of this token, if there is one."""
        session = await self._find(token)
        if session is not None:
            await self._sessions.end_session(session.id, person_id=session.person.id, entry=None)

    async def session(self, token: str, *, looked_at: bool = True) -> Session | None:
        """The session of this token, while it lasts. `looked_at`: a person asked, not a page that refreshes itself."""
        session = await self._find(token)
        if session is None:
            return None
        now = self._clock.now()
        if session_over(started_at=session.started_at, seen_at=session.seen_at, now=now):
            return None
        if looked_at and now - session.seen_at >= SEEN_EVERY:
            await self._sessions.seen(session.id, now=now)
        return session

    # --- one's own account

    async def change_password(self, session: Session, old: str, new: str) -> SignedIn | Refused | TooSoon:
        """Every session of this person ends, and a one-time link from before; the session that asked goes on as a new one."""
        person = session.person
        problem = password_problem(new, name=person.name)
        if problem is not None:
            return Refused(problem)
        key, now = self._fingerprint(f"change:{person.id}"), self._clock.now()
        until = await self._sessions.begin_try({key: by_name}, now=now)
        if until is not None:
            return TooSoon(until)
        known = await self._people.known(name_key(person.name))
        kept = None if known is None or known.person.id != person.id else known.password_hash
        try:
            fits = len(old) <= PASSWORD_CHARACTERS_MAX and await self._passwords.fits(old, kept, vouched=True)
            hashed = await self._passwords.hash(new, vouched=True) if fits else ""
        except TooManyAtOnce:
            await self._sessions.forgive_try(key, begun_at=now)
            raise
        if not fits:
            return Refused("password.wrong")
        entry = TrailEntry(actor=person.actor, type="person.password", about=person.name)
        if not await self._people.change_password(person.id, old_hash=kept, new_hash=hashed, entry=entry):
            return Refused("password.wrong")
        await self._sessions.forgive_tries(key)
        return await self._begin(person, hashed, browser=session.browser) or Refused("sign_in.wrong")

    async def renew(self, session: Session) -> SignedIn | None:
        """A fresh session for one that a change of the person's own role has ended. None if the person is gone."""
        known = await self._people.known(name_key(session.person.name))
        if known is None or known.password_hash is None or known.person.id != session.person.id:
            return None
        return await self._begin(known.person, known.password_hash, browser=session.browser)

    async def sessions_of(self, session: Session) -> list[Session]:
        """All that last, of the person of this one."""
        now = self._clock.now()
        return [
            one
            for one in await self._sessions.sessions_of(session.person.id)
            if not session_over(started_at=one.started_at, seen_at=one.seen_at, now=now)
        ]

    async def end_session(self, session: Session, which: int) -> bool:
        """End one session of the person of this one; whether there was one."""
        entry = _ended(session, "one session")
        return await self._sessions.end_session(which, person_id=session.person.id, entry=entry)

    async def end_other_sessions(self, session: Session) -> int:
        entry = _ended(session, "all other sessions")
        return await self._sessions.end_other_sessions(session.id, person_id=session.person.id, entry=entry)

    # --- one-time links

    async def whose_link(self, token: str) -> Person | None:
        """Looking changes nothing: mail scanners look too."""
        return await self._people.link(token_hash(token), now=self._clock.now()) if may_be_token(token) else None

    async def use_link(self, token: str, password: str, *, browser: str, leaving: str) -> SignedIn | Refused:
        """Set the password and sign in. A password that cannot be one leaves the link as it is."""
        person = await self.whose_link(token)
        if person is None:
            return Refused("link.over")
        problem = password_problem(password, name=person.name)
        if problem is not None:
            return Refused(problem)
        hashed = await self._passwords.hash(password, vouched=True)
        used = await self._people.use_link(token_hash(token), password_hash=hashed, now=self._clock.now())
        if used is None:
            return Refused("link.over")
        # Whoever was locked out by others' tries is let in by the link: the pauses of the name are over.
        await self._sessions.forgive_tries(self._key_of_name(name_key(used.name)))
        await self.sign_out(leaving)
        return await self._begin(used, hashed, browser=browser) or Refused("link.over")

    # --- inside

    async def _find(self, token: str) -> Session | None:
        return await self._sessions.session(token_hash(token)) if may_be_token(token) else None

    async def _begin(self, person: Person, password_hash: str, *, browser: str) -> SignedIn | None:
        token = self._draw_token()
        session = await self._sessions.begin_session(
            person.id,
            password_hash=password_hash,
            token_hash=token_hash(token),
            browser=browser,
            now=self._clock.now(),
        )
        if session is None:
            return None
        return SignedIn(session, token, self._known_browsers.mark(name_key(person.name), self._draw_token()))

    async def _renewed(self, known: KnownPerson, kept: str, password: str) -> str:
        """The hash that stands now: at today's cost, if it was at a lower one."""
        if not self._passwords.is_outdated(kept):
            return kept
        try:
            hashed = await self._passwords.hash(password, vouched=True)
        except TooManyAtOnce:
            # It was right: that there is no room just now keeps nobody out. The next time, then.
            return kept
        changed = await self._people.change_password(known.person.id, old_hash=kept, new_hash=hashed, entry=None)
        return hashed if changed else kept

    # A name is tried in two lines: a browser from which its bearer has signed in before waits for its own tries alone. So nobody who tries
    # a name from elsewhere, however often, can keep its bearer out.

    def _paces(self, key: str, addresses: Mapping[str, Pace], known_browser: str | None) -> dict[str, Pace]:
        if known_browser is not None:
            return {self._fingerprint(f"browser:{known_browser}"): by_name}
        of_addresses = {self._fingerprint(f"address:{address}"): pace for address, pace in addresses.items()}
        return {self._key_of_name(key): by_name, **of_addresses}

    def _key_of_name(self, key: str) -> str:
        return self._fingerprint(f"name:{key}")


def token_hash(token: str) -> str:
    """What is kept of a token. It is long and random, so a plain hash is enough and fast."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def form_token(token: str) -> str:
    """What every form of a session carries: known to who has the session alone, and of no use without it."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"form token", "sha256").hexdigest()


def _ended(session: Session, what: str) -> TrailEntry:
    return TrailEntry(actor=session.person.actor, type="person.sessions", about=session.person.name, after=what)
