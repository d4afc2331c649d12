from __future__ import annotations

import pytest

from drempel.domain.access import BookingState
from tests.engine.stand_in import StandIn, a_view
from tests.web.client import Web


@pytest.fixture
def web() -> Web:
    return Web(StandIn(a_view(state=BookingState.GRANTED)))


async def test_alive_is_200_even_when_nothing_else_works(web: Web) -> None:
    web.reason = "The database does not answer."
    assert (await web.ask("GET", "/healthz")).status == 200


async def test_ready_is_200_only_without_a_reason_against_it(web: Web) -> None:
    assert (await web.ask("GET", "/readyz")).status == 200
    web.reason = "The schema of the database is not current."
    answer = await web.ask("GET", "/readyz")
    assert (answer.status, answer.json["reason"]) == (503, web.reason)


async def test_a_probe_that_fails_is_not_ready() -> None:
    class Broken(Web):
        async def _readiness(self) -> str | None:
            raise OSError("secret address")

    answer = await Broken(StandIn()).ask("GET", "/readyz")
    assert answer.status == 503
    assert b"secret" not in answer.body


async def test_metrics_hold_bookings_by_state_and_requests_by_area(web: Web) -> None:
    await web.ask("GET", "/healthz")
    await web.ask("GET", "/no/such/address")
    text = (await web.ask("GET", "/metrics")).body.decode()
    assert 'drempel_bookings{state="granted"} 1.0' in text
    assert 'drempel_bookings{state="needs_person"} 0.0' in text
    assert 'drempel_http_requests_total{area="health",method="GET",status="200"} 1.0' in text
    assert 'drempel_http_requests_total{area="pages",method="GET",status="404"} 1.0' in text


async def test_metrics_are_given_without_the_database(web: Web) -> None:
    async def away() -> dict[BookingState, int]:
        raise OSError

    web.records.count_by_state = away  # type: ignore[method-assign]
    answer = await web.ask("GET", "/metrics")
    assert answer.status == 200
    assert "drempel_bookings{" not in answer.body.decode()


async def test_an_invented_method_makes_no_new_series(web: Web) -> None:
    await web.ask("BREW", "/healthz")
    assert 'method="other"' in (await web.ask("GET", "/metrics")).body.decode()
