"""When a visitor may open the mapped components: from (start - time before) until the booking's end, always UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from drempel.domain.values import value

__all__ = ["TIME_BEFORE_MINUTES_MAX", "AccessWindow", "access_window"]

TIME_BEFORE_MINUTES_MAX: Final = 24 * 60


@value(frozen=True, slots=True, kw_only=True)
class AccessWindow:
    """Half open: the door opens at `valid_from` and stays shut at `valid_to`. Always UTC."""

    valid_from: datetime
    valid_to: datetime

    def __post_init__(self) -> None:
        assert self.valid_from.tzinfo is UTC
        assert self.valid_to.tzinfo is UTC
        assert self.valid_from < self.valid_to

    def is_over(self, now: datetime) -> bool:
        """Whether the door stays shut from now on."""
        return self.valid_to <= now


def access_window(*, start: datetime, end: datetime, time_before: timedelta) -> AccessWindow:
    """The window of a booking. It does not depend on when we look: a booking that has started keeps its valid from.

    `start` and `end` are aware; `start < end` is the reader's duty. The arithmetic is done in UTC, so a night in which the clock
    changes makes the window neither longer nor shorter than the booking really is.
    """
    return AccessWindow(valid_from=start.astimezone(UTC) - time_before, valid_to=end.astimezone(UTC))
