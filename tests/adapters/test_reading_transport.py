from __future__ import annotations

import asyncio

import pytest

from drempel.adapters.reading_transport import ReadingTransport
from drempel.transport import NeverSent, Request, Response

MINE = {"Authorization": "Basic abc"}


class Counting:
    """Answers everything, and remembers what came through."""

    def __init__(self, *statuses: int) -> None:
        self.sent: list[str] = []
        self.statuses = list(statuses)

    async def send(self, request: Request) -> Response:
        self.sent.append(f"{request.method} {request.url}")
        await asyncio.sleep(0)
        return Response(status=self.statuses.pop(0) if self.statuses else 200, body=str(len(self.sent)).encode())


def get(url: str = "/booking/1", **headers: str) -> Request:
    return Request(method="GET", url=url, headers=headers or MINE)


async def test_only_reads_and_the_fetch_of_a_token_pass():
    network = Counting()
    reading = ReadingTransport(network)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        with pytest.raises(NeverSent):
            await reading.send(Request(method=method, url="/authorizations", headers={"authorization": "Bearer t"}))
    await reading.send(Request(method="POST", url="/token", headers={"accept": "application/json"}))
    await reading.send(get())
    assert network.sent == ["POST /token", "GET /booking/1"]


async def test_what_was_read_stays_as_it_was_for_the_same_account():
    reading = ReadingTransport(Counting())
    together = await asyncio.gather(reading.send(get()), reading.send(get()))
    assert [one.body for one in (*together, await reading.send(get()))] == [b"1", b"1", b"1"]
    assert (await reading.send(get(authorization="Basic other"))).body == b"2"


async def test_what_failed_is_asked_for_again():
    reading = ReadingTransport(Counting(503, 404))
    assert [(await reading.send(get())).status for _ in range(3)] == [503, 404, 404]
