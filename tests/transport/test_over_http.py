"""Was it sent? The transport of production against a socket that misbehaves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from drempel.transport import RESPONSE_BYTES_MAX, NeverSent, OutcomeUnknown, Request
from drempel.transport.over_http import HttpTransport

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def a_server(serve: Serve) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    finally:
        server.close()


def saying(text: bytes) -> Serve:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return serve


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def test_an_answer_comes_with_status_lower_case_headers_and_body():
    async with (
        a_server(saying(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno")) as url,
        transport() as sender,
    ):
        answer = await sender.send(Request(method="GET", url=url))
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "7", b"no")


async def test_a_redirect_is_an_answer_and_is_never_followed():
    moved = saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
    async with a_server(moved) as url, transport() as sender:
        assert (await sender.send(Request(method="POST", url=url, body=b"{}"))).status == 302


async def test_a_refused_connection_was_never_sent():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with transport() as sender:
        with pytest.raises(NeverSent):
            await sender.send(Request(method="POST", url=f"http://127.0.0.1:{port}/x", body=b"{}"))


async def test_an_unknown_host_was_never_sent():
    async with transport() as sender:
        with pytest.raises(NeverSent):
            await sender.send(Request(method="GET", url="http://no-such-host.invalid/x"))


@pytest.mark.parametrize(
    "serve",
    [
        silent,
        cut,
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        saying(b"this is no HTTP at all\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (RESPONSE_BYTES_MAX + 1) + b"x" * (RESPONSE_BYTES_MAX + 1)),
    ],
    ids=["no answer", "cut", "half an answer", "garbage", "too long"],
)
async def test_whatever_breaks_after_sending_is_unknown(serve: Serve):
    async with a_server(serve) as url, transport() as sender:
        with pytest.raises(OutcomeUnknown):
            await sender.send(Request(method="POST", url=url, body=b"{}"))


def transport() -> HttpTransport:
    return HttpTransport(call_timeout_seconds=0.5)
