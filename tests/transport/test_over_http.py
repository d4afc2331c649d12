"""Was it sent? The transport of production against a socket that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohappyeyeballs import AddrInfoType
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from drempel.transport import RESPONSE_BYTES_MAX, NeverSent, OutcomeUnknown, Request
from drempel.transport.over_http import HttpTransport, LookUp

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
        saying(b"HTTP/1.1 200 OK\r\n" + b"a: %s\r\n" % (b"x" * 1000) * 70),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * (RESPONSE_BYTES_MAX + 1))),
    ],
    ids=[
        "no answer",
        "cut",
        "half an answer",
        "garbage",
        "too long",
        "head too long",
        "half a chunked answer",
        "two lengths",
        "an upgrade",
        "a coding that was not asked for",
        "a broken coding",
        "too long when unpacked",
    ],
)
async def test_whatever_breaks_after_sending_is_unknown(serve: Serve):
    async with a_server(serve) as url, transport() as sender:
        with pytest.raises(OutcomeUnknown):
            await sender.send(Request(method="POST", url=url, body=b"{}"))


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwho\r\n2\r\nle\r\n0\r\n\r\n", b"whole"),
        (b"HTTP/1.0 200 OK\r\n\r\nwhole", b"whole"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole", b"whole"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"whole"), b"whole"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["chunked", "until the end of the connection", "after an interim answer", "gzip", "no content"],
)
async def test_a_whole_body_is_read_however_its_end_is_told(answer: bytes, body: bytes):
    async with a_server(saying(answer)) as url, HttpTransport(call_timeout_seconds=20) as sender:
        assert (await sender.send(Request(method="GET", url=url))).body == body


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="GET", url="http://a.example/x", headers={"Accept": "a\r\nX-Forged: 1"}),
        Request(method="GET", url="http://a.example/x", headers={"Accept: a\r\nX-Forged": "1"}),
        Request(method="GET", url="http://a.example/x\r\nX-Forged: 1"),
        Request(method="GET / HTTP/1.1\r\nX-Forged: 1\r\n\r\nGET", url="http://a.example/x"),
        Request(method="POST", url="http://a.example/x", headers={"content-LENGTH": "0"}, body=b"{}"),
        Request(method="GET", url="http://person:password@a.example/x"),
        Request(method="GET", url="ftp://a.example/x"),
        Request(method="GET", url="http://a.example:99999/x"),
    ],
    ids=["value", "name", "address", "method", "second length", "user", "scheme", "port"],
)
async def test_what_cannot_be_written_without_doubt_is_never_sent(request_: Request):
    async with transport() as sender:
        with pytest.raises(NeverSent):
            await sender.send(request_)


class Pooled:
    """A server that keeps connections open, answers as its script says, and counts."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.connections = 0
        self.requests: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests.append(head)
                answer = self.answers.pop(0)
                if not answer:
                    break
                writer.write(answer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self, *, tls: Path | None = None) -> AsyncIterator[str]:
        context = None
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
        server = await asyncio.start_server(self, "127.0.0.1", 0, ssl=context)
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
        finally:
            server.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HANGS_UP = b""


async def test_a_connection_is_used_again():
    server = Pooled(OK, OK)
    async with server.running() as url, transport() as sender:
        await sender.send(Request(method="GET", url=url))
        await sender.send(Request(method="POST", url=url))
    assert server.connections == 1
    assert b"content-length: 0" in server.requests[1].lower()


async def test_a_write_on_a_connection_that_ends_unanswered_is_unknown_and_never_repeated():
    server = Pooled(OK, HANGS_UP, OK)
    async with server.running() as url, transport() as sender:
        await sender.send(Request(method="GET", url=url))
        with pytest.raises(OutcomeUnknown):
            await sender.send(Request(method="POST", url=url))
    assert len(server.requests) == 2


async def test_a_read_on_an_idle_connection_that_ends_unanswered_is_sent_once_more_and_only_once():
    server = Pooled(OK, HANGS_UP, OK, HANGS_UP, HANGS_UP)
    async with server.running() as url, transport() as sender:
        await sender.send(Request(method="GET", url=url))
        assert (await sender.send(Request(method="GET", url=url))).status == 200
        with pytest.raises(OutcomeUnknown):
            await sender.send(Request(method="GET", url=url))
    assert len(server.requests) == 5


