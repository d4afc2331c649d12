"""What the engine needs from outside: a store, booking systems, Resivo, a clock, chance. Adapters fill these; tests fill them with twins.

Every outside call either returns or raises `CallFailed`, which says what may be repeated (Resivo contract, section 10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from drempel.domain.access import AuthorizationSet, BookingState, Marker
from drempel.domain.booking import Booking
from drempel.domain.comparison import FoundSet, Life
from drempel.domain.components import Component
from drempel.domain.decision import Want
from drempel.domain.events import Event
from drempel.domain.failures import Failure
from drempel.domain.values import value
from drempel.engine.pace import Places
from drempel.engine.setup import Setup

__all__ = [
    "NOT_FOUND",
    "BookingRecord",
    "BookingSource",
    "CallClass",
    "CallFailed",
    "Chance",
    "Change",
    "Claim",
    "Clock",
    "Contact",
    "Created",
    "DoorsInUse",
    "FoundSet",
    "Gateway",
    "GoneCount",
    "Lease",
    "LeaseLost",
    "Life",
    "Outside",
    "Pause",
    "PollResult",
    "Rations",
    "SetAt",
    "Store",
    "Watcher",
]

NOT_FOUND: Final = "?"
"""In place of a hash in `Store.poll_rows`: whatever the poll shows of it, it is to be read again."""


class Clock(Protocol):
    """The only place where time comes from."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; for leases and ages."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Chance(Protocol):
    """The only place where chance comes from. `random.Random` fits."""

    def uniform(self, a: float, b: float, /) -> float: ...


class Watcher(Protocol):
    """Where facts go that a log and a metric want. Data holds ids and codes, never secrets or visitor data."""

    def note(self, event: str, /, **data: str | float) -> None:
        """One fact, by dotted name."""
        ...

    def warn(self, event: str, /, **data: str | float) -> None:
        """One fact that somebody should look at."""
        ...

    def measure(self, name: str, value: float, /, **labels: str) -> None:
        """One observation of a distribution, in the unit that ends the name."""
        ...


# ---------------------------------------------------------------------------------------------------------------- outside calls


class CallClass(StrEnum):
    """Was it sent, and was it done?"""

    NOT_SENT = "not_sent"
    RETRY_LATER = "retry_later"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CREDENTIAL_REFUSED = "credential_refused"
    SITE_REFUSED = "site_refused"
    DATA_REFUSED = "data_refused"
    SETUP_REFUSED = "setup_refused"
    NOT_FOUND = "not_found"
    UNREADABLE = "unreadable"
    """The other side answered, and what it said of this booking cannot be used."""


class CallFailed(Exception):
    """An outside call without a usable answer. `detail` of the failure holds no secret and no visitor data."""

    def __init__(
        self, call_class: CallClass, failure: Failure, *, retry_after: timedelta | None = None, status: str | None = None
    ) -> None:
        super().__init__(f"{call_class}: {failure.code}")
        self.call_class = call_class
        self.failure = failure
        self.retry_after = retry_after
        self.status = status
        """The booking status, where that alone could be read of a booking that is otherwise unreadable."""
        self.pause_key: str | None = None
        """The pause that this failure began or met: what waits for it is made due when it ends."""

    @property
    def certainly_not_done(self) -> bool:
        """A create that failed like this left nothing behind."""
        return self.call_class is not CallClass.OUTCOME_UNKNOWN


@value(frozen=True, slots=True, kw_only=True)
class Contact:
    """What the customer's record says of reaching the visitor. `mobile` None = not readable."""

    email: str
    mobile: str | None


@value(frozen=True, slots=True, kw_only=True)
class PollResult:
    """One poll: booking id → a text that changes when the row does. Only a complete poll tells that a booking is missing."""

    rows: Mapping[str, str]
    complete: bool
    with_status: bool


class BookingSource(Protocol):
    """A booking system, read and (one field) written."""

    async def read_booking(self, booking_id: str) -> Booking:
        """Raises `CallFailed` with NOT_FOUND if the source says that there is none."""
        ...

    async def read_contact(self, customer_id: str) -> Contact: ...

    async def object_answers(self, object_id: str) -> bool:
        """Whether the source gives a proper answer for this object: a sign that it works at all."""
        ...

    async def write_field(self, booking_id: str, field_name: str, value: str) -> str:
        """Write one booking field and nothing else; the value that it holds afterwards."""
        ...

    async def poll(self, *, statuses: Sequence[str], days_ahead: int | None = None) -> PollResult:
        """Bookings near today, or from today on for so many days, asked for these statuses (none = any)."""
        ...


