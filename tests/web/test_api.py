from __future__ import annotations

import json

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.events import Event
from drempel.domain.failures import Failure
from drempel.engine.records import Brake
from drempel.engine.setup import Setup
from drempel.engine.trail import Actor, ActorKind
from drempel.web.api.shapes import BookingListShape, BookingShape, BrakeShape, OrderedShape, ProblemShape, ReceiptShape
from drempel.web.problems import PROBLEMS
from tests.engine.setups import setup_of
from tests.engine.stand_in import CLUB, NOW, StandIn, a_set, a_view
from tests.engine.test_setup_plan import WANTED
from tests.web.client import READ_KEY, WRITE_KEY, Web

API = "/api/v1"
ONE = f"{API}/bookings/club/1363"


def a_booking() -> object:
    return a_view(
        sets=[a_set()],
        history=[Event(at=NOW, type="access.created", data={"authorization_id": "auth-1"})],
        state=BookingState.GRANTED,
        status="20",
        object_id="81",
        failure=Failure("resivo.busy", {"detail": "429"}),
        next_at=NOW,
    )


@pytest.fixture
async def web() -> Web:
    records = StandIn(a_booking(), setup=setup_of(WANTED))  # type: ignore[arg-type]
    return await Web(records).with_keys()


async def test_one_booking_has_its_shape_and_its_history(web: Web) -> None:
    answer = await web.ask("GET", ONE, key=READ_KEY)
    assert answer.status == 200
    BookingShape.model_validate_json(answer.body)
    assert answer.json["history"][0] == {"authorization_id": "auth-1", "at": "2026-03-14T08:00:00Z", "type": "access.created"}


async def test_a_list_is_paged_by_limit_and_after() -> None:
    web = await Web(StandIn(*(a_view(f"{number:04}") for number in range(250)))).with_keys()
    seen: list[str] = []
    target = f"{API}/bookings"
    sizes = []
    after = None
    while True:
        page = (await web.ask("GET", target + (f"?after={after}" if after else ""), key=READ_KEY)).json
        BookingListShape.model_validate_json(json.dumps(page))
        sizes.append(len(page["items"]))
        seen += [item["booking_id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sizes == [100, 100, 50]
    assert len(set(seen)) == 250
    assert len((await web.ask("GET", f"{target}?limit=500", key=READ_KEY)).json["items"]) == 250


async def test_a_list_may_be_of_one_state(web: Web) -> None:
    assert len((await web.ask("GET", f"{API}/bookings?state=granted", key=READ_KEY)).json["items"]) == 1
    assert (await web.ask("GET", f"{API}/bookings?state=revoked", key=READ_KEY)).json == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=", "state=live", "after=no-cursor", "limit=1.5"])
async def test_wrong_input_is_400_and_a_problem_that_names_it(web: Web, query: str) -> None:
    answer = await web.ask("GET", f"{API}/bookings?{query}", key=READ_KEY)
    assert (answer.status, answer.json["code"]) == (400, "input.wrong")
    assert query.split("=", maxsplit=1)[0] in answer.json["detail"]
    ProblemShape.model_validate_json(answer.body)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "key.missing"),
        ("Basic abc", "key.missing"),
        ("Bearer", "key.missing"),
        ("Bearer ", "key.missing"),
        ("Bearer drk_no", "key.unknown"),
    ],
)
@pytest.mark.parametrize("target", [f"{API}/bookings", f"{API}/bookings?limit=0", ONE, f"{API}/bookings/nowhere/1"])
async def test_without_a_key_everything_is_401_with_a_challenge(
    web: Web, target: str, authorization: str | None, code: str
) -> None:
    answer = await web.ask("GET", target, headers={"authorization": authorization} if authorization else {})
    assert (answer.status, answer.json["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_key_is_asked_for_before_the_body_is_looked_at(web: Web) -> None:
    answer = await web.ask("POST", f"{ONE}/resolve", body=b"no json")
    assert answer.status == 401


@pytest.mark.parametrize(
    "target",
    [
        f"{ONE}/retry",
        f"{ONE}/revoke",
        f"{ONE}/erase",
        f"{ONE}/issue-again",
        f"{ONE}/resolve",
        f"{API}/sources/club/brake/release",
        f"{API}/integrations/doors/pause",
    ],
)
async def test_a_key_that_may_only_read_orders_nothing(web: Web, target: str) -> None:
    answer = await web.ask("POST", target, key=READ_KEY)
    assert (answer.status, answer.json["code"]) == (403, "key.scope")
    assert "insufficient_scope" in answer.headers["www-authenticate"]
    assert web.records.orders == []


async def test_a_key_that_may_write_may_read(web: Web) -> None:
    assert (await web.ask("GET", ONE, key=WRITE_KEY)).status == 200


async def test_a_revoked_key_is_unknown_at_once(web: Web) -> None:
    await web.records.revoke_api_key("writer")
    assert (await web.ask("GET", ONE, key=WRITE_KEY)).status == 401


@pytest.mark.parametrize("order", ["retry", "revoke"])
async def test_an_order_is_202_and_told_in_one_line(web: Web, order: str) -> None:
    answer = await web.ask("POST", f"{ONE}/{order}", key=WRITE_KEY)
    assert answer.status == 202
    OrderedShape.model_validate_json(answer.body)
    assert web.records.orders == [(order, "club", "1363")]


async def test_issuing_again_is_202_and_marks_what_is_live() -> None:
    web = await Web(StandIn(a_view(sets=[a_set()]))).with_keys()
    answer = await web.ask("POST", f"{ONE}/issue-again", key=WRITE_KEY)
    assert answer.status == 202
    OrderedShape.model_validate_json(answer.body)
    assert [one.issue_again for one in web.records.changes[0].sets] == [True]


@pytest.mark.parametrize("body", [b'{"created": "auth-9"}', b'{"not_created": true}'])
async def test_resolve_takes_a_persons_word(body: bytes) -> None:
    view = a_view(sets=[a_set(state=SetState.UNKNOWN)])
    web = await Web(StandIn(view)).with_keys()
    assert (await web.ask("POST", f"{ONE}/resolve", key=WRITE_KEY, body=body)).status == 202
    assert len(web.records.changes) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"no json",
        b'{"created": ""}',
        b'{"created": 5}',
        b'{"created": "a", "not_created": true}',
        b'{"not_created": false}',
        b'{"created": "a", "more": 1}',
        b"[1]",
    ],
)
async def test_a_word_that_is_not_clear_is_400(web: Web, body: bytes) -> None:
    answer = await web.ask("POST", f"{ONE}/resolve", key=WRITE_KEY, body=body)
    assert (answer.status, answer.json["code"]) == (400, "input.wrong")
    assert web.records.changes == []


