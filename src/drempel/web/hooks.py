"""`POST /hooks/{source}/{token}`: a booking system tells that something may have changed. Size and shape are checked, one row is made due."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.engine.records import Records
from drempel.web.problems import Problem
from drempel.web.services import WebServices

__all__ = ["HookTokens", "hook_routes"]

BODY_SECONDS_MAX: Final = 10.0
KNOWN_SECONDS: Final = 3.0
SOURCES_KNOWN_MAX: Final = 1000
NO_TOKEN: Final = hashlib.sha256(b"no token has this hash").digest()


class _Known(NamedTuple):
    digest: bytes
    valid_until: datetime | None


class HookTokens:
    """Whether a token opens a source's hook. Tokens are known for a few seconds, so that a hint costs one statement.

    A token that does not fit is looked up again at once: a rotated address works from its first delivery.
    """

    def __init__(self, services: WebServices) -> None:
        self._records: Records = services.records
        self._clock = services.clock
        self._known: dict[str, tuple[float, Sequence[_Known]]] = {}

    async def fits(self, source: str, token: str) -> bool:
        """Constant in time over all tokens of a source; an unknown source costs the same."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        read_at, known = self._known.get(source, (float("-inf"), ()))
        if self._clock.monotonic() - read_at < KNOWN_SECONDS and self._any(known, digest):
            return True
        return self._any(await self._read(source), digest)

    def _any(self, known: Sequence[_Known], digest: bytes) -> bool:
        now = self._clock.now()
        fits = False
        for one in known or (_Known(NO_TOKEN, None),):
            same = hmac.compare_digest(one.digest, digest)
            fits |= same and (one.valid_until is None or now < one.valid_until)
        return fits

    async def _read(self, source: str) -> Sequence[_Known]:
        read_at = self._clock.monotonic()
        try:
            tokens = await self._records.hook_tokens(source)
        except KeyError:
            return ()
        known = [_Known(hashlib.sha256(one.token.encode()).digest(), one.valid_until) for one in tokens]
        if len(self._known) >= SOURCES_KNOWN_MAX:
            self._known.clear()
        self._known[source] = (read_at, known)
        return known


def hook_routes(services: WebServices) -> list[Route]:
    """The one route. Other methods than POST are refused with 405."""
    tokens = HookTokens(services)
    hints = Counter("drempel_hints", "Deliveries to hooks, by result.", ["result"], registry=services.registry)

    async def hook(request: Request) -> Response:
        source = request.path_params["source"]
        try:
            if not await _fits(tokens, source, request.path_params["token"]):
                raise Problem("hook.unknown")
            booking_id = services.booking_id_of(await _body(request))
            if booking_id is None:
                raise Problem("hook.no_booking_id")
            await _store(services, source, booking_id)
        except Problem as problem:
            hints.labels(problem.kind.code).inc()
            raise
        hints.labels("stored").inc()
        return Response(status_code=202)

    async def _fits(tokens: HookTokens, source: str, token: str) -> bool:
        try:
            async with asyncio.timeout(services.hint_seconds_max):
                return await tokens.fits(source, token)
        except Exception as error:
            services.watcher.warn("hint.not_stored", source=source, error=type(error).__name__)
            raise Problem("hook.not_stored") from error

    return [Route("/hooks/{source}/{token}", hook, methods=["POST"])]


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            return await request.body()
    except TimeoutError as error:
        raise Problem("request.slow") from error


async def _store(services: WebServices, source: str, booking_id: str) -> None:
    try:
        async with asyncio.timeout(services.hint_seconds_max):
            await services.take_hint(source, booking_id)
    except ValueError as error:
        raise Problem("hook.no_booking_id") from error
    except KeyError as error:  # removed since its token was read
        raise Problem("hook.unknown") from error
    except Exception as error:
        # Whatever it is, the hint is not stored: the sender must repeat it.
        services.watcher.warn("hint.not_stored", source=source, error=type(error).__name__)
        raise Problem("hook.not_stored") from error
