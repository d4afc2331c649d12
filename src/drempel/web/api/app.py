"""The REST application: keys, validation, problems, description."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from drempel import __version__
from drempel.engine.levers import LeverRefused, Levers, UnknownIntegration, UnknownSource
from drempel.engine.records import BookingBusy, UnknownBooking
from drempel.web.api.audit import audit_router
from drempel.web.api.bookings import booking_router
from drempel.web.api.emergency import emergency_router
from drempel.web.api.keys import route_class
from drempel.web.api.receipts import receipt_router
from drempel.web.api.shapes import ProblemShape
from drempel.web.guards import LastNet
from drempel.web.problems import MEDIA_TYPE, PROBLEMS, on_http_exception, problem_response
from drempel.web.services import WebServices

__all__ = ["create_api"]

BUSY_SECONDS: Final = "1"
STATUSES_SHOWN: Final = (400, 401, 403, 404, 409)


def create_api(services: WebServices) -> FastAPI:
    """To be mounted at `/api/v1`."""
    api = FastAPI(
        title="Drempel",
        version=__version__,
        summary="Bookings, their access, and the levers of people.",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(HTTPBearer(auto_error=False, description="An API key of `drempel api-key add`."))],
        exception_handlers=_HANDLERS,
        responses={status: {"model": ProblemShape, "content": {MEDIA_TYPE: {}}} for status in STATUSES_SHOWN},
    )
    api.add_middleware(LastNet, watcher=services.watcher)
    levers, keyed = Levers(services.records), route_class(services.records, services.clock)
    api.include_router(booking_router(levers, keyed))
    api.include_router(receipt_router(levers, keyed))
    api.include_router(emergency_router(levers, keyed, services.watcher))
    api.include_router(audit_router(services.auditor, keyed))
    describe = api.openapi

    def describe_with_our_errors() -> dict[str, Any]:
        description = describe()
        for path in description["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)  # ours is 400
        return description

    api.openapi = describe_with_our_errors  # type: ignore[method-assign]  # FastAPI's documented way
    return api


async def _on_wrong_input(_request: Request, error: Exception) -> Response:
    """Names where and why, never the value."""
    assert isinstance(error, RequestValidationError)
    sentences = [
        f"{' '.join(str(part) for part in one['loc'])}: {str(one['msg']).removeprefix('Value error, ')}" for one in error.errors()
    ]
    return problem_response("input.wrong", "; ".join(sentences) or PROBLEMS["input.wrong"].detail)


def _problem_of(
    code: str, *, says_why: bool = False, headers: dict[str, str] | None = None
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(_request: Request, error: Exception) -> Response:
        return problem_response(code, str(error) if says_why else None, headers=headers)

    return handle


_HANDLERS: Final[dict[int | type[Exception], Callable[[Request, Any], Any]]] = {
    HTTPException: on_http_exception,
    RequestValidationError: _on_wrong_input,
    UnknownBooking: _problem_of("booking.unknown"),
    UnknownSource: _problem_of("source.unknown", says_why=True),
    UnknownIntegration: _problem_of("integration.unknown", says_why=True),
    LeverRefused: _problem_of("order.refused", says_why=True),
    BookingBusy: _problem_of("booking.busy", headers={"Retry-After": BUSY_SECONDS}),
}
