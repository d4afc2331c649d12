from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.engine.records import HookToken
from tests.engine.stand_in import NOW, StandIn
from tests.web.client import Web

HOOK = "/hooks/club/right-token"
BODY = b'{"id": "1363"}'


@pytest.fixture
def web() -> Web:
    return Web(StandIn())


async def test_a_hint_is_stored_before_it_is_answered_with_202_and_nothing(web: Web) -> None:
    answer = await web.ask("POST", HOOK, body=BODY)
    assert (answer.status, answer.body) == (202, b"")
    assert web.hints == [("club", "1363")]


@pytest.mark.parametrize(
    "path", ["/hooks/club/wrong", "/hooks/elsewhere/right-token", "/hooks/club/", "/hooks/club", "/hooks/club/right-token/x"]
)
async def test_an_unknown_source_or_token_is_404_whatever_the_body(web: Web, path: str) -> None:
    answer = await web.ask("POST", path, body=b"x" * 100_000)
    assert answer.status == 404
    assert web.hints == []


async def test_unknown_source_and_unknown_token_look_the_same(web: Web) -> None:
    answers = [await web.ask("POST", path, body=BODY) for path in ("/hooks/club/wrong", "/hooks/elsewhere/wrong")]
    assert answers[0].body == answers[1].body


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"{}", b'{"id": "a/b"}', b'{"id": ""}', b"\xff", b'{"id": true}', b"[" * 60_000]
)
async def test_a_body_without_a_booking_id_is_400(web: Web, body: bytes) -> None:
    answer = await web.ask("POST", HOOK, body=body)
    assert (answer.status, answer.json["code"]) == (400, "hook.no_booking_id")


async def test_what_the_engine_does_not_take_for_a_booking_id_is_400(web: Web) -> None:
    web.hint_error = ValueError("not a booking id")
    assert (await web.ask("POST", HOOK, body=BODY)).status == 400


async def test_a_source_that_was_removed_a_moment_ago_is_unknown(web: Web) -> None:
    web.hint_error = KeyError("club")
    assert (await web.ask("POST", HOOK, body=BODY)).status == 404


async def test_more_than_64_kib_is_413_by_its_stated_length_without_reading_it(web: Web) -> None:
    answer = await web.ask("POST", HOOK, body=BODY, headers={"content-length": "65537"})
    assert (answer.status, answer.json["code"]) == (413, "body.too_long")


async def test_more_than_64_kib_is_413_while_it_arrives_in_pieces_without_a_length(web: Web) -> None:
    exactly = BODY + b" " * (65_536 - len(BODY))
    pieces = [exactly[:30_000], exactly[30_000:]]
    assert (await web.ask("POST", HOOK, body=pieces)).status == 202
    assert (await web.ask("POST", HOOK, body=[*pieces, b" "])).status == 413
    assert len(web.hints) == 1


async def test_a_hint_that_could_not_be_stored_is_503_so_that_it_is_sent_again(web: Web) -> None:
    web.hint_error = OSError("disk full, and a secret")
    answer = await web.ask("POST", HOOK, body=BODY)
    assert (answer.status, answer.json["code"]) == (503, "hook.not_stored")
    assert b"secret" not in answer.body
    assert web.watcher.facts == [("hint.not_stored", {"source": "club", "error": "OSError"})]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_other_methods_are_405(web: Web, method: str) -> None:
    answer = await web.ask(method, HOOK)
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"


async def test_the_source_may_be_percent_encoded(web: Web) -> None:
    assert (await web.ask("POST", "/hooks/%63lub/right%2Dtoken", body=BODY)).status == 202


async def test_the_tokens_of_a_source_are_asked_once_in_a_few_seconds(web: Web) -> None:
    for _ in range(10):
        await web.ask("POST", HOOK, body=BODY)
    assert web.records.asked == 1
    web.clock.seconds += 10
    await web.ask("POST", HOOK, body=BODY)
    assert web.records.asked == 2


async def test_a_rotated_token_works_from_its_first_delivery_and_the_old_one_until_its_end(web: Web) -> None:
    await web.ask("POST", HOOK, body=BODY)
    await web.records.rotate_hook_token("club", new_token="new-token", old_valid_until=NOW + timedelta(hours=24))
    assert (await web.ask("POST", "/hooks/club/new-token", body=BODY)).status == 202
    assert (await web.ask("POST", HOOK, body=BODY)).status == 202
    web.clock.seconds = 24 * 3600
    assert (await web.ask("POST", HOOK, body=BODY)).status == 404
    assert (await web.ask("POST", "/hooks/club/new-token", body=BODY)).status == 202


async def test_a_token_that_ends_while_it_is_known_stops_at_once(web: Web) -> None:
    web.records.tokens["club"] = [HookToken(token="right-token", valid_until=NOW + timedelta(seconds=1))]
    assert (await web.ask("POST", HOOK, body=BODY)).status == 202
    web.clock.seconds = 1
    assert (await web.ask("POST", HOOK, body=BODY)).status == 404


async def test_a_database_that_does_not_answer_is_503_before_the_sender_gives_up(web: Web) -> None:
    web.store_answers = False
    answer = await web.ask("POST", HOOK, body=BODY)
    assert (answer.status, answer.json["code"]) == (503, "hook.not_stored")


async def test_a_database_that_is_away_while_the_token_is_asked_is_503(web: Web) -> None:
    async def away(_source: str) -> list[HookToken]:
        raise OSError

    web.records.hook_tokens = away  # type: ignore[method-assign]
    assert (await web.ask("POST", HOOK, body=BODY)).status == 503


async def test_hints_are_counted_by_result(web: Web) -> None:
    await web.ask("POST", HOOK, body=BODY)
    await web.ask("POST", "/hooks/club/wrong", body=BODY)
    await web.ask("POST", HOOK, body=b"")
    counted = {
        result: web.registry.get_sample_value("drempel_hints_total", {"result": result})
        for result in ("stored", "hook.unknown", "hook.no_booking_id")
    }
    assert set(counted.values()) == {1.0}
