"""Errors as problem JSON (RFC 9457), each with a code of ours. No answer ever holds a stack trace or the value that was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

__all__ = ["HELP_PATH", "PROBLEMS", "Problem", "ProblemKind", "on_http_exception", "problem_response"]

MEDIA_TYPE: Final = "application/problem+json"
KEYS_PAGE: Final = "/api-keys"
HELP_PATH: Final = "/help/failures/"
"""In front of a code: the page that helps with a failure or a problem."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One code with its status, the sentence that is said if there is no better one, and what helps."""

    code: str
    status: int
    detail: str
    remedy: str
    """What to do about it, on the page that `type` leads to."""
    plain_detail: str = ""
    """The sentence for who has the pages, where `detail` names a command."""
    page: str = ""
    """Where it is put right, if there is a page for that."""

    @property
    def detail_on_pages(self) -> str:
        return self.plain_detail or self.detail


PROBLEMS: Final = {
    kind.code: kind
    for kind in (
        ProblemKind(
            "input.wrong",
            400,
            "The request is not understood.",
            "Read `detail`: it names what is wrong and where. The whole description is at `/api/v1/openapi.json`.",
        ),
        ProblemKind(
            "hook.no_booking_id",
            400,
            "The delivery is not JSON or names no booking.",
            "Look at the webhook in i-Reserve, under Configuration, System, Webhooks: context booking, type POST, JSON yes.",
        ),
        ProblemKind(
            "key.missing",
            401,
            "An API key is needed: `Authorization: Bearer KEY`. Make one with `drempel api-key add`.",
            "Send that header with each request. An administrator makes keys on the page “API keys”, under “People”.",
            plain_detail="An API key is needed: `Authorization: Bearer KEY`.",
            page=KEYS_PAGE,
        ),
        ProblemKind(
            "key.unknown",
            401,
            "This API key is not known, or was revoked.",
            "Look on the page “API keys”, under “People”, whether it is there. If not, make a new one and give it to the program that asked.",
            page=KEYS_PAGE,
        ),
        ProblemKind(
            "key.scope",
            403,
            "This API key may only read. Make one with `drempel api-key add NAME --scope write`.",
            "Make a key that may order too on the page “API keys”, under “People”, and give it to the program; or let it only read.",
            plain_detail="This API key may only read.",
            page=KEYS_PAGE,
        ),
        ProblemKind(
            "address.unknown",
            404,
            "There is nothing at this address.",
            "Compare it with the addresses in `/api/v1/openapi.json`: case and slashes count.",
        ),
        ProblemKind(
            "hook.unknown",
            404,
            "There is nothing at this address.",
            "Copy the address of the hook from the page of the source into the webhook in i-Reserve. One that was replaced works for 24 hours.",
        ),
        ProblemKind(
            "booking.unknown",
            404,
            "This booking is not known here. It will be once a hint or a poll has named it.",
            "If it stands in i-Reserve for longer than a poll takes, look on the page of the source whether hints come in and when it was polled last.",
        ),
        ProblemKind(
            "source.unknown",
            404,
            "No source of that name is set up.",
            "Look at the set-up for the names of the sources.",
        ),
        ProblemKind(
            "integration.unknown",
            404,
            "No integration of that name is set up.",
            "Look at the list of integrations for its name.",
        ),
        ProblemKind(
            "method.refused",
            405,
            "This address does not take that method.",
            "Use the method that stands beside the address in `/api/v1/openapi.json`.",
        ),
        ProblemKind(
            "request.slow",
            408,
            "The body of the request did not arrive in time.",
            "Send it again. If it happens often, look at the network between the sender and Drempel.",
        ),
        ProblemKind(
            "order.refused",
            409,
            "The order does not fit what is.",
            "Read `detail`: it says what stands against the order and what to do instead. Nothing was changed.",
        ),
        ProblemKind(
            "booking.busy",
            409,
            "Drempel is at this booking right now. Ask again in a moment.",
            "Wait as many seconds as the header `Retry-After` says. Nothing was changed.",
        ),
        ProblemKind(
            "body.too_long",
            413,
            "The body of the request is longer than 64 KiB.",
            "Send less: the delivery of a booking has a few KiB. Nothing of this one was kept.",
        ),
        ProblemKind(
            "internal.error",
            500,
            "Drempel itself failed here. Please report it with the log line of this time.",
            "Send it again once; then look into the log of that time.",
        ),
        ProblemKind(
            "hook.not_stored",
            503,
            "The hint could not be stored. Please send it again.",
            "i-Reserve does so by itself. If it lasts, look whether the disk is full and the database answers: `drempel doctor` tells.",
        ),
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
        # Leads to what helps, at whatever address we were reached.
        "type": HELP_PATH + code,
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
