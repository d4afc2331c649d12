"""What REST takes and gives, for its description. Answers are built by `drempel.engine.booking_object`; a test holds the two together."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drempel.domain.access import BookingState, SetState
from drempel.domain.verdict import Verdict
from drempel.engine.audit import Kind

__all__ = [
    "AuditShape",
    "BookingListShape",
    "BookingShape",
    "BrakeShape",
    "OneAccessShape",
    "OrderedShape",
    "ProblemShape",
    "ReceiptListShape",
    "ReceiptShape",
    "ResolveShape",
]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WindowShape(_Shape):
    """When the door opens, UTC; shut from `valid_to` on."""

    valid_from: datetime
    valid_to: datetime


class OfflineDoorShape(_Shape):
    """A door of live access that Resivo showed as offline when Drempel looked last; it looks every `SWEEP_SECONDS`."""

    id: str
    name: str
    since: datetime
    """When it was first seen so, in this series of looks."""
    seen: datetime
    """When Drempel looked last."""


class AuthorizationSetShape(_Shape):
    """A Remote Access Authorization Set of ours."""

    id: str | None
    """The id at Resivo, once it is known."""
    site_id: str
    display_name: str
    state: SetState
    ready: Verdict | None = None
    """Whether the visitor can open with it what was asked for; null if it is not to open anything any more, or not yet."""
    exposure_seconds: float | None = None
    """How long it could open a door after the right to it had ended; null while that is not settled."""
    offline_doors: list[OfflineDoorShape]
    """Doors of it that are out of reach now; the visitor may stand before them."""


class DifferenceShape(_Shape):
    """One thing that is not as it was asked for."""

    field: str
    """`doors`, `window`, `status`, `name`, `id`; `access` if there is none at all."""
    names: list[str]
    """The doors that are missing."""


class ReadyShape(_Shape):
    """Whether the visitor can open every mapped door for exactly the window; the worst set decides."""

    verdict: Verdict
    differs: list[DifferenceShape]


class FailureShape(_Shape):
    """What went wrong, and what to do about it."""

    code: str
    message: str
    remedy: str


class HistoryShape(BaseModel):
    """One fact. Further keys are ids and codes, by type."""

    model_config = ConfigDict(extra="allow")

    at: datetime
    type: str


class BookingShape(_Shape):
    """One booking and what its visitor may open."""

    source: str
    booking_id: str
    state: BookingState
    status: str | None
    object: str | None
    window: WindowShape | None
    authorization_sets: list[AuthorizationSetShape]
    ready: ReadyShape | None = None
    """Null if the booking should have no access."""
    failure: FailureShape | None
    next_attempt_at: datetime | None
    erase_ordered_at: datetime | None = None
    """Since when an order to erase it waits for its access to be gone."""
    erased_at: datetime | None = None
    """When what was kept of it was erased."""
    history: list[HistoryShape]
    """Empty in lists."""


class BookingListShape(_Shape):
    """A page of bookings."""

    items: list[BookingShape]
    next: str | None
    """Give it as `after` to get the next page; null on the last."""


class ResolveShape(_Shape):
    """A person's word on an unknown outcome: exactly one of the two."""

    created: Annotated[str, Field(min_length=1, max_length=128, strict=True)] | None = None
    """The id of the access that was created."""
    not_created: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_word(self) -> Self:
        if (self.created is None) == (self.not_created is None):
            raise ValueError('give either {"created": "ID"} or {"not_created": true}')
        return self


class OneAccessShape(_Shape):
    """An access, by its id at Resivo."""

    id: Annotated[str, Field(min_length=1, max_length=128, strict=True)]


class RecordedSetShape(_Shape):
    """What our record has of a set; of a twin, the set that it is a twin of."""

    number: int
    state: SetState
    id: str | None


class FindingShape(_Shape):
    """One set that does not agree."""

    kind: Annotated[Kind, Field(alias="class")]
    id: str | None
    display_name: str
    source: str | None
    booking_id: str | None
    recorded: RecordedSetShape | None
    differs: list[str]
    opens_more: bool
    """It opens a door or an hour that it was not made for."""
    since: datetime | None
    """By our own times; Resivo gives none."""
    remedy: str


class ForeignShape(_Shape):
    """An access that is not ours."""

    id: str
    display_name: str


class AuditedSiteShape(_Shape):
    """One site, compared."""

    site_id: str
    integrations: list[str]
    listed: bool
    """False: this profile has no list, so orphans and twins cannot be seen."""
    problem: str | None
    """Why it could not be compared, with the remedy."""
    counts: dict[Kind, int]
    findings: list[FindingShape]
    foreign: list[ForeignShape] | None = None
    """Only if it was asked for."""


class AuditShape(_Shape):
    """What Resivo shows, beside what our record says."""

    needs_person: bool
    sites: list[AuditedSiteShape]


class OrderedShape(_Shape):
    """The one line that says what was ordered."""

    ordered: str


class ReceiptShape(_Shape):
    """What a person had erased."""

    number: int
    source: str
    booking_id: str
    ordered_at: datetime
    ordered_by: str
    erased_at: datetime | None
    """Null while it waits for access to be gone."""
    revoked: list[str]
    """Ids of the sets whose revoke was confirmed."""
    ended: list[str]
    """Ids of the sets whose window was over."""
    removed: dict[str, int]
    """How much of what."""


class ReceiptListShape(_Shape):
    """All receipts, oldest first."""

    items: list[ReceiptShape]


class BrakeShape(_Shape):
    """The blast-radius brake of a source."""

    source: str
    holds: bool
    tripped_at: datetime | None
    released_at: datetime | None


class ProblemShape(BaseModel):
    """RFC 9457, with a code of ours."""

    type: str
    title: str
    status: int
    detail: str
    code: str
