"""Who asks for this page. Set by the guard for the length of one request, so that every template can say what its reader may do."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from drempel.domain.rights import Right
from drempel.engine.people import Person, Session

__all__ = ["VISIT", "Visit", "visit_of_now"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of somebody who is signed in."""

    session: Session
    form_token: str = field(repr=False)
    """Every form carries it back."""

    @property
    def person(self) -> Person:
        return self.session.person

    def may(self, right: str) -> bool:
        """For templates: whether to offer something. Whether it is allowed is decided by the guard."""
        return self.person.may(Right(right))


VISIT: Final[ContextVar[Visit | None]] = ContextVar("visit", default=None)


def visit_of_now() -> Visit:
    """The visit of the request in hand. Only behind the guard."""
    visit = VISIT.get()
    assert visit is not None, "this page stands before the guard"
    return visit
