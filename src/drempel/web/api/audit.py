"""`/audit`: what Resivo shows beside our record, and the two orders about an access that our record does not have."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse

from drempel.engine.audit_object import audit_object
from drempel.engine.auditor import Auditor
from drempel.web.api.bookings import ORDERED, ordered
from drempel.web.api.keys import actor_of
from drempel.web.api.shapes import AuditShape, OneAccessShape

__all__ = ["audit_router"]


def audit_router(auditor: Auditor, route_class: type[APIRoute]) -> APIRouter:
    """The routes of the audit."""
    router = APIRouter(prefix="/audit", tags=["audit"], route_class=route_class)

    @router.get("", summary="Compare Resivo with our record", responses={200: {"model": AuditShape}})
    async def audit(
        foreign: Annotated[bool, Query(description="Also the ids and names of what is not ours.")] = False,  # noqa: FBT002  # a query
    ) -> JSONResponse:
        """Reads every site now, so it takes as long as Resivo takes; one at a time."""
        return JSONResponse(audit_object(await auditor.audit(), with_foreign=foreign))

    @router.post("/adopt", summary="Take an orphan into our record", status_code=202, responses=ORDERED)
    async def adopt(request: Request, access: OneAccessShape) -> JSONResponse:
        """It becomes the live access of the booking that its name tells; the booking is decided anew."""
        return ordered(await auditor.orphans.by(actor_of(request)).adopt(access.id))

    @router.post("/revoke", summary="Revoke an access that is one too many", status_code=202, responses=ORDERED)
    async def revoke(request: Request, access: OneAccessShape) -> JSONResponse:
        """An orphan, a twin, or one that our record has as revoked or ended; never a foreign one."""
        return ordered(await auditor.orphans.by(actor_of(request)).revoke(access.id))

    return router
