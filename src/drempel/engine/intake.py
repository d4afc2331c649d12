"""A hint comes in: one committed statement, no other work. Truth is read later."""

from __future__ import annotations

import re
from typing import Final

from drempel.engine.ports import Store

__all__ = ["BOOKING_ID", "take_hint"]

BOOKING_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""What a booking id may look like; anything else is refused at the door."""


async def take_hint(store: Store, *, source: str, booking_id: str) -> None:
    """Something may have changed at this booking. Returns once that is committed; raises what the store raises, so that the sender repeats."""
    if BOOKING_ID.fullmatch(booking_id) is None:
        raise ValueError("not a booking id")
    await store.hint(source, booking_id)
