"""Attacks on the socket: what never ends, never comes, or is never read. The bounds are small, so that nobody waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from drempel.wiring.listening import Bounds, serve_app

SOON = 0.1
PATIENCE = 30.0
HELLO = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
ANSWER_BYTES = 64 * 1024 * 1024


class Served:
    """An application behind real sockets. `/all` reads the whole body, `/large` answers with more than any buffer holds."""

    def __init__(self) -> None:
        self.port = 0
        self.scopes: list[dict[str, Any]] = []
        self.reading = asyncio.Event()
        self.go_on = asyncio.Event()
        """`/held` answers after it."""
        self.writers: list[asyncio.StreamWriter] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        more = scope["path"] == "/all"
        while more:
            self.reading.set()
            message = await receive()
            more = message["type"] == "http.request" and message["more_body"]
        if scope["path"] == "/held":
            self.reading.set()
            await self.go_on.wait()
        body = b"x" * ANSWER_BYTES if scope["path"] == "/large" else b"hello"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
        # Of the second half the server waits until somebody takes the first.
        half = len(body) // 2
        await send({"type": "http.response.body", "body": body[:half], "more_body": True})
        await send({"type": "http.response.body", "body": body[half:]})

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer

    async def say(self, *pieces: bytes) -> bytes:
        """Everything that is answered until the server ends the connection."""
        reader, writer = await self.connect()
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
            return await read_all(reader)


async def read_all(reader: asyncio.StreamReader) -> bytes:
    seen = b""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            seen += piece
    return seen


@contextlib.asynccontextmanager
async def served(**bounds: Any) -> AsyncIterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    here, stop = Served(), asyncio.Event()
    serving = asyncio.create_task(serve_app(here, host="127.0.0.1", port=port, stop=stop, bounds=Bounds(**bounds)))
    async with asyncio.timeout(PATIENCE):
        while not here.port:
            with contextlib.suppress(OSError):
                here.writers.append((await asyncio.open_connection("127.0.0.1", port))[1])
                here.port = port
            await asyncio.sleep(0)
    try:
        yield here
    finally:
        for writer in here.writers:
            writer.transport.abort()
        stop.set()
        await serving


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n",
        HELLO + b"GET / HT",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
    ],
    ids=["nothing", "one byte", "half a head", "half a second head", "half a body that was answered"],
)
async def test_a_connection_without_a_whole_request_is_ended(begun: bytes) -> None:
    async with served(head_seconds=SOON) as here:
        said = await here.say(begun)
    assert said.count(b"200 OK") == (b"\r\n\r\n" in begun)


async def test_a_head_that_trickles_is_ended_however_lively_it_is() -> None:
    async with served(head_seconds=SOON) as here:
        reader, writer = await here.connect()
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
                while not reader.at_eof():
                    writer.write(b"a: b\r\n")
                    await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(SOON / 20):
                            await reader.read(1)
        assert here.scopes == []


@pytest.mark.parametrize(
    "head",
    [
        [b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"],
        [b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 40_000 + b"\r\n\r\n"],
        [b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 20_000 + b"\r\n"],
        [b"GET / HTTP/1.1\r\nHost: x\r\n", *[b"A: " + b"x" * 1000 + b"\r\n"] * 1000],
        [b"GET /", *[b"x" * 1000] * 1000],
        [b"GET / HTTP/1.1\r\nA: ", *[b"x" * 1000] * 1000],
    ],
    ids=["long address", "long header", "many headers", "endless headers", "endless address", "endless header"],
)
async def test_a_head_over_its_length_is_refused_before_anybody_is_asked(head: list[bytes]) -> None:
    async with served() as here:
        said = await here.say(*head)
        assert here.scopes == []
    # A sender who is still writing may lose the answer with the connection.
    assert said.startswith(b"HTTP/1.1 431 ") or (said == b"" and len(head) > 1)


async def test_a_long_head_within_bounds_and_a_body_beyond_them_are_fine() -> None:
    head = b"POST /all HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: " + b"x" * 30_000 + b"\r\nContent-Length: 300000\r\n\r\n"
    async with served() as here:
        assert (await here.say(head, b"x" * 300_000)).endswith(b"hello")


async def test_a_body_that_goes_on_after_its_answer_is_cut_off() -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
    async with served(left_bytes=100_000) as here:
        reader, writer = await here.connect()
        writer.write(head)
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            with contextlib.suppress(ConnectionError):
                for _ in range(10_000):
                    writer.write(b"x" * 10_000)
                    await writer.drain()
                pytest.fail("100 MB were taken")


async def test_who_does_not_read_an_answer_loses_the_connection() -> None:
    async with served(write_seconds=SOON) as here:
        for more in (b"", b"Connection: close\r\n"):
            reader, writer = await here.connect()
            writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n" + more + b"\r\n")
            async with asyncio.timeout(PATIENCE):
                # Beyond its limit the reader takes nothing from the socket; whether the end came is seen by what is there then.
                while not writer.is_closing():
                    with contextlib.suppress(ConnectionError):
                        writer.write(b"GET")
                        await writer.drain()
                    await asyncio.sleep(0)
            assert len(await read_all(reader)) < ANSWER_BYTES


async def test_who_holds_connections_open_keeps_nobody_out() -> None:
    async with served(connections=10) as here:
        held = [await here.connect() for _ in range(40)]
        reader, writer = await here.connect()
        writer.write(HELLO)
        async with asyncio.timeout(PATIENCE):
            assert b"hello" in await reader.readuntil(b"hello")
            # The oldest gave way; the one that asked something since is among the youngest.
            assert await held[0][0].read() == b""
            writer.write(HELLO)
            assert b"hello" in await reader.readuntil(b"hello")


@pytest.mark.parametrize("body", [b"", b"12"], ids=["without a body", "with a body"])
async def test_a_request_in_hand_is_not_what_gives_way(body: bytes) -> None:
    async with served(connections=3) as here:
        reader, writer = await here.connect()
        writer.write(b"POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        async with asyncio.timeout(PATIENCE):
            await here.reading.wait()
            for _ in range(20):
                await here.connect()
            here.go_on.set()
            assert b"hello" in await reader.readuntil(b"hello")


async def test_who_begins_requests_and_does_not_end_them_keeps_nobody_out() -> None:
    async with served(connections=3) as here:
        for _ in range(20):
            _, writer = await here.connect()
            writer.write(b"POST /all HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nname=a")
        async with asyncio.timeout(PATIENCE):
            await here.reading.wait()
            reader, writer = await here.connect()
            writer.write(HELLO)
            assert b"hello" in await reader.readuntil(b"hello")


async def test_who_asks_for_much_and_reads_nothing_keeps_nobody_out() -> None:
    async with served(connections=3) as here:
        for _ in range(4):
            _, writer = await here.connect()
            writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            await writer.drain()
        async with asyncio.timeout(PATIENCE):
            while len(here.scopes) < 3:
                await asyncio.sleep(0)
            reader, writer = await here.connect()
            writer.write(HELLO)
            assert b"hello" in await reader.readuntil(b"hello")


async def test_requests_one_after_the_other_and_several_at_once_are_answered() -> None:
    async with served(head_seconds=SOON) as here:
        said = await here.say(HELLO * 3, b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert said.count(b"hello") == 4


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\nab",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\rB: c\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"CONNECT evil.test:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_a_request_that_could_be_read_in_two_ways_is_read_in_none(request_: bytes) -> None:
    async with served(head_seconds=SOON) as here:
        assert (await here.say(request_)).startswith(b"HTTP/1.1 400 ")
        assert here.scopes == []


async def test_requests_that_cannot_be_read_write_no_line_each(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as here:
        assert b" 400 " in await here.say(b"no request at all\r\n\r\n")
        await here.say(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_who_asks_is_who_is_connected_whatever_a_header_says() -> None:
    told = b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nForwarded: for=203.0.113.9\r\n"
    async with served() as here:
        await here.say(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + told + b"\r\n")
    (scope,) = here.scopes
    assert scope["client"][0] == "127.0.0.1"
    assert scope["scheme"] == "http"
