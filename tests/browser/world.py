"""A demo of its own on this machine for a browser to look at, with a day full of bookings, and every page that it serves."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.request import Request, urlopen

from starlette.routing import Route

from drempel.engine.levers import Levers
from drempel.web.site import site_pages
from tests.engine.stand_in import StandIn
from tests.web.signed_in import signed_in_already

SECONDS_MAX: Final = 20.0
BLANK = re.compile(r"\{(\w+)(?::\w+)?\}")
NOT_LOOKED_AT: Final = {
    "/static/{name}": "a file",
    "/today/pack": "a download",
    "/sign-in": "leads on for who is signed in",
    "/link/{token}": "needs a link",
    "/people/{number}/remove": "needs a number",
    "/integrations/review/{token}": "needs a change in hand",
    "/sources/review/{token}": "needs a change in hand",
    "/needs/orphans/{id}/adopt": "needs an orphan: tests/browser/test_repair.py looks at it",
    "/needs/orphans/{id}/revoke": "needs an orphan: tests/browser/test_repair.py looks at it",
    "/api-keys/{name}/revoke": "needs a key: tests/browser/test_repair.py looks at it",
}


@dataclass
class World:
    """Where it is, and the bookings by what became of them."""

    url: str
    simulated_ireserve: str
    simulated_resivo: str
    password: str = ""
    """Of the administrator."""
    bookings: dict[str, str] = field(default_factory=dict)

    def book(self, name: str, object_id: str, start: datetime, hours: float, *, status: str = "20", **visitor: str) -> None:
        """Made and confirmed, as somebody in i-Reserve would."""
        known = {"lastname": "Lovelace", "email": "visitor@example.com", "tel_mob": "+31612345678"}
        times = {"start": start.isoformat(), "end": (start + timedelta(hours=hours)).isoformat()}
        made = self._tell("/_sim/bookings", {"object_id": object_id, **times, **known, **visitor})
        self.bookings[name] = made["id"]
        self.set_status(name, status)

    def set_status(self, name: str, status: str) -> None:
        self._tell(f"/_sim/bookings/{self.bookings[name]}/status", {"status": status})

    def _tell(self, path: str, body: Any) -> Any:
        return self._ask(self.simulated_ireserve + path, body, method="POST")

    @staticmethod
    def _ask(address: str, body: Any, *, method: str = "GET") -> Any:
        request = Request(address, data=None if body is None else json.dumps(body).encode(), method=method)
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=SECONDS_MAX) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def plant_orphan(self, booking_id: str, *, name: str) -> str:
        """A second live access of this booking at Resivo that Drempel's record does not know, as after a restored backup. Its id."""
        state = self._ask(self.simulated_resivo + "/_sim/state", None)
        there = next(one for one in state["authorizations"] if f"-club-{booking_id}-" in one["display_name"])
        number = 1000 + len(state["authorizations"])
        readable = there["display_name"].rpartition("-")[0]
        state["authorizations"].append({**there, "id": name, "display_name": f"{readable}-{number}"})
        self._ask(self.simulated_resivo + "/_sim/state", state, method="PUT")
        return name

    def pages(self) -> list[str]:
        """Every address that a person can look at, out of the routes: a page that is added is looked at by itself."""
        fill = {"source": "club", "booking_id": self.bookings["granted"], "name": "doors", "integration": "doors"}
        fill["code"] = "component.missing"
        found = []
        for path in look_paths():
            missing = set(BLANK.findall(path)) - set(fill)
            assert not missing, f"{path}: say in tests/browser/world.py what to put for {missing}"
            found.append(BLANK.sub(lambda blank: fill[blank.group(1)], path))
        return [*found, "/today?day=2030-01-01", f"/bookings/club/{self.bookings['needs a person']}", "/bookings?state=granted"]


def look_paths() -> list[str]:
    records = StandIn()
    unused: Any = None
    ports: Any = SimpleNamespace(
        clock=SimpleNamespace(monotonic=unused),
        draw_token=unused,
        object_names=unused,
        from_before=unused,
    )
    audits: Any = SimpleNamespace(auditor=unused, errands=unused)
    keys: Any = SimpleNamespace()
    site = site_pages(
        levers=Levers(records),
        setup=records.setup,
        sign_in=signed_in_already(),
        zone="Europe/Amsterdam",
        now=lambda: datetime.now(UTC),
        set_up=ports,
        audits=audits,
        api_keys=keys,
    )
    paths = [route.path for route in site.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return [path for path in paths if path not in NOT_LOOKED_AT]


def day(days: int) -> datetime:
    """Midnight of a day from today on; the demo's zone is an hour or two ahead."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


@contextmanager
def running_world() -> Iterator[World]:
    """`drempel demo`, as a process of its own, until the end."""
    port = _free_port()
    command = [str(Path(sys.executable).parent / "drempel"), "demo", "--port", str(port)]
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    with subprocess.Popen(command, env=unbuffered, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        try:
            assert program.stdout is not None
            password = ""
            for line in program.stdout:
                words = line.split()
                if words[:1] == ["administrator"]:
                    password = words[1]
                if "Ctrl-C ends it" in line:
                    break
            else:
                raise AssertionError("the demo did not start")
            world = World(
                url=f"http://127.0.0.1:{port}",
                simulated_ireserve=f"http://127.0.0.1:{port + 2}",
                simulated_resivo=f"http://127.0.0.1:{port + 1}",
                password=password,
            )
            _fill(world)
            yield world
        finally:
            program.terminate()
            program.wait(timeout=SECONDS_MAX)


def _fill(world: World) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    world.book("granted", "81", now - timedelta(minutes=40), 2)
    world.book("beside it", "82", now - timedelta(minutes=10), 1.5)
    world.book("needs a person", "82", now + timedelta(hours=3), 1, email="", tel_mob="06 12345678")
    world.book("unmapped", "90", now + timedelta(hours=1), 1)
    world.book("to be revoked", "81", now + timedelta(hours=4), 1)
    for number, (object_id, hour, hours) in enumerate(
        [("81", 7, 2), ("82", 8, 1.5), ("81", 9.5, 1.5), ("82", 13, 3), ("81", 17, 2), ("82", 18, 2)]
    ):
        world.book(f"tomorrow {number}", object_id, day(1) + timedelta(hours=hour), hours)


def _free_port() -> int:
    """Three in a row are needed; each process that runs tests looks in a range of its own."""
    first = 18600 + 300 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in range(first, first + 300, 3):
        try:
            for each in range(port, port + 3):
                with socket.create_server(("127.0.0.1", each)):
                    pass
        except OSError:
            continue
        return port
    raise AssertionError("no port is free")
