"""All that a decision about one site may look at, and what a create would be sent with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from drempel.domain.access import AuthorizationSet, Facts, Fingerprint, Intent
from drempel.domain.booking import Booking, Visitor
from drempel.domain.components import Resolution
from drempel.domain.failures import Failure
from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import Policy
from drempel.domain.values import value

__all__ = ["Presence", "Situation", "Want"]


class Presence(StrEnum):
    """What is known of the booking at this moment."""

    READ = "read"
    UNREAD = "unread"
    """The source could not be read: nothing new is decided, only unfinished work is finished."""
    GONE = "gone"
    """Twice not found, by the rule of design section 2."""
    BRAKED = "braked"
    """Gone, but the blast-radius brake holds."""


@value(frozen=True, slots=True, kw_only=True)
class Want:
    """What a create would be sent with. Holds visitor data: never stored, never logged."""

    intent: Intent
    facts: Facts
    object_name: str
    emails: tuple[str, ...]
    phone_numbers: tuple[str, ...]
    offline: frozenset[str] = frozenset()
    """Component ids that are known to be offline now."""
    no_sms: str = ""
    """Why there is no number for an SMS; the number itself is not in it."""


@value(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that `decide` may look at."""

    now: datetime
    presence: Presence
    policy: Policy
    sets: Sequence[AuthorizationSet]
    """The booking's sets of this integration at this site."""
    booking: Booking | None = None
    visitor: Visitor | None = None
    status_only: str | None = None
    """The status of a booking of which nothing else could be read."""
    mapping: ObjectMapping | None = None
    resolution: Resolution | None = None
    """Today's ids of the mapping's names; None = not read yet."""
    live_component_ids: frozenset[str] | None = None
    """All component ids that the site has today; None = not read yet."""
    online_component_ids: frozenset[str] = frozenset()
    """Those that Resivo says are online; one of which it says nothing is not among them."""
    withheld: bool = False
    """A person revoked it: nothing is created until the status leaves and comes back, or a person says retry."""
    existing: bool = False
    """Found at a trigger status by the first poll: gets nothing until a person says so."""
    field_foreign: bool = False
    refused: Failure | None = None
    """What Resivo said to the create of this run, if it refused it."""
    stuck: frozenset[int] = frozenset()
    """Numbers of sets whose revoke could not be finished in this run: the others are revoked all the same."""
    stuck_for_now: bool = False
    """One of these revokes is tried again by itself soon: until then nothing is created beside it."""
    fingerprint: Fingerprint
