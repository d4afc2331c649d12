"""What is set up, to look at. It is changed elsewhere: on the pages of the set-up, or with `drempel apply`. Secrets are not in a `Setup`, so they cannot be shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.setup import Setup
from drempel.web.pages.names import ObjectNames, SiteNames
from drempel.web.pages.rendering import Renderer

__all__ = ["SetupPage"]


class SetupPage:
    """Sources, integrations, mappings."""

    def __init__(
        self,
        setup: Callable[[], Awaitable[Setup]],
        renderer: Renderer,
        site_names: SiteNames,
        object_names: ObjectNames | None = None,
    ) -> None:
        self._setup = setup
        self._renderer = renderer
        self._site_names = site_names
        self._object_names = object_names

    async def show(self, request: Request) -> Response:
        setup = await self._setup()
        context = {
            "sources": [one for _, one in sorted(setup.sources.items())],
            "integrations": [one for _, one in sorted(setup.integrations.items())],
            "connections": setup.connections,
            "sites": await self._site_names(),
            "objects": {name: await self._object_names(name) if self._object_names else {} for name in setup.sources},
        }
        return await self._renderer.page(request, "pages/setup.html", context)