async def test_a_word_where_nothing_is_open_is_409_with_the_reason(web: Web) -> None:
    answer = await web.ask("POST", f"{ONE}/resolve", key=WRITE_KEY, body=b'{"not_created": true}')
    assert (answer.status, answer.json["code"]) == (409, "order.refused")
    assert "no outcome is unknown" in answer.json["detail"]


async def test_a_booking_at_work_is_409_with_a_time_to_come_back(web: Web) -> None:
    web.records.busy = True
    answer = await web.ask("POST", f"{ONE}/resolve", key=WRITE_KEY, body=b'{"not_created": true}')
    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (409, "booking.busy", "1")


async def test_a_body_that_is_too_long_is_413(web: Web) -> None:
    answer = await web.ask("POST", f"{ONE}/resolve", key=WRITE_KEY, body=b" " * 70_000)
    assert (answer.status, answer.json["code"]) == (413, "body.too_long")
    answer = await web.ask("POST", f"{ONE}/resolve", key=WRITE_KEY, body=[b" " * 40_000] * 2)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("method", "target", "code"),
    [
        ("GET", f"{API}/bookings/club/nope", "booking.unknown"),
        ("POST", f"{API}/bookings/club/nope/retry", "booking.unknown"),
        ("GET", f"{API}/bookings/nope/1363", "source.unknown"),
        ("GET", f"{API}/sources/nope/brake", "source.unknown"),
        ("POST", f"{API}/sources/nope/brake/release", "source.unknown"),
        ("POST", f"{API}/integrations/nope/pause", "integration.unknown"),
    ],
)
async def test_what_is_unknown_is_404_and_says_what(web: Web, method: str, target: str, code: str) -> None:
    answer = await web.ask(method, target, key=WRITE_KEY)
    assert (answer.status, answer.json["code"]) == (404, code)
    assert answer.json["type"] == f"/help/failures/{code}"


