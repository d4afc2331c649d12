"""The engine's times and bounds, in one place, with their reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from drempel.domain.values import value

__all__ = ["Limits"]


@value(frozen=True, slots=True, kw_only=True)
class Limits:
    """What settings and design section 2 say about time. Defaults are those of the settings."""

    call_timeout: timedelta = timedelta(seconds=10)
    lease: timedelta = timedelta(seconds=30)
    retry_first: timedelta = timedelta(seconds=2)
    retry_longest: timedelta = timedelta(seconds=900)
    sweep: timedelta = timedelta(seconds=60)
    gone_confirm: timedelta = timedelta(seconds=600)
    warn_before: timedelta = timedelta(seconds=3600)
    retention: timedelta | None = timedelta(days=90)
    """So long after its end what is kept of a booking is kept; None: for good."""


RECHECK_SOON: Final = timedelta(seconds=10)
RECHECK_LATE: Final = timedelta(seconds=60)
"""i-Reserve may send the hint before it stores the status, so a hint that changed nothing is read twice more."""
NEEDS_PERSON_AGAIN: Final = timedelta(hours=1)
OFFLINE_AGAIN: Final = timedelta(hours=1)
"""In the last day before the start as often as the longest retry pause says: a door that is back must open in time."""
LOOKS_NEEDED: Final = 2
"""A name counts as not there after so many looks, each at least one call time-out after the last."""
SOURCE_WORKS: Final = timedelta(minutes=1)
"""A 404 counts only if another read of that source succeeded within this time."""
GONE_WITHIN: Final = timedelta(hours=1)
WATCH_AGAIN: Final = timedelta(minutes=1)
"""A watch for late twins that failed is tried again after this."""
WATCH_AGAIN_LONGEST: Final = timedelta(minutes=5)
"""The same while its credential or site is refused: each try reads the booking."""
STARTS_SOON: Final = timedelta(hours=1)
"""Bookings that start within this time go before all that start later."""
STEPS_MAX: Final = 12
"""Decisions for one site in one run; more means a loop, which is a fault of ours."""
DOORS_FRESH_SECONDS: Final = 2.0
"""A read of components that began longer ago is never used for a create."""
LISTED_AGAIN: Final = timedelta(minutes=15)
"""A booking that a poll lists and that was not found when it was read is read again after this."""
UNBELIEVED_TRIES: Final = 12
"""So often a 404 of a booking of which nothing is known is not believed because nothing else can be read either: about half an hour."""
UNBELIEVED_TRIES_UNPOLLED: Final = 108
"""The same where no poll would bring the booking back: about a day."""
REREADS_PER_SECOND: Final = 10
RETRY_AFTER_KEPT: Final = timedelta(minutes=15)
"""A `Retry-After` of so long is kept to the letter, of whatever length our own pauses are (docs/decisions/0044)."""
AUDIT_EACH: Final = timedelta(days=1)
AUDIT_AGAIN: Final = timedelta(minutes=15)
"""After one that failed, or whose process died: a Resivo that is serviced at that hour every night would else never be compared."""