@value(frozen=True, slots=True, kw_only=True)
class Created:
    """The answer to a create. `component_ids` None = the answer does not say which doors count."""

    authorization_id: str
    component_ids: frozenset[str] | None = None


class Gateway(Protocol):
    """Resivo through one credential and profile."""

    @property
    def can_look(self) -> bool:
        """Whether this profile has a list to look in."""
        ...

    @property
    def can_read(self) -> bool: ...

    async def components(self, site_id: str) -> Sequence[Component]: ...

    async def site_name(self, site_id: str) -> str:
        """What people call it; empty if Resivo does not tell."""
        ...

    async def create(self, *, display_name: str, want: Want, may_send: Callable[[], bool]) -> Created:
        """Create remote access. `may_send` is asked right before each sending; False ends the call as NOT_SENT."""
        ...

    async def look(self, site_id: str, display_name: str) -> Sequence[FoundSet]: ...

    async def all_sets(self, site_id: str, *, on_row: Callable[[], None] = ...) -> Sequence[FoundSet]:
        """Every set of the site, also of others, each id once. `on_row` is told of each as it comes."""
        ...

    async def read(self, site_id: str, authorization_id: str) -> FoundSet: ...

    async def revoke(self, site_id: str, authorization_id: str) -> bool:
        """One call; False if it was answered well, but not as Resivo does: read again then. Raises `CallFailed` with DATA_REFUSED if Resivo answers
        400: read again then, too.
        """
        ...


class Outside(Protocol):
    """The booking systems and Resivo connections of a set-up, ready to be called."""

    async def current(self) -> Setup:
        """Today's set-up; read anew only when its version has moved."""
        ...

    def source(self, name: str) -> BookingSource: ...

    def gateway(self, connection_id: int) -> Gateway: ...

    def fingerprint(self, text: str) -> str:
        """A keyed hash: equal for equal text, tells nothing of the text."""
        ...


# ---------------------------------------------------------------------------------------------------------------------- store


class LeaseLost(Exception):
    """Somebody else has taken the booking over: nothing was written, stop here."""


@dataclass(slots=True, kw_only=True)
class Lease:
    """A worker's time-limited claim on one booking, fenced by a token that rises with each claim."""

    booking_key: int
    token: int
    version: int
    now: datetime
    """The store's time at the claim: the time of every decision of this run is counted from it."""
    told_monotonic: float
    """By the worker's own monotonic clock, when the store was asked what time it was: what passed since is counted from here, also what passed
    before the worker came to it."""
    ends_monotonic: float
    """By the worker's own monotonic clock, counted from before the claim was sent: never later than the store's."""


@dataclass(slots=True, kw_only=True)
class BookingRecord:
    """What we keep of a booking, apart from its sets. No visitor data."""

    source: str
    booking_id: str
    status: str | None = None
    object_id: str | None = None
    object_name: str = ""
    start: datetime | None = None
    end: datetime | None = None
    state: BookingState = BookingState.NONE
    reason: str = ""
    failure: Failure | None = None
    facts_seen: str = ""
    """Keyed hash of what the last reading said: whether a hint changed anything."""
    tries: int = 0
    hinted: bool = False
    told_at: datetime | None = None
    """When the first hint came, or a person's order to revoke, that no completed reading has answered yet."""
    recheck_soon_at: datetime | None = None
    recheck_late_at: datetime | None = None
    reread_at: datetime | None = None
    gone_at: datetime | None = None
    """When it was first not found, in this series."""
    gone_confirmed: bool = False
    last_number: int = 0
    withheld: bool = False
    existing: str = ""
    """Names of integrations, each between blanks, for which it stood at a trigger status before they began: they issue nothing by themselves."""
    retry_ordered: bool = False
    field_written: str | None = None
    """JSON: per booking field the ids that were written last, and what it held afterwards (a keyed hash of what was not ours)."""
    field_seen: str | None = None
    """Keyed hash of the foreign text in a booking field."""
    overwrite_value: str | None = None
    """Keyed hash of the foreign text that a person said may be overwritten."""
    waiting_for: str | None = None
    """The key of the pause that this booking waits for."""
    not_ready: str = ""
    """Why it is not ready though it starts soon; empty if it is, or does not."""
    warned: str = ""
    """The start for which somebody was warned, and the causes, with blanks between: once each."""
    next_at: datetime | None = None
    erase_ordered_at: datetime | None = None
    """Since when a person's order to erase it waits for its access to be gone."""
    erased_at: datetime | None = None
    """When what was kept of it was erased; None again once it has access, or may have."""


