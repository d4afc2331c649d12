"""Webhooks: who asked for which event, and the delivery that an event makes for each of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from drempel.simulators.ireserve.booking_json import BookingWriter
from drempel.simulators.ireserve.deliveries import Deliveries
from drempel.simulators.ireserve.records import BookingRecord, HookRecord
from drempel.simulators.ireserve.state import NoSuch, State
from drempel.simulators.ireserve.switches import Switches

__all__ = ["CREATED", "EVENTS", "UPDATED", "URL_LENGTH_MAX", "Webhooks"]

CREATED: Final = "booking_created"
UPDATED: Final = "booking_updated"
EVENTS: Final = (CREATED, UPDATED)
URL_LENGTH_MAX: Final = 2_000
_encode: Callable[[object], str] = json.JSONEncoder(separators=(",", ":")).encode


class Webhooks:
    """Registers webhooks and fires events."""

    def __init__(self, state: State, switches: Switches, *, writer: BookingWriter, deliveries: Deliveries) -> None:
        self._state = state
        self._switches = switches
        self._writer = writer
        self._deliveries = deliveries

    def add(self, event: str, target_url: str, *, json_header: bool | None = None, note: str = "") -> HookRecord:
        """Register. Raises `ValueError` with a sentence for an event or an address that is none."""
        if event not in EVENTS:
            raise ValueError(f"There is no event {event[:60]!r}; there are {' and '.join(EVENTS)}.")
        try:
            usable = urlsplit(target_url).scheme in {"http", "https"} and bool(urlsplit(target_url).hostname)
        except ValueError:
            usable = False
        if not usable or not target_url.isascii() or not target_url.isprintable() or " " in target_url:
            raise ValueError("The address of a webhook begins with http:// or https:// and has no spaces.")
        if len(target_url) > URL_LENGTH_MAX:
            raise ValueError(f"The address of a webhook has at most {URL_LENGTH_MAX} characters.")
        hook = HookRecord(
            id=self._state.new_hook_id(),
            event=event,
            target_url=target_url,
            json=self._switches.hook_json if json_header is None else json_header,
            note=note,
        )
        self._state.hooks[hook.id] = hook
        return hook

    def remove(self, hook_id: str) -> None:
        """Raises `NoSuch`. Deliveries that are on their way stay on it."""
        if self._state.hooks.pop(hook_id, None) is None:
            raise NoSuch(f"webhook {hook_id}")

    def fire(self, event: str, booking: BookingRecord) -> None:
        """Make a delivery, with the booking as it is given, for each webhook of this event."""
        hooks = [hook for hook in self._state.hooks.values() if hook.active and hook.event == event]
        if not hooks:
            return
        body = _encode(self._writer.document(booking)).encode()
        for hook in hooks:
            self._deliveries.add(hook, event=event, booking_id=booking.id, body=body)
