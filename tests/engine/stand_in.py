"""A stand-in for the people's side of the store: it remembers what it was asked. What the store really does is tested with the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drempel.domain.access import AuthorizationSet, BookingState, Facts, Intent, SetState
from drempel.domain.events import Event
from drempel.domain.retention import Keeps
from drempel.domain.window import AccessWindow
from drempel.engine.kept_audit import KeptAudit
from drempel.engine.last_names import LastNames
from drempel.engine.offline_doors import OfflineDoors
from drempel.engine.ports import BookingRecord, Change, Pause
from drempel.engine.receipts import Erasure, Receipt
from drempel.engine.records import (
    ApiKey,
    ApiScope,
    BookingBusy,
    BookingView,
    Brake,
    Holdings,
    HookToken,
    StoredSecrets,
    UnknownBooking,
)
from drempel.engine.setup import Setup, SetupWrite, SourceSetup
from drempel.engine.trail import TrailEntry

NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
CLUB = SourceSetup(
    name="club",
    kind="ireserve",
    base_url="https://club.i-reserve.net",
    username="drempel",
    time_zone="Europe/Amsterdam",
    poll_seconds=300,
)


def a_set(number: int = 1, *, state: SetState = SetState.LIVE, site_id: str = "site-1", **more: object) -> AuthorizationSet:
    start = NOW + timedelta(hours=2)
    return AuthorizationSet(
        **{
            "number": number,
            "integration": "doors",
            "connection_id": 1,
            "policy_version": 1,
            "display_name": f"Hall 1 · dr-abcd2345-club-1363-{number}",
            "intent": Intent(
                site_id=site_id,
                component_ids=("c1",),
                component_names=("Main entrance",),
                window=AccessWindow(valid_from=start - timedelta(minutes=15), valid_to=start + timedelta(hours=2)),
                recipients="hash",
            ),
            "facts": Facts(
                object_id="81", start=start, end=start + timedelta(hours=2), email="", mobile=None, default_country=""
            ),
            "state": state,
            "authorization_id": f"auth-{number}" if state in {SetState.LIVE, SetState.REVOKING} else None,
            **more,
        }
    )


def a_view(
    booking_id: str = "1363", *, sets: Sequence[AuthorizationSet] = (), history: Sequence[Event] = (), **record: object
) -> BookingView:
    return BookingView(
        record=BookingRecord(source="club", booking_id=booking_id, **record), sets=tuple(sets), history=tuple(history)
    )


class StandIn:
    """Satisfies `Records`."""

    def __init__(self, *views: BookingView, setup: Setup | None = None) -> None:
        self.views = {(view.record.source, view.record.booking_id): view for view in views}
        self.current = setup or Setup(version=1, sources={"club": CLUB})
        self.orders: list[tuple[str, str, str]] = []
        self.lifted: list[str] = []
        self.changes: list[Change] = []
        self.busy = False
        self.paused: set[str] = set()
        self.brake_list: list[Brake] = []
        self.pause_list: list[Pause] = []
        self.keys: dict[str, tuple[ApiKey, str]] = {}
        self.tokens: dict[str, list[HookToken]] = {}
        self.writes: list[SetupWrite] = []
        self.holding = Holdings()
        self.secrets = StoredSecrets()
        self.asked = 0
        self.trail: list[TrailEntry] = []
        self.kept: list[Receipt] = []
        self.waits: Keeps | None = None
        self.audits: list[KeptAudit] = []
        self.offline: list[OfflineDoors] = []
        self.names = LastNames()

    async def bookings(
        self, *, state: BookingState | None, limit: int, after: str | None, newest_first: bool = False
    ) -> tuple[list[BookingView], str | None]:
        if after is not None and not after.isdigit():
            raise ValueError("no cursor")
        found = [view for _, view in sorted(self.views.items()) if state is None or view.record.state is state]
        if newest_first:
            found.reverse()
        start = int(after or 0)
        page = [replace(view, history=()) for view in found[start : start + limit]]
        return page, str(start + limit) if start + limit < len(found) else None

    async def booking(self, source: str, booking_id: str) -> BookingView:
        if (source, booking_id) not in self.views:
            raise UnknownBooking
        return self.views[source, booking_id]

    async def count_by_state(self) -> Mapping[BookingState, int]:
        return {BookingState.GRANTED: len(self.views)}

    async def count_in(self, state: BookingState) -> int:
        return sum(view.record.state is state for view in self.views.values())

    async def count_not_ready(self) -> int:
        return sum(view.record.not_ready != "" for view in self.views.values())

    async def bookings_not_ready(self, *, state: BookingState, limit: int) -> list[BookingView]:
        found = [view for view in self.views.values() if view.record.not_ready and view.record.state is state]
        return sorted(found, key=lambda view: view.record.start or NOW)[:limit]

    async def bookings_touching(self, source: str, *, begin: datetime, end: datetime, limit: int) -> list[BookingView]:
        def touches(view: BookingView) -> bool:
            record = view.record
            booked = record.start is not None and record.end is not None and record.start < end and record.end > begin
            windows = [one.intent.window for one in view.sets if one.state is SetState.LIVE]
            return booked or any(window.valid_from < end and window.valid_to > begin for window in windows)

        found = [view for (name, _), view in sorted(self.views.items()) if name == source and touches(view)]
        return sorted(found, key=lambda view: view.record.start or begin)[:limit]

    async def order_retry(self, source: str, booking_id: str, *, lifts: bool = True, entries: Sequence[TrailEntry] = ()) -> None:
        await self.booking(source, booking_id)
        self.trail += entries
        self.lifted += [booking_id] if lifts else []
        self.orders.append(("retry", source, booking_id))

    async def order_revoke(self, source: str, booking_id: str, *, entries: Sequence[TrailEntry] = ()) -> None:
        await self.booking(source, booking_id)
        self.trail += entries
        self.orders.append(("revoke", source, booking_id))

    async def amend(
        self,
        source: str,
        booking_id: str,
        change: Callable[[BookingRecord, Sequence[AuthorizationSet], datetime], Change],
        *,
        may_add: bool = False,
        entries: Sequence[TrailEntry] = (),
    ) -> None:
        del may_add
        if self.busy:
            raise BookingBusy
        view = await self.booking(source, booking_id)
        self.changes.append(change(view.record, view.sets, NOW))
        self.trail += entries

    async def order_erase(self, source: str, booking_id: str, *, by: str, entries: Sequence[TrailEntry] = ()) -> Erasure:
        await self.booking(source, booking_id)
        self.orders.append(("erase", source, booking_id))
        self.trail += entries
        waiting = Receipt(number=len(self.kept) + 1, source=source, booking_id=booking_id, ordered_at=NOW, ordered_by=by)
        self.kept.append(waiting if self.waits else replace(waiting, erased_at=NOW, revoked=("auth-1",), removed={"rows": 2}))
        return Erasure(receipt=self.kept[-1], waits=self.waits)

    async def erase_ordered(self, *, limit: int, after: int) -> tuple[int, int | None]:
        raise NotImplementedError

    async def erase_aged(self, *, before: datetime, limit: int, after: str) -> tuple[int, str | None]:
        raise NotImplementedError

    async def receipts(self) -> list[Receipt]:
        return self.kept

    async def set_paused(self, integration: str, *, paused: bool, entries: Sequence[TrailEntry] = ()) -> bool:
        if integration not in self.current.integrations:
            raise KeyError(integration)
        was = integration in self.paused
        (self.paused.add if paused else self.paused.discard)(integration)
        self.trail += entries if was is not paused else ()
        return was is not paused

    async def now(self) -> datetime:
        return NOW

    async def pauses(self) -> Mapping[str, Pause]:
        return {pause.key: pause for pause in self.pause_list}

    async def order_probe(self, key: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        self.orders.append(("probe", "", key))
        known = any(pause.key == key for pause in self.pause_list)
        self.trail += entries if known else ()
        return known

    async def brakes(self) -> list[Brake]:
        return self.brake_list

    async def release_brake(self, source: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        held = any(brake.source == source and brake.holds for brake in self.brake_list)
        self.brake_list = [brake for brake in self.brake_list if brake.source != source]
        self.trail += entries if held else ()
        return held

    async def add_api_key(self, name: str, scope: ApiScope, key_hash: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        if name in self.keys:
            return False
        self.keys[name] = (ApiKey(name=name, scope=scope, created_at=NOW), key_hash)
        self.trail += entries
        return True

    async def api_keys(self) -> list[ApiKey]:
        return [key for key, _ in self.keys.values()]

    async def revoke_api_key(self, name: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        self.trail += entries if name in self.keys else ()
        return self.keys.pop(name, None) is not None

    async def key_of_hash(self, key_hash: str) -> ApiKey | None:
        return next((key for key, held in self.keys.values() if held == key_hash), None)

    async def note_key_use(self, key_hash: str) -> None:
        for name, (key, held) in self.keys.items():
            if held == key_hash:
                self.keys[name] = (replace(key, used_at=NOW), held)

    async def keep_audit(self, kept: KeptAudit) -> None:
        self.audits = [one for one in self.audits if (one.connection_id, one.site_id) != (kept.connection_id, kept.site_id)]
        self.audits.append(kept)

    async def kept_audits(self) -> list[KeptAudit]:
        return self.audits

    async def keep_offline_doors(self, seen: OfflineDoors) -> None:
        self.offline = [one for one in self.offline if (one.connection_id, one.site_id) != (seen.connection_id, seen.site_id)] + (
            [seen] if seen.doors else []
        )

    async def offline_doors(self) -> list[OfflineDoors]:
        return self.offline

    async def keep_site_name(self, site_id: str, name: str) -> None:
        self.names = replace(self.names, sites={**self.names.sites, site_id: name})

    async def keep_door_names(self, site_id: str, doors: Mapping[str, str]) -> None:
        self.names = replace(self.names, by_site={**self.names.by_site, site_id: doors})

    async def last_names(self) -> LastNames:
        return self.names

    async def hook_tokens(self, source: str) -> list[HookToken]:
        self.asked += 1
        if source not in self.current.sources:
            raise KeyError(source)
        return self.tokens.get(source, [])

    async def rotate_hook_token(
        self, source: str, *, new_token: str, old_valid_until: datetime, entries: Sequence[TrailEntry] = ()
    ) -> None:
        self.trail += entries
        old = [
            HookToken(token=one.token, valid_until=min(one.valid_until or old_valid_until, old_valid_until))
            for one in self.tokens.get(source, [])
        ]
        self.tokens[source] = [HookToken(token=new_token), *old]

    async def setup(self) -> Setup:
        return self.current

    async def stored_secrets(self) -> StoredSecrets:
        return self.secrets

    async def holdings(self) -> Holdings:
        return self.holding

    async def write_setup(
        self, write: SetupWrite, *, entries: Sequence[TrailEntry] = (), expected_version: int | None = None
    ) -> None:
        self.writes.append(write)
        self.trail += entries
