"""The rule for a create whose answer was lost, as somebody would check it who stands between: nothing is created for that booking at that site before
the name was looked for twice and not found, each look at least one call time-out after what came before it (Resivo contract, section 10).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

__all__ = ["LookFirst"]

CALL_TIMEOUT: Final = timedelta(seconds=10)
LOOKS: Final = 2
DELIVERED_LATE: Final = timedelta(seconds=10)
"""A process that stood still between its decision and the wire: nobody else can know when its request arrives."""
CERTAIN: Final = frozenset(range(400, 500)) - {408, 409, 425}
"""Refused: certainly not done. The others may come from somebody in between, or tell that it was done before."""


@dataclass
class _Open:
    """A create that may have been done, and of which nobody knows yet."""

    place: tuple[str, str]
    asked_at: datetime
    sent_at: datetime | None = None
    looked_at: list[datetime] = field(default_factory=list)

    def may_be_forgotten(self) -> bool:
        if self.sent_at is None or self.sent_at - self.asked_at > DELIVERED_LATE:
            return True
        before, looks = self.sent_at, 0
        for at in self.looked_at:
            if at - before >= CALL_TIMEOUT:
                before, looks = at, looks + 1
        return looks >= LOOKS


class LookFirst:
    """What is open, by name. One for each world whose Resivo has a list; `place` is a booking at a site."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def create_asked(self, name: str, place: tuple[str, str], now: datetime) -> str | None:
        """A create is about to be sent; what is wrong with that, if anything."""
        wrong = next((other for other, one in self._open.items() if one.place == place and not one.may_be_forgotten()), None)
        self._open[name] = _Open(place, now)
        return f"look first: {name} is asked for, and what became of {other_or_same(wrong, name)} is not known" if wrong else None

    def create_sent(self, name: str, now: datetime) -> None:
        if name in self._open:
            self._open[name].sent_at = now

    def create_answered(self, name: str, status: int, body: bytes) -> None:
        """The answer came to whoever asked."""
        if status in CERTAIN or (status in {200, 201} and _has_id(body)):
            self._open.pop(name, None)

    def create_never_sent(self, name: str) -> None:
        self._open.pop(name, None)

    def looked(self, name: str, now: datetime, names_found: set[str]) -> None:
        """A list was answered well."""
        for found in names_found:
            self._open.pop(found, None)
        if name in self._open:
            self._open[name].looked_at.append(now)

    def is_open(self, name: str) -> bool:
        """Whether nobody at Drempel can know what became of the last create of this name."""
        return name in self._open

    def settled_by_person(self, booking_id: str) -> None:
        self._open = {name: one for name, one in self._open.items() if one.place[0] != booking_id}


def other_or_same(other: str | None, name: str) -> str:
    return "the one before" if other == name else str(other)


def _has_id(body: bytes) -> bool:
    try:
        answer: Any = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and bool(answer.get("id"))
