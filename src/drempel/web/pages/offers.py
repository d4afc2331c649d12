"""Which buttons a booking gets: pure. Whether an order fits is decided by the lever; here only what makes sense to offer."""

from __future__ import annotations

from enum import StrEnum

from drempel.domain.access import BookingState, SetState
from drempel.domain.phone import HANGS_ON_COUNTRY, NoSms
from drempel.engine.records import BookingView
from drempel.engine.resolving import GONE_SAYS_A_PERSON

__all__ = ["Button", "Question", "buttons", "open_question"]


class Button(StrEnum):
    """A lever on the page of one booking."""

    RELEASE_BRAKE = "release_brake"
    CHOOSE_DOOR = "choose_door"
    LOOK_AT_DOORS = "look_at_doors"
    SET_COUNTRY = "set_country"
    RESOLVE = "resolve"
    RETRY = "retry"
    ISSUE_AGAIN = "issue_again"
    REVOKE = "revoke"


class Question(StrEnum):
    """What only a person can tell."""

    OUTCOME = "outcome"
    """Was the access made, and under which id?"""
    GONE = "gone"
    """Is the access that was to be revoked gone?"""
    FIELD = "field"
    """May the text in the booking field be overwritten?"""


def open_question(view: BookingView) -> Question | None:
    """The question that this booking puts to a person, in the order in which `resolve` reads the answer."""
    code = view.record.failure.code if view.record.failure is not None else ""
    revoking = any(one.state is SetState.REVOKING for one in view.sets)
    if code in GONE_SAYS_A_PERSON and revoking:
        return Question.GONE
    if code == "field.foreign":
        return Question.FIELD
    if any(one.unsettled for one in view.sets):
        return Question.OUTCOME
    return Question.GONE if code == "access.unclear" and revoking else None


def buttons(view: BookingView, *, is_paused: bool = False) -> tuple[Button, ...]:
    """The one that the remedy speaks of comes first. `is_paused`: nothing runs for its source, so nothing is offered that is to be done now."""
    failure = view.record.failure
    offered: list[Button] = []
    if failure is not None and failure.code == "brake.tripped":
        offered.append(Button.RELEASE_BRAKE)
    if failure is not None and failure.code in {"component.missing", "component.ambiguous"}:
        offered.append(Button.CHOOSE_DOOR)
    if failure is not None and failure.code == "component.none_online":
        offered.append(Button.LOOK_AT_DOORS)
    reason = failure.params.get("reason") if failure is not None else None
    if reason in HANGS_ON_COUNTRY and reason != NoSms.NOT_VALID:
        offered.append(Button.SET_COUNTRY)
    # Elsewhere Drempel looks by itself, and a person's word would be a guess.
    if view.record.state is BookingState.NEEDS_PERSON and open_question(view) is not None:
        offered.append(Button.RESOLVE)
    if not is_paused:
        offered.append(Button.RETRY)
    if reason == NoSms.NOT_VALID:
        # Rather mistyped, and then no country helps: the remedy is to correct it in the booking system.
        offered.append(Button.SET_COUNTRY)
    if any(one.state is SetState.LIVE for one in view.sets) and not view.record.withheld and not is_paused:
        offered.append(Button.ISSUE_AGAIN)
    if any(one.opens_doors or one.unsettled or one.unsent for one in view.sets) and not view.record.withheld:
        offered.append(Button.REVOKE)
    return tuple(offered)
