"""What people ask of the store: lists, reasons, levers, keys, the set-up. The command line, REST and pages speak to this port."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from drempel.domain.access import AuthorizationSet, BookingState
from drempel.domain.events import Event
from drempel.domain.values import value
from drempel.engine.kept_audit import KeptAudit
from drempel.engine.last_names import LastNames
from drempel.engine.offline_doors import OfflineDoors
from drempel.engine.ports import BookingRecord, Change, Pause
from drempel.engine.receipts import Erasure, Receipt
from drempel.engine.setup import Setup, SetupWrite
from drempel.engine.trail import TrailEntry

__all__ = [
    "Amendment",
    "ApiKey",
    "ApiScope",
    "BookingBusy",
    "BookingView",
    "Brake",
    "Holdings",
    "HookToken",
    "Records",
    "SetupMoved",
    "StoredSecrets",
    "UnknownBooking",
]


class UnknownBooking(Exception):
    """There is no such booking in our record."""


class SetupMoved(Exception):
    """Somebody else changed the set-up meanwhile: nothing was written."""


class BookingBusy(Exception):
    """A worker is at this booking right now; ask again in a moment."""


class ApiScope(StrEnum):
    READ = "read"
    WRITE = "write"


@value(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key for REST; only its hash is kept."""

    name: str
    scope: ApiScope
    created_at: datetime
    revoked_at: datetime | None = None
    used_at: datetime | None = None
    """To some minutes; None: never, as far as is known."""


