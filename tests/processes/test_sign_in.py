"""The first administrator: the link is told to a terminal and never to a log, and of two who use it at once one comes in."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from drempel.transport import Request, Response, TransportError
from drempel.transport.over_http import HttpTransport
from tests.processes.programs import Programs, eventually, free_port

pytestmark = [pytest.mark.processes]

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/link/[A-Za-z0-9_-]{43})")


class Place:
    """A Drempel of its own, without anything set up."""

    def __init__(self, folder: Path, transport: HttpTransport) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.transport = transport
        environ = {"DREMPEL_DATA_DIR": str(folder / "data"), "DREMPEL_PUBLIC_URL": self.url, "DREMPEL_LOG_LEVEL": "debug"}
        self.programs = Programs(folder, environ)

    async def ask(self, path: str, *, cookie: str = "", **fields: str) -> Response:
        headers = {"Cookie": cookie, "Origin": self.url}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        method, body = ("POST", urlencode(fields).encode()) if fields else ("GET", b"")
        return await self.transport.send(Request(method=method, url=self.url + path, headers=headers, body=body))

    async def is_up(self) -> bool:
        try:
            return (await self.ask("/healthz")).status == 200
        except TransportError:
            return False


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with HttpTransport(call_timeout_seconds=10) as transport:
        made = Place(tmp_path, transport)
        yield made
        await made.programs.kill_what_is_left()


async def test_without_a_terminal_no_link_is_told_and_an_invitation_opens_for_one(place: Place) -> None:
    serving = await place.programs.start("serve", "--port", str(place.port))
    await eventually(place.is_up)
    nobody = [json.loads(line) for line in serving.err.read_text().splitlines() if "people.nobody" in line]
    assert [fact["level"] for fact in nobody] == ["warning"]
    assert "drempel invite" in nobody[0]["advice"]
    assert (await place.programs.say("people")).out == ""
    said = await place.programs.say("invite", "anna")
    found = LINK.fullmatch(said.out.strip())
    assert found is not None
    link = found[1]
    for _ in range(2):
        assert (await place.ask(link)).status == 200
    passwords = [f"password number {number}" for number in range(3)]
    answers = await asyncio.gather(*(place.ask(link, password=one, again=one) for one in passwords))
    assert sorted(answer.status for answer in answers) == [303, 404, 404]
    (won,) = [one for one, answer in zip(passwords, answers, strict=True) if answer.status == 303]
    came = await place.ask("/sign-in", name="anna", password=won, next="/people")
    assert (came.status, came.headers["location"]) == (303, "/people")
    # Of several cookies this client keeps the last.
    cookie = came.headers["set-cookie"].partition(";")[0]
    assert cookie.startswith("drempel=")
    assert b"anna" in (await place.ask("/people", cookie=cookie)).body
    await place.programs.say("people", "remove", "anna", code=1)
    await serving.stop()
    told = serving.out.read_text() + serving.err.read_text()
    for secret in (link.rpartition("/")[2], won, cookie.partition("=")[2]):
        assert secret not in told


async def test_at_a_terminal_the_link_of_a_first_administrator_is_printed_there_and_not_logged(place: Place) -> None:
    ours, theirs = pty.openpty()
    log = place.programs.folder / "log"
    place.programs.folder.mkdir(exist_ok=True)
    with log.open("wb") as to_log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "drempel",
            "serve",
            "--port",
            str(place.port),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=theirs,
            stderr=to_log,
            env={"PATH": os.environ["PATH"], **place.programs.environ},
        )
    os.close(theirs)
    try:
        await eventually(place.is_up)
        shown = os.read(ours, 65_536).decode()
        found = LINK.search(shown)
        assert found is not None
        assert "to become the administrator admin" in shown
        assert (await place.ask(found[1])).status == 200
        assert found[1] not in log.read_text()
        assert "people.nobody" not in log.read_text()
    finally:
        process.terminate()
        assert await process.wait() == 0
        os.close(ours)