@value(frozen=True, slots=True, kw_only=True)
class Claim:
    """One booking at work."""

    lease: Lease
    record: BookingRecord
    sets: tuple[AuthorizationSet, ...]
    only_look: bool = False
    """Beyond the ration (`Rations.looks`): no call of it waits for its turn."""


@dataclass(slots=True, kw_only=True)
class Change:
    """What one committed step writes, all or nothing, behind the fence."""

    sets: list[AuthorizationSet] = field(default_factory=list)
    dropped_numbers: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    row_is_old: bool = False
    """The booking was read otherwise than before: what the last poll showed of it may be older, so the next one is news whatever it shows."""


@value(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why calls to something wait. `probe_at`: from then on one call may try.

    A throttle is a pace (`engine.pace`): calls go `apart` from each other, and `probe_at` is the next place in the line that nobody has.
    """

    key: str
    code: str
    detail: str
    since: datetime
    probe_at: datetime
    apart: timedelta | None = None


@value(frozen=True, slots=True, kw_only=True)
class Rations:
    """How many bookings a claim may take of sources whose calls are held back, so that what waits, waits in the store, in order of urgency."""

    of: Mapping[str, int]
    """Source → at most so many."""
    looks: Mapping[str, int] = field(default_factory=dict)
    """Source → so many more that were never read: to be read and given back, because nobody knows yet how urgent they are."""
    longest_due: frozenset[str] = frozenset()
    """Of these sources one of them is the booking that has been due for longest, or the far ones might never come."""
    others: bool = True
    """Whether there are other sources: without any, nobody looks for their bookings."""


@value(frozen=True, slots=True, kw_only=True)
class GoneCount:
    """For the blast-radius brake: first 404s of bookings with live access within the hour, and all live accesses."""

    gone: int
    live: int


@value(frozen=True, slots=True, kw_only=True)
class SetAt:
    """A set with the booking that it belongs to."""

    source: str
    booking_id: str
    set: AuthorizationSet


@value(frozen=True, slots=True, kw_only=True)
class DoorsInUse:
    """Doors that live sets of one site were made for: many bookings share them. `key` is the store's own word for them."""

    key: str
    component_ids: frozenset[str]
    component_names: tuple[str, ...]
    dropped_ids: frozenset[str]
    adds_dropped: bool


class Store(Protocol):
    """Everything that outlives a process. Every write is one transaction; times are the store's own."""

    async def now(self) -> datetime: ...

    async def marker(self) -> Marker: ...

    async def setup(self) -> Setup: ...

    async def setup_version(self) -> int: ...

    async def hint(self, source: str, booking_id: str) -> None:
        """Make one booking due, in one committed statement. Concurrent hints share a commit."""
        ...

    async def claim(self, *, limit: int, rations: Rations | None = None) -> list[Claim]:
        """Lease due bookings, most urgent first; bookings whose integrations are all paused are left."""
        ...

    async def renew(self, lease: Lease) -> None:
        """Prolong. Raises `LeaseLost`."""
        ...

    async def commit(self, lease: Lease, record: BookingRecord, change: Change, *, renew: bool = False) -> None:
        """Write sets, events and the last number behind the fence. Raises `LeaseLost`."""
        ...

    async def complete(self, lease: Lease, record: BookingRecord, change: Change) -> None:
        """Write everything and give the lease back; a booking hinted meanwhile is due at once. Raises `LeaseLost`."""
        ...

    async def release(self, lease: Lease, *, next_at: datetime) -> None:
        """Give the lease back without a result. A lost lease is no error here."""
        ...

    async def pauses(self) -> Mapping[str, Pause]: ...

    async def pause(self, key: str, *, code: str, detail: str, probe_at: datetime, since: datetime | None = None) -> bool:
        """Start or prolong a pause; True if it is new."""
        ...

    async def take_probe(self, key: str, *, next_probe_at: datetime) -> bool:
        """Whether this caller may make the one call that tries."""
        ...

    async def unpause(self, key: str) -> bool:
        """End a pause and make due what waited for it; True if there was one."""
        ...

    async def slow_down(self, key: str, *, code: str, detail: str, retry_after: timedelta, well_lately: int) -> None:
        """A call was refused with a pause: calls of this throttle keep further apart, in all processes. `engine.pace` says how far."""
        ...

    async def take_places(self, key: str, *, count: int, went_well: int) -> Places | None:
        """The next places in the line of this throttle, which nobody else gets; None if nothing is held back any more.

        `went_well`: how many calls of this process went well since it asked last.
        """
        ...

    async def is_ours(self, authorization_id: str) -> bool:
        """Whether any set of this database, of whatever booking and state, has this id."""
        ...

    async def another_booking(self, source: str, *, than: str) -> str | None:
        """Another booking of that source which was read well lately."""
        ...

    async def gone_count(self, source: str, *, since: datetime) -> GoneCount: ...

    async def brake(self, source: str) -> tuple[datetime | None, datetime | None]:
        """(tripped at, released at); a tripped brake that was not released since holds."""
        ...

    async def trip_brake(self, source: str) -> None: ...

    # --- the sweep

    async def take_chore(self, name: str, *, every: timedelta, again: timedelta | None = None) -> bool:
        """Whether this caller does the named chore now; at most one caller in `every`, across all machines.

        With `again` it is due again after that time, unless `chore_done` says meanwhile that it came to its end.
        """
        ...

    async def chore_done(self, name: str) -> None:
        """It came to its end now: the next one in `every`."""
        ...

    async def chore_wanted(self, name: str) -> None:
        """It is due at once."""
        ...

    async def wake_rereads(self, *, per_source: int) -> int:
        """Make due bookings with live access whose re-read is due, at most so many of each source; how many."""
        ...

    async def forget_the_future(self) -> int:
        """What a clock that was ahead has written, and that lies in the future now: such bookings are due, such pauses may be probed. How many
        bookings.
        """
        ...

    async def wake(self, source: str, booking_ids: Sequence[str]) -> None:
        """Make these due, as a hint that is not from the source (no rechecks follow); unknown ones get a row."""
        ...

    async def poll_rows(self, source: str) -> Mapping[str, str]:
        """What the last complete poll saw: booking id → keyed hash of its row; empty for an erased booking, whose row tells nothing any more;
        `NOT_FOUND` for one that was not found when it was read last.
        """
        ...

    async def live_bookings(self, source: str) -> frozenset[str]:
        """Bookings of this source with a set that is live."""
        ...

    async def record_poll(
        self,
        source: str,
        *,
        rows: Mapping[str, str],
        due: Sequence[str],
        existing: Sequence[str],
        complete: bool,
        with_status: bool,
    ) -> None:
        """One transaction: remember rows (all of them if complete, else only these added), wake `due`; `existing` are new bookings that get
        nothing until a person says so; a complete poll marks the first poll of the source's integrations as done.
        """
        ...

    async def live_sites(self) -> Sequence[tuple[int, str]]:
        """(connection id, site id) of every site where a set of ours is live."""
        ...

    async def live_sets(self, connection_id: int, site_id: str) -> Sequence[SetAt]:
        """Every set of ours that is live, revoking or unsettled there."""
        ...

    async def live_doors(self, connection_id: int, site_id: str) -> Sequence[DoorsInUse]:
        """The doors of all live sets there, each combination once, however many bookings have it."""
        ...

    async def bookings_with_doors(self, connection_id: int, site_id: str, doors: DoorsInUse) -> Sequence[tuple[str, str]]:
        """(source, booking id) of every live set there that was made for exactly these."""
        ...

    async def sets_named(self, names: Sequence[str]) -> Mapping[str, SetAt]:
        """Our sets with these display names, of whatever state; of several with one name the one that is live, else unsettled, else newest."""
        ...

    async def sets_with_ids(self, authorization_ids: Sequence[str]) -> Mapping[str, SetAt]:
        """Our sets with these ids at Resivo, of whatever state; of several the same one."""
        ...
