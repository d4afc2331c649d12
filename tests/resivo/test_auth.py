"""The token of section 9.2: fetched once for all, renewed in time, fetched anew once after a 401."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from drempel.resivo import CredentialRefused, FailureClass, ResivoError, Sent, TokenUnavailable
from drempel.transport import NeverSent, OutcomeUnknown, Request, Response
from tests.resivo.factories import (
    OPERATIONS,
    SECRET,
    Seconds,
    Written,
    answer,
    client_on,
    every_operation,
    make_setting,
    token_answer,
)


class Resivo:
    """A token endpoint that counts, and a resource that takes only the newest token."""

    def __init__(self, *, lifetime: object = 3600) -> None:
        self.lifetime = lifetime
        self.tokens = 0
        self.resource: Callable[[Request], Response] = lambda _: answer(200, [])

    def __call__(self, request: Request) -> Response:
        if request.url.endswith("/oauth2/token"):
            self.tokens += 1
            life = {} if self.lifetime is None else {"expires_in": self.lifetime}
            return answer(200, {"access_token": f"token-{self.tokens}", **life})
        return self.resource(request)


async def test_the_token_is_asked_for_with_a_form_and_without_a_version() -> None:
    transport = Written(Resivo())
    await client_on(transport).list_sites()
    asked = transport.sent[0]
    assert asked.method == "POST"
    assert asked.url == "https://resivo.test/oauth2/token"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client"],
        "client_secret": [SECRET],
    }
    assert transport.sent[1].headers["authorization"] == "Bearer token-1"


async def test_twenty_calls_at_once_fetch_one_token() -> None:
    resivo = Resivo()
    gate = asyncio.Event()

    async def behind_the_gate(request: Request) -> Response:
        if request.url.endswith("/oauth2/token"):
            await gate.wait()
        return resivo(request)

    client = client_on(Written(behind_the_gate))
    calls = [asyncio.create_task(client.list_sites()) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*calls)
    assert resivo.tokens == 1


async def test_twenty_calls_at_once_share_the_failure_of_one_token_call() -> None:
    transport = Written(lambda _: answer(503))
    client = client_on(transport)
    outcomes = await asyncio.gather(*(client.list_sites() for _ in range(20)), return_exceptions=True)
    assert all(isinstance(outcome, TokenUnavailable) for outcome in outcomes)
    assert len(transport.sent) == 1


async def test_a_cancelled_caller_does_not_take_the_token_from_the_others() -> None:
    resivo = Resivo()
    gate = asyncio.Event()

    async def behind_the_gate(request: Request) -> Response:
        if request.url.endswith("/oauth2/token"):
            await gate.wait()
        return resivo(request)

    client = client_on(Written(behind_the_gate))
    first, second = asyncio.create_task(client.list_sites()), asyncio.create_task(client.list_sites())
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == []
    assert resivo.tokens == 1
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.parametrize(
    ("lifetime", "good_until_seconds"),
    [
        (3600, 3570),  # thirty seconds before its end
        (60, 30),
        (59, 29.5),  # shorter than a minute: half its life
        (10, 5),
        ("3600", 3570),
        (None, 270),  # no lifetime: 300 s
        ("soon", 270),
        (True, 270),
        (-1, 270),
        ([3600], 270),
    ],
)
async def test_a_token_is_renewed_before_its_end(lifetime: object, good_until_seconds: float) -> None:
    resivo, seconds = Resivo(lifetime=lifetime), Seconds()
    client = client_on(Written(resivo), monotonic=seconds)
    await client.list_sites()
    seconds.value += good_until_seconds - 0.01
    await client.list_sites()
    assert resivo.tokens == 1
    seconds.value += 0.02
    await client.list_sites()
    assert resivo.tokens == 2


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_401_gets_one_fresh_token_and_the_call_is_repeated_once(operation: str) -> None:
    resivo = Resivo()
    resivo.resource = lambda request: (
        answer(401) if request.headers["authorization"] == "Bearer token-1" else answer(418, {"message": "second"})
    )
    transport = Written(resivo)
    with pytest.raises(ResivoError) as raised:
        await every_operation(client_on(transport), operation)
    assert raised.value.status == 418
    assert resivo.tokens == 2
    assert len(transport.sent) == 4
    assert transport.sent[1].body == transport.sent[3].body


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_second_401_refuses_the_credential(operation: str) -> None:
    resivo = Resivo()
    resivo.resource = lambda _: answer(401, {"message": "Unauthorized"})
    transport = Written(resivo)
    with pytest.raises(CredentialRefused) as raised:
        await every_operation(client_on(transport), operation)
    assert raised.value.failure_class is FailureClass.CREDENTIAL_REFUSED
    assert raised.value.sent is Sent.YES
    assert resivo.tokens == 2
    assert len(transport.sent) == 4


async def test_twenty_calls_that_meet_a_401_fetch_one_fresh_token() -> None:
    resivo = Resivo()
    resivo.resource = lambda request: answer(401) if request.headers["authorization"] == "Bearer token-1" else answer(200, [])
    client = client_on(Written(resivo))
    await asyncio.gather(*(client.list_sites() for _ in range(20)))
    assert resivo.tokens == 2


async def test_a_late_401_for_an_old_token_does_not_drop_the_newer_one() -> None:
    resivo = Resivo()
    held = asyncio.Event()

    async def reply(request: Request) -> Response:
        if request.headers.get("authorization") == "Bearer token-1":
            if "slow" in request.url:
                await held.wait()
            return answer(401)
        return resivo(request)

    resivo.resource = lambda request: answer(200, {"id": "slow"} if "slow" in request.url else [])
    client = client_on(Written(reply))
    slow = asyncio.create_task(client.read_site("slow"))
    await asyncio.sleep(0)
    await client.list_sites()
    held.set()
    await slow
    assert resivo.tokens == 2


@pytest.mark.parametrize(
    ("reply", "kind", "failure_class"),
    [
        (NeverSent("refused"), TokenUnavailable, FailureClass.NOT_SENT),
        (OutcomeUnknown("lost"), TokenUnavailable, FailureClass.NOT_SENT),
        (answer(500), TokenUnavailable, FailureClass.RETRY_LATER),
        (answer(503, headers={"retry-after": "7"}), TokenUnavailable, FailureClass.RETRY_LATER),
        (answer(429), TokenUnavailable, FailureClass.RETRY_LATER),
        (answer(302, headers={"location": "https://elsewhere.test/"}), TokenUnavailable, FailureClass.RETRY_LATER),
        (answer(200, {"token": "no"}), TokenUnavailable, FailureClass.RETRY_LATER),
        (answer(200, {"access_token": "two words"}), TokenUnavailable, FailureClass.RETRY_LATER),
        (answer(200, {"access_token": "ends\r\nX-Evil: 1"}), TokenUnavailable, FailureClass.RETRY_LATER),
        (Response(status=200, body=b"<html>"), TokenUnavailable, FailureClass.RETRY_LATER),
        (answer(400, {"message": "Unsupported grant type"}), TokenUnavailable, FailureClass.SETUP_REFUSED),
        (answer(404), TokenUnavailable, FailureClass.SETUP_REFUSED),
        (answer(405), TokenUnavailable, FailureClass.SETUP_REFUSED),
        (answer(401, {"message": "Invalid client credentials"}), CredentialRefused, FailureClass.CREDENTIAL_REFUSED),
        (answer(403), CredentialRefused, FailureClass.CREDENTIAL_REFUSED),
        (
            answer(400, {"error": "invalid_client", "error_description": "Unknown client"}),
            CredentialRefused,
            FailureClass.CREDENTIAL_REFUSED,
        ),
    ],
)
async def test_trouble_with_the_token_means_that_the_create_was_not_sent(
    reply: Response | Exception, kind: type[ResivoError], failure_class: FailureClass
) -> None:
    def respond(_: Request) -> Response:
        if isinstance(reply, Exception):
            raise reply
        return reply

    transport = Written(respond)
    with pytest.raises(kind) as raised:
        await every_operation(client_on(transport), "create_remote_access")
    assert raised.value.sent is Sent.NO
    assert raised.value.failure_class is failure_class
    assert len(transport.sent) == 1


async def test_token_trouble_after_a_401_still_means_that_nothing_was_done() -> None:
    answers = iter([token_answer(), answer(401), answer(503)])
    with pytest.raises(TokenUnavailable) as raised:
        await every_operation(client_on(Written(lambda _: next(answers))), "create_remote_access")
    assert raised.value.sent is Sent.NO


async def test_the_words_of_oauth_are_read() -> None:
    setting = make_setting()
    setting.sim.quirks.error_body = "oauth"
    setting.sim.state.credentials.clear()
    with pytest.raises(CredentialRefused) as raised:
        await setting.client.list_sites()
    assert raised.value.detail == "Invalid client credentials"
    assert raised.value.status == 401


async def test_a_token_that_ends_early_costs_one_call_and_no_failure() -> None:
    setting = make_setting()
    setting.sim.quirks.token_ends_after_seconds = 0
    with pytest.raises(CredentialRefused):
        await setting.client.list_sites()
    setting.sim.quirks.token_ends_after_seconds = None
    await setting.client.list_sites()
    setting.sim.end_tokens()
    await setting.create()
    assert len(setting.sim.live()) == 1
    assert setting.sim.calls.counts["create_remote_access"] == 2


async def test_the_secret_is_in_no_error_even_if_they_repeat_it() -> None:
    def reply(request: Request) -> Response:
        return answer(500, {"message": f"cannot read {request.body.decode()}"})

    with pytest.raises(TokenUnavailable) as raised:
        await client_on(Written(reply)).list_sites()
    assert SECRET not in str(raised.value)
    assert "[secret]" in raised.value.detail


def test_the_secret_is_not_in_the_looks_of_a_client() -> None:
    client = client_on(Written(lambda _: answer(200)))
    assert SECRET not in repr(client)
