"""Store, transport, clients, worker and sweep, put together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from prometheus_client import CollectorRegistry

from drempel.adapters.clock import chance
from drempel.adapters.outside import OutsideWorld
from drempel.adapters.store import SqlStore
from drempel.adapters.watcher import LoggingWatcher
from drempel.engine.auditor import Auditor
from drempel.engine.calls import Calls
from drempel.engine.doors import Doors
from drempel.engine.errands import Errands
from drempel.engine.limits import Limits
from drempel.engine.ports import Clock
from drempel.engine.run import Tools
from drempel.engine.sweep import Sweep
from drempel.engine.worker import CONCURRENCY_DEFAULT, Worker
from drempel.settings import Settings
from drempel.transport import Transport
from drempel.transport.over_http import HttpTransport
from drempel.wiring.records import Opened, open_records

__all__ = ["Services", "auditor_of", "limits_of", "open_services"]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What an audit reads with, without workers."""

    store: SqlStore
    outside: OutsideWorld
    calls: Calls


IDENTITY_FILE: Final = "identity.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """A store with workers around it."""

    opened: Opened
    tools: Tools
    worker: Worker
    sweep: Sweep
    auditor: Auditor
    errands: Errands
    registry: CollectorRegistry
    transport: Transport


def limits_of(settings: Settings) -> Limits:
    """The engine's times out of the settings."""
    return Limits(
        call_timeout=timedelta(seconds=settings.call_timeout_seconds),
        lease=timedelta(seconds=settings.lease_seconds),
        # The longest pause bounds all, also a first one that was left at its default.
        retry_first=timedelta(seconds=min(settings.retry_first_seconds, settings.retry_max_seconds)),
        retry_longest=timedelta(seconds=settings.retry_max_seconds),
        sweep=timedelta(seconds=settings.sweep_seconds),
        gone_confirm=timedelta(seconds=settings.gone_confirm_seconds),
        warn_before=timedelta(seconds=settings.warn_before_seconds),
        retention=timedelta(days=settings.retention_days) if settings.retention_days else None,
    )


def auditor_of(opened: Opened, transport: Transport) -> Auditor:
    """For one command: pauses are respected and kept as by any worker, facts go to the log."""
    outside = OutsideWorld(
        store=opened.store,
        records=opened.records,
        transport=transport,
        clock=opened.clock,
        fingerprint=opened.keyring.fingerprint,
    )
    calls = Calls(
        store=opened.store,
        clock=opened.clock,
        limits=limits_of(opened.settings),
        watcher=LoggingWatcher(CollectorRegistry()),
    )
    return Auditor(_Reading(opened.store, outside, calls), opened.records)


@contextlib.asynccontextmanager
async def open_services(
    settings: Settings, *, concurrency: int = CONCURRENCY_DEFAULT, clock: Clock | None = None
) -> AsyncIterator[Services]:
    """Store, transport, worker and sweep, not running yet. The database says at each start which one it is."""
    async with (
        open_records(settings, clock=clock) as opened,
        HttpTransport(call_timeout_seconds=settings.call_timeout_seconds) as transport,
    ):
        registry = CollectorRegistry()
        watcher = LoggingWatcher(registry)
        store, limits = opened.store, limits_of(settings)
        clock = opened.clock
        if await store.claim_identity(settings.data_dir / IDENTITY_FILE if settings.sqlite_path is not None else None):
            watcher.note("marker.drawn")
        outside = OutsideWorld(
            store=store, records=store, transport=transport, clock=clock, fingerprint=opened.keyring.fingerprint
        )
        calls = Calls(store=store, clock=clock, limits=limits, watcher=watcher)
        tools = Tools(
            store=store,
            outside=outside,
            calls=calls,
            doors=Doors(outside=outside, calls=calls, clock=clock),
            clock=clock,
            chance=chance(),
            limits=limits,
            marker=await store.marker(),
            watcher=watcher,
        )
        worker = Worker(tools, concurrency=concurrency)
        store.on_wake(worker.wake)
        errands = Errands(clock, on_fault=lambda error: watcher.warn("errand.fault", error=type(error).__name__))
        try:
            yield Services(
                opened=opened,
                tools=tools,
                worker=worker,
                sweep=Sweep(tools, store, on_due=worker.wake),
                auditor=Auditor(tools, store),
                errands=errands,
                registry=registry,
                transport=transport,
            )
        finally:
            await errands.close()
