"""A Drempel of its own, in a process, between two simulated other sides: what a person has after `drempel serve` and nothing else.

What is planted and what is asked goes by the simulators' own control routes; what Drempel is told, it is told by its pages.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.error import URLError
from urllib.request import Request, urlopen

from drempel.cli.machine import Machine
from drempel.cli.main import run
from tests.browser.simulated import OtherSides, other_sides
from tests.processes.programs import free_port

__all__ = ["House", "Simulated", "empty_house", "set_up"]

T = TypeVar("T")
SECONDS_MAX: Final = 20.0
LOOK_SECONDS: Final = 0.1
LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+/link/[A-Za-z0-9_-]{43}")
SHORT_TIMES: Final = {
    "DREMPEL_CALL_TIMEOUT_SECONDS": "1",
    "DREMPEL_LEASE_SECONDS": "3",
    "DREMPEL_RETRY_FIRST_SECONDS": "0.2",
    "DREMPEL_RETRY_MAX_SECONDS": "1",
    "DREMPEL_SWEEP_SECONDS": "1",
    "DREMPEL_GONE_CONFIRM_SECONDS": "1",
}
VISITOR: Final = "visitor@example.com"
CONFIRMED: Final = "20"
SETUP_FILE: Final = """\
[[sources]]
name = "club"
kind = "ireserve"
base_url = "{ireserve}"
username = "{account}"
password = "{password}"
time_zone = "Europe/Amsterdam"
poll_seconds = 1

[[integrations]]
name = "doors"
kind = "resivo"
source = "club"
active = true
profile = "{profile}"
base_url = "{resivo}"
site_owner_id = "{site_owner_id}"
client_id = "{client_id}"
client_secret = "{client_secret}"
site_id = "{site_id}"
trigger_statuses = ["20", "30"]
revoke_statuses = ["70", "80"]
time_before_minutes = 15
authorization_field = "custom05"

[[integrations.mappings]]
object = "81"
components = ["Main entrance", "Hall 1"]
"""


@dataclass(frozen=True)
class Simulated:
    """One of the other sides."""

    url: str

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        request = Request(f"{self.url}/_sim/{path}", method=method)
        request.add_header("Content-Type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        with urlopen(request, data, timeout=SECONDS_MAX) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def plant(self, operation: str, kind: str, **options: object) -> None:
        self.ask("faults", "POST", {"operation": operation, "kind": kind, **options})

    def mend(self) -> None:
        self.ask("faults", "DELETE")


@dataclass
class House:
    """Where everything is."""

    url: str
    link: str
    """For the first administrator, as `drempel serve` printed it at the terminal."""
    sides: OtherSides
    ireserve: Simulated
    resivo: Simulated
    folder: Path
    environ: Mapping[str, str]

    # --- i-Reserve

    def book(self, object_id: str = "81", *, begins: timedelta = timedelta(minutes=5), **visitor: str) -> str:
        """Made and confirmed, as somebody in i-Reserve would."""
        start = datetime.now(UTC) + begins
        known = {"lastname": "Lovelace", "email": VISITOR, "tel_mob": "+31612345678"}
        times = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
        booking = str(self.ireserve.ask("bookings", "POST", {"object_id": object_id, **times, **known, **visitor})["id"])
        self.ireserve.ask(f"bookings/{booking}/status", "POST", {"status": CONFIRMED})
        return booking

    # --- Resivo

    def doors(self) -> dict[str, str]:
        """Name → id, as they are today."""
        return {each["display_name"]: each["id"] for each in self.resivo.ask("state")["components"]}

    def change_door(self, name: str, **change: object) -> None:
        self.resivo.ask(f"components/{self.doors()[name]}", "PATCH", change)

    def change_secret(self, secret: str) -> None:
        """Somebody made a new one in the portal: the old one is no longer taken, and neither are its tokens."""
        state = self.resivo.ask("state")
        for credential in state["credentials"]:
            credential["client_secret"] = secret
        self.resivo.ask("state", "PUT", state)

    def sets(self, booking: str) -> list[dict[str, Any]]:
        """Every access that was made for it, live or not."""
        return [each for each in self.resivo.ask("state")["authorizations"] if f"-club-{booking}-" in each["display_name"]]

    def live(self, booking: str) -> list[dict[str, Any]]:
        return [each for each in self.sets(booking) if each["status"] == "active"]

    def sent(self, booking: str) -> list[dict[str, Any]]:
        """The messages about the access that is live."""
        live = {each["id"] for each in self.live(booking)}
        return [each for each in self.resivo.ask("outbox") if each["authorization_id"] in live]

    def door_link(self, booking: str) -> str:
        """What the visitor was sent last."""
        return str(self.sent(booking)[-1]["door_link"]).rpartition("/")[2]

    def opens(self, link: str, door: str) -> bool:
        """Whether the visitor's link opens this door now."""
        return bool(self.resivo.ask("open", "POST", {"link_token": link, "component_id": self.doors()[door]})["opened"])


