"""What happened to a booking, as facts with dotted names: the history that `why` tells. Data holds ids and codes, never visitor data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Final

from drempel.domain.values import value

__all__ = ["EVENT_TYPES", "Event"]

EVENT_TYPES: Final[Mapping[str, str]] = {
    "booking.read": "the booking was read and differs from what was known",
    "booking.not_found": "the booking system does not know the booking (first reading)",
    "booking.gone": "the booking is gone: twice not found",
    "booking.not_ready": "the booking starts soon and its visitor cannot open every door for the whole window",
    "access.intended": "about to create access",
    "access.created": "Resivo created the access and tells the visitor",
    "access.found": "the access whose answer was lost was found, and is ours",
    "access.adopted": "a person said that an access without a record is ours",
    "access.not_found": "the access whose answer was lost was looked for and is not there",
    "access.outcome_unknown": "the answer to the create was lost",
    "access.not_done": "Resivo did not do the create",
    "access.handed_over": "another integration maps its doors now, the access is that one's",
    "access.kept": "the booking changed, the access still fits",
    "access.revoking": "the access must go",
    "access.revoked": "the access is revoked",
    "access.ended": "the window of the access is over",
    "access.twin_revoked": "a second access of the same name was found and revoked",
    "access.dropped": "an intent that was never sent was dropped",
    "access.doors_dropped": "Resivo left out doors that are offline",
    "writeback.written": "the id was written to the booking field",
    "writeback.cleared": "the booking field was emptied",
    "writeback.cut": "the booking field did not keep what was written",
    "failure": "something went wrong",
    "person.retry": "a person said: try again",
    "person.issue_again": "a person said: issue access again",
    "person.revoke": "a person said: take access away",
    "person.erase": "a person said: erase what is kept of the booking",
    "booking.erased": "what was kept of the booking was erased, all but what safety needs",
    "person.resolved": "a person said what became of an unknown outcome",
    "visitor.no_sms": "no SMS for this visitor, and why",
}
"""Every event type, with the sentence that a person reads."""


@value(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact of a booking's history."""

    at: datetime
    type: str
    data: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.type in EVENT_TYPES, f"unknown event type {self.type}"
