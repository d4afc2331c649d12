"""The addresses of the keys, with the right that each needs."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from drempel.domain.rights import Right
from drempel.engine.api_keys import ApiKeys
from drempel.web.keys.pages import KeyPages
from drempel.web.pages.rendering import Renderer
from drempel.web.sign_in.guard import Guard

__all__ = ["key_routes"]

ONE: Final = "/api-keys/{name}/revoke"


def key_routes(keys: ApiKeys, *, guard: Guard, renderer: Renderer) -> list[Route]:
    """GET changes nothing anywhere."""
    pages = KeyPages(keys, renderer)
    return [
        Route("/api-keys", guard.look(Right.PEOPLE, pages.show), methods=["GET"]),
        Route("/api-keys", guard.order(Right.PEOPLE, pages.add), methods=["POST"]),
        Route(ONE, guard.look(Right.PEOPLE, pages.confirm_revoke), methods=["GET"]),
        Route(ONE, guard.order(Right.PEOPLE, pages.revoke), methods=["POST"]),
    ]
