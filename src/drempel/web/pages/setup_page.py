"""What is set up, to look at. It is changed with `drempel apply`. Secrets are not in a `Setup`, so they cannot be shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.setup import Setup
from drempel.web.pages.rendering import Renderer

__all__ = ["SetupPage"]


class SetupPage:
    """Sources, integrations, mappings."""

    def __init__(self, setup: Callable[[], Awaitable[Setup]], renderer: Renderer) -> None:
        self._setup = setup
        self._renderer = renderer

    async def show(self, request: Request) -> Response:
        setup = await self._setup()
        context = {
            "sources": [one for _, one in sorted(setup.sources.items())],
            "integrations": [one for _, one in sorted(setup.integrations.items())],
            "connections": setup.connections,
        }
        return await self._renderer.page(request, "pages/setup.html", context)