def eventually(look: Callable[[], T], what: str) -> T:
    """The first answer that counts as true."""
    deadline = time.monotonic() + SECONDS_MAX
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {SECONDS_MAX:g} s: {what}"
        time.sleep(LOOK_SECONDS)
    return found


@contextlib.contextmanager
def empty_house(folder: Path, *, profile: str = "assumed-v8") -> Iterator[House]:
    """Nothing set up, nobody invited: `drempel serve` at a terminal, beside two simulators."""
    with other_sides(profile) as sides:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environ = {**SHORT_TIMES, "DREMPEL_DATA_DIR": str(folder / "data"), "DREMPEL_PUBLIC_URL": url}
        with _program("serve", "--port", str(port), environ=environ) as serving:
            link = serving.read_until(LINK)
            eventually(lambda: _answers(f"{url}/healthz"), "Drempel answers")
            yield House(
                url=url,
                link=link.group(),
                sides=sides,
                ireserve=Simulated(sides.ireserve_url),
                resivo=Simulated(sides.resivo_url),
                folder=folder,
                environ=environ,
            )


def set_up(house: House, *, profile: str = "assumed-v8") -> None:
    """By the command line: a fault is met in a house that worked. Bookings of before get nothing."""
    sides, file = house.sides, house.folder / "setup.toml"
    filled = SETUP_FILE.format(
        ireserve=sides.ireserve_url,
        account=sides.account,
        password=sides.account_password,
        resivo=sides.resivo_url,
        profile=profile,
        site_owner_id=sides.seeded.site_owner_id,
        client_id=sides.seeded.client_id,
        client_secret=sides.seeded.client_secret,
        site_id=sides.seeded.site_id,
    )
    file.write_text(filled, encoding="utf-8")
    machine = Machine(environ=house.environ)
    # In a thread: the commands have a loop of their own, and so has the browser here.
    with ThreadPoolExecutor(max_workers=1) as executor:
        for arguments in (["apply", str(file)], ["hook-register", "club"]):
            assert executor.submit(_said, arguments, machine).result(SECONDS_MAX) == 0, arguments
    # Before the first complete poll a new booking would count as one of before.
    eventually(lambda: "filter_bookings" in json.dumps(house.ireserve.ask("calls")), "the first poll")


def _said(arguments: Sequence[str], machine: Machine) -> object:
    try:
        run(arguments, machine=machine)
    except SystemExit as ended:
        return ended.code
    return None


class _Running:
    def __init__(self, process: subprocess.Popen[bytes], output: int) -> None:
        self._process = process
        self._output = output
        self._said = ""

    def read_until(self, wanted: re.Pattern[str]) -> re.Match[str]:
        """What it prints, up to what is wanted."""
        while (found := wanted.search(self._said)) is None:
            more = os.read(self._output, 4096)
            assert more, f"it ended with {self._process.poll()} after: {self._said}"
            self._said += more.decode()
        return found


@contextlib.contextmanager
def _program(*arguments: str, environ: Mapping[str, str]) -> Iterator[_Running]:
    """`drempel` with these arguments, until the end: at a terminal, where it says what is for a person alone."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "drempel", *arguments]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("DREMPEL_")}
    with subprocess.Popen(
        command, env={**settings, **environ}, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        try:
            yield _Running(process, ours)
        finally:
            process.terminate()
            process.wait(timeout=SECONDS_MAX)
            os.close(ours)


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=SECONDS_MAX) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False
