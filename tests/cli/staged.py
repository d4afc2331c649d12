"""A stage that was played and left, and the command line on what it left: its database in a file, its simulators still there."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drempel.adapters.secrets import Keyring
from drempel.adapters.store import open_store
from drempel.cli.machine import Machine
from drempel.cli.main import run
from tests.clock import ManualClock
from tests.simulation.stage import Stage, a_stage
from tests.simulation.world import LIMITS

FILE = """
[[sources]]
name = "club"
kind = "ireserve"
base_url = "http://ireserve"
username = "drempel"
password = {{ env = "IRESERVE_PASSWORD" }}
time_zone = "Europe/Amsterdam"
allow_insecure = true

[[integrations]]
name = "doors"
kind = "resivo"
source = "club"
profile = "assumed-v8"
base_url = "http://resivo"
allow_insecure = true
site_owner_id = "{owner}"
client_id = "{client}"
client_secret = {{ env = "RESIVO_CLIENT_SECRET" }}
site_id = "{site}"
trigger_statuses = ["20", "30"]
revoke_statuses = ["70", "80"]
time_before_minutes = 15
authorization_field = "custom05"

[[integrations.mappings]]
object = "81"
components = ["Main entrance", "Hall 1"]

[[integrations.mappings]]
object = "82"
components = ["Main entrance", "Hall 2"]
"""


@dataclass
class Opened:
    records: Any
    store: Any

    @property
    def people(self) -> Any:
        return self.store.people

    @property
    def trail(self) -> Any:
        return self.store.trail


@dataclass
class Left:
    """Commands are said with a set-up file that is the stage's, or with changes of it."""

    folder: Path
    world: Any
    text: str
    environ: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    def say(self, command: str, *options: str, file: str | None = None, **changes: str) -> tuple[int, str, str]:
        """The exit code, standard output and standard error. `changes`: keys of the file with another value."""
        text = self.text if file is None else file
        for key, value in changes.items():
            text, count = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
            assert count, key
        path = self.folder / "setup.toml"
        path.write_text(text)
        return self.say_alone(command, str(path), *options)

    def say_alone(self, *arguments: str) -> tuple[int, str, str]:
        """The same without a file."""
        machine = Machine(
            environ={"DREMPEL_DATA_DIR": str(self.folder), **self.environ},
            open_records=self._open,
            open_transport=self._network,
            terminal=lambda: False,
        )
        with pytest.raises(SystemExit) as leaving:
            run(list(arguments), machine=machine)
        out, err = self.capsys.readouterr()
        assert isinstance(leaving.value.code, int)
        return leaving.value.code, out, err

    @contextlib.asynccontextmanager
    async def _open(self, _settings: Any, *, any_schema: bool = False) -> AsyncIterator[Opened]:
        store = await open_store(
            f"sqlite:///{self.folder / 'stage.sqlite'}",
            keyring=Keyring("a secret key for tests only"),
            clock=ManualClock(self.world.clock.now()),
            lease=LIMITS.lease,
        )
        try:
            yield Opened(records=store, store=store)
        finally:
            await store.close()

    @contextlib.asynccontextmanager
    async def _network(self, _settings: Any) -> AsyncIterator[Any]:
        yield self.world.transport


def leave_stage(folder: Path, capsys: pytest.CaptureFixture[str], scene: Callable[[Stage], Awaitable[None]]) -> Left:
    """Play a scene on a stage and leave it as it is then."""

    async def played() -> Left:
        async with a_stage(folder) as stage:
            await scene(stage)
            setup, secrets = await stage.store.setup(), await stage.store.stored_secrets()
            connection = setup.connections[1]
            text = FILE.format(owner=connection.site_owner_id, client=connection.client_id, site=stage.world.site_id)
            environ = {
                "IRESERVE_PASSWORD": secrets.source_passwords["club"],
                "RESIVO_CLIENT_SECRET": secrets.client_secrets[1],
            }
            return Left(folder, stage.world, text, environ, capsys)

    return asyncio.run(played())
