"""Today's components of a site, read on every trigger. One read serves the bookings that are in hand at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from drempel.domain.components import Component
from drempel.engine.calls import Calls, site_target
from drempel.engine.limits import DOORS_FRESH_SECONDS
from drempel.engine.ports import Clock, Outside

__all__ = ["Doors"]


class Doors:
    """Reads components, shared by all bookings of a process."""

    def __init__(self, *, outside: Outside, calls: Calls, clock: Clock) -> None:
        self._outside = outside
        self._calls = calls
        self._clock = clock
        self._reads: dict[tuple[int, str], tuple[float, asyncio.Future[Sequence[Component]]]] = {}

    async def of_site(self, connection_id: int, site_id: str, *, integration: str, since: float) -> Sequence[Component]:
        """The components of a site, by a read that began after `since` (monotonic). Raises `CallFailed`.

        `since` is when a booking was claimed: what was renamed before its hint is seen, and the bookings that are in hand share one read.
        """
        key = (connection_id, site_id)
        known = self._reads.get(key)
        if known is None or known[0] <= since or self._clock.monotonic() - known[0] > DOORS_FRESH_SECONDS:
            known = (self._clock.monotonic(), asyncio.ensure_future(self._read(connection_id, site_id, integration)))
            self._reads[key] = known
        _, read = known
        try:
            # Shielded: one booking that is cancelled must not take the read away from the others.
            return await asyncio.shield(read)
        except BaseException:
            if read.done() and self._reads.get(key) is known:
                del self._reads[key]
            raise

    async def _read(self, connection_id: int, site_id: str, integration: str) -> Sequence[Component]:
        target = site_target(connection_id, site_id, integration=integration)
        gateway = self._outside.gateway(connection_id)
        return await self._calls.make(target, "list_components", lambda: gateway.components(site_id))
