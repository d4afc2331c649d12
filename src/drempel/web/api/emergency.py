"""The two emergency levers: the brake of a source, and the kill switch of an integration."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse

from drempel.engine.booking_object import utc_text
from drempel.engine.levers import Levers
from drempel.engine.ports import Watcher
from drempel.web.api.bookings import ORDERED, Name, SourceName, ordered
from drempel.web.api.keys import actor_of
from drempel.web.api.shapes import BrakeShape

__all__ = ["emergency_router"]

IntegrationName = Annotated[Name, Path(max_length=64, description="The name of the integration.")]


def emergency_router(levers: Levers, route_class: type[APIRoute], watcher: Watcher) -> APIRouter:
    """The routes of brake and kill switch. Each order is a log line: no booking's history could hold it."""
    router = APIRouter(tags=["emergency"], route_class=route_class)

    @router.get("/sources/{source}/brake", summary="Show the brake", responses={200: {"model": BrakeShape}})
    async def show_brake(source: SourceName) -> JSONResponse:
        """Whether revoking because bookings are gone waits for a person."""
        brake = await levers.brake(source)
        return JSONResponse(
            {
                "source": brake.source,
                "holds": brake.holds,
                "tripped_at": None if brake.tripped_at is None else utc_text(brake.tripped_at),
                "released_at": None if brake.released_at is None else utc_text(brake.released_at),
            }
        )

    @router.post("/sources/{source}/brake/release", summary="Release the brake", status_code=202, responses=ORDERED)
    async def release_brake(request: Request, source: SourceName) -> JSONResponse:
        """Bookings that are gone lose their access now."""
        line = await levers.by(actor_of(request)).release_brake(source)
        watcher.note("person.brake_released", source=source)
        return ordered(line)

    @router.post("/integrations/{name}/pause", summary="Pause an integration", status_code=202, responses=ORDERED)
    async def pause(request: Request, name: IntegrationName) -> JSONResponse:
        """Nothing runs, hints are kept."""
        line = await levers.by(actor_of(request)).pause(name)
        watcher.note("person.paused", integration=name)
        return ordered(line)

    @router.post("/integrations/{name}/resume", summary="Let an integration go on", status_code=202, responses=ORDERED)
    async def resume(request: Request, name: IntegrationName) -> JSONResponse:
        """What waited is due now."""
        line = await levers.by(actor_of(request)).resume(name)
        watcher.note("person.resumed", integration=name)
        return ordered(line)

    return router
