"""Whether a set is ready: whether the visitor can open every mapped door for exactly the window, as far as Resivo tells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from drempel.domain.values import value

__all__ = ["Field", "ReadBack", "Verdict", "worst_verdict"]


class Verdict(StrEnum):
    """What the read-back of a set says. The worst wins, in this order."""

    NOT_READY = "not_ready"
    CANNOT_KNOW = "cannot_know"
    """Not read back yet or not to be read, or read with a status word that we do not know."""
    READY = "ready"


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The verdict of a booking whose sets have these; None if it has none."""
    order = list(Verdict)
    return min(verdicts, key=order.index, default=None)


class Field(StrEnum):
    """In what a set at Resivo can differ from what it was made for."""

    ID = "id"
    NAME = "name"
    STATUS = "status"
    WINDOW = "window"
    DOORS = "doors"


@value(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What was read of a set after it was made, or why it could not be read."""

    verdict: Verdict
    fields: tuple[Field, ...] = ()
    """In what it differs, or what could not be judged."""
    missing_ids: frozenset[str] = frozenset()
    """Component ids that it was made for and does not open."""
    at: datetime
    tries: int = 0
    """How many readings came to nothing since the last that told something."""
    again_at: datetime | None = None
    """When it is read again though nothing else happens."""
