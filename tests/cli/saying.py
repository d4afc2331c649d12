"""Says a command in process, with what it stands on handed in."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from drempel.cli.machine import Machine
from drempel.cli.main import run
from drempel.domain.rights import Role
from drempel.engine.people import Person
from drempel.engine.ports import Pause
from drempel.engine.trail import TrailEntry
from drempel.settings import Refused, Settings
from drempel.transport import NeverSent, Request, Response
from tests.engine.stand_in import NOW, StandIn


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class KeptStore:
    """The upkeep side of the stand-in."""

    def __init__(self) -> None:
        self.state = "current"
        self.time = NOW
        self.pause_list: dict[str, Pause] = {}

    async def now(self) -> datetime:
        return self.time

    async def schema_state(self) -> str:
        return self.state

    async def migrate(self) -> str:
        self.state = "current"
        return self.state

    async def rotate_secrets(self) -> int:
        return 3

    async def pauses(self) -> Mapping[str, Pause]:
        return self.pause_list


class KeptTrail:
    """Remembers what was added."""

    def __init__(self) -> None:
        self.entries: list[TrailEntry] = []

    async def add(self, *entries: TrailEntry) -> None:
        self.entries += entries


class KeptPeople:
    """One administrator, unless a test says otherwise. Who comes and goes is tested with the store."""

    def __init__(self) -> None:
        self.list = [Person(id=1, name="Anna", role=Role.ADMINISTRATOR, created_at=NOW, has_password=True)]

    async def people(self) -> list[Person]:
        return self.list


class NothingThere:
    """A network in which nothing answers."""

    async def send(self, request: Request) -> Response:
        raise NeverSent("no such host")


@dataclass
class Desk:
    """A command line with a stand-in behind it."""

    capsys: pytest.CaptureFixture[str]
    folder: Path
    records: StandIn = field(default_factory=StandIn)
    store: Any = field(default_factory=KeptStore)
    trail: KeptTrail = field(default_factory=KeptTrail)
    people: KeptPeople = field(default_factory=KeptPeople)
    transport: Any = field(default_factory=NothingThere)
    environ: dict[str, str] = field(default_factory=dict)
    terminal: bool = False
    refused: str | None = None

    def say(self, *arguments: str) -> Said:
        environ = {"DREMPEL_DATA_DIR": str(self.folder / "data"), **self.environ}
        machine = Machine(environ=environ, open_records=self._open, open_transport=self._network, terminal=lambda: self.terminal)
        with pytest.raises(SystemExit) as leaving:
            run(list(arguments), machine=machine)
        out, err = self.capsys.readouterr()
        assert isinstance(leaving.value.code, int)
        return Said(leaving.value.code, out, err)

    @contextlib.asynccontextmanager
    async def _open(self, settings: Settings, *, any_schema: bool = False) -> AsyncIterator[Any]:
        if self.refused is not None:
            raise Refused(self.refused)
        assert any_schema or self.store is None or self.store.state == "current"
        yield self

    @contextlib.asynccontextmanager
    async def _network(self, _settings: Settings) -> AsyncIterator[Any]:
        yield self.transport


@contextlib.contextmanager
def logging_as_it_was() -> Iterator[None]:
    before = logging.root.handlers[:], logging.root.level
    try:
        yield
    finally:
        structlog.reset_defaults()
        logging.root.handlers[:], logging.root.level = before
