"""`POST /hooks/{source}/{token}`: a booking system tells that something may have changed. Size and shape are checked, one row is made due."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple

from prometheus_client import Counter
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from drempel.engine.records import Records
from drempel.web.problems import Problem, problem_response
from drempel.web.services import WebServices

__all__ = ["HookTokens", "Hooks"]

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
        self._reading: dict[str, asyncio.Task[Sequence[_Known]]] = {}

    async def fits(self, source: str, token: str) -> bool:
        """Constant in time over all tokens of a source; an unknown source costs the same."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        read_at, known = self._known.get(source, (float("-inf"), ()))
        if self._clock.monotonic() - read_at < KNOWN_SECONDS and self._any(known, digest):
            return True
        reading = self._reading.get(source)
        if reading is not None and self._any(await asyncio.shield(reading), digest):
            return True
        # A look that was begun before may have missed a token that was made since: only one of our own can say no.
        return self._any(await self._look(source), digest)

    async def _look(self, source: str) -> Sequence[_Known]:
        reading = asyncio.create_task(self._read(source))
        self._reading[source] = reading
        try:
            return await asyncio.shield(reading)
        finally:
            if self._reading.get(source) is reading:
                del self._reading[source]

    def _any(self, known: Sequence[_Known], digest: bytes) -> bool:
        now = self._clock.now()
        fits = False
        for one in known or (_Known(NO_TOKEN, None),):
            same = hmac.compare_digest(one.digest, digest)
            fits |= same and (one.valid_until is None or now < one.valid_until)
        return fits

    async def _read(self, source: str) -> Sequence[_Known]:
        read_at = self._clock.monotonic()
        if not source.isprintable():
            # No name of a source is like that, and not every database takes every character.
            return ()
        try:
            tokens = await self._records.hook_tokens(source)
        except KeyError:
            return ()
        known = [_Known(hashlib.sha256(one.token.encode()).digest(), one.valid_until) for one in tokens]
        if len(self._known) >= SOURCES_KNOWN_MAX:
            self._known.clear()
        self._known[source] = (read_at, known)
        return known


class Hooks:
    """Answers `POST /hooks/{source}/{token}` before routes are looked for: every hint passes here. Other addresses are the application's."""

    def __init__(self, app: ASGIApp, *, services: WebServices) -> None:
        self._app = app
        self._services = services
        self._tokens = HookTokens(services)
        hints = Counter("drempel_hints", "Deliveries to hooks, by result.", ["result"], registry=services.registry)
        self._count = cache(hints.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = scope["path"].split("/") if scope["type"] == "http" else []
        match parts:
            case ["", "hooks", source, token] if source and token:
                pass
            case _:
                await self._app(scope, receive, send)
                return
        try:
            if scope["method"] != "POST":
                raise Problem("method.refused", headers={"Allow": "POST"})
            await self._take(source, token, receive)
        except Problem as problem:
            if problem.kind.code != "method.refused":
                self._count(problem.kind.code).inc()
            await problem_response(problem.kind.code, headers=problem.headers)(scope, receive, send)
            return
        self._count("stored").inc()
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _take(self, source: str, token: str, receive: Receive) -> None:
        services = self._services
        try:
            async with asyncio.timeout(self._services.hint_seconds_max):
                fits = await self._tokens.fits(source, token)
        except Exception as error:
            services.watcher.warn("hint.not_stored", source=source, error=type(error).__name__)
            raise Problem("hook.not_stored") from error
        if not fits:
            raise Problem("hook.unknown")
        booking_id = services.booking_id_of(await _body(receive))
        if booking_id is None:
            raise Problem("hook.no_booking_id")
        await _store(services, source, booking_id)


async def _body(receive: Receive) -> bytes:
    """The whole body; how long it may be and take is bounded on the way here (`BodyLimit`)."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


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
