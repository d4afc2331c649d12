"""Who may: `Authorization: Bearer KEY`, asked before anything else of the request is looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.api_keys import key_hash
from drempel.engine.records import ApiScope, Records
from drempel.web.problems import Problem

__all__ = ["name_of_key", "route_class"]

READING: Final = frozenset({"GET", "HEAD"})
CHALLENGE: Final = 'Bearer realm="drempel"'


def route_class(records: Records) -> type[APIRoute]:
    """Routes that ask for a key: scope `write` for every method that is not a mere reading."""

    class KeyedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]  # FastAPI says Coroutine
            handle = super().get_route_handler()

            async def ask_for_the_key(request: Request) -> Response:
                await _require_scope(records, request)
                return await handle(request)

            return ask_for_the_key

    return KeyedRoute


async def _require_scope(records: Records, request: Request) -> None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not key.strip():
        raise Problem("key.missing", headers={"WWW-Authenticate": CHALLENGE})
    scope = await records.scope_of_key(key_hash(key.strip()))
    if scope is None:
        raise Problem("key.unknown", headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
    if request.method not in READING and scope is not ApiScope.WRITE:
        raise Problem("key.scope", headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="write"'})


async def name_of_key(records: Records, request: Request) -> str:
    """Who gives the order, for the record: the name of the key, as a person reads it."""
    key = request.headers.get("authorization", "").partition(" ")[2].strip()
    return f"API key {await records.name_of_key(key_hash(key)) or 'that was just revoked'}"
