"""Whatever bytes come back, a call ends in a value or in a typed error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drempel.resivo import ResivoError
from drempel.transport import NeverSent, OutcomeUnknown, Request, Response
from tests.resivo.factories import ASSUMED, OPERATIONS, Written, client_on, every_operation, token_answer

KEYS = sorted(
    {
        path.split(".")[0]
        for operation in ASSUMED.operations.values()
        for path in (*operation.response.values(), "message", "error")
    }
    | {"validFrom", "validTo"}
)
WORDS = st.sampled_from(
    [
        "active",
        "revoked",
        "set",
        "site",
        "ireserve-1-1",
        "2026-03-14T08:45:00Z",
        "0001-01-01T00:00:00+23:59",
        "\ud800",
        "\x00",
        "",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=25,
)
ROWS = st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=10), max_size=4)
JSON_BODIES = (VALUES | ROWS).map(lambda value: json.dumps(value).encode())
BODIES = JSON_BODIES | st.binary(max_size=200)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "location", "content-type"]), st.text(st.characters(codec="latin-1"), max_size=40), max_size=2
)
RESPONSES = st.builds(Response, status=st.sampled_from([200, 201, 204]) | st.integers(100, 599), headers=HEADERS, body=BODIES)
OUTCOMES = RESPONSES | st.sampled_from([NeverSent("x"), OutcomeUnknown("x")])


def reply_with(outcome: Response | Exception) -> Response:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def call(operation: str, answer_to: Any) -> None:
    raised: ResivoError | None = None
    try:
        await every_operation(client_on(Written(answer_to)), operation)
    except ResivoError as error:
        raised = error
    assert raised is None or (len(raised.detail) <= 200 and raised.detail.isprintable() and str(raised))


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=50, deadline=None)
@given(outcome=OUTCOMES)
@example(outcome=Response(status=200, body=b"[" * 100_000))
@example(outcome=Response(status=200, body=b"1" * 10_000))
@example(outcome=Response(status=400, body=b'{"message": "' + b"@" * 10_000 + b'"}'))
async def test_any_answer_ends_in_a_value_or_a_typed_error(operation: str, outcome: Response | Exception) -> None:
    await call(operation, lambda request: token_answer() if request.url.endswith("/oauth2/token") else reply_with(outcome))


@settings(max_examples=60, deadline=None)
@given(outcome=OUTCOMES)
async def test_any_answer_of_the_token_endpoint_ends_in_a_value_or_a_typed_error(outcome: Response | Exception) -> None:
    def respond(request: Request) -> Response:
        return reply_with(outcome) if request.url.endswith("/oauth2/token") else Response(status=200, body=b"[]")

    await call("list_sites", respond)
