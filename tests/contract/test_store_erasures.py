"""What is erased, what stays, and beside whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.events import Event
from drempel.domain.retention import Keeps
from drempel.engine.ports import Change, LeaseLost
from drempel.engine.records import UnknownBooking
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP, a_set, booking, claim_one, finish, ids, live_set
from tests.databases import LEASE

DAY = timedelta(days=1)


@pytest.fixture
async def store(store: SqlStore) -> SqlStore:
    await store.write_setup(SETUP)
    return store


def gone(number: int, *, start: datetime) -> AuthorizationSet:
    return live_set(number, start=start).revoking("status.revoke", now=start).revoked(now=start)


async def over(store: SqlStore, booking_id: str, clock: ManualClock, *, days: float, sets: Any = (), **also: Any) -> None:
    start = clock.now() - days * DAY - 2 * HOUR
    change = Change(sets=list(sets), events=[Event(at=start, type="booking.read", data={"status": "20"})])
    await booking(store, booking_id, start=start, change=change, **{"state": BookingState.ENDED, "object_name": "Hall", **also})


async def erase_old(store: SqlStore, clock: ManualClock, *, limit: int = 10) -> int:
    count, after = 0, ""
    while True:
        erased, next_after = await store.erase_aged(before=clock.now() - 90 * DAY, limit=limit, after=after)
        count += erased
        if next_after is None:
            return count
        after = next_after


async def test_what_stays_of_an_erased_booking_is_what_safety_needs(store: SqlStore, clock: ManualClock) -> None:
    made = gone(3, start=clock.now() - 100 * DAY)
    hashes = {"facts_seen": "f" * 32, "field_written": "{}", "field_seen": "s" * 32, "warned": "then access"}
    await over(store, "1", clock, days=99, sets=[made], last_number=3, existing=" doors ", **hashes)
    assert await erase_old(store, clock) == 1
    view = await store.booking("club", "1")
    record, (left,) = view.record, view.sets
    assert (record.last_number, record.existing, record.erased_at) == (3, " doors ", clock.now())
    assert (record.status, record.object_id, record.object_name, record.start, record.end) == (None, None, "", None, None)
    assert (record.facts_seen, record.field_written, record.field_seen, record.warned) == ("", None, None, "")
    assert (left.number, left.authorization_id, left.state) == (3, "id-1", SetState.REVOKED)
    assert left.display_name == "dr-abcdefgh-club-1-3"
    assert (left.intent.recipients, left.intent.component_names, left.facts.email) == ("", (), None)
    assert [(event.type, event.data) for event in view.history] == [("booking.erased", {"cause": "age"})]
    assert await store.is_ours("id-1")
    assert await erase_old(store, clock) == 0


async def test_what_is_held_stays_and_does_not_stand_in_the_way_of_what_is_behind_it(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now() - 300 * DAY
    unknown = a_set(1, start=start).about_to_send(now=start, look_at=start).outcome_lost(look_at=start)
    for n, held in enumerate((live_set(1, start=start), unknown, replace(gone(1, start=start), watch_at=clock.now() + HOUR))):
        await over(store, f"held-{n}", clock, days=200 - n, sets=[held])
    await over(store, "person", clock, days=150, state=BookingState.NEEDS_PERSON)
    await over(store, "soon", clock, days=150, next_at=clock.now() + HOUR)
    await over(store, "young", clock, days=89)
    await over(store, "old", clock, days=91)
    await booking(store, "never-read", start=start, status=None)
    assert await erase_old(store, clock, limit=2) == 2
    erased = [v.record.booking_id for v in (await store.bookings(state=None, limit=50, after=None))[0] if v.record.erased_at]
    assert sorted(erased) == ["never-read", "old"]


async def test_a_booking_that_was_never_read_is_as_old_as_the_last_look_at_it(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "2")
    claims = await store.claim(limit=5)
    for claim in claims:
        claim.record.next_at = claim.record.told_at = None
        await store.complete(claim.lease, claim.record, Change())
    await store.hint("club", "3")
    clock.advance(89 * DAY)
    assert await erase_old(store, clock) == 0
    clock.advance(2 * DAY)
    await erase_old(store, clock)
    with pytest.raises(UnknownBooking):
        await store.booking("club", "2")
    assert (await store.booking("club", "3")).record.erased_at is None, "it was told of and not read yet"


@pytest.mark.parametrize("kept", [{"withheld": True}, {"existing": " doors "}, {"last_number": 1}])
async def test_a_booking_that_was_never_read_stays_if_anything_hangs_on_its_row(
    store: SqlStore, clock: ManualClock, kept: dict[str, object]
) -> None:
    await store.hint("club", "2")
    (claim,) = await store.claim(limit=5)
    claim.record.next_at = claim.record.told_at = None
    for name, value in kept.items():
        setattr(claim.record, name, value)
    await store.complete(claim.lease, claim.record, Change())
    clock.advance(91 * DAY)
    assert await erase_old(store, clock) == 1
    assert (await store.booking("club", "2")).record.erased_at == clock.now()


async def test_an_order_erases_at_once_where_nothing_is_live_and_keeps_that_it_is_withheld(
    store: SqlStore, clock: ManualClock
) -> None:
    start = clock.now() + HOUR
    await booking(store, "1", start=start, change=Change(sets=[gone(1, start=start)]), last_number=1)
    done = await store.order_erase("club", "1", by="API key desk")
    assert done.waits is None
    (receipt,) = await store.receipts()
    assert receipt == done.receipt
    assert (receipt.ordered_by, receipt.erased_at, receipt.revoked) == ("API key desk", clock.now(), ("id-1",))
    assert receipt.removed["accesses reduced to their ids"] == 1
    record = (await store.booking("club", "1")).record
    assert (record.withheld, record.last_number, record.erase_ordered_at) == (True, 1, None)
    with pytest.raises(UnknownBooking):
        await store.order_erase("club", "9", by="x")


async def test_an_order_waits_until_nothing_is_live_and_then_needs_no_second_one(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now() + HOUR
    await booking(store, "1", start=start, change=Change(sets=[live_set(1, start=start)]), last_number=1)
    assert (await store.order_erase("club", "1", by="a")).waits is Keeps.LIVE
    clock.advance(HOUR)
    again = await store.order_erase("club", "1", by="b")
    assert (again.receipt.number, again.receipt.ordered_by) == (1, "a")
    assert await store.erase_ordered(limit=5, after=0) == (0, None)
    claim = await claim_one(store)
    assert (claim.record.withheld, claim.record.told_at, claim.record.erase_ordered_at) == (
        True,
        clock.now() - HOUR,
        clock.now() - HOUR,
    )
    revoked = claim.sets[0].revoking("booking.withheld", now=clock.now()).revoked(now=clock.now())
    await store.commit(claim.lease, claim.record, Change(sets=[revoked]))
    assert await store.erase_ordered(limit=5, after=0) == (0, None), "a worker is at it"
    await finish(store, claim)
    assert await store.erase_ordered(limit=5, after=0) == (1, None)
    (receipt,) = await store.receipts()
    assert (receipt.revoked, receipt.erased_at) == (("id-1",), clock.now())


async def test_a_worker_whose_lease_ran_out_writes_nothing_into_an_erased_booking(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    late = await claim_one(store)
    clock.advance(LEASE + timedelta(seconds=1))
    assert (await store.order_erase("club", "1", by="a")).waits is None
    with pytest.raises(LeaseLost):
        await finish(store, late, object_name="Hall Ada", status="20")
    assert (await store.booking("club", "1")).record.object_name == ""


async def test_a_retry_while_an_order_waits_lifts_nothing_and_afterwards_it_does(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now() + HOUR
    await booking(store, "1", start=start, change=Change(sets=[live_set(1, start=start)]))
    await store.order_erase("club", "1", by="a")
    await store.order_retry("club", "1")
    assert (await store.booking("club", "1")).record.withheld
    claim = await claim_one(store)
    await finish(store, claim, Change(sets=[gone(1, start=start)]))
    await store.erase_ordered(limit=5, after=0)
    await store.order_retry("club", "1")
    record = (await claim_one(store)).record
    assert (record.withheld, record.erased_at) == (False, None)


async def test_the_poll_keeps_of_an_erased_booking_only_that_it_is_there(store: SqlStore, clock: ManualClock) -> None:
    async def poll(rows: dict[str, str]) -> None:
        await store.record_poll("club", rows=rows, due=[], existing=[], complete=True, with_status=True)

    await booking(store, "1", start=clock.now() + HOUR)
    await poll({"1": "hash of the row", "2": "another"})
    await store.order_erase("club", "1", by="a")
    assert await store.poll_rows("club") == {"2": "another"}
    await poll({"1": "hash of the row", "2": "another"})
    await poll({"1": "changed", "2": "another"})
    assert await store.poll_rows("club") == {"1": "", "2": "another"}
    await store.order_retry("club", "1")
    assert await store.poll_rows("club") == {"2": "another"}
    await poll({"1": "changed", "2": "another"})
    assert await store.poll_rows("club") == {"1": "changed", "2": "another"}


async def test_a_set_of_an_erased_booking_is_found_by_the_whole_name_that_resivo_shows(
    store: SqlStore, clock: ManualClock
) -> None:
    made = gone(1, start=clock.now() + HOUR)
    await booking(store, "1", start=clock.now() + HOUR, change=Change(sets=[made]))
    await store.order_erase("club", "1", by="a")
    found = await store.sets_named([made.display_name, "Hall · dr-abcdefgh-club-1-2"])
    assert list(found) == [made.display_name]
    assert found[made.display_name].set.authorization_id == "id-1"


async def test_the_order_is_due_at_once(store: SqlStore, clock: ManualClock) -> None:
    await booking(store, "1", start=clock.now(), change=Change(sets=[live_set(1, start=clock.now())]))
    assert await ids(store) == []
    await store.order_erase("club", "1", by="a")
    assert await ids(store) == ["1"]