async def test_an_answer_that_nobody_asked_for_is_never_taken_for_the_next():
    forged = OK.replace(b"ok", b"no")
    server = Pooled(OK + forged, OK)
    async with server.running() as url, transport() as sender:
        assert (await sender.send(Request(method="GET", url=url))).body == b"ok"
        assert (await sender.send(Request(method="POST", url=url))).body == b"ok"
    assert server.connections == 2


async def test_the_answer_to_a_call_that_was_given_up_is_never_taken_for_the_next():
    server = Pooled(OK, OK)
    async with server.running() as url, transport() as sender:
        given_up = asyncio.create_task(sender.send(Request(method="POST", url=url)))
        while not server.requests:
            await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        await sender.send(Request(method="POST", url=url))
    assert server.connections == 2


async def test_a_certificate_that_nobody_vouches_for_ends_the_call_before_it_is_sent(tmp_path: Path):
    server = Pooled(OK)
    async with server.running(tls=self_signed(tmp_path)) as url, transport() as sender:
        with pytest.raises(NeverSent, match="SSLCertVerificationError"):
            await sender.send(Request(method="POST", url=url.replace("127.0.0.1", "localhost")))
    assert not server.requests


async def test_a_certificate_counts_for_the_host_that_it_names(tmp_path: Path):
    server = Pooled(OK, OK)
    certificate = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate)
    async with server.running(tls=certificate) as url, HttpTransport(call_timeout_seconds=0.5, tls=trusting) as sender:
        for _ in range(2):
            assert (await sender.send(Request(method="POST", url=url.replace("127.0.0.1", "localhost")))).body == b"ok"
        with pytest.raises(NeverSent, match="SSLCertVerificationError"):
            await sender.send(Request(method="POST", url=url))
    assert len(server.requests) == 2


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file


def transport() -> HttpTransport:
    return HttpTransport(call_timeout_seconds=0.5)


# ------------------------------------------------------------------------------------------------------- where a name leads


def leading_to(*hosts: str, asked: list[tuple[str, int]] | None = None) -> LookUp:
    """Stands for the resolver, which an attacker's own name server answers."""

    async def look_up(name: str, port: int) -> list[AddrInfoType]:
        if asked is not None:
            asked.append((name, port))
        return [
            (
                socket.AF_INET6 if ":" in host else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (host, port, 0, 0) if ":" in host else (host, port),
            )
            for host in hosts
        ]

    return look_up


@pytest.mark.parametrize("hosts", [["169.254.169.254"], ["fe80::1", "fd00:ec2::254"], ["::ffff:169.254.169.254"], ["0.0.0.0"]])
async def test_a_name_that_leads_into_the_machine_room_is_never_called(hosts: list[str]) -> None:
    async with HttpTransport(call_timeout_seconds=5, look_up=leading_to(*hosts)) as sender:
        with pytest.raises(NeverSent, match="a machine's own services"):
            await sender.send(Request(method="GET", url="https://club.example/x"))


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "[::ffff:0.0.0.0]"])
async def test_another_name_of_this_machine_is_never_called_though_it_would_answer(host: str) -> None:
    async with a_server(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as url, transport() as sender:
        with pytest.raises(NeverSent, match="a machine's own services"):
            await sender.send(Request(method="GET", url=url.replace("127.0.0.1", host)))


async def test_of_the_addresses_of_a_name_only_the_allowed_are_called() -> None:
    async with a_server(saying(b"HTTP/1.1 204 No\r\n\r\n")) as url:
        mixed = leading_to("169.254.169.254", "127.0.0.1", "0.0.0.0")
        async with HttpTransport(call_timeout_seconds=5, look_up=mixed) as sender:
            assert (await sender.send(Request(method="GET", url=url.replace("127.0.0.1", "club.example")))).status == 204


async def test_a_name_is_looked_at_anew_for_each_connection() -> None:
    asked: list[tuple[str, int]] = []
    async with a_server(saying(b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n")) as url:
        where = ["127.0.0.1"]

        async def look_up(name: str, port: int) -> Sequence[AddrInfoType]:
            return await leading_to(*where, asked=asked)(name, port)

        async with HttpTransport(call_timeout_seconds=5, look_up=look_up) as sender:
            there = url.replace("127.0.0.1", "club.example")
            assert (await sender.send(Request(method="GET", url=there))).status == 204
            where[:] = ["169.254.169.254"]
            with pytest.raises(NeverSent, match="a machine's own services"):
                await sender.send(Request(method="GET", url=there))
    assert len(asked) == 2
