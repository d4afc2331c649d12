"""What the commands stand on: the environment, and how to open the store and the network. Tests hand in their own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from drempel.engine.auditor import Auditor
    from drempel.engine.people import PeopleStore
    from drempel.engine.ports import Clock, Pause
    from drempel.engine.records import Records
    from drempel.engine.trail import Trail
    from drempel.settings import Settings
    from drempel.transport import Transport

__all__ = ["Machine", "MaintainedStore", "OpenStore"]


class MaintainedStore(Protocol):
    """The store as the commands that look after it need it."""

    async def now(self) -> datetime: ...

    async def schema_state(self) -> StrEnum: ...

    async def migrate(self) -> StrEnum: ...

    async def rotate_secrets(self) -> int: ...

    async def pauses(self) -> Mapping[str, Pause]: ...


class OpenStore(Protocol):
    """An open store, seen from the people's side and from the side of its upkeep."""

    @property
    def records(self) -> Records: ...

    @property
    def store(self) -> MaintainedStore: ...

    @property
    def people(self) -> PeopleStore: ...

    @property
    def trail(self) -> Trail: ...

    @property
    def clock(self) -> Clock: ...


@contextlib.asynccontextmanager
async def _open_records(settings: Settings, *, any_schema: bool = False) -> AsyncIterator[Any]:
    from drempel.wiring.records import open_records  # noqa: PLC0415  # the command line starts fast because this waits until it is needed

    async with open_records(settings, any_schema=any_schema) as opened:
        yield opened


@contextlib.asynccontextmanager
async def _open_transport(settings: Settings) -> AsyncIterator[Transport]:
    from drempel.transport.over_http import HttpTransport  # noqa: PLC0415  # see above

    async with HttpTransport(call_timeout_seconds=settings.call_timeout_seconds) as transport:
        yield transport


def _auditor_of(opened: Any, transport: Transport) -> Auditor:
    from drempel.wiring.services import auditor_of  # noqa: PLC0415  # see above

    return auditor_of(opened, transport)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine that a command runs on, unless a test says otherwise."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    open_records: Callable[..., AbstractAsyncContextManager[OpenStore]] = _open_records
    """(settings, *, any_schema=False)."""
    open_transport: Callable[[Settings], AbstractAsyncContextManager[Transport]] = _open_transport
    auditor_of: Callable[[Any, Transport], Auditor] = _auditor_of
    """(what `open_records` opened, what `open_transport` opened)."""
    watched: Callable[[], bool] = lambda: sys.stderr.isatty()  # noqa: PLW0108  # as below: whether a person sees how far it is
    terminal: Callable[[], bool] = lambda: sys.stdout.isatty()  # noqa: PLW0108  # the stream of the moment, not of the import
