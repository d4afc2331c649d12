"""What a failed call to Resivo is called on the pages: one outage has one name."""

from __future__ import annotations

import pytest

from drempel.adapters.resivo_gateway import ResivoGateway
from drempel.engine.ports import CallFailed
from drempel.transport import NeverSent, OutcomeUnknown, Request, Response
from tests.resivo.factories import written_client


async def code_of(said: Response | Exception) -> str:
    def reply(_request: Request) -> Response:
        if isinstance(said, Exception):
            raise said
        return said

    client, _, _ = written_client(reply)
    with pytest.raises(CallFailed) as raised:
        await ResivoGateway(client).components("site-1")
    return raised.value.failure.code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (NeverSent("refused"), "resivo.unreachable"),
        (OutcomeUnknown("the connection was closed"), "resivo.unreachable"),
        (Response(status=502), "resivo.unreachable"),
        (Response(status=503), "resivo.unreachable"),
        (Response(status=503, headers={"retry-after": "7"}), "resivo.busy"),
        (Response(status=429), "resivo.busy"),
        (Response(status=302), "resivo.broken"),
        (Response(status=200, body=b"<h1>Hello</h1>"), "resivo.broken"),
    ],
)
async def test_no_answer_is_unreachable_and_only_a_strange_one_is_broken(said: Response | Exception, code: str) -> None:
    assert await code_of(said) == code
