"""`/receipts`: what persons had erased."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse

from drempel.engine.booking_object import receipt_object
from drempel.engine.levers import Levers
from drempel.web.api.shapes import ReceiptListShape

__all__ = ["receipt_router"]


def receipt_router(levers: Levers, route_class: type[APIRoute]) -> APIRouter:
    """The one route of receipts."""
    router = APIRouter(prefix="/receipts", tags=["bookings"], route_class=route_class)

    @router.get("", summary="List what was erased by order", responses={200: {"model": ReceiptListShape}})
    async def list_receipts() -> JSONResponse:
        """Oldest first; those that wait are among them."""
        return JSONResponse({"items": [receipt_object(receipt) for receipt in await levers.receipts()]})

    return router
