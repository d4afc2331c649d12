"""What a person is told of an order to erase: the receipt, which the store keeps, and what the order waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Final

from drempel.domain.retention import Keeps
from drempel.domain.values import value
from drempel.engine.trail import Actor, ActorKind

__all__ = ["WAITS", "Erasure", "Receipt", "orderer"]

WAITS: Final[Mapping[Keeps, str]] = {
    Keeps.LIVE: "its access is taken away first",
    Keeps.REVOKING: "its access is being taken away first",
    Keeps.UNSETTLED: "what became of a create has to be known first",
    Keeps.WATCHED: "the answer to a create was lost once, so its name is looked for until its window is over",
    Keeps.AT_WORK: "a worker is at it right now",
}
"""What an order waits for, as the end of a sentence."""


def orderer(actor: Actor) -> str:
    """Who ordered it, as a receipt says it."""
    match actor.kind:
        case ActorKind.COMMAND_LINE:
            return "the command line"
        case ActorKind.API_KEY:
            return f"API key {actor.name}"
        case _:
            return actor.name


@value(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a person had erased. It names no person but the one who ordered it."""

    number: int
    source: str
    booking_id: str
    ordered_at: datetime
    ordered_by: str
    erased_at: datetime | None = None
    """None: ordered, and waiting."""
    revoked: Sequence[str] = ()
    """Ids of the sets that are confirmed to be revoked."""
    ended: Sequence[str] = ()
    """Ids of the sets whose window was over."""
    removed: Mapping[str, int] = field(default_factory=dict)
    """How much of what."""


@value(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The answer to an order: its receipt, and what it waits for if it waits."""

    receipt: Receipt
    waits: Keeps | None = None
