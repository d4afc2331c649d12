"""Lists, reasons and levers, also beside a worker who is at the booking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.events import Event
from drempel.engine.ports import BookingRecord, Change, LeaseLost
from drempel.engine.records import ApiScope, BookingBusy, UnknownBooking
from drempel.engine.trail import COMMAND_LINE, TrailEntry
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP, a_set, booking, claim_one, finish, ids, live_set
from tests.databases import LEASE


@pytest.fixture
async def store(store: SqlStore) -> SqlStore:
    await store.write_setup(SETUP)
    return store


async def test_bookings_are_listed_page_by_page(store: SqlStore, clock: ManualClock) -> None:
    for n in range(5):
        state = BookingState.REVOKED if n % 2 else BookingState.GRANTED
        change = Change(sets=[live_set(1, start=clock.now(), authorization_id=f"id-{n}")])
        await booking(store, f"b{n}", start=clock.now(), state=state, change=change)
    seen: list[str] = []
    after: str | None = None
    for _ in range(3):
        views, after = await store.bookings(state=None, limit=2, after=after)
        assert all(view.sets[0].authorization_id == f"id-{view.record.booking_id[1:]}" for view in views)
        seen += [view.record.booking_id for view in views]
    assert (seen, after) == (["b0", "b1", "b2", "b3", "b4"], None)
    views, after = await store.bookings(state=BookingState.REVOKED, limit=2, after=None)
    assert ([view.record.booking_id for view in views], after) == (["b1", "b3"], None)
    assert await store.bookings(state=BookingState.PENDING, limit=2, after=None) == ([], None)
    views, after = await store.bookings(state=None, limit=3, after=None, newest_first=True)
    rest, end = await store.bookings(state=None, limit=3, after=after, newest_first=True)
    assert ([view.record.booking_id for view in (*views, *rest)], end) == (["b4", "b3", "b2", "b1", "b0"], None)
    counts = await store.count_by_state()
    assert {state: count for state, count in counts.items() if count} == {BookingState.GRANTED: 3, BookingState.REVOKED: 2}
    assert set(counts) == set(BookingState)


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "9" * 30, "\uff11"])
async def test_a_bad_cursor_is_refused(sqlite_store: SqlStore, after: str) -> None:
    with pytest.raises(ValueError, match="next"):
        await sqlite_store.bookings(state=None, limit=1, after=after)


async def test_a_booking_tells_its_whole_history_in_order(store: SqlStore, clock: ManualClock) -> None:
    told = [
        Event(at=clock.now(), type="access.intended", data={"number": "1"}),
        Event(at=clock.now(), type="access.created", data={"id": "één"}),
        Event(at=clock.now(), type="access.revoked"),
    ]
    await booking(store, "1", start=clock.now(), change=Change(events=told[:2]))
    await booking(store, "2", start=clock.now(), change=Change(events=told))
    await booking(store, "1", start=clock.now(), change=Change(events=told[2:]))
    assert list((await store.booking("club", "1")).history) == told
    for source, booking_id in (("club", "3"), ("gym", "1")):
        with pytest.raises(UnknownBooking):
            await store.booking(source, booking_id)


async def test_levers_refuse_an_unknown_booking(store: SqlStore) -> None:
    for lever in (store.order_retry("club", "9"), store.order_revoke("club", "9"), store.amend("club", "9", lambda *_: Change())):
        with pytest.raises(UnknownBooking):
            await lever


async def test_retry_makes_due_and_lifts_what_holds_back(store: SqlStore, clock: ManualClock) -> None:
    later = clock.now() + HOUR
    await store.pause("site:1:site-1", code="site.refused", detail="403", probe_at=later)
    await store.pause("source:club", code="source.refused", detail="401", probe_at=later)
    held = {"withheld": True, "existing": " doors ", "waiting_for": "site:1:site-1"}
    await booking(store, "1", start=clock.now(), next_at=later, **held)
    assert await ids(store) == []
    await store.order_retry("club", "1")
    record = (await claim_one(store)).record
    assert (record.withheld, record.existing, record.retry_ordered) == (False, "", True)
    assert not record.hinted
    pauses = await store.pauses()
    assert (pauses["site:1:site-1"].probe_at, pauses["source:club"].probe_at) == (clock.now(), later)
    assert await store.take_probe("site:1:site-1", next_probe_at=later), "one probe"
    assert not await store.take_probe("site:1:site-1", next_probe_at=later), "and no second"
    assert [event.type for event in (await store.booking("club", "1")).history] == ["person.retry"]


async def test_a_try_that_lifts_nothing_leaves_what_a_person_decided(store: SqlStore, clock: ManualClock) -> None:
    for number, held in enumerate([{"withheld": True}, {"existing": " doors "}, {}]):
        await booking(store, str(number), start=clock.now(), **held)
        await store.order_retry("club", str(number), lifts=False)
        record = (await store.booking("club", str(number))).record
        assert (record.withheld, record.existing) == (held.get("withheld", False), held.get("existing", ""))
        # A booking from before is only read anew: the order itself would have it issued.
        assert (record.retry_ordered, record.next_at) == ("existing" not in held, clock.now())


async def test_a_probe_lets_one_call_try_and_makes_the_most_urgent_booking_that_waits_due(
    store: SqlStore, clock: ManualClock
) -> None:
    later = clock.now() + HOUR
    await store.pause("credential:1", code="credential.refused", detail="401", probe_at=later)
    for booking_id, hours in (("1", 5), ("2", 2), ("3", 9)):
        start = clock.now() + hours * HOUR
        await booking(store, booking_id, start=start, next_at=later, waiting_for="credential:1")
    assert await ids(store) == []
    assert await store.order_probe("credential:1")
    assert await ids(store) == ["2"]
    assert (await store.pauses())["credential:1"].probe_at == clock.now()
    assert not await store.order_probe("credential:9")


async def test_one_state_is_counted_alone(store: SqlStore, clock: ManualClock) -> None:
    await booking(store, "1", start=clock.now(), state=BookingState.NEEDS_PERSON)
    await booking(store, "2", start=clock.now(), state=BookingState.GRANTED)
    assert await store.count_in(BookingState.NEEDS_PERSON) == 1
    assert await store.count_in(BookingState.REVOKED) == 0


async def test_revoke_withholds_and_makes_due(store: SqlStore, clock: ManualClock) -> None:
    await booking(store, "1", start=clock.now(), retry_ordered=True)
    await store.order_revoke("club", "1")
    record = (await claim_one(store)).record
    assert (record.withheld, record.retry_ordered) == (True, False)
    assert [event.type for event in (await store.booking("club", "1")).history] == ["person.revoke"]


async def test_what_a_person_orders_is_not_overwritten_by_the_worker_who_is_at_it(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    await store.order_revoke("club", "1")
    await finish(store, claim, status="20", withheld=False, overwrite_value="x")
    again = await claim_one(store)
    assert (again.record.status, again.record.withheld) == ("20", True)
    assert again.record.hinted, "the hint was not seen by a worker who saw everything"
    assert again.record.overwrite_value is None
    await store.order_retry("club", "1")
    await finish(store, again, retry_ordered=False, withheld=True, existing=" doors ")
    last = await claim_one(store)
    assert (last.record.retry_ordered, last.record.withheld, last.record.existing) == (True, False, "")
    await finish(store, last, retry_ordered=False)
    assert await ids(store) == []


async def test_amend_changes_the_booking_and_shuts_out_the_worker_whose_lease_ran_out(
    store: SqlStore, clock: ManualClock
) -> None:
    start = clock.now()
    unknown = a_set(1, start=start).about_to_send(now=start, look_at=start).outcome_lost(look_at=start)
    await booking(store, "1", start=start, change=Change(sets=[unknown]), last_number=1, next_at=start + HOUR)
    await store.hint("club", "1")
    late = await claim_one(store)

    def adopt(record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
        record.overwrite_value = "id-1"
        return Change(
            sets=[sets[0].created("id-1", dropped=(), now=now)],
            events=[Event(at=now, type="person.resolved", data={"id": "id-1"})],
        )

    with pytest.raises(BookingBusy):
        await store.amend("club", "1", adopt)
    clock.advance(LEASE)
    await store.amend("club", "1", adopt)
    with pytest.raises(LeaseLost):
        await finish(store, late)
    claim = await claim_one(store)
    assert (claim.sets[0].state, claim.record.overwrite_value) == (SetState.LIVE, "id-1")
    assert await store.live_bookings("club") == {"1"}
    assert [event.type for event in (await store.booking("club", "1")).history] == ["person.resolved"]


async def test_an_amendment_may_bring_its_booking_with_it_and_a_refused_one_does_not(store: SqlStore, clock: ManualClock) -> None:
    def refuse(_record: BookingRecord, _sets: Sequence[AuthorizationSet], _now: datetime) -> Change:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.amend("club", "77", refuse, may_add=True)
    with pytest.raises(UnknownBooking):
        await store.booking("club", "77")

    def adopt(record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
        assert not sets
        record.last_number = 4
        return Change(sets=[live_set(4, start=now)])

    await store.amend("club", "77", adopt, may_add=True)
    claim = await claim_one(store)
    assert (claim.record.booking_id, claim.record.last_number, claim.sets[0].state) == ("77", 4, SetState.LIVE)
    assert claim.record.state is BookingState.NONE
    assert clock.now() == claim.lease.now


async def test_an_amendment_that_is_refused_writes_nothing(store: SqlStore, clock: ManualClock) -> None:
    await booking(store, "1", start=clock.now())

    def refuse(record: BookingRecord, _sets: Sequence[AuthorizationSet], _now: datetime) -> Change:
        record.withheld = True
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.amend("club", "1", refuse)
    assert not (await store.booking("club", "1")).record.withheld
    assert await ids(store) == []


# ------------------------------------------------------------------------------------------------------------------------ trail


async def test_every_order_leaves_its_entry_in_its_own_transaction_and_only_if_it_changes_anything(
    store: SqlStore, clock: ManualClock
) -> None:
    def entry(what: str) -> tuple[TrailEntry, ...]:
        return (TrailEntry(actor=COMMAND_LINE, type=what),)

    async def told() -> list[str]:
        page, _ = await store.trail.page(limit=100, before=None)
        return [line.entry.type for line in reversed(page)]

    def refuse(*_: object) -> Change:
        raise LookupError

    await store.write_setup(SETUP, entries=entry("setup.change"))
    await booking(store, "1", start=clock.now())
    await store.order_retry("club", "1", entries=entry("booking.retry"))
    await store.order_revoke("club", "1", entries=entry("booking.revoke"))
    await store.amend("club", "1", lambda *_: Change(), entries=entry("booking.resolve"))
    for paused in (False, True, True):
        await store.set_paused("doors", paused=paused, entries=entry("integration.pause"))
    await store.release_brake("club", entries=entry("brake.release"))
    await store.trip_brake("club")
    await store.release_brake("club", entries=entry("brake.release"))
    for _ in range(2):
        await store.add_api_key("ci", ApiScope.READ, "a" * 64, entries=entry("api_key.add"))
    for _ in range(2):
        await store.revoke_api_key("ci", entries=entry("api_key.revoke"))
    await store.rotate_hook_token("club", new_token="t", old_valid_until=clock.now(), entries=entry("hook.rotate"))
    with pytest.raises(LookupError):
        await store.amend("club", "1", refuse, entries=entry("booking.resolve"))
    with pytest.raises(UnknownBooking):
        await store.order_retry("club", "nobody", entries=entry("booking.retry"))
    assert await told() == [
        "setup.change",
        "booking.retry",
        "booking.revoke",
        "booking.resolve",
        "integration.pause",
        "brake.release",
        "api_key.add",
        "api_key.revoke",
        "hook.rotate",
    ]
