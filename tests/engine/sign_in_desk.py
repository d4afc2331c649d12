"""A sign-in on a real store, with passwords that cost nothing and tokens that can be foretold."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from drempel.adapters.store import SqlStore
from drempel.domain.rights import Role
from drempel.domain.sign_in import by_address
from drempel.engine.invitations import Invitations
from drempel.engine.people import Person
from drempel.engine.sign_in import Refused, SignedIn, SignIn, SignInDesk, TooManyAtOnce, TooSoon
from drempel.engine.trail import COMMAND_LINE
from tests.clock import ManualClock

PASSWORD = "correct horse battery"


@dataclass
class PlainPasswords:
    """Satisfies `Passwords`; remembers what was compared with what."""

    compared: list[str | None] = field(default_factory=list)
    busy: bool = False
    """Full, for everybody."""
    crowded: bool = False
    """Full of strangers."""
    busy_to_hash: bool = False
    form: str = "plain"

    async def hash(self, password: str, *, vouched: bool) -> str:
        self._find_room(vouched=vouched)
        if self.busy_to_hash:
            raise TooManyAtOnce
        return f"{self.form}:{password}"

    async def fits(self, password: str, kept: str | None, *, vouched: bool) -> bool:
        self._find_room(vouched=vouched)
        self.compared.append(kept)
        return kept is not None and kept.partition(":")[2] == password

    def is_outdated(self, kept: str) -> bool:
        return not kept.startswith(f"{self.form}:")

    def _find_room(self, *, vouched: bool) -> None:
        if self.busy or (self.crowded and not vouched):
            raise TooManyAtOnce


class Desk:
    """Everything that signing in needs."""

    def __init__(self, store: SqlStore, clock: ManualClock) -> None:
        self.store = store
        self.clock = clock
        self.passwords = PlainPasswords()
        numbers = count()
        self.draw_token = lambda: f"token-{next(numbers)}"
        self.sign_in = SignIn(
            SignInDesk(
                people=store.people,
                sessions=store.sessions,
                passwords=self.passwords,
                clock=clock,
                draw_token=self.draw_token,
                fingerprint=store.fingerprint,
            )
        )
        self.invitations = Invitations(store.people, clock=clock, draw_token=self.draw_token)

    async def person(self, name: str, role: Role = Role.ADMINISTRATOR, *, password: str = PASSWORD) -> Person:
        """Somebody who has come in by the link, and signed out."""
        invited = await self.invitations.invite(name, role, actor=COMMAND_LINE)
        begun = await self.sign_in.use_link(invited.token, password, browser="", leaving="")
        assert isinstance(begun, SignedIn), begun
        await self.sign_in.sign_out(begun.token)
        return begun.session.person

    async def come(
        self,
        name: str,
        password: str = PASSWORD,
        *,
        address: str = "192.0.2.1",
        known_browser: str = "",
        leaving: str = "",
    ) -> SignedIn | Refused | TooSoon:
        return await self.sign_in.sign_in(
            name,
            password,
            addresses={address: by_address},
            browser="Firefox on Linux",
            known_browser=known_browser,
            leaving=leaving,
        )

    async def signed_in(self, name: str, **also: str) -> SignedIn:
        begun = await self.come(name, **also)
        assert isinstance(begun, SignedIn), begun
        return begun
