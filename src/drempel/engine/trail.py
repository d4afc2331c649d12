"""The trail: everything that somebody changes, with who, when, what, from and to. Ids, codes and names of ours; never a secret or visitor data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from drempel.domain.values import value

__all__ = [
    "ALL_LINES",
    "COMMAND_LINE",
    "TRAIL_TYPES",
    "Actor",
    "ActorKind",
    "Trail",
    "TrailEntry",
    "TrailFilter",
    "TrailLine",
    "person_actor",
]


class ActorKind(StrEnum):
    """From where an order came."""

    PERSON = "person"
    API_KEY = "api_key"
    COMMAND_LINE = "command_line"


@value(frozen=True, slots=True)
class Actor:
    """Who did it. A name stays in the trail when its bearer is removed."""

    kind: ActorKind
    name: str


COMMAND_LINE: Final = Actor(ActorKind.COMMAND_LINE, "command line")


def person_actor(name: str) -> Actor:
    return Actor(ActorKind.PERSON, name)


TRAIL_TYPES: Final[Mapping[str, str]] = {
    "booking.retry": "ordered: try the booking again",
    "booking.revoke": "ordered: take access away",
    "booking.erase": "ordered: erase what is kept of a booking",
    "booking.issue_again": "ordered: issue access again",
    "booking.resolve": "said what became of an unknown outcome",
    "access.adopt": "took an orphan into our record",
    "access.revoke": "ordered: revoke an access that is one too many",
    "brake.release": "released the brake of a source",
    "pause.probe": "ordered: try once more what was refused",
    "integration.pause": "paused an integration",
    "integration.resume": "let an integration go on",
    "setup.change": "changed the set-up",
    "setup.tick": "ticked an item of the checklist",
    "setup.replace": "ordered: replace access that was made under older rules",
    "hook.register": "registered the hook at the booking system",
    "hook.rotate": "drew a new hook address",
    "api_key.add": "made an API key",
    "api_key.revoke": "revoked an API key",
    "secrets.rotate": "encrypted all secrets anew",
    "person.invite": "invited a person",
    "person.link": "made a new one-time link for a person",
    "person.role": "changed the role of a person",
    "person.remove": "removed a person",
    "person.password": "set a new password",
    "person.sessions": "ended sessions",
}
"""Every type of the trail, with the sentence that a person reads."""


@value(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """One change, about to be written."""

    actor: Actor
    type: str
    about: str = ""
    """What was changed: `booking 1363 of club`, a name."""
    before: str = ""
    after: str = ""

    def __post_init__(self) -> None:
        assert self.type in TRAIL_TYPES, f"unknown type of the trail: {self.type}"


@value(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """One change, as it stands in the trail."""

    id: int
    at: datetime
    entry: TrailEntry


@value(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Which lines are wanted; nothing said: all."""

    actor: Actor | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Lines before that moment."""


ALL_LINES: Final = TrailFilter()


class Trail(Protocol):
    """Only ever added to."""

    async def add(self, *entries: TrailEntry) -> None:
        """All or none, in a transaction of their own."""
        ...

    async def page(self, *, limit: int, before: int | None, only: TrailFilter = ALL_LINES) -> tuple[list[TrailLine], int | None]:
        """Newest first, older than the entry of that id; and what to give as `before` for the next page."""
        ...

    async def actors(self) -> list[Actor]:
        """Everybody who stands in it, by name."""
        ...
