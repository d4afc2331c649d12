"""What the pages of the set-up show of our record: figures, what was seen of a source, what happened, and what a person has ticked off."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from drempel.domain.access import BookingState
from drempel.domain.values import value
from drempel.engine.records import BookingView
from drempel.engine.trail import TrailEntry

__all__ = [
    "Activity",
    "ActivityCursor",
    "ActivityKind",
    "ActivityLine",
    "Figures",
    "HintSeen",
    "Insight",
    "ObjectSeen",
    "SourceSigns",
    "Tick",
]


@value(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one integration. Counts of bookings that are not over, but for `ever_created` and `ever_revoked`."""

    live: int = 0
    """Sets that may open a door."""
    existing: int = 0
    """Found at a trigger status before it began: they get nothing unasked."""
    inactive: int = 0
    """They get access as soon as it is active."""
    ever_created: bool = False
    ever_revoked: bool = False


@value(frozen=True, slots=True, kw_only=True)
class ObjectSeen:
    """An object of a source that bookings named. `name` as the booking system said it last."""

    id: str
    name: str
    to_come: int


@value(frozen=True, slots=True, kw_only=True)
class SourceSigns:
    """Signs of life of a source."""

    hinted: int = 0
    """Bookings that a hint told of."""
    hinted_at: datetime | None = None
    """When the last hint came in."""
    polled_at: datetime | None = None
    """When the last poll began."""
    poll_rows: int = 0
    """Bookings that the last complete poll showed."""


@value(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """One thing that happened: an event of a booking, or what somebody changed."""

    at: datetime
    booking_id: str = ""
    type: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    edit: TrailEntry | None = None
    """Of the trail; then there is no booking."""


class Activity(NamedTuple):
    """Whose activity: events of the bookings of a source, and what was changed of the source or of one integration."""

    source: str
    integration: str = ""
    """Empty: what was changed of the source."""


class ActivityCursor(NamedTuple):
    """Where a page of activity ended, in both of what it is made of."""

    event_id: int
    trail_id: int


class ActivityKind(StrEnum):
    """What of it is wanted."""

    ALL = "all"
    ACCESS = "access"
    """What was created, revoked, replaced."""
    FAILURES = "failures"
    ORDERS = "orders"
    """What people ordered and changed."""


@value(frozen=True, slots=True, kw_only=True)
class HintSeen:
    """The last hint of one booking."""

    booking_id: str
    at: datetime
    state: BookingState
    """As the booking stands now."""


@value(frozen=True, slots=True, kw_only=True)
class Tick:
    """A person has ticked this off."""

    by: str
    at: datetime


class Insight(Protocol):
    """Filled by the store."""

    async def figures(self, integration: str, *, elsewhere: Collection[str] = ()) -> Figures:
        """`elsewhere`: objects that are another integration's affair; their bookings are not `existing` here."""
        ...

    async def statuses(self, source: str) -> Sequence[tuple[str, int]]:
        """Statuses that bookings had when they were last read, and how many bookings."""
        ...

    async def objects(self, source: str) -> Sequence[ObjectSeen]: ...

    async def signs(self, source: str) -> SourceSigns: ...

    async def activity(
        self, of: Activity, *, limit: int, before: ActivityCursor | None, kind: ActivityKind = ActivityKind.ALL
    ) -> tuple[list[ActivityLine], ActivityCursor | None]:
        """Newest first: creates, revokes, failures, orders, edits; and what to give as `before` for the next page."""
        ...

    async def hints(self, source: str, *, limit: int) -> list[HintSeen]:
        """The bookings that were told of last, newest first."""
        ...

    async def with_live_sets(self, integration: str, *, limit: int) -> list[BookingView]:
        """Bookings (without history) with a live set of this integration, the soonest first."""
        ...

    async def from_before(self, integration: str, *, limit: int, elsewhere: Collection[str] = ()) -> list[BookingView]:
        """Bookings (without history) that `Figures.existing` counts, the soonest first."""
        ...

    async def ticks(self, integration: str) -> Mapping[str, Tick]: ...

    async def set_tick(self, integration: str, item: str, *, by: str | None, entries: Sequence[TrailEntry] = ()) -> None:
        """`by` None takes it away."""
        ...
