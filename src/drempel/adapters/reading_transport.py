"""A transport that only reads: what would change anything at the other side is not sent. For rehearsals.

What was read once stays as it was, so that two rehearsals of one booking see the same world, and each thing is asked for once.
"""

from __future__ import annotations

import asyncio
from typing import Final

from drempel.transport import NeverSent, Request, Response, Transport

__all__ = ["ReadingTransport"]

KEPT_STATUSES: Final = frozenset({200, 404})
"""Answers that say how things are. Any other is asked for again when it is needed again."""


class ReadingTransport:
    """Sends reads and the fetch of a token (the one request that bears no authorization); refuses every other request as never sent."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._reads: dict[tuple[str, str], asyncio.Future[Response]] = {}

    async def send(self, request: Request) -> Response:
        if request.method == "GET":
            return await self._read(request)
        if any(name.casefold() == "authorization" for name in request.headers):
            raise NeverSent("this only reads")
        return await self._transport.send(request)

    async def _read(self, request: Request) -> Response:
        account = next((value for name, value in request.headers.items() if name.casefold() == "authorization"), "")
        key = (request.url, account)
        reading = self._reads.get(key)
        if reading is None:
            reading = self._reads[key] = asyncio.ensure_future(self._transport.send(request))
            reading.add_done_callback(lambda done: self._forget_unless_kept(key, done))
        # Shielded: one booking that is given up must not take the answer away from the others.
        return await asyncio.shield(reading)

    def _forget_unless_kept(self, key: tuple[str, str], done: asyncio.Future[Response]) -> None:
        if done.cancelled() or done.exception() is not None or done.result().status not in KEPT_STATUSES:
            self._reads.pop(key, None)
