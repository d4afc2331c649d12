"""Hint, claim, lease, fence, complete: the work item, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.access import AuthorizationSet, BookingState, SetState
from drempel.domain.events import Event
from drempel.domain.failures import Failure, Next
from drempel.domain.verdict import Field, ReadBack, Verdict
from drempel.engine.ports import BookingRecord, Change, LeaseLost, Rations
from drempel.engine.setup import SetupWrite
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP, a_set, booking, claim_one, finish, ids, integration, live_set, source
from tests.databases import LEASE, Place

SECOND = timedelta(seconds=1)


@pytest.fixture
async def store(store: SqlStore) -> SqlStore:
    await store.write_setup(SETUP)
    return store


@pytest.fixture
async def other(store: SqlStore, place: Place, clock: ManualClock) -> AsyncIterator[SqlStore]:
    """Another process on the same database."""
    opened = await place.open(clock)
    yield opened
    await opened.close()


# ------------------------------------------------------------------------------------------------------------------------ hints


async def test_a_hint_makes_an_unknown_booking_due(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    assert claim.record == BookingRecord(source="club", booking_id="1", hinted=True, told_at=clock.now(), next_at=clock.now())
    assert claim.sets == ()
    assert claim.lease.now == clock.now()


async def test_a_hint_for_an_unknown_source_is_refused_alone(store: SqlStore) -> None:
    good, bad = await asyncio.gather(store.hint("club", "1"), store.hint("nowhere", "1"), return_exceptions=True)
    assert good is None
    assert isinstance(bad, KeyError)
    assert await ids(store) == ["1"]


async def test_many_hints_are_one_claim(store: SqlStore) -> None:
    await asyncio.gather(*(store.hint("club", "1") for _ in range(20)))
    assert await ids(store) == ["1"]
    assert await ids(store) == []


async def test_a_wake_is_no_hint(store: SqlStore) -> None:
    await store.wake("club", ["1", "2"])
    assert [claim.record.hinted for claim in await store.claim(limit=5)] == [False, False]


async def test_a_hint_that_comes_during_the_work_makes_the_booking_due_again(store: SqlStore) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    await store.hint("club", "1")
    assert await ids(store) == [], "a hint takes no lease away"
    await finish(store, claim)
    again = await claim_one(store)
    assert again.record.hinted
    await finish(store, again)
    assert await ids(store) == []


async def test_a_hint_together_with_a_completion_is_never_lost(store: SqlStore, other: SqlStore) -> None:
    for turn in range(15):
        await store.hint("club", "1")
        claim = await claim_one(store)
        hinting = (store if turn % 3 else other).hint("club", "1")
        await asyncio.gather(*((hinting, finish(store, claim)) if turn % 2 else (finish(store, claim), hinting)))
        last = await claim_one(store)
        assert last.record.hinted
        await finish(store, last)
        assert await ids(store) == []


async def test_the_first_hint_counts_until_a_completion_has_answered_it(store: SqlStore, clock: ManualClock) -> None:
    first = clock.now()
    await store.hint("club", "1")
    clock.advance(SECOND)
    await store.hint("club", "1")
    claim = await claim_one(store)
    assert claim.record.told_at == first
    await finish(store, claim)
    clock.advance(SECOND)
    await store.wake("club", ["1"])
    claim = await claim_one(store)
    assert claim.record.told_at is None, "a wake tells nothing"
    await store.hint("club", "1")
    during = clock.now()
    await finish(store, claim)
    assert (await claim_one(store)).record.told_at == during


async def test_a_persons_order_to_revoke_tells_of_it(store: SqlStore, clock: ManualClock) -> None:
    await booking(store, "1", start=clock.now())
    clock.advance(SECOND)
    await store.order_revoke("club", "1")
    assert (await claim_one(store)).record.told_at == clock.now()


async def test_bookings_that_are_not_ready_are_counted_until_they_are_over(store: SqlStore, clock: ManualClock) -> None:
    for n, not_ready in enumerate(("doors", "", "component.missing")):
        await booking(store, str(n), start=clock.now(), not_ready=not_ready)
    assert await store.count_not_ready() == 2
    clock.advance(2 * HOUR)
    assert await store.count_not_ready() == 0


async def test_one_event_one_completion(store: SqlStore, clock: ManualClock) -> None:
    """What was completed is not worked on again, with and without a timer: no parameter is taken for a text."""
    await store.hint("club", "1")
    await finish(store, await claim_one(store), next_at=clock.now() + HOUR)
    assert await ids(store) == []
    clock.advance(HOUR - SECOND)
    assert await ids(store) == []
    clock.advance(SECOND)
    await finish(store, await claim_one(store))
    clock.advance(1000 * HOUR)
    assert await ids(store) == []


# ----------------------------------------------------------------------------------------------------------------------- leases


async def test_two_workers_never_hold_the_same_booking(store: SqlStore, other: SqlStore) -> None:
    await store.wake("club", [str(n) for n in range(60)])
    parts = await asyncio.gather(*(each.claim(limit=7) for each in (store, other) * 5))
    held = [claim.record.booking_id for part in parts for claim in part]
    assert len(held) == len(set(held)) == 60


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_is_shut_out(
    store: SqlStore, other: SqlStore, clock: ManualClock
) -> None:
    await store.hint("club", "1")
    first = await claim_one(store)
    clock.advance(LEASE - SECOND)
    assert await ids(other) == []
    clock.advance(SECOND)
    second = await claim_one(other)
    assert second.lease.token > first.lease.token
    for late in (
        store.renew(first.lease),
        store.commit(first.lease, first.record, Change(sets=[a_set(1, start=clock.now())])),
        store.complete(first.lease, first.record, Change(events=[Event(at=clock.now(), type="booking.read")])),
    ):
        with pytest.raises(LeaseLost):
            await late
    await store.release(first.lease, next_at=clock.now())
    seen = await store.booking("club", "1")
    assert (seen.sets, seen.history) == ((), ())
    await finish(other, second, status="20")
    assert (await store.booking("club", "1")).record.status == "20"


async def test_a_late_completion_counts_if_nobody_took_over(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    clock.advance(LEASE * 2)
    await finish(store, claim)
    assert await ids(store) == []


async def test_a_lease_that_was_given_back_writes_nothing_more(store: SqlStore) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    await finish(store, claim)
    for late in (store.complete(claim.lease, claim.record, Change()), store.renew(claim.lease)):
        with pytest.raises(LeaseLost):
            await late


async def test_the_lease_ends_by_the_workers_own_clock_counted_from_before_the_claim(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    assert claim.lease.ends_monotonic == clock.monotonic() + LEASE.total_seconds()
    clock.advance(10 * SECOND)
    await store.commit(claim.lease, claim.record, Change())
    assert claim.lease.ends_monotonic == clock.monotonic() + LEASE.total_seconds() - 10
    await store.commit(claim.lease, claim.record, Change(), renew=True)
    assert claim.lease.ends_monotonic == clock.monotonic() + LEASE.total_seconds()
    clock.advance(10 * SECOND)
    await store.renew(claim.lease)
    assert claim.lease.ends_monotonic == clock.monotonic() + LEASE.total_seconds()
    clock.advance(LEASE - SECOND)
    assert await ids(store) == []


async def test_a_released_booking_is_due_when_it_was_said_or_at_once_if_hinted_meanwhile(
    store: SqlStore, clock: ManualClock
) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    await store.release(claim.lease, next_at=clock.now() + HOUR)
    assert await ids(store) == []
    clock.advance(HOUR)
    claim = await claim_one(store)
    await store.hint("club", "1")
    await store.release(claim.lease, next_at=clock.now() + HOUR)
    assert await ids(store) == ["1"]


async def test_a_claim_whose_caller_has_gone_is_given_back(store: SqlStore) -> None:
    await store.hint("club", "1")
    claiming = asyncio.create_task(store.claim(limit=1))
    hinting = asyncio.create_task(store.hint("club", "2"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    claiming.cancel()
    await hinting
    held: list[str] = []
    while len(held) < 2:
        held += await ids(store)
        await asyncio.sleep(0)
    assert sorted(held) == ["1", "2"]


# --------------------------------------------------------------------------------------------------------------- what is written


async def test_commit_writes_sets_events_and_the_last_number(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    claim.record.last_number = 2
    claim.record.status = "not written yet"
    intents = [a_set(1, start=clock.now()), a_set(2, start=clock.now())]
    told = Event(at=clock.now(), type="access.intended", data={"number": "1"})
    await store.commit(claim.lease, claim.record, Change(sets=intents, events=[told]))
    live = live_set(1, start=clock.now())
    await store.commit(claim.lease, claim.record, Change(sets=[live], dropped_numbers=[2]))
    seen = await store.booking("club", "1")
    assert (seen.sets, seen.history) == ((live,), (told,))
    assert (seen.record.last_number, seen.record.status) == (2, None)


async def test_an_intent_is_never_changed(store: SqlStore, clock: ManualClock) -> None:
    await store.hint("club", "1")
    claim = await claim_one(store)
    first = a_set(1, start=clock.now())
    await store.commit(claim.lease, claim.record, Change(sets=[first]))
    other = a_set(1, start=clock.now() + HOUR, integration="others", looks=3)
    await store.commit(claim.lease, claim.record, Change(sets=[other]))
    (seen,) = (await store.booking("club", "1")).sets
    assert (seen.intent, seen.connection_id, seen.looks) == (first.intent, first.connection_id, 3)


async def test_every_field_of_a_record_is_kept(store: SqlStore, clock: ManualClock) -> None:
    await store.pause("source:club", code="source.refused", detail="", probe_at=clock.now() + HOUR)
    moments = iter(clock.now() + timedelta(hours=n, microseconds=n) for n in range(1, 99))
    given = BookingRecord(
        source="club",
        booking_id="1",
        status="30",
        object_id="81",
        object_name="Hall · één",
        start=next(moments),
        end=next(moments),
        state=BookingState.NEEDS_PERSON,
        reason="status.neither_trigger_nor_revoke",
        failure=Failure("source.unreachable", {"source": "club", "detail": "{}"}, Next.ASK_A_PERSON),
        facts_seen="seen",
        tries=3,
        hinted=True,
        told_at=next(moments),
        recheck_soon_at=next(moments),
        recheck_late_at=next(moments),
        reread_at=next(moments),
        gone_at=next(moments),
        gone_confirmed=True,
        last_number=4,
        withheld=True,
        existing=" doors ",
        retry_ordered=True,
        field_written="a",
        field_seen="b",
        overwrite_value="c",
        erase_ordered_at=next(moments),
        erased_at=next(moments),
        waiting_for="source:club",
        not_ready="doors",
        warned="2026-03-14T09:00:00 doors",
        next_at=next(moments),
    )
    plain = BookingRecord(source="club", booking_id="1")
    assert all(getattr(given, f.name) != getattr(plain, f.name) for f in fields(given) if f.name not in {"source", "booking_id"})
    for record in (given, plain):
        await store.hint("club", "1")
        claim = await claim_one(store)
        await store.complete(claim.lease, record, Change())
        assert (await store.booking("club", "1")).record == record


async def test_every_field_of_a_set_is_kept(store: SqlStore, clock: ManualClock) -> None:
    plain = a_set(1, start=clock.now())
    given = replace(
        plain,
        number=2,
        intent=replace(plain.intent, maybe_dropped=frozenset({"c1", "c2"}), adds_dropped=True),
        facts=replace(plain.facts, mobile="m", default_country="NL", email=""),
        state=SetState.UNKNOWN,
        authorization_id="id",
        maybe_sent=True,
        look_at=clock.now() + HOUR,
        looks=2,
        ever_unknown=True,
        watch_step=3,
        watch_at=clock.now() + 2 * HOUR,
        dropped_ids=frozenset({"c2"}),
        revoke_reason="booking.gone",
        right_ended_at=clock.now() + 3 * HOUR,
        revoked_at=clock.now() + 4 * HOUR,
        sent_at=clock.now() + 5 * HOUR,
        exposure=timedelta(seconds=37, microseconds=1),
        read_back=ReadBack(
            verdict=Verdict.NOT_READY,
            fields=(Field.DOORS, Field.WINDOW),
            missing_ids=frozenset({"c2"}),
            at=clock.now(),
            tries=3,
            again_at=clock.now() + HOUR,
        ),
        issue_again=True,
    )
    never_other = {"integration", "connection_id", "policy_version", "display_name"}
    assert all(getattr(given, f.name) != getattr(plain, f.name) for f in fields(AuthorizationSet) if f.name not in never_other)
    await store.hint("club", "1")
    claim = await claim_one(store)
    claim.record.last_number = 2
    await finish(store, claim, Change(sets=[given, plain]))
    await store.hint("club", "1")
    assert (await claim_one(store)).sets == (plain, given)


# ------------------------------------------------------------------------------------------------------- the order of the claims


async def test_the_most_urgent_are_claimed_first(store: SqlStore, clock: ManualClock) -> None:
    now = clock.now()
    in_week = now + timedelta(days=7)
    await booking(store, "week", start=in_week)
    await booking(store, "tomorrow", start=now + timedelta(days=1))
    await booking(store, "soon", start=now + timedelta(minutes=59))
    await booking(store, "running", start=now - HOUR)
    await booking(store, "over", start=now - 3 * HOUR)
    await booking(store, "live-unhinted", start=now - HOUR, change=Change(sets=[live_set(1, start=now - HOUR)]))
    await booking(store, "live", start=now - HOUR / 2, change=Change(sets=[live_set(1, start=now - HOUR / 2)]))
    await booking(store, "live-later", start=in_week, change=Change(sets=[live_set(1, start=in_week)]))
    await booking(store, "was-live", start=in_week, change=Change(sets=[live_set(1, start=now).revoking("x", now=now)]))
    for hinted in ("live", "live-later", "was-live"):
        await store.hint("club", hinted)
    await store.wake("club", ["week", "tomorrow", "soon", "running", "over", "live-unhinted", "unread"])
    expected = ["live", "running", "live-unhinted", "unread", "soon", "over", "tomorrow", "week", "live-later", "was-live"]
    assert [(await ids(store, limit=1))[0] for _ in range(3)] == expected[:3], "picked in this order"
    assert await ids(store) == expected[3:], "and told in this order"


async def test_a_revoke_that_was_begun_while_the_booking_runs_goes_before_all_that_waits(
    store: SqlStore, clock: ManualClock
) -> None:
    now = clock.now()
    revoking = {"state": BookingState.REVOKING}
    await booking(store, "running", start=now - HOUR)
    await booking(store, "going-later", start=now + timedelta(days=1), **revoking)
    await booking(store, "going-over", start=now - 3 * HOUR, **revoking)
    await booking(store, "going", start=now - HOUR / 2, **revoking)
    await booking(store, "going-too", start=now - HOUR / 3, **revoking)
    await store.wake("club", ["running", "going-later", "going-over", "going", "going-too"])
    assert await ids(store, limit=1) == ["going"], "picked first"
    assert await ids(store) == ["going-too", "running", "going-over", "going-later"], "and told first"


async def test_of_a_source_that_is_held_back_only_so_many_are_claimed(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SetupWrite(sources=(source("gym"),)))
    for name, days in (("far", 9), ("near", 1), ("next", 2), ("later", 3)):
        await booking(store, name, start=clock.now() + timedelta(days=days))
    for name in ("far", "near", "next", "later"):
        await store.wake("club", [name])
        clock.advance(SECOND)
    await store.wake("gym", ["of-gym"])

    async def claimed(of: int, **also: Any) -> list[str]:
        claims = await store.claim(limit=10, rations=Rations(of={"club": of}, **also))
        return [claim.record.booking_id for claim in claims]

    assert await claimed(0, others=False) == []
    assert await claimed(2, longest_due=frozenset({"club"}), others=False) == ["near", "far"], (
        "the longest due comes with the nearest"
    )
    assert await claimed(1) == ["of-gym", "next"], "others are not held back by it"
    assert await claimed(5) == ["later"]


async def test_within_a_class_the_earlier_start_comes_first_then_the_earlier_due(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now() + timedelta(days=3)
    for name, days in (("b", 0), ("c", 1), ("a", 0)):
        await booking(
            store, name, start=start + timedelta(days=days), next_at=clock.now() + timedelta(seconds=1 if name == "b" else 2)
        )
    clock.advance(HOUR)
    assert await ids(store) == ["b", "a", "c"]


async def test_a_source_whose_integrations_are_all_paused_is_left_alone(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SetupWrite(sources=(source("gym"), source("bare")), integrations=(integration("side"),)))
    for name in ("club", "gym", "bare"):
        await store.hint(name, f"of-{name}")
    assert await store.set_paused("doors", paused=True)
    assert not await store.set_paused("doors", paused=True)
    assert set(await ids(store)) == {"of-club", "of-gym", "of-bare"}
    assert await store.set_paused("side", paused=True)
    clock.advance(LEASE)
    assert set(await ids(store)) == {"of-gym", "of-bare"}, "a hint of a paused source is kept, not worked on"
    assert await store.set_paused("doors", paused=False)
    assert await ids(store) == ["of-club"]


async def test_what_was_decided_while_an_integration_was_paused_is_decided_anew_when_it_resumes(
    store: SqlStore, clock: ManualClock
) -> None:
    await store.write_setup(SetupWrite(integrations=(integration("side"),)))
    await booking(store, "before", start=clock.now())
    clock.advance(SECOND)
    await store.set_paused("side", paused=True)
    await booking(store, "meanwhile", start=clock.now())
    await store.hint("club", "at-work")
    claim = await claim_one(store)
    await store.set_paused("side", paused=False)
    assert await ids(store) == ["meanwhile"]
    await finish(store, claim)
    assert await ids(store) == ["at-work"]
    with pytest.raises(KeyError):
        await store.set_paused("nobody", paused=True)


# ------------------------------------------------------------------------------------------------------------------------ wakes


async def test_a_worker_is_told_of_what_becomes_due(store: SqlStore, clock: ManualClock) -> None:
    told: list[str] = []
    store.on_wake(lambda: told.append("now"))

    async def tells(doing: object) -> int:
        told.clear()
        await doing  # type: ignore[misc]
        return len(told)

    assert await tells(store.hint("club", "1")) == 1
    assert await tells(store.wake("club", ["1"])) == 1
    claim = await claim_one(store)
    assert await tells(store.commit(claim.lease, claim.record, Change())) == 0
    assert await tells(finish(store, claim)) == 0
    assert await tells(store.order_retry("club", "1")) == 1
    claim = await claim_one(store)
    await store.hint("club", "1")
    assert await tells(finish(store, claim)) == 1, "it is due again"
