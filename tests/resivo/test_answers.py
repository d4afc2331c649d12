"""The table of section 10: what a failed call means, by operation."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime

import pytest

from drempel.resivo import (
    AnswerBroken,
    AuthorizationNotFound,
    Busy,
    CredentialRefused,
    DataRefused,
    FailureClass,
    NotSent,
    OutcomeUnknown,
    ResivoError,
    RevokeRefused,
    Sent,
    SetupRefused,
    load_profile,
    profile_from_json,
)
from drempel.transport import NeverSent, Request, Response
from drempel.transport import OutcomeUnknown as Lost
from tests.resivo.factories import NOW, OPERATIONS, answer, every_operation, written_client

CREATE = "create_remote_access"
REVOKE = "revoke_authorization"
READ = "read_authorization"
LISTS = ("find_authorizations", "list_authorizations")
ON_A_SITE = ("list_sites", "read_site", "list_components")
NOT_CREATES = tuple(name for name in OPERATIONS if name != CREATE)
READS = tuple(name for name in NOT_CREATES if name != REVOKE)
WAIT = {"retry-after": "7"}

UNKNOWN = (OutcomeUnknown, FailureClass.OUTCOME_UNKNOWN)
TABLE = [
    *((name, 401, {}, CredentialRefused, FailureClass.CREDENTIAL_REFUSED) for name in OPERATIONS),
    *((name, 403, {}, CredentialRefused, FailureClass.CREDENTIAL_REFUSED) for name in OPERATIONS),
    *((name, 429, {}, Busy, FailureClass.RETRY_LATER) for name in OPERATIONS),
    *((name, 429, WAIT, Busy, FailureClass.RETRY_LATER) for name in OPERATIONS),
    *((name, 503, WAIT, Busy, FailureClass.RETRY_LATER) for name in NOT_CREATES),
    *((name, 503, {}, *UNKNOWN) for name in NOT_CREATES),
    *((name, status, {}, *UNKNOWN) for name in NOT_CREATES for status in (500, 502, 504)),
    *((CREATE, status, headers, *UNKNOWN) for status in (500, 501, 502, 503, 504, 520, 599) for headers in ({}, WAIT)),
    *((name, status, {}, *UNKNOWN) for name in OPERATIONS for status in (301, 302, 307, 308, 304, 402, 406, 409, 410, 415, 418)),
    (CREATE, 400, {}, DataRefused, FailureClass.DATA_REFUSED),
    (CREATE, 422, {}, DataRefused, FailureClass.DATA_REFUSED),
    (REVOKE, 400, {}, RevokeRefused, FailureClass.OUTCOME_UNKNOWN),
    (REVOKE, 422, {}, *UNKNOWN),
    *((name, status, {}, *UNKNOWN) for name in READS for status in (400, 422)),
    *(
        (name, status, {}, SetupRefused, FailureClass.SETUP_REFUSED)
        for name in (CREATE, *ON_A_SITE, *LISTS)
        for status in (404, 405)
    ),
    (READ, 404, {}, AuthorizationNotFound, FailureClass.NOT_FOUND),
    (REVOKE, 404, {}, AuthorizationNotFound, FailureClass.NOT_FOUND),
    (READ, 405, {}, SetupRefused, FailureClass.SETUP_REFUSED),
    (REVOKE, 405, {}, SetupRefused, FailureClass.SETUP_REFUSED),
]


@pytest.mark.parametrize(("operation", "status", "headers", "kind", "failure_class"), TABLE)
async def test_each_answer_has_its_class(
    operation: str, status: int, headers: dict[str, str], kind: type[ResivoError], failure_class: FailureClass
) -> None:
    client, _, _ = written_client(lambda _: answer(status, {"message": "Because"}, headers=headers))
    with pytest.raises(ResivoError) as raised:
        await every_operation(client, operation)
    error = raised.value
    assert type(error) is kind
    assert error.failure_class is failure_class
    assert error.status == status
    assert error.detail == "Because"
    assert error.sent is (Sent.UNKNOWN if kind is OutcomeUnknown else Sent.YES)
    assert error.retry_after_seconds == (7.0 if headers else None)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_what_never_left_may_be_repeated(operation: str) -> None:
    def reply(_: Request) -> Response:
        raise NeverSent("refused")

    client, _, _ = written_client(reply)
    with pytest.raises(NotSent) as raised:
        await every_operation(client, operation)
    assert raised.value.sent is Sent.NO
    assert raised.value.failure_class is FailureClass.NOT_SENT


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_lost_answer_is_an_unknown_outcome(operation: str) -> None:
    def reply(_: Request) -> Response:
        raise Lost("lost")

    client, transport, _ = written_client(reply)
    with pytest.raises(OutcomeUnknown) as raised:
        await every_operation(client, operation)
    assert raised.value.sent is Sent.UNKNOWN
    assert raised.value.failure_class is FailureClass.OUTCOME_UNKNOWN
    assert len(transport.sent) == 2


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_redirect_is_not_followed(operation: str) -> None:
    client, transport, _ = written_client(lambda _: answer(307, headers={"location": "https://elsewhere.test/"}))
    with pytest.raises(OutcomeUnknown):
        await every_operation(client, operation)
    assert all(request.url.startswith("https://resivo.test/") for request in transport.sent)
    assert len(transport.sent) == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"id": ""}', b'{"id": null}', b'{"id": true}', b'{"id": {}}', b"<html>", b'{"id": ".."}'],
)
@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_a_create_that_succeeds_without_a_readable_id_is_an_unknown_outcome(status: int, body: bytes) -> None:
    client, _, _ = written_client(lambda _: Response(status=status, body=body))
    with pytest.raises(OutcomeUnknown) as raised:
        await every_operation(client, CREATE)
    assert raised.value.status == status


async def test_a_create_with_an_id_succeeds_whatever_else_is_broken() -> None:
    client, _, _ = written_client(lambda _: answer(200, {"id": 4711, "componentIds": "all"}))
    created = await every_operation(client, CREATE)
    assert created.id == "4711"  # type: ignore[attr-defined]
    assert created.component_ids is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'"text"', b"[[]]", b"[1]", b'[{"id": null}]', b"NaN", b"\xff\xfe\x00", b"[" * 100_000]
)
async def test_garbage_in_the_answer_of_a_read_is_read_again_later(operation: str, body: bytes) -> None:
    client, _, _ = written_client(lambda _: Response(status=200, body=body))
    with pytest.raises(AnswerBroken) as raised:
        await every_operation(client, operation)
    assert raised.value.failure_class is FailureClass.RETRY_LATER
    assert raised.value.sent is Sent.YES


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_2xx_is_a_revoke_that_was_done_and_only_204_is_resivos_own_word(status: int) -> None:
    for body in (b"", b"{}", b"<html>"):
        client, _, _ = written_client(lambda _, body=body: Response(status=status, body=body))
        assert await every_operation(client, REVOKE) is (status == 204)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_2xx_that_the_profile_does_not_list_is_unknown(operation: str) -> None:
    data = load_profile("assumed-v8").model_dump(mode="json")
    for name, described in data["operations"].items():
        if name != "token":
            described["success"] = [207]
    profile = profile_from_json(json.dumps(data))
    client, _, _ = written_client(lambda _: answer(200, {"id": "1"}), profile=profile)
    with pytest.raises(OutcomeUnknown) as raised:
        await every_operation(client, operation)
    assert raised.value.status == 200


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), 86_400.0),
        ("99999999999999999999999", 86_400.0),
        ("-7", None),
        ("soon", None),
        ("", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        ("1.5", None),
        ("Sat, 99 Mar 2026 99:99:99 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86_400.0),
    ],
)
async def test_retry_after_is_seconds_or_a_date_and_bounded(text: str, seconds: float | None) -> None:
    client, _, _ = written_client(lambda _: answer(429, headers={"retry-after": text}))
    with pytest.raises(Busy) as raised:
        await client.list_sites()
    assert raised.value.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"message": "validTo must be after validFrom"}', "validTo must be after validFrom"),
        (b'{"error": "invalid_request", "error_description": "No such site"}', "No such site"),
        (b'{"error": "invalid_request"}', "invalid_request"),
        (b'{"message": {"deep": 1}}', ""),
        (b'{"message": "  "}', ""),
        (b"", ""),
        (b"<html>\n<h1>Bad  gateway</h1>", "<html> <h1>Bad gateway</h1>"),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
        (b'{"message": "no bob@example.com, +31 6 12345670 or 0612345678"}', "no [e-mail], [number] or [number]"),
        (b'{"message": "see https://door.test/open/abc?x=1"}', "see [link]"),
        (b'{"message": "line\\nlog: forged\\u001b[31m"}', "line log: forged [31m"),
        (
            b'{"message": "Component 0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c99 not found"}',
            "Component 0f5c1a52-6d6b-4a55-9d83-0b1f6e0e7c99 not found",
        ),
    ],
)
async def test_their_sentence_is_kept_without_personal_data(body: bytes, detail: str) -> None:
    client, _, _ = written_client(lambda _: Response(status=400, body=body))
    with pytest.raises(DataRefused) as raised:
        await every_operation(client, CREATE)
    assert raised.value.detail == detail


async def test_a_long_sentence_is_cut() -> None:
    client, _, _ = written_client(lambda _: answer(400, {"message": "word " * 100_000}))
    with pytest.raises(DataRefused) as raised:
        await every_operation(client, CREATE)
    assert len(raised.value.detail) == 200
    assert len(str(raised.value)) < 300


async def test_an_error_repeats_neither_recipients_nor_token() -> None:
    def reply(request: Request) -> Response:
        return answer(400, {"message": f"{request.headers['authorization']} {request.body.decode()}"})

    client, _, _ = written_client(reply)
    with pytest.raises(DataRefused) as raised:
        await every_operation(client, CREATE)
    told = str(raised.value) + repr(raised.value)
    for secret in ("token-1", "ada@example.com", "+31612345678"):
        assert secret not in told
