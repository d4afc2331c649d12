from __future__ import annotations

import json

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from drempel.engine.records import BookingView
from drempel.web.guards import SECURITY_HEADERS
from tests.engine.stand_in import StandIn, a_view
from tests.web.client import READ_KEY, Web


@pytest.fixture
async def web() -> Web:
    return await Web(StandIn(a_view())).with_keys()


@pytest.mark.parametrize(
    "target",
    ["/", "/healthz", "/metrics", "/hooks/a/b", "/no/such", "/api/v1/bookings", "/api/v1/openapi.json", "/api/v1/no/such"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_every_answer_keeps_browsers_in_bounds(web: Web, method: str, target: str) -> None:
    answer = await web.ask(method, target, key=READ_KEY)
    assert {name.lower(): value for name, value in SECURITY_HEADERS.items()}.items() <= answer.headers.items()


@pytest.mark.parametrize("is_https", [True, False])
async def test_browsers_that_know_us_by_https_are_told_to_come_no_other_way(is_https: bool) -> None:
    answer = await Web(StandIn(), is_https=is_https).ask("GET", "/healthz")
    assert ("strict-transport-security" in answer.headers) is is_https


async def test_pages_may_loosen_their_own_headers() -> None:
    async def page(_request: Request) -> Response:
        return PlainTextResponse("pages", headers={"Content-Security-Policy": "default-src 'self'"})

    answer = await Web(StandIn(), pages=[Route("/", page)]).ask("GET", "/")
    assert answer.body == b"pages"
    assert answer.headers["content-security-policy"] == "default-src 'self'"


@pytest.mark.parametrize("target", ["/no/such", "/healthz/", "/api/v1", "/api/v1/", "/api/v1/no/such", "/api/v2/bookings"])
async def test_an_unknown_address_is_a_problem_and_no_redirect(web: Web, target: str) -> None:
    answer = await web.ask("GET", target)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"] == "address.unknown"


async def test_a_wrong_method_is_a_problem(web: Web) -> None:
    for target in ("/healthz", "/api/v1/bookings"):
        answer = await web.ask("DELETE", target)
        assert (answer.status, answer.json["code"]) == (405, "method.refused")


async def test_an_unexpected_error_is_a_problem_without_details_and_one_log_line(web: Web) -> None:
    async def broken(_source: str, _booking_id: str) -> BookingView:
        raise RuntimeError("ada@example.com")

    web.records.booking = broken  # type: ignore[method-assign]
    answer = await web.ask("GET", "/api/v1/bookings/club/1", key=READ_KEY)
    assert (answer.status, answer.json["code"]) == (500, "internal.error")
    assert b"ada" not in answer.body
    ((event, data),) = web.watcher.facts
    assert (event, data["error"], data["area"]) == ("web.failed", "RuntimeError", "api")
    assert "ada" not in json.dumps(data)