@value(frozen=True, slots=True, kw_only=True)
class BookingView:
    """A booking as people see it."""

    record: BookingRecord
    sets: tuple[AuthorizationSet, ...]
    history: tuple[Event, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class Brake:
    """The blast-radius brake of one source."""

    source: str
    tripped_at: datetime | None
    released_at: datetime | None

    @property
    def holds(self) -> bool:
        """Whether gone-revokes of this source wait for a person."""
        return self.tripped_at is not None and (self.released_at is None or self.released_at < self.tripped_at)


@value(frozen=True, slots=True, kw_only=True)
class HookToken:
    """The unguessable part of a hook address. A rotated one works until `valid_until`."""

    token: str = field(repr=False)
    valid_until: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class Holdings:
    """How many sets that are live, unknown, maybe sent or revoking hang on each integration and each source."""

    by_integration: Mapping[str, int] = field(default_factory=dict)
    by_source: Mapping[str, int] = field(default_factory=dict)


@value(frozen=True, slots=True, kw_only=True)
class StoredSecrets:
    """Decrypted secrets, for the calls that need them and for comparing. Never logged."""

    source_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_secrets: Mapping[int, str] = field(default_factory=dict, repr=False)
    """By connection id."""


@dataclass(slots=True, kw_only=True)
class Amendment:
    """What a person's word changes on one booking: the record as changed in place, and sets and events."""

    change: Change = field(default_factory=Change)


class Records(Protocol):
    """The people's side of the store. Every write is one transaction; `entries` go into the trail in it, if anything was changed."""

    # --- bookings
    async def bookings(
        self, *, state: BookingState | None, limit: int, after: str | None, newest_first: bool = False
    ) -> tuple[list[BookingView], str | None]:
        """A page of bookings (without history) and the cursor of the next page; `ValueError` for a bad cursor.

        Ordered by when they were first heard of: what is oldest first, or what is newest.
        """
        ...

    async def booking(self, source: str, booking_id: str) -> BookingView:
        """One booking with its whole history. Raises `UnknownBooking`."""
        ...

    async def count_by_state(self) -> Mapping[BookingState, int]: ...

    async def count_in(self, state: BookingState) -> int:
        """How many bookings are in one state: cheaper than counting them all."""
        ...

    async def count_not_ready(self) -> int:
        """Bookings that are not ready though they start within the set time, or run already."""
        ...

    async def bookings_not_ready(self, *, state: BookingState, limit: int) -> list[BookingView]:
        """At most `limit` of them in this state (without history), by start."""
        ...

    async def bookings_touching(self, source: str, *, begin: datetime, end: datetime, limit: int) -> list[BookingView]:
        """At most `limit` bookings (without history), by start, whose booked time or live access touches [begin, end)."""
        ...

    async def order_retry(self, source: str, booking_id: str, *, lifts: bool = True, entries: Sequence[TrailEntry] = ()) -> None:
        """Due now; lifts a withholding, an *existing* mark and the pause that it waits for (as the one probe). Raises `UnknownBooking`.

        Without `lifts`, and of a booking that waits to be erased, nothing is lifted but the pause: it stays withheld.
        """
        ...

    async def order_revoke(self, source: str, booking_id: str, *, entries: Sequence[TrailEntry] = ()) -> None:
        """Withheld from now on, due now. Raises `UnknownBooking`."""
        ...

    async def amend(
        self,
        source: str,
        booking_id: str,
        change: Callable[[BookingRecord, Sequence[AuthorizationSet], datetime], Change],
        *,
        may_add: bool = False,
        entries: Sequence[TrailEntry] = (),
    ) -> None:
        """Let `change` work on the booking (it may alter the record in place and raise to refuse), fence out any worker, make it due.

        With `may_add` an unknown booking of a known source gets a row in the same transaction. Raises `UnknownBooking`, or `BookingBusy`
        while a worker's lease runs.
        """
        ...

    # --- erasing
    async def order_erase(self, source: str, booking_id: str, *, by: str, entries: Sequence[TrailEntry] = ()) -> Erasure:
        """Withheld from now on, and erased: at once if nothing holds it, else as soon as nothing does. Raises `UnknownBooking`."""
        ...

    async def erase_ordered(self, *, limit: int, after: int) -> tuple[int, int | None]:
        """Erase what was ordered and waits for nothing any more, of at most `limit` bookings with a key above `after`: one transaction.

        How many, and where to go on; None: that was the last.
        """
        ...

    async def erase_aged(self, *, before: datetime, limit: int, after: str) -> tuple[int, str | None]:
        """The same of bookings that ended before that moment. `after` is empty at the beginning."""
        ...

    async def receipts(self) -> list[Receipt]:
        """What persons had erased, and what waits to be, oldest first."""
        ...

    # --- levers
    async def set_paused(self, integration: str, *, paused: bool, entries: Sequence[TrailEntry] = ()) -> bool:
        """The kill switch; whether it changed. Raises `KeyError` for an unknown integration."""
        ...

    async def now(self) -> datetime:
        """The store's time."""
        ...

    async def pauses(self) -> Mapping[str, Pause]:
        """Why calls wait, by key."""
        ...

    async def order_probe(self, key: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        """The next call may try, and the most urgent booking that waits for it is due now; whether there is such a pause."""
        ...

    async def brakes(self) -> list[Brake]: ...

    async def release_brake(self, source: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        """Let gone-revokes run again and make due what waited; whether the brake held."""
        ...

    # --- audits
    async def keep_audit(self, kept: KeptAudit) -> None:
        """What an audit found at a site, in place of what the one before found there."""
        ...

    async def kept_audits(self) -> list[KeptAudit]: ...

    # --- doors, as the slow loop saw them last
    async def keep_offline_doors(self, seen: OfflineDoors) -> None:
        """In place of the look before at that site through that connection; without doors nothing of it is kept."""
        ...

    async def offline_doors(self) -> list[OfflineDoors]: ...

    # --- what sites and doors were called when Resivo was asked last
    async def keep_site_name(self, site_id: str, name: str) -> None: ...

    async def keep_door_names(self, site_id: str, doors: Mapping[str, str]) -> None:
        """By component id, in place of all that the site had before."""
        ...

    async def last_names(self) -> LastNames: ...

    # --- keys and hooks
    async def add_api_key(self, name: str, scope: ApiScope, key_hash: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        """False if a key of that name is in use."""
        ...

    async def api_keys(self) -> list[ApiKey]: ...

    async def revoke_api_key(self, name: str, *, entries: Sequence[TrailEntry] = ()) -> bool: ...

    async def key_of_hash(self, key_hash: str) -> ApiKey | None:
        """A key in use."""
        ...

    async def note_key_use(self, key_hash: str) -> None:
        """It was used now."""
        ...

    async def hook_tokens(self, source: str) -> list[HookToken]:
        """The current one first, then those still valid. Raises `KeyError` for an unknown source."""
        ...

    async def rotate_hook_token(
        self, source: str, *, new_token: str, old_valid_until: datetime, entries: Sequence[TrailEntry] = ()
    ) -> None: ...

    # --- the set-up
    async def setup(self) -> Setup: ...

    async def stored_secrets(self) -> StoredSecrets: ...

    async def holdings(self) -> Holdings: ...

    async def write_setup(
        self, write: SetupWrite, *, entries: Sequence[TrailEntry] = (), expected_version: int | None = None
    ) -> None:
        """Write it all or nothing. Raises `SetupMoved` if the version is not the expected one any more. Policy, mapping or connection get a new version only where they differ; pauses end; the needy are due."""
        ...
