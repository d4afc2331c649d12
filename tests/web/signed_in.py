"""A sign-in at which one person is signed in already, for the tests of everything that stands behind it."""

from __future__ import annotations

from typing import Any

from drempel.domain.rights import Role
from drempel.engine.people import Person, Session
from drempel.engine.sign_in import form_token
from drempel.web.sign_in.routes import SignInServices
from tests.engine.stand_in import NOW

TOKEN = "token-of-a-session"
COOKIE = f"drempel={TOKEN}"
FORM_TOKEN = form_token(TOKEN)


class SignedInAlready:
    """Finds one session."""

    def __init__(self, role: Role = Role.ADMINISTRATOR) -> None:
        person = Person(id=1, name="Anna", role=role, created_at=NOW, has_password=True)
        self._session = Session(id=1, person=person, browser="", started_at=NOW, seen_at=NOW)

    async def session(self, token: str, *, looked_at: bool = True) -> Session | None:
        del looked_at
        return self._session if token == TOKEN else None


def signed_in_already(role: Role = Role.ADMINISTRATOR) -> SignInServices:
    """Only for pages that ask no more of it than who is there."""
    nothing: Any = None
    sign_in: Any = SignedInAlready(role)
    return SignInServices(
        sign_in=sign_in,
        invitations=nothing,
        people=nothing,
        trail=nothing,
        clock=nothing,
        public_url="http://drempel.test",
    )
