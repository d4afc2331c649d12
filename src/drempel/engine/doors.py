"""Today's components of a site, read on every trigger. One read serves the bookings that are in hand at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drempel.domain.components import Component
from drempel.engine.calls import Calls, site_target
from drempel.engine.limits import DOORS_FRESH_SECONDS
from drempel.engine.ports import Clock, Outside
from drempel.engine.waiting_line import Urgency

__all__ = ["Doors"]


@dataclass(slots=True)
class _Read:
    """One read, sent or waiting for its turn: until it is sent everybody may join it."""

    urgencies: list[Callable[[], Urgency]]
    sent_at: float | None = None
    answer: asyncio.Future[Sequence[Component]] = field(init=False)

    def serves(self, since: float, *, now: float) -> bool:
        return self.sent_at is None or (self.sent_at > since and now - self.sent_at <= DOORS_FRESH_SECONDS)


class Doors:
    """Reads components, shared by all bookings of a process."""

    def __init__(self, *, outside: Outside, calls: Calls, clock: Clock) -> None:
        self._outside = outside
        self._calls = calls
        self._clock = clock
        self._reads: dict[tuple[int, str], _Read] = {}

    async def of_site(
        self, connection_id: int, site_id: str, *, integration: str, since: float, calls: Calls | None = None
    ) -> Sequence[Component]:
        """The components of a site, by a read that is sent after `since` (monotonic). Raises `CallFailed`.

        `since` is when a booking was claimed: what was renamed before its hint is seen, and the bookings that are in hand share one read. In line
        it stands as the most urgent of those who wait for it; `calls` are those of the booking that asks.
        """
        if calls is not None:
            calls.check_patience(site_target(connection_id, site_id, integration=integration))
        key = (connection_id, site_id)
        read = self._reads.get(key)
        if read is None or not read.serves(since, now=self._clock.monotonic()):
            read = self._reads[key] = _Read([])
            read.answer = asyncio.ensure_future(self._read(connection_id, site_id, integration, read))
        if calls is not None:
            read.urgencies.append(calls.urgency)
        try:
            # Shielded: one booking that is cancelled must not take the read away from the others.
            return await asyncio.shield(read.answer)
        except BaseException:
            if read.answer.done() and self._reads.get(key) is read:
                del self._reads[key]
            raise

    async def _read(self, connection_id: int, site_id: str, integration: str, read: _Read) -> Sequence[Component]:
        target = site_target(connection_id, site_id, integration=integration)
        gateway = self._outside.gateway(connection_id)

        async def send() -> Sequence[Component]:
            read.sent_at = self._clock.monotonic()
            return await gateway.components(site_id)

        calls = self._calls.ordered_by(lambda: min(urgency() for urgency in read.urgencies)) if read.urgencies else self._calls
        return await calls.make(target, "list_components", send)
