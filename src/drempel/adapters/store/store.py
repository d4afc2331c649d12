"""The store: both ports over one database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drempel.adapters.secrets import Keyring
from drempel.adapters.store.audit_rows import AuditRows
from drempel.adapters.store.database import Database, open_database
from drempel.adapters.store.days import Days
from drempel.adapters.store.erasures import Erasures
from drempel.adapters.store.identity import Identity
from drempel.adapters.store.insight_rows import InsightRows
from drempel.adapters.store.keys import Keys
from drempel.adapters.store.name_rows import NameRows
from drempel.adapters.store.offline_rows import OfflineRows
from drempel.adapters.store.paces import Paces
from drempel.adapters.store.pauses import Pauses
from drempel.adapters.store.people import People
from drempel.adapters.store.person_rows import PersonRows
from drempel.adapters.store.polls import Polls
from drempel.adapters.store.schema import SchemaState, ensure_schema, migrate, schema_state
from drempel.adapters.store.session_rows import SessionRows
from drempel.adapters.store.setback import SetBack
from drempel.adapters.store.setups import Setups
from drempel.adapters.store.takeover import Takeover
from drempel.adapters.store.trail_rows import TrailRows
from drempel.adapters.store.vault import Vault
from drempel.adapters.store.wakes import Wakes
from drempel.adapters.store.work import Work
from drempel.domain.access import AuthorizationSet, BookingState, Marker
from drempel.engine.kept_audit import KeptAudit
from drempel.engine.last_names import LastNames
from drempel.engine.offline_doors import OfflineDoors
from drempel.engine.pace import Places
from drempel.engine.ports import BookingRecord, Change, Claim, Clock, DoorsInUse, GoneCount, Lease, Pause, Rations, SetAt
from drempel.engine.receipts import Erasure, Receipt
from drempel.engine.records import ApiKey, ApiScope, BookingView, Brake, Holdings, HookToken, StoredSecrets
from drempel.engine.setup import Setup, SetupWrite
from drempel.engine.trail import TrailEntry

__all__ = ["SchemaNotCurrent", "SqlStore", "open_store"]


class SchemaNotCurrent(Exception):
    """The tables are not those that this version works on: a sentence with its remedy."""

    def __init__(self, state: SchemaState) -> None:
        super().__init__(
            "The database was written by a later version of Drempel. Install that version again."
            if state is SchemaState.NEWER
            else "The database was written by an earlier version of Drempel. Make a backup, then say `drempel migrate`."
        )
        self.state = state


class SqlStore:
    """`drempel.engine.ports.Store` and `drempel.engine.records.Records` on SQLite or PostgreSQL.

    Only a facade: who wants to know how something is done follows the one call in each method. Made by `open_store`.
    """

    def __init__(self, database: Database, *, keyring: Keyring, clock: Clock, lease: timedelta) -> None:
        self._database = database
        self._keyring = keyring
        self._wakes = Wakes(database, clock=clock)
        self._work = Work(database, clock=clock, lease=lease, wakes=self._wakes)
        self._pauses = Pauses(database, work=self._work)
        self._paces = Paces(database, work=self._work)
        self._polls = Polls(database, work=self._work)
        self._set_back = SetBack(database, work=self._work)
        self._days = Days(database, work=self._work)
        self._people = People(database, work=self._work)
        self._audits = AuditRows(database, work=self._work)
        self._offline = OfflineRows(database, work=self._work)
        self._names = NameRows(database, work=self._work)
        self._erasures = Erasures(database, work=self._work)
        self._keys = Keys(database, keyring=keyring, work=self._work)
        self._setups = Setups(database, keyring=keyring, work=self._work)
        self._identity = Identity(database, work=self._work)
        self._takeover = Takeover(database, work=self._work)
        self._vault = Vault(database, keyring=keyring, work=self._work)
        # Ports of their own: of those who sign in, their sessions, and the trail.
        self.insight = InsightRows(database, work=self._work)
        self.people = PersonRows(database, work=self._work)
        self.sessions = SessionRows(database, work=self._work)
        self.trail = TrailRows(database, work=self._work)

    # --- the database itself

    async def open(self) -> None:
        """Check the key and make the first rows. Raises `WrongSecretKey`."""
        await self._vault.open()

    async def close(self) -> None:
        """Finish the writes that were begun, then leave the database."""
        await self._work.close()
        await self._database.close()

    @property
    def is_postgresql(self) -> bool:
        return self._database.is_postgresql

    async def schema_state(self) -> SchemaState:
        """Asks the database; raises what the driver raises if it does not answer."""
        return await schema_state(self._database)

    async def migrate(self) -> SchemaState:
        """Bring an empty or older schema up to date; the state after that."""
        return await migrate(self._database)

    def fingerprint(self, text: str) -> str:
        """A keyed hash under the database's own key."""
        return self._keyring.fingerprint(text)

    async def rotate_secrets(self) -> int:
        """Encrypt everything anew under the first key; how many secrets were under another one. Raises `WrongSecretKey`."""
        return await self._vault.rotate()

    async def claim_identity(self, file: Path | None = None) -> bool:
        """Say at each start which database this is; whether a new marker had to be drawn (`identity` tells why).

        `file` lies in DATA_DIR and is needed on SQLite; PostgreSQL knows by itself who it is.
        """
        return await self._identity.claim(file)

    async def end_leases(self, *, call_timeout: timedelta) -> int:
        """End every lease of a process that is dead; only for who is certainly alone on a SQLite file. How many there were."""
        return await self._takeover.end_leases(call_timeout=call_timeout)

    async def draw_new_marker(self) -> Marker:
        return await self._identity.draw()

    def on_wake(self, callback: Callable[[], None]) -> None:
        """Call this whenever a write of this process made something due, after its commit."""
        self._wakes.on_wake(callback)

    async def listen(self, callback: Callable[[], None]) -> None:
        """Until cancelled: call this whenever any process made something due. On SQLite there is nothing to hear, and it returns at once."""
        await self._wakes.listen(callback)

    # --- engine.ports.Store

    async def now(self) -> datetime:
        if self._database.time.is_handed_in:
            return self._database.time.told()
        async with self._database.reading() as connection:
            return await self._database.time.read(connection)

    async def marker(self) -> Marker:
        return await self._identity.marker()

    async def setup(self) -> Setup:
        return await self._setups.read()

    async def setup_version(self) -> int:
        return await self._setups.version()

    async def hint(self, source: str, booking_id: str) -> None:
        """Raises `KeyError` for an unknown source."""
        await self._work.hint(source, booking_id)

    async def claim(self, *, limit: int, rations: Rations | None = None) -> list[Claim]:
        return await self._work.claim(limit=limit, rations=rations)

    async def renew(self, lease: Lease) -> None:
        await self._work.renew(lease)

    async def commit(self, lease: Lease, record: BookingRecord, change: Change, *, renew: bool = False) -> None:
        await self._work.commit(lease, record, change, renew=renew)

    async def complete(self, lease: Lease, record: BookingRecord, change: Change) -> None:
        await self._work.complete(lease, record, change)

    async def release(self, lease: Lease, *, next_at: datetime) -> None:
        await self._work.release(lease, next_at=next_at)

    async def pauses(self) -> Mapping[str, Pause]:
        return await self._pauses.all()

    async def pause(self, key: str, *, code: str, detail: str, probe_at: datetime, since: datetime | None = None) -> bool:
        return await self._pauses.pause(key, code=code, detail=detail, probe_at=probe_at, since=since)

    async def take_probe(self, key: str, *, next_probe_at: datetime) -> bool:
        return await self._pauses.take_probe(key, next_probe_at=next_probe_at)

    async def unpause(self, key: str) -> bool:
        return await self._pauses.unpause(key)

    async def slow_down(self, key: str, *, code: str, detail: str, retry_after: timedelta, well_lately: int) -> None:
        await self._paces.slow_down(key, code=code, detail=detail, retry_after=retry_after, well_lately=well_lately)

    async def take_places(self, key: str, *, count: int, went_well: int) -> Places | None:
        return await self._paces.take_places(key, count=count, went_well=went_well)

    async def is_ours(self, authorization_id: str) -> bool:
        return await self._polls.is_ours(authorization_id)

    async def another_booking(self, source: str, *, than: str) -> str | None:
        return await self._polls.another_booking(source, than=than)

    async def gone_count(self, source: str, *, since: datetime) -> GoneCount:
        return await self._pauses.gone_count(source, since=since)

    async def brake(self, source: str) -> tuple[datetime | None, datetime | None]:
        return await self._pauses.brake(source)

    async def trip_brake(self, source: str) -> None:
        await self._pauses.trip(source)

    async def take_chore(self, name: str, *, every: timedelta, again: timedelta | None = None) -> bool:
        return await self._polls.take_chore(name, every=every, again=again)

    async def chore_done(self, name: str) -> None:
        await self._polls.chore_done(name)

    async def chore_wanted(self, name: str) -> None:
        await self._polls.chore_wanted(name)

    async def wake_rereads(self, *, per_source: int) -> int:
        return await self._polls.wake_rereads(per_source=per_source)

    async def forget_the_future(self) -> int:
        return await self._set_back.forget_the_future()

    async def wake(self, source: str, booking_ids: Sequence[str]) -> None:
        """Raises `KeyError` for an unknown source."""
        await self._work.wake(source, booking_ids)

    async def poll_rows(self, source: str) -> Mapping[str, str]:
        return await self._polls.rows(source)

    async def live_bookings(self, source: str) -> frozenset[str]:
        return await self._polls.live_bookings(source)

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
        await self._polls.record(source, rows=rows, due=due, existing=existing, complete=complete, with_status=with_status)

    async def live_sites(self) -> Sequence[tuple[int, str]]:
        return await self._polls.live_sites()

    async def live_sets(self, connection_id: int, site_id: str) -> Sequence[SetAt]:
        return await self._polls.live_sets(connection_id, site_id)

    async def live_doors(self, connection_id: int, site_id: str) -> Sequence[DoorsInUse]:
        return await self._polls.live_doors(connection_id, site_id)

    async def bookings_with_doors(self, connection_id: int, site_id: str, doors: DoorsInUse) -> Sequence[tuple[str, str]]:
        return await self._polls.bookings_with_doors(connection_id, site_id, doors)

    async def sets_named(self, names: Sequence[str]) -> Mapping[str, SetAt]:
        return await self._polls.sets_named(names)

    async def sets_with_ids(self, authorization_ids: Sequence[str]) -> Mapping[str, SetAt]:
        return await self._polls.sets_with_ids(authorization_ids)

    # --- engine.records.Records

    async def bookings(
        self, *, state: BookingState | None, limit: int, after: str | None, newest_first: bool = False
    ) -> tuple[list[BookingView], str | None]:
        return await self._people.bookings(state=state, limit=limit, after=after, newest_first=newest_first)

    async def booking(self, source: str, booking_id: str) -> BookingView:
        return await self._people.booking(source, booking_id)

    async def count_by_state(self) -> Mapping[BookingState, int]:
        return await self._people.count_by_state()

    async def count_in(self, state: BookingState) -> int:
        return await self._people.count_in(state)

    async def count_not_ready(self) -> int:
        return await self._people.count_not_ready()

    async def bookings_not_ready(self, *, state: BookingState, limit: int) -> list[BookingView]:
        return await self._days.bookings_not_ready(state=state, limit=limit)

    async def bookings_touching(self, source: str, *, begin: datetime, end: datetime, limit: int) -> list[BookingView]:
        return await self._days.bookings_touching(source, begin=begin, end=end, limit=limit)

    async def order_retry(self, source: str, booking_id: str, *, lifts: bool = True, entries: Sequence[TrailEntry] = ()) -> None:
        await self._people.order_retry(source, booking_id, entries, lifts=lifts)

    async def order_revoke(self, source: str, booking_id: str, *, entries: Sequence[TrailEntry] = ()) -> None:
        await self._people.order_revoke(source, booking_id, entries)

    async def order_probe(self, key: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        return await self._people.order_probe(key, entries)

    async def amend(
        self,
        source: str,
        booking_id: str,
        change: Callable[[BookingRecord, Sequence[AuthorizationSet], datetime], Change],
        *,
        may_add: bool = False,
        entries: Sequence[TrailEntry] = (),
    ) -> None:
        await self._people.amend(source, booking_id, change, may_add=may_add, entries=entries)

    async def order_erase(self, source: str, booking_id: str, *, by: str, entries: Sequence[TrailEntry] = ()) -> Erasure:
        return await self._erasures.order(source, booking_id, by=by, entries=entries)

    async def erase_ordered(self, *, limit: int, after: int) -> tuple[int, int | None]:
        return await self._erasures.ordered(limit=limit, after=after)

    async def erase_aged(self, *, before: datetime, limit: int, after: str) -> tuple[int, str | None]:
        return await self._erasures.aged(before=before, limit=limit, after=after)

    async def receipts(self) -> list[Receipt]:
        return await self._erasures.receipts()

    async def set_paused(self, integration: str, *, paused: bool, entries: Sequence[TrailEntry] = ()) -> bool:
        return await self._people.set_paused(integration, paused=paused, entries=entries)

    async def brakes(self) -> list[Brake]:
        return await self._pauses.brakes()

    async def release_brake(self, source: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        return await self._pauses.release(source, entries)

    async def add_api_key(self, name: str, scope: ApiScope, key_hash: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        return await self._keys.add(name, scope, key_hash, entries)

    async def api_keys(self) -> list[ApiKey]:
        return await self._keys.all()

    async def revoke_api_key(self, name: str, *, entries: Sequence[TrailEntry] = ()) -> bool:
        return await self._keys.revoke(name, entries)

    async def key_of_hash(self, key_hash: str) -> ApiKey | None:
        return await self._keys.of_hash(key_hash)

    async def note_key_use(self, key_hash: str) -> None:
        await self._keys.note_use(key_hash)

    async def keep_audit(self, kept: KeptAudit) -> None:
        await self._audits.keep(kept)

    async def kept_audits(self) -> list[KeptAudit]:
        return await self._audits.all()

    async def keep_offline_doors(self, seen: OfflineDoors) -> None:
        await self._offline.keep(seen)

    async def offline_doors(self) -> list[OfflineDoors]:
        return await self._offline.all()

    async def keep_site_name(self, site_id: str, name: str) -> None:
        await self._names.keep_site(site_id, name)

    async def keep_door_names(self, site_id: str, doors: Mapping[str, str]) -> None:
        await self._names.keep_doors(site_id, doors)

    async def last_names(self) -> LastNames:
        return await self._names.all()

    async def hook_tokens(self, source: str) -> list[HookToken]:
        return await self._keys.hook_tokens(source)

    async def rotate_hook_token(
        self, source: str, *, new_token: str, old_valid_until: datetime, entries: Sequence[TrailEntry] = ()
    ) -> None:
        await self._keys.rotate_hook_token(source, new_token=new_token, old_valid_until=old_valid_until, entries=entries)

    async def stored_secrets(self) -> StoredSecrets:
        return await self._setups.secrets()

    async def holdings(self) -> Holdings:
        return await self._setups.holdings()

    async def write_setup(
        self, write: SetupWrite, *, entries: Sequence[TrailEntry] = (), expected_version: int | None = None
    ) -> None:
        await self._setups.write(write, entries, expected_version=expected_version)


async def open_store(
    url: str,
    *,
    keyring: Keyring,
    clock: Clock,
    lease: timedelta,
    database_now: bool | None = None,
    synchronous: str = "FULL",
    sqlite_connect: Callable[..., Any] | None = None,
    migrate_older: bool = False,
    any_schema: bool = False,
) -> SqlStore:
    """Open the record at `url` (sqlite:///path or postgresql://…), with the tables made if the database is empty.

    `lease` is the length of a worker's claim. `database_now` None takes the database's clock where it has one; False takes `clock` everywhere.
    `synchronous` is SQLite's; OFF is for tests that can afford to lose the file; so is `sqlite_connect`, which opens its connections in
    another way than aiosqlite. `migrate_older` brings an older schema up to date.
    `any_schema` opens whatever is there, for the commands that look at the schema themselves; only that can be asked of it then.

    Raises `ValueError` for an address that cannot be used, `SchemaNotCurrent`, `WrongSecretKey`, or what the driver raises.
    """
    database = open_database(url, clock=clock, database_now=database_now, synchronous=synchronous, sqlite_connect=sqlite_connect)
    try:
        state = await (schema_state if any_schema else ensure_schema)(database)
        if any_schema and state is not SchemaState.CURRENT:
            return SqlStore(database, keyring=keyring, clock=clock, lease=lease)
        if state is SchemaState.OLDER and migrate_older:
            state = await migrate(database)
        if state is not SchemaState.CURRENT:
            raise SchemaNotCurrent(state)
        store = SqlStore(database, keyring=keyring, clock=clock, lease=lease)
        await store.open()
    except BaseException:
        await database.close()
        raise
    return store
