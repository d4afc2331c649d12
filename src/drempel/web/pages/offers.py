"""Which buttons a booking gets: pure. Whether an order fits is decided by the lever; here only what makes sense to offer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from drempel.domain.access import BookingState, SetState
from drempel.domain.phone import HANGS_ON_COUNTRY, NoSms
from drempel.engine.records import BookingView
from drempel.engine.resolving import GONE_SAYS_A_PERSON

__all__ = ["Button", "Question", "buttons", "open_question"]


class Button(StrEnum):
    """A lever on the page of one booking."""

    RELEASE_BRAKE = "release_brake"
    MAP_OBJECT = "map_object"
    TO_ACCOUNT = "to_account"
    TO_CREDENTIAL = "to_credential"
    CHOOSE_DOOR = "choose_door"
    LOOK_AT_DOORS = "look_at_doors"
    SET_COUNTRY = "set_country"
    RESOLVE = "resolve"
    RETRY = "retry"
    GIVE = "give"
    """Let a booking that was confirmed before Drempel began have access."""
    GIVE_AGAIN = "give_again"
    """Lift what a person withheld."""
    ISSUE_AGAIN = "issue_again"
    REVOKE = "revoke"


LEADS_TO: Final[Mapping[str, Button]] = {
    "brake.tripped": Button.RELEASE_BRAKE,
    "source.refused": Button.TO_ACCOUNT,
    # Where the credential, the site and the profile of the integration stand.
    "credential.refused": Button.TO_CREDENTIAL,
    "site.refused": Button.TO_CREDENTIAL,
    "setup.refused": Button.TO_CREDENTIAL,
    "component.missing": Button.CHOOSE_DOOR,
    "component.ambiguous": Button.CHOOSE_DOOR,
    "component.none_online": Button.LOOK_AT_DOORS,
}
"""By failure code: the button of its remedy."""


UNDER_WAY: Final = frozenset({BookingState.NEEDS_PERSON, BookingState.REVOKING, BookingState.PENDING})


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
    if view.record.reason == "object.unmapped" and view.record.object_id:
        offered.append(Button.MAP_OBJECT)
    if failure is not None and failure.code in LEADS_TO:
        offered.append(LEADS_TO[failure.code])
    reason = failure.params.get("reason") if failure is not None else None
    if reason in HANGS_ON_COUNTRY and reason != NoSms.NOT_VALID:
        offered.append(Button.SET_COUNTRY)
    # Elsewhere Drempel looks by itself, and a person's word would be a guess.
    if view.record.state is BookingState.NEEDS_PERSON and open_question(view) is not None:
        offered.append(Button.RESOLVE)
    if not is_paused:
        offered += _tries(view)
    if reason == NoSms.NOT_VALID:
        # Rather mistyped, and then no country helps: the remedy is to correct it in the booking system.
        offered.append(Button.SET_COUNTRY)
    if any(one.state is SetState.LIVE for one in view.sets) and not view.record.withheld and not is_paused:
        offered.append(Button.ISSUE_AGAIN)
    if any(one.may_open for one in view.sets) and not view.record.withheld:
        offered.append(Button.REVOKE)
    return tuple(offered)


def _tries(view: BookingView) -> list[Button]:
    """Another try, and the order that lifts what keeps access back, where something does: then a try alone can bring on only what is under way."""
    record = view.record
    if not (record.withheld or record.existing):
        return [Button.RETRY]
    under_way = record.failure is not None or record.state in UNDER_WAY
    lifts = [] if record.erase_ordered_at is not None else [Button.GIVE_AGAIN if record.withheld else Button.GIVE]
    return [*([Button.RETRY] if under_way else []), *lifts]
