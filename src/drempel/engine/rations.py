"""How many bookings a worker takes in hand of sources whose calls are held back.

Bookings beyond that stay due in the store, unread and in order of urgency: what is taken in hand is called for within seconds, so nothing is read
for nothing, and a more urgent booking that comes later goes before all that still wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from drempel.engine.calls import Calls, credential_target, source_target
from drempel.engine.ports import Claim, Outside, Rations
from drempel.engine.setup import Setup

__all__ = ["Rationing"]

LOOKS_MAX: Final = 16
LONGEST_DUE_EACH: Final = 8
"""Each eighth booking of a rationed source is the one that has been due for longest."""


class Rationing:
    """Of one worker: it knows what is in hand, and what was claimed before."""

    def __init__(self, calls: Calls, outside: Outside) -> None:
        self._calls = calls
        self._outside = outside
        self._setup: Setup | None = None
        self._claimed: Counter[str] = Counter()

    async def now(self, at_work: Iterable[Claim]) -> Rations | None:
        """What may be claimed; None if nothing is held back, as far as is known here."""
        if not self._rooms():
            return None
        # What is known may be old where nothing was called or claimed for a while. Looked up only here: nothing held back costs nothing.
        await self._calls.look_again()
        self._setup = await self._outside.current()
        rooms = self._rooms()
        if not rooms:
            return None
        in_hand = Counter(claim.record.source for claim in at_work if not claim.only_look)
        left = {name: max(0, room - in_hand[name]) for name, room in rooms.items()}
        return Rations(
            of=left,
            # Where the booking system itself holds us back, a look would have to wait as well.
            looks={name: LOOKS_MAX for name in left if self._calls.room([source_target(name)]) is None},
            longest_due=frozenset(name for name, most in left.items() if self._is_turn_of_longest_due(name, most)),
            others=rooms.keys() != self._setup.sources.keys(),
        )

    def claimed(self, claims: list[Claim], setup: Setup) -> None:
        """Remember what was claimed, and the set-up that goes with it."""
        self._setup = setup
        self._claimed.update(claim.record.source for claim in claims if not claim.only_look)

    def _rooms(self) -> dict[str, int]:
        sources = self._setup.sources if self._setup is not None else ()
        return {name: room for name in sources if (room := self._room(name)) is not None}

    def _room(self, source: str) -> int | None:
        integrations = self._setup.of_source(source) if self._setup else ()
        credentials = [credential_target(i.connection_id, integration=i.name) for i in integrations if not i.paused]
        # By its booking system, or by all that it calls for: as long as one credential is free there is work that needs no line.
        rooms = (self._calls.room([source_target(source)]), self._calls.room(credentials))
        return min((room for room in rooms if room is not None), default=None)

    def _is_turn_of_longest_due(self, source: str, most: int) -> bool:
        before = self._claimed[source]
        return before // LONGEST_DUE_EACH != (before + most) // LONGEST_DUE_EACH
