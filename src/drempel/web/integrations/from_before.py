"""Bookings that stood at a trigger status before an integration began: which of them would get access if a person says so, and which not, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from drempel.domain.policy import StatusMeaning
from drempel.engine.ports import BookingRecord
from drempel.engine.records import BookingView
from drempel.engine.setup import IntegrationSetup, Setup
from drempel.web.pages.rows import BookingRow

__all__ = ["FromBefore", "Without", "from_before"]


class Without(StrEnum):
    """Why a booking gets nothing all the same."""

    UNREAD = "unread"
    UNMAPPED = "unmapped"
    STATUS = "status"
    """It has left the trigger statuses since."""
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class FromBefore:
    """In the order of the bookings."""

    getting: tuple[BookingRow, ...]
    others: tuple[tuple[BookingRow, Without], ...]
    is_all: bool
    """There were not more than were looked at."""


def from_before(views: Iterable[BookingView], one: IntegrationSetup, setup: Setup, *, is_all: bool) -> FromBefore:
    getting: list[BookingRow] = []
    others: list[tuple[BookingRow, Without]] = []
    for view in views:
        row, why = BookingRow.of(view, setup), _why_without(view.record, one, setup)
        if why is None:
            getting.append(row)
        else:
            others.append((row, why))
    return FromBefore(tuple(getting), tuple(others), is_all)


def _why_without(record: BookingRecord, one: IntegrationSetup, setup: Setup) -> Without | None:
    if record.withheld:
        return Without.WITHHELD
    if record.object_id is None or record.status is None:
        return Without.UNREAD
    if not setup.sites_of(one, record.object_id):
        return Without.UNMAPPED
    return None if one.policy.meaning(record.status) is StatusMeaning.TRIGGER else Without.STATUS
