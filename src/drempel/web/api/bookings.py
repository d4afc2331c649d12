"""`/bookings`: list, explain, and what a person may order for one of them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.routing import APIRoute
from pydantic import AfterValidator
from starlette.requests import Request
from starlette.responses import JSONResponse

from drempel.domain.access import BookingState
from drempel.engine.booking_object import booking_object
from drempel.engine.levers import PAGE_MAX, Created, Levers, NotCreated
from drempel.web.api.keys import actor_of
from drempel.web.api.shapes import BookingListShape, BookingShape, OrderedShape, ResolveShape
from drempel.web.problems import Problem

__all__ = ["Name", "booking_router"]

LIMIT_DEFAULT: Final = 100
CURSOR_CHARACTERS_MAX: Final = 1000


def _printable(name: str) -> str:
    # Not every database takes every character.
    if not name.isprintable():
        raise ValueError("holds a character that no name has.")
    return name


Name = Annotated[str, AfterValidator(_printable)]
SourceName = Annotated[Name, Path(max_length=64, description="The name of the source.")]
BookingId = Annotated[Name, Path(max_length=64, description="The id of the booking in its source.")]
ORDERED: Final[dict[int | str, dict[str, Any]]] = {202: {"model": OrderedShape, "description": "Ordered."}}


def booking_router(levers: Levers, route_class: type[APIRoute]) -> APIRouter:
    """The routes of bookings."""
    router = APIRouter(prefix="/bookings", tags=["bookings"], route_class=route_class)

    @router.get("", summary="List bookings", responses={200: {"model": BookingListShape}})
    async def list_bookings(
        state: Annotated[BookingState | None, Query(description="Only bookings in this state.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX, description="How many at most.")] = LIMIT_DEFAULT,
        after: Annotated[
            str | None, Query(max_length=CURSOR_CHARACTERS_MAX, description="The `next` of the page before.")
        ] = None,
    ) -> JSONResponse:
        """A page of bookings, without history."""
        try:
            page = await levers.page(state=state, limit=limit, after=after)
        except ValueError as error:
            raise Problem("input.wrong", "query after: is not the `next` of a page.") from error
        looks = await levers.offline_doors()
        return JSONResponse({"items": [booking_object(view, looks=looks) for view in page.items], "next": page.next})

    @router.get("/{source}/{booking_id}", summary="Explain one booking", responses={200: {"model": BookingShape}})
    async def read_booking(source: SourceName, booking_id: BookingId) -> JSONResponse:
        """One booking with its whole history."""
        return JSONResponse(booking_object(await levers.why(source, booking_id), looks=await levers.offline_doors()))

    @router.post("/{source}/{booking_id}/retry", summary="Try again now", status_code=202, responses=ORDERED)
    async def retry(request: Request, source: SourceName, booking_id: BookingId) -> JSONResponse:
        """Never resolves an unknown outcome. At a paused credential or site it is the one probe."""
        return ordered(await levers.by(actor_of(request)).retry(source, booking_id))

    @router.post("/{source}/{booking_id}/revoke", summary="Take access away now", status_code=202, responses=ORDERED)
    async def revoke(request: Request, source: SourceName, booking_id: BookingId) -> JSONResponse:
        """Whatever the status of the booking."""
        return ordered(await levers.by(actor_of(request)).revoke(source, booking_id))

    @router.post("/{source}/{booking_id}/erase", summary="Erase what is kept of it", status_code=202, responses=ORDERED)
    async def erase(request: Request, source: SourceName, booking_id: BookingId) -> JSONResponse:
        """Once its access is confirmed to be gone. The receipt names the key that ordered it."""
        return ordered(await levers.by(actor_of(request)).erase(source, booking_id))

    @router.post("/{source}/{booking_id}/issue-again", summary="Issue access again", status_code=202, responses=ORDERED)
    async def issue_again(request: Request, source: SourceName, booking_id: BookingId) -> JSONResponse:
        """A new access in place of the present one, with a new message to the visitor; the present one is revoked when the new one is there."""
        return ordered(await levers.by(actor_of(request)).issue_again(source, booking_id))

    @router.post("/{source}/{booking_id}/resolve", summary="Say what became of it", status_code=202, responses=ORDERED)
    async def resolve(request: Request, source: SourceName, booking_id: BookingId, word: ResolveShape) -> JSONResponse:
        """A person's word on an unknown outcome."""
        says = NotCreated() if word.created is None else Created(word.created)
        return ordered(await levers.by(actor_of(request)).resolve(source, booking_id, says))

    return router


def ordered(line: str) -> JSONResponse:
    """202 with the line that says what was ordered."""
    return JSONResponse({"ordered": line}, status_code=202)
