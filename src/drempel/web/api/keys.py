"""Who may: `Authorization: Bearer KEY`, asked before anything else of the request is looked at."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.api_keys import is_use_to_note, key_hash
from drempel.engine.ports import Clock
from drempel.engine.records import ApiScope, Records
from drempel.engine.trail import Actor, ActorKind
from drempel.web.problems import Problem

__all__ = ["actor_of", "route_class"]

READING: Final = frozenset({"GET", "HEAD"})
CHALLENGE: Final = 'Bearer realm="drempel"'


def route_class(records: Records, clock: Clock) -> type[APIRoute]:
    """Routes that ask for a key: scope `write` for every method that is not a mere reading."""

    class KeyedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]  # FastAPI says Coroutine
            handle = super().get_route_handler()

            async def ask_for_the_key(request: Request) -> Response:
                await _require_scope(records, request, clock)
                return await handle(request)

            return ask_for_the_key

    return KeyedRoute


async def _require_scope(records: Records, request: Request, clock: Clock) -> None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not key.strip():
        raise Problem("key.missing", headers={"WWW-Authenticate": CHALLENGE})
    known = await records.key_of_hash(key_hash(key.strip()))
    if known is None:
        raise Problem("key.unknown", headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
    if is_use_to_note(known, now=clock.now()):
        # It is told to people, and nothing else rests on it: a database that takes no writes refuses no reading.
        with contextlib.suppress(Exception):
            await records.note_key_use(key_hash(key.strip()))
    if request.method not in READING and known.scope is not ApiScope.WRITE:
        raise Problem("key.scope", headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="write"'})
    request.state.actor = Actor(ActorKind.API_KEY, known.name)


def actor_of(request: Request) -> Actor:
    """Whose key this request came with."""
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor
