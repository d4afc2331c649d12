"""Our record of what one booking's visitor may open: authorization sets and their states.

    intended ──call──> live ──> revoking ──> revoked
       │  ▲             ▲ └──> ended
       │  └─looked twice│
       └──lost answer──> unknown ──not wanted, looked twice──> revoked

- *intended*: the intent is committed; the create is about to be sent, or was refused for now (`maybe_sent` tells).
- *unknown*: the create was sent and its answer was lost. Nothing is created before somebody has looked.
- *live*: Resivo has answered with an id, or the set was found.
- *revoking*: it must go; kept until Resivo has confirmed.
- *revoked*: confirmed gone, or looked for twice and not there. *ended*: its window is over.

An intent is immutable (site, component ids, window, keyed hash of the recipients); a changed want takes the next number. A name whose outcome was
ever unknown is *watched*: looked for again after 1, 10 and 60 minutes and then daily until its window ends (Resivo contract, section 10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from drempel.domain.booking import Booking, Visitor
from drempel.domain.exposure import exposure
from drempel.domain.own_name import read_own_name
from drempel.domain.phone import sms_number
from drempel.domain.values import value
from drempel.domain.verdict import ReadBack
from drempel.domain.window import AccessWindow

__all__ = [
    "CHANGED_ELSEWHERE",
    "ENDED_ELSEWHERE",
    "NAME_CHARACTERS_MAX",
    "WATCH_AFTER",
    "AuthorizationSet",
    "BookingState",
    "Facts",
    "Fingerprint",
    "Intent",
    "SetState",
    "display_name",
    "facts_of",
    "next_watch",
    "worst_state",
]

ENDED_ELSEWHERE: Final = "access.ended_elsewhere"
"""Why a set is revoked that somebody ended in the portal. A person decides whether there is to be another."""
CHANGED_ELSEWHERE: Final = "access.changed_elsewhere"
"""Why a set is revoked that opens a door or an hour that it was not made for, or that Resivo does not know."""
Fingerprint = Callable[[str], str]
"""A keyed hash: equal for equal text, tells nothing of the text."""

NAME_CHARACTERS_MAX: Final = 40
WATCH_AFTER: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=60))
WATCH_EACH: Final = timedelta(days=1)


class SetState(StrEnum):
    """Where a Remote Access Authorization Set stands in our record."""

    INTENDED = "intended"
    UNKNOWN = "unknown"
    LIVE = "live"
    REVOKING = "revoking"
    REVOKED = "revoked"
    ENDED = "ended"


class BookingState(StrEnum):
    """What a person sees of a booking. The worst site wins, in this order."""

    NEEDS_PERSON = "needs_person"
    REVOKING = "revoking"
    PENDING = "pending"
    GRANTED = "granted"
    ENDED = "ended"
    REVOKED = "revoked"
    NONE = "none"


def worst_state(states: Iterable[BookingState]) -> BookingState:
    """The state of a booking whose sites stand at these states."""
    return min(states, key=_WORST_FIRST.index, default=BookingState.NONE)


_WORST_FIRST: Final = tuple(BookingState)


@value(frozen=True, slots=True, kw_only=True)
class Facts:
    """The booking facts that a set was made under, without visitor data. Only a change of these replaces a set."""

    object_id: str
    start: datetime
    end: datetime
    email: str | None
    """Keyed hash; empty if there was no usable address; None if that could not be read."""
    mobile: str | None
    """Keyed hash of the number in E.164; empty if none gets an SMS; None if the customer could not be read."""
    default_country: str
    """The country that completed the number then: a changed setting alone changes no fact."""

    def same_as(self, now: Facts) -> bool:
        """Whether nothing changed."""
        return not self.changes(now)

    def changes(self, now: Facts) -> tuple[str, ...]:
        """`object`, `time`, `contact`: those that changed. What was not readable then, or is not readable now, says nothing."""
        differ = (
            ("object", self.object_id != now.object_id),
            ("time", self.start != now.start or self.end != now.end),
            ("contact", _differ(self.email, now.email) or _differ(self.mobile, now.mobile)),
        )
        return tuple([code for code, differs in differ if differs])

    def filled_from(self, now: Facts) -> Facts:
        """With what could not be read then and can be now: a later change of it is a change, too."""
        return replace(
            self, email=now.email if self.email is None else self.email, mobile=now.mobile if self.mobile is None else self.mobile
        )


def _differ(before: str | None, now: str | None) -> bool:
    return before is not None and now is not None and before != now


def facts_of(booking: Booking, visitor: Visitor, *, default_country: str, fingerprint: Fingerprint) -> Facts:
    """Today's facts, with the number read under `default_country`."""
    mobile: str | None = None
    if visitor.mobile is not None:
        number = sms_number(visitor.mobile, default_country=default_country)
        mobile = fingerprint(number) if isinstance(number, str) else ""
    return Facts(
        object_id=booking.object_id,
        start=booking.start,
        end=booking.end,
        email=fingerprint(visitor.email.casefold()) if visitor.email else visitor.email,
        mobile=mobile,
        default_country=default_country,
    )


@value(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a set is for. Never changed once committed."""

    site_id: str
    component_ids: tuple[str, ...]
    component_names: tuple[str, ...]
    window: AccessWindow
    recipients: str
    """Keyed hash of all recipients; empty for a set that was adopted: who was told of it is not known."""
    maybe_dropped: frozenset[str] = frozenset()
    """Component ids that Resivo may drop silently: offline, or not known to be online, when the intent was made."""
    adds_dropped: bool = False
    """Made to add doors that Resivo had dropped before: never again for that cause."""

    @property
    def doors(self) -> tuple[tuple[str, str], ...]:
        """Component id and name of each door, in the order of the mapping."""
        return tuple(zip(self.component_ids, self.component_names, strict=True))

    def same_as(self, other: Intent) -> bool:
        """Same doors, same window, same recipients, same site: nothing would change for the visitor."""
        return (
            self.site_id == other.site_id
            and set(self.component_ids) == set(other.component_ids)
            and self.window == other.window
            and self.recipients == other.recipients
        )


@value(frozen=True, slots=True, kw_only=True)
class AuthorizationSet:
    """One Remote Access Authorization Set of ours, from intent to end."""

    number: int
    integration: str
    connection_id: int
    policy_version: int
    display_name: str
    intent: Intent
    facts: Facts
    state: SetState = SetState.INTENDED
    authorization_id: str | None = None
    maybe_sent: bool = False
    """The create may have reached Resivo and has not been answered: look first."""
    look_at: datetime | None = None
    """Not to be looked for before this moment: the request may still be under way."""
    looks: int = 0
    """How often it was looked for since it was last sent, and not found."""
    ever_unknown: bool = False
    watch_step: int = 0
    watch_at: datetime | None = None
    dropped_ids: frozenset[str] = frozenset()
    revoke_reason: str = ""
    right_ended_at: datetime | None = None
    """Since when this access is one too many, as far as anybody told us."""
    revoked_at: datetime | None = None
    sent_at: datetime | None = None
    """When its create was sent, for the first time if an answer was lost: before that it cannot have existed."""
    exposure: timedelta | None = None
    """How long it could open a door that it should not; None while that is not settled, and for what was never known to exist."""
    read_back: ReadBack | None = None
    """What was read of it since it was made; None = nothing yet."""
    issue_again: bool = False
    """A person asked for another in its place. It stays until that one is there."""

    @property
    def unsettled(self) -> bool:
        """It may exist without our knowing its id."""
        return self.state is SetState.UNKNOWN or (self.state is SetState.INTENDED and self.maybe_sent)

    @property
    def unsent(self) -> bool:
        """An intent that certainly is not at Resivo: free to be sent (again) or dropped."""
        return self.state is SetState.INTENDED and not self.maybe_sent

    @property
    def ended_elsewhere(self) -> bool:
        """Somebody ended it in the portal, and no person has said since that there is to be another."""
        return self.state is SetState.REVOKED and self.revoke_reason == ENDED_ELSEWHERE

    @property
    def changed_elsewhere(self) -> bool:
        """It opened more than it was made for and was revoked, and no person has said since that there is to be another."""
        return self.state is SetState.REVOKED and self.revoke_reason == CHANGED_ELSEWHERE

    @property
    def opens_doors(self) -> bool:
        """As far as we know Resivo would open a door for it within its window."""
        return self.state in {SetState.LIVE, SetState.REVOKING}

    @property
    def may_open(self) -> bool:
        """It opens doors, or may come to: it is at Resivo perhaps, or waits to be sent."""
        return self.opens_doors or self.unsettled or self.unsent

    def about_to_send(self, *, now: datetime, look_at: datetime) -> AuthorizationSet:
        """The intent, to be committed right before the create."""
        assert self.unsent
        sent_at = self.sent_at if self.ever_unknown and self.sent_at is not None else now
        return replace(self, maybe_sent=True, look_at=look_at, looks=0, sent_at=sent_at)

    def not_done(self) -> AuthorizationSet:
        """The create was certainly not done; the same intent may be sent again."""
        assert self.unsettled
        return replace(self, state=SetState.INTENDED, authorization_id=None, maybe_sent=False, look_at=None, looks=0)

    def outcome_lost(self, *, look_at: datetime) -> AuthorizationSet:
        """The answer was lost: unknown until looked for."""
        assert self.unsettled
        return replace(self, state=SetState.UNKNOWN, maybe_sent=True, look_at=look_at, looks=0, ever_unknown=True)

    def not_found(self, *, look_at: datetime) -> AuthorizationSet:
        """Looked for and not there, this time."""
        assert self.unsettled
        return replace(self, state=SetState.UNKNOWN, look_at=look_at, looks=self.looks + 1, ever_unknown=True)

    def arrived(self, *, now: datetime) -> AuthorizationSet:
        """An intent that was looked for and not found is there after all."""
        assert self.unsent
        return replace(self, state=SetState.UNKNOWN, maybe_sent=True, look_at=now, looks=0)

    def named_by_person(self, authorization_id: str) -> AuthorizationSet:
        """A person says that this is its id. It counts once Resivo has shown that id under our name."""
        assert self.unsettled
        return replace(
            self, state=SetState.UNKNOWN, authorization_id=authorization_id, maybe_sent=True, look_at=None, ever_unknown=True
        )

    def created(self, authorization_id: str, *, dropped: Iterable[str], now: datetime) -> AuthorizationSet:
        """Resivo has it, under this id."""
        assert self.unsettled or self.unsent
        made = replace(
            self,
            state=SetState.LIVE,
            authorization_id=authorization_id,
            maybe_sent=False,
            look_at=None,
            dropped_ids=frozenset(dropped),
        )
        return made.watched(now) if self.ever_unknown else made

    def watched(self, now: datetime) -> AuthorizationSet:
        """Its name is looked for again from now on: a late twin may appear."""
        return replace(self, watch_step=0, watch_at=next_watch(0, now, self.intent.window))

    def watched_once_more(self, now: datetime) -> AuthorizationSet:
        """One watch is done; plan the next."""
        step = self.watch_step + 1
        return replace(self, watch_step=step, watch_at=next_watch(step, now, self.intent.window))

    def revoking(self, reason: str, *, now: datetime) -> AuthorizationSet:
        """It must go, and since `now` if nothing was said of that before. Committed before Resivo is asked."""
        assert self.state in {SetState.LIVE, SetState.REVOKING}
        if self.state is SetState.REVOKING:
            return self
        return replace(self, state=SetState.REVOKING, revoke_reason=reason, right_ended_at=self.right_ended_at or now)

    def revoked(self, *, now: datetime, still_allowed: AccessWindow | None = None) -> AuthorizationSet:
        """Confirmed gone, or looked for and not there. `still_allowed`: when the visitor may open the same doors all the same."""
        gone = replace(self, state=SetState.REVOKED, maybe_sent=False, look_at=None, revoked_at=now)
        if self.authorization_id is None or self.right_ended_at is None:
            return gone
        # What somebody changed in the portal opened other hours than those that it was made for.
        window = None if self.revoke_reason == CHANGED_ELSEWHERE else self.intent.window
        return replace(gone, exposure=exposure(since=self.right_ended_at, until=now, window=window, still_allowed=still_allowed))

    def expired(self, *, right_ended_at: datetime) -> AuthorizationSet:
        """It ended by its own window, and the right to it at `right_ended_at`."""
        assert self.state is SetState.ENDED
        window = self.intent.window
        return replace(self, exposure=exposure(since=right_ended_at, until=window.valid_to, window=window))

    def noted(self) -> AuthorizationSet:
        """What followed from why it was revoked is over: a person knows what became of it elsewhere, or its booking has no right to another any more."""
        return replace(self, revoke_reason=f"{self.revoke_reason}.noted")

    def ended(self) -> AuthorizationSet:
        """Its window is over: it opens nothing any more."""
        return replace(self, state=SetState.ENDED, maybe_sent=False, look_at=None, watch_at=None)


def next_watch(step: int, now: datetime, window: AccessWindow) -> datetime | None:
    """When a once unknown name is looked for again; None once its window is over."""
    at = now + (WATCH_AFTER[step] - (WATCH_AFTER[step - 1] if step else timedelta()) if step < len(WATCH_AFTER) else WATCH_EACH)
    return at if at < window.valid_to else None


@value(frozen=True, slots=True, kw_only=True)
class Marker:
    """Proof of ownership in a display name: kept per database; a restored or second database draws a new one and keeps the old."""

    current: str
    former: frozenset[str] = field(default_factory=frozenset)

    def owns(self, name: str) -> bool:
        """Whether a set of this name was made by this database, now or formerly. A name that only contains our marker is not ours."""
        own = read_own_name(name)
        return own is not None and own.marker in {self.current, *self.former}


def display_name(*, object_name: str, marker: str, source: str, booking_id: str, number: int) -> str:
    """The name of a set: a person recognizes it in the portal, the marker proves ownership, no visitor data."""
    printable = object_name if object_name.isprintable() else "".join(c if c.isprintable() else " " for c in object_name)
    readable = " ".join(printable.split())
    if len(readable) > NAME_CHARACTERS_MAX:
        readable = readable[: NAME_CHARACTERS_MAX - 1].rstrip() + "…"
    proof = f"dr-{marker}-{source}-{booking_id}-{number}"
    return f"{readable} · {proof}" if readable else proof