async def test_path_segments_may_be_percent_encoded(web: Web) -> None:
    assert (await web.ask("GET", f"{API}/bookings/%63lub/13%363", key=READ_KEY)).status == 200


async def test_the_brake_is_shown_and_released(web: Web) -> None:
    web.records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    shown = await web.ask("GET", f"{API}/sources/club/brake", key=READ_KEY)
    BrakeShape.model_validate_json(shown.body)
    assert shown.json["holds"] is True
    assert (await web.ask("POST", f"{API}/sources/club/brake/release", key=WRITE_KEY)).status == 202
    assert (await web.ask("GET", f"{API}/sources/club/brake", key=READ_KEY)).json["holds"] is False


async def test_an_integration_is_paused_and_goes_on(web: Web) -> None:
    assert (await web.ask("POST", f"{API}/integrations/doors/pause", key=WRITE_KEY)).status == 202
    assert web.records.paused == {"doors"}
    assert (await web.ask("POST", f"{API}/integrations/doors/resume", key=WRITE_KEY)).status == 202
    assert web.records.paused == set()
    assert [event for event, _ in web.watcher.facts] == ["person.paused", "person.resumed"]


async def test_the_description_is_open_and_names_every_route_and_our_errors(web: Web) -> None:
    answer = await web.ask("GET", f"{API}/openapi.json")
    assert answer.status == 200
    assert answer.json["servers"] == [{"url": API}]
    assert set(answer.json["paths"]) == {
        "/bookings",
        "/bookings/{source}/{booking_id}",
        "/bookings/{source}/{booking_id}/retry",
        "/bookings/{source}/{booking_id}/revoke",
        "/bookings/{source}/{booking_id}/erase",
        "/bookings/{source}/{booking_id}/issue-again",
        "/bookings/{source}/{booking_id}/resolve",
        "/receipts",
        "/sources/{source}/brake",
        "/sources/{source}/brake/release",
        "/integrations/{name}/pause",
        "/integrations/{name}/resume",
        "/audit",
        "/audit/adopt",
        "/audit/revoke",
    }
    for path in answer.json["paths"].values():
        for operation in path.values():
            assert {"400", "401", "403", "404"} <= set(operation["responses"])
            assert "422" not in operation["responses"]
            assert operation["security"]


async def test_an_order_to_erase_notes_which_key_gave_it_and_its_receipt_can_be_read(web: Web) -> None:
    answer = await web.ask("POST", f"{ONE}/erase", key=WRITE_KEY)
    assert answer.status == 202
    assert answer.json["ordered"].startswith("Erased: booking 1363 of club.")
    (receipt,) = (await web.ask("GET", f"{API}/receipts", key=READ_KEY)).json["items"]
    ReceiptShape.model_validate(receipt)
    assert (receipt["ordered_by"], receipt["revoked"]) == ("API key writer", ["auth-1"])


def test_every_problem_has_a_status_of_its_kind() -> None:
    assert all(400 <= kind.status < 600 and kind.detail.endswith((".", "`.")) for kind in PROBLEMS.values())
    assert Setup(version=1, sources={"club": CLUB}).sources


async def test_what_a_key_orders_goes_into_the_trail_with_its_name() -> None:
    web = await Web(StandIn(a_view())).with_keys()
    assert (await web.ask("POST", "/api/v1/bookings/club/1363/retry", key=WRITE_KEY)).status == 202
    assert (await web.ask("POST", "/api/v1/audit/adopt", key=WRITE_KEY, body=b'{"id": "x"}')).status == 202
    assert [(one.actor, one.type) for one in web.records.trail] == [(Actor(ActorKind.API_KEY, "writer"), "booking.retry")]
    assert web.auditor.orphans.actors == [Actor(ActorKind.API_KEY, "writer")]
    assert (await web.ask("POST", "/api/v1/bookings/club/1363/retry", key=READ_KEY)).status == 403
    assert len(web.records.trail) == 1


async def test_the_use_of_a_key_is_noted_and_a_database_that_takes_no_writes_refuses_no_reading(web: Web) -> None:
    await web.ask("GET", ONE, key=READ_KEY)
    used = {key.scope.value: key.used_at for key in await web.records.api_keys()}
    assert used == {"read": NOW, "write": None}

    async def full(_: str) -> None:
        raise OSError

    web.records.note_key_use = full  # type: ignore[method-assign]
    assert (await web.ask("GET", ONE, key=WRITE_KEY)).status == 200
