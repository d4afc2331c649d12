"""What the web is made of. The composition root hands it in; there are no globals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from drempel.engine.auditor import Auditor
from drempel.engine.ports import Clock, Watcher
from drempel.engine.records import Records

__all__ = ["WebServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServices:
    """Ports and callables."""

    records: Records
    auditor: Auditor
    take_hint: Callable[[str, str], Awaitable[None]]
    """(source, booking id): returns once the hint is committed. `ValueError` for what is no booking id, `KeyError` for an unknown source,
    anything else if it could not be stored."""
    booking_id_of: Callable[[bytes], str | None]
    """The booking id in the body of a delivery; None if there is none or it is not JSON."""
    readiness: Callable[[], Awaitable[str | None]]
    """A sentence about what is missing for work; None = ready. Booking systems and Resivo never count."""
    registry: CollectorRegistry
    clock: Clock
    watcher: Watcher
    is_https: bool = False
    """Whether `PUBLIC_URL` is an https address: browsers are told to come no other way."""
    hint_seconds_max: float = 8.0
    """So long a hint may take to be stored; then it is refused with 503, before its sender gives up without having been told anything."""
    body_seconds_max: float = 10.0
    """So long the body of a request may take, from the moment at which somebody begins to read it."""
