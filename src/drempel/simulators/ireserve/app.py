"""The ASGI application: the API on a short way of its own, everything else through routes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.simulators.control import control_routes
from drempel.simulators.ireserve.api import API_ROOT
from drempel.simulators.ireserve.control import environment_routes
from drempel.simulators.ireserve.environment import Environment
from drempel.simulators.ireserve.panel import Panel
from drempel.simulators.page import style_route

__all__ = ["IReserveApp"]

OWN_STYLE: Final = Path(__file__).parent / "templates" / "ireserve.css"


class IReserveApp:
    """What the network sees of a simulator."""

    def __init__(self, sim: Environment) -> None:
        panel = Panel(sim)
        self._api = sim.api
        self._site = Starlette(
            routes=[
                *panel.routes(),
                *environment_routes(sim, panel.pages),
                *control_routes(sim),
                style_route(),
                _own_style_route(),
            ]
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(API_ROOT):
            await self._api(scope, receive, send)
        else:
            await self._site(scope, receive, send)


def _own_style_route() -> Route:
    style = OWN_STYLE.read_text(encoding="utf-8")

    async def answer(_: Request) -> Response:
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=300"})

    return Route("/_sim/ireserve.css", answer, methods=["GET"])
