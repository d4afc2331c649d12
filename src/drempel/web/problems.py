"""Errors as problem JSON (RFC 9457), each with a code of ours. No answer ever holds a stack trace or the value that was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

__all__ = ["PROBLEMS", "Problem", "ProblemKind", "on_http_exception", "problem_response"]

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One code with its status and the sentence that is said if there is no better one."""

    code: str
    status: int
    detail: str


PROBLEMS: Final = {
    kind.code: kind
    for kind in (
        ProblemKind("input.wrong", 400, "The request is not understood."),
        ProblemKind("hook.no_booking_id", 400, "The delivery is not JSON or names no booking."),
        ProblemKind(
            "key.missing", 401, "An API key is needed: `Authorization: Bearer KEY`. Make one with `drempel api-key add`."
        ),
        ProblemKind("key.unknown", 401, "This API key is not known, or was revoked."),
        ProblemKind("key.scope", 403, "This API key may only read. Make one with `drempel api-key add NAME --scope write`."),
        ProblemKind("address.unknown", 404, "There is nothing at this address."),
        ProblemKind("hook.unknown", 404, "There is nothing at this address."),
        ProblemKind("booking.unknown", 404, "This booking is not known here. It will be once a hint or a poll has named it."),
        ProblemKind("source.unknown", 404, "No source of that name is set up."),
        ProblemKind("integration.unknown", 404, "No integration of that name is set up."),
        ProblemKind("method.refused", 405, "This address does not take that method."),
        ProblemKind("request.slow", 408, "The body of the request did not arrive in time."),
        ProblemKind("order.refused", 409, "The order does not fit what is."),
        ProblemKind("booking.busy", 409, "Drempel is at this booking right now. Ask again in a moment."),
        ProblemKind("body.too_long", 413, "The body of the request is longer than 64 KiB."),
        ProblemKind("internal.error", 500, "Drempel itself failed here. Please report it with the log line of this time."),
        ProblemKind("hook.not_stored", 503, "The hint could not be stored. Please send it again."),
    )
}
"""Every problem that the web answers with, by code."""

_BY_STATUS: Final = {404: "address.unknown", 405: "method.refused", 413: "body.too_long"}


class Problem(HTTPException):
    """Raised where the request ends."""

    def __init__(self, code: str, detail: str | None = None, *, headers: dict[str, str] | None = None) -> None:
        self.kind = PROBLEMS[code]
        super().__init__(self.kind.status, detail or self.kind.detail, headers=headers)


def problem_response(code: str, detail: str | None = None, *, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that cannot be fulfilled."""
    kind = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": f"urn:drempel:problem:{code}",
        "title": HTTPStatus(kind.status).phrase,
        "status": kind.status,
        "detail": detail or kind.detail,
        "code": code,
    }
    return JSONResponse(body, status_code=kind.status, headers=headers, media_type=MEDIA_TYPE)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Also what the framework raises by itself: unknown address, wrong method, unreadable body."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    if isinstance(error, Problem):
        return problem_response(error.kind.code, error.detail, headers=headers)
    code = _BY_STATUS.get(error.status_code, "input.wrong" if error.status_code < 500 else "internal.error")
    return problem_response(code, headers=headers)
