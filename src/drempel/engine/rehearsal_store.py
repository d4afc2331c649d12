"""The store of a rehearsal: everything may be read, nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from drempel.domain.access import Marker
from drempel.engine.pace import Places
from drempel.engine.ports import BookingRecord, Change, Claim, DoorsInUse, GoneCount, Lease, Pause, Rations, SetAt, Store
from drempel.engine.setup import Setup

__all__ = ["RehearsalStore"]


class RehearsalStore:
    """Fills the port `Store` for rehearsals of one set-up: what is known is read from the real one, nothing is ever written to it.

    A rehearsal keeps its booking in its claim, so a commit has nothing to do. Pauses that begin here hold back the other rehearsals only, and the
    one probe of a pause is never taken.
    """

    def __init__(self, store: Store, *, setup: Setup, pauses: Mapping[str, Pause]) -> None:
        self._store = store
        self._setup = setup
        self._pauses = dict(pauses)
        self._tripped: dict[str, datetime] = {}

    async def now(self) -> datetime:
        return await self._store.now()

    async def marker(self) -> Marker:
        return await self._store.marker()

    async def setup(self) -> Setup:
        return self._setup

    async def setup_version(self) -> int:
        return self._setup.version

    # --- the booking at work

    async def renew(self, lease: Lease) -> None:
        pass

    async def commit(self, lease: Lease, record: BookingRecord, change: Change, *, renew: bool = False) -> None:
        pass

    async def complete(self, lease: Lease, record: BookingRecord, change: Change) -> None:
        pass

    async def release(self, lease: Lease, *, next_at: datetime) -> None:
        pass

    # --- pauses and the brake

    async def slow_down(self, key: str, *, code: str, detail: str, retry_after: timedelta, well_lately: int) -> None:
        """A rehearsal that is told to wait waits by itself: the pace of those who work is theirs."""

    async def take_places(self, key: str, *, count: int, went_well: int) -> Places | None:  # noqa: ARG002  # there are none to take
        return None

    async def pauses(self) -> Mapping[str, Pause]:
        return self._pauses

    async def pause(self, key: str, *, code: str, detail: str, probe_at: datetime, since: datetime | None = None) -> bool:
        before = self._pauses.get(key)
        since = before.since if before is not None else since or await self._store.now()
        self._pauses[key] = Pause(key=key, code=code, detail=detail, since=since, probe_at=probe_at)
        return before is None

    async def take_probe(self, key: str, *, next_probe_at: datetime) -> bool:  # noqa: ARG002  # whatever it is: it is left to a run
        return False

    async def unpause(self, key: str) -> bool:
        return self._pauses.pop(key, None) is not None

    async def brake(self, source: str) -> tuple[datetime | None, datetime | None]:
        tripped_at, released_at = await self._store.brake(source)
        return self._tripped.get(source, tripped_at), released_at

    async def trip_brake(self, source: str) -> None:
        self._tripped[source] = await self._store.now()

    async def gone_count(self, source: str, *, since: datetime) -> GoneCount:
        return await self._store.gone_count(source, since=since)

    # --- what is known

    async def is_ours(self, authorization_id: str) -> bool:
        return await self._store.is_ours(authorization_id)

    async def another_booking(self, source: str, *, than: str) -> str | None:
        return await self._store.another_booking(source, than=than)

    async def poll_rows(self, source: str) -> Mapping[str, str]:
        return await self._store.poll_rows(source)

    async def live_bookings(self, source: str) -> frozenset[str]:
        return await self._store.live_bookings(source)

    async def live_sites(self) -> Sequence[tuple[int, str]]:
        return await self._store.live_sites()

    async def live_sets(self, connection_id: int, site_id: str) -> Sequence[SetAt]:
        return await self._store.live_sets(connection_id, site_id)

    async def sets_named(self, names: Sequence[str]) -> Mapping[str, SetAt]:
        return await self._store.sets_named(names)

    async def sets_with_ids(self, authorization_ids: Sequence[str]) -> Mapping[str, SetAt]:
        return await self._store.sets_with_ids(authorization_ids)

    # --- what only a worker or a sweep does

    async def hint(self, source: str, booking_id: str) -> None:
        raise NotImplementedError

    async def claim(self, *, limit: int, rations: Rations | None = None) -> list[Claim]:
        raise NotImplementedError

    async def live_doors(self, connection_id: int, site_id: str) -> Sequence[DoorsInUse]:
        raise NotImplementedError

    async def bookings_with_doors(self, connection_id: int, site_id: str, doors: DoorsInUse) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    async def take_chore(self, name: str, *, every: timedelta, again: timedelta | None = None) -> bool:
        raise NotImplementedError

    async def chore_done(self, name: str) -> None:
        raise NotImplementedError

    async def chore_wanted(self, name: str) -> None:
        raise NotImplementedError

    async def forget_the_future(self) -> int:
        return 0

    async def wake_rereads(self, *, per_source: int) -> int:
        raise NotImplementedError

    async def wake(self, source: str, booking_ids: Sequence[str]) -> None:
        raise NotImplementedError

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
        raise NotImplementedError
