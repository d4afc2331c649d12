"""How this environment differs from others: each switch is something that is not known, or differs between environments."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt

__all__ = ["Fate", "Switches"]

FIELD_NUMBERS: Final = (1, 5)
TRY_SECONDS: Final = (0.0, 60.0, 300.0, 900.0, 3600.0)


class Fate(StrEnum):
    """What becomes of one delivery."""

    SEND = "send"
    DROP = "drop"
    DOUBLE = "double"
    DELAY = "delay"


class Switches(BaseModel):
    """May be changed at any time; what is answered or sent from then on follows."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    shape: Literal["field_list", "legacy", "legacy_as_published"] = "field_list"
    """`legacy_as_published` is the documentation's own example, whose dates cannot be read."""
    padded: bool = True
    """`custom05`, or `custom5`."""
    wrapped: bool = False
    """`{"booking": {...}}`, or the booking bare."""
    numbers: Literal["as_published", "strings", "numbers"] = "as_published"
    offsets: Literal["plain", "colon", "utc", "none"] = "plain"
    """`+0100`, `+01:00`, `Z`, or a wall time without any."""
    field_numbers: Annotated[tuple[PositiveInt, ...], Field(max_length=99)] = FIELD_NUMBERS
    """The booking fields that exist; a write to another is ignored."""
    field_length: PositiveInt | None = None
    """A booking field is cut at this many characters."""

    put_booking: bool = False
    """`PUT booking/{id}` writes, or answers 404."""
    filter_status: bool = True
    """Without it a search by status answers 412."""
    filter_status_name: str = "STATUS"

    hook_json: bool = True
    """What a webhook that is registered from now on sends as its header: JSON, or a form's."""
    event_first: bool = False
    """The event leaves before the status, or the new booking, is stored."""
    store_after_seconds: NonNegativeFloat = 5.0
    """With `event_first`: how long after the event."""
    api_write_fires: bool = True
    admin_change_fires: bool = True
    """Does a change by an administrator that is no status change (time, object, field) fire `booking_updated`?"""

    deliveries: Fate = Fate.SEND
    """What becomes of every delivery."""
    next_deliveries: tuple[Fate, ...] = ()
    """What becomes of the next ones, in their order; used up, then `deliveries` counts again."""
    delivery_delay_seconds: NonNegativeFloat = 30.0
    reordered: bool = False
    """Deliveries that are due together leave in an order of their own, which the seed decides."""
    try_seconds: Annotated[tuple[NonNegativeFloat, ...], Field(min_length=1, max_length=20)] = TRY_SECONDS
    """When a delivery is tried, counted from its first try."""
    try_timeout_seconds: Annotated[float, Field(gt=0)] = 10.0
