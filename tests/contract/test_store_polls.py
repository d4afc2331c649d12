"""Polls, re-reads, chores, what is live where; pauses and brakes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.adapters.store import SqlStore
from drempel.domain.access import BookingState
from drempel.domain.failures import Failure
from drempel.engine.ports import NOT_FOUND, Change, GoneCount, Pause
from drempel.engine.setup import SetupWrite
from tests.clock import ManualClock
from tests.contract.store_kit import (
    CLUB,
    DOORS,
    HOUR,
    a_set,
    booking,
    claim_one,
    finish,
    ids,
    integration,
    live_set,
    source,
)
from tests.databases import LEASE, Place

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def store(store: SqlStore) -> SqlStore:
    await store.write_setup(SetupWrite(sources=(CLUB, source("gym")), integrations=(DOORS, integration("side", source="gym"))))
    return store


# ------------------------------------------------------------------------------------------------------------------------ polls


async def test_a_complete_poll_is_remembered_as_it_is_and_an_incomplete_one_adds(store: SqlStore) -> None:
    async def poll(rows: dict[str, str], *, complete: bool) -> dict[str, str]:
        await store.record_poll("club", rows=rows, due=[], existing=[], complete=complete, with_status=True)
        return dict(await store.poll_rows("club"))

    assert await poll({"1": "a", "2": "b"}, complete=True) == {"1": "a", "2": "b"}
    assert await poll({"2": "c", "3": "d"}, complete=False) == {"1": "a", "2": "c", "3": "d"}
    assert await poll({"3": "d"}, complete=True) == {"3": "d"}
    assert await store.poll_rows("gym") == {}


async def test_a_row_is_old_once_its_booking_was_read_otherwise_until_a_poll_has_made_it_due(store: SqlStore) -> None:
    async def poll(*, due: list[str]) -> str:
        await store.record_poll("club", rows={"1": "a"}, due=due, existing=[], complete=True, with_status=True)
        return (await store.poll_rows("club"))["1"]

    assert await poll(due=["1"]) == "a"
    claim = await claim_one(store)
    claim.record.status = "20"
    await store.complete(claim.lease, claim.record, Change(row_is_old=True))
    old = (await store.poll_rows("club"))["1"]
    assert old not in {"a", "", NOT_FOUND}
    assert await poll(due=[]) == old, "a poll that was compared before goes on"
    assert await poll(due=["1"]) == "a"


async def test_a_row_of_a_booking_that_was_not_found_is_told_apart_until_it_is_listed_no_more(store: SqlStore) -> None:
    async def poll(*booking_ids: str) -> dict[str, str]:
        rows = dict.fromkeys(booking_ids, "a")
        await store.record_poll("club", rows=rows, due=list(booking_ids), existing=[], complete=True, with_status=True)
        return dict(await store.poll_rows("club"))

    assert await poll("1", "2", "3") == {"1": "a", "2": "a", "3": "a"}, "nobody has read them yet"
    for claim in await store.claim(limit=3):
        claim.record.status = "20" if claim.record.booking_id == "1" else None
        claim.record.failure = (
            Failure("source.broken", {"source": "club", "detail": "500"}) if claim.record.booking_id == "3" else None
        )
        claim.record.next_at = None
        await store.complete(claim.lease, claim.record, Change())
    assert await store.poll_rows("club") == {"1": "a", "2": NOT_FOUND, "3": "a"}, "what failed has a time of its own"
    assert await poll("1") == {"1": "a"}


async def test_the_first_complete_poll_is_noted_for_the_integrations_of_its_source(store: SqlStore) -> None:
    version = await store.setup_version()
    await store.record_poll("club", rows={}, due=[], existing=[], complete=False, with_status=True)
    assert await store.setup_version() == version
    await store.record_poll("club", rows={}, due=[], existing=[], complete=True, with_status=True)
    setup = await store.setup()
    assert (setup.integrations["doors"].first_poll_done, setup.integrations["side"].first_poll_done) == (True, False)
    assert setup.version > version
    await store.record_poll("club", rows={"1": "a"}, due=["1"], existing=[], complete=True, with_status=True)
    assert await store.setup_version() == setup.version, "nothing new for those who keep the set-up in memory"


async def test_a_source_that_takes_no_status_criterion_is_remembered(store: SqlStore) -> None:
    await store.record_poll("club", rows={}, due=[], existing=[], complete=True, with_status=False)
    setup = await store.setup()
    assert (setup.sources["club"].poll_without_status, setup.sources["gym"].poll_without_status) == (True, False)


async def test_a_poll_wakes_what_is_due_and_marks_only_what_nobody_told_us_of(store: SqlStore) -> None:
    await store.hint("club", "hinted")
    await store.record_poll(
        "club",
        rows={"new": "a", "hinted": "b"},
        due=["new", "known"],
        existing=["new", "hinted"],
        complete=True,
        with_status=True,
    )
    marks = {claim.record.booking_id: (claim.record.existing, claim.record.hinted) for claim in await store.claim(limit=9)}
    assert marks == {"new": (" doors ", False), "hinted": ("", True), "known": ("", False)}


async def test_a_poll_of_thousands(store: SqlStore) -> None:
    many = {f"b{n}": f"row {n}" for n in range(3000)}
    await store.record_poll("club", rows=many, due=list(many), existing=[], complete=True, with_status=True)
    await store.record_poll("club", rows=many, due=list(many), existing=[], complete=True, with_status=True)
    assert len(await store.poll_rows("club")) == 3000
    assert len(await store.claim(limit=4000)) == 3000


async def test_bookings_are_read_again_when_they_said_so_many_of_each_source(store: SqlStore, clock: ManualClock) -> None:
    for of in ("club", "gym"):
        for n in range(4):
            sets = [live_set(1, start=clock.now())] if n else []
            reread_at = clock.now() + n * MINUTE if n else None
            await booking(store, f"{of}-{n}", start=clock.now(), of=of, change=Change(sets=sets), reread_at=reread_at)
    assert await store.wake_rereads(per_source=2) == 0
    clock.advance(HOUR)
    assert await store.wake_rereads(per_source=2) == 4
    assert await store.wake_rereads(per_source=2) == 2, "what is due already does not count"
    claims = await store.claim(limit=9)
    assert {claim.record.booking_id for claim in claims} == {f"{of}-{n}" for of in ("club", "gym") for n in (1, 2, 3)}
    assert await store.wake_rereads(per_source=2) == 0, "who is at work reads by himself"
    assert not any(claim.record.hinted for claim in claims)


async def test_a_chore_is_taken_by_one_in_its_time(store: SqlStore, place: Place, clock: ManualClock) -> None:
    other = await place.open(clock)
    every = timedelta(minutes=5)
    taken = await asyncio.gather(*(each.take_chore("poll", every=every) for each in (store, other) * 4))
    assert sum(taken) == 1
    assert await store.take_chore("audit", every=every)
    clock.advance(every - MINUTE)
    assert not await other.take_chore("poll", every=every)
    clock.advance(MINUTE)
    assert await other.take_chore("poll", every=every)
    await other.close()


async def test_a_chore_that_did_not_come_to_its_end_is_due_again_before_its_time(store: SqlStore, clock: ManualClock) -> None:
    every, again = timedelta(days=1), timedelta(minutes=15)
    for _ in range(2):
        assert await store.take_chore("audit", every=every, again=again)
        clock.advance(again - MINUTE)
        assert not await store.take_chore("audit", every=every, again=again)
        clock.advance(MINUTE)
    assert await store.take_chore("audit", every=every, again=again)
    await store.chore_done("audit")
    clock.advance(every - MINUTE)
    assert not await store.take_chore("audit", every=every, again=again)
    await store.chore_wanted("audit")
    assert await store.take_chore("audit", every=every, again=again)


# --------------------------------------------------------------------------------------------------------------------- what is live


async def test_what_is_live_where(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now()
    lost = a_set(2, start=start).about_to_send(now=start, look_at=start).outcome_lost(look_at=start)
    going = live_set(1, start=start, authorization_id="id-3", connection_id=2).revoking("x", now=start)
    await booking(store, "1", start=start, change=Change(sets=[live_set(1, start=start), lost]), last_number=2)
    await booking(store, "2", start=start, change=Change(sets=[a_set(1, start=start)]))
    await booking(store, "3", start=start, of="gym", change=Change(sets=[going]))
    ended = live_set(1, start=start, authorization_id="id-4").ended()
    await booking(store, "4", start=start, change=Change(sets=[ended]))
    assert await store.live_bookings("club") == {"1"}
    assert await store.live_bookings("gym") == frozenset()
    assert await store.live_sites() == [(1, "site-1"), (2, "site-1")]
    there = await store.live_sets(1, "site-1")
    assert [(each.source, each.booking_id, each.set.number) for each in there] == [("club", "1", 1), ("club", "1", 2)]
    assert [each.set for each in await store.live_sets(2, "site-1")] == [going]
    named = await store.sets_named([ended.display_name, lost.display_name, "unknown", *map(str, range(600))])
    assert set(named) == {ended.display_name, lost.display_name}
    assert [await store.is_ours(each) for each in ("id-1", "id-3", "id-4", "id-9", "")] == [True, True, True, False, False]


async def test_of_several_sets_with_one_name_or_id_the_one_that_matters_most_is_told(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now()
    live = live_set(1, start=start)
    twin = live_set(2, start=start, authorization_id="id-2", display_name=live.display_name).revoking("x", now=start)
    again = live_set(3, start=start, authorization_id="id-2", display_name="other").revoking("x", now=start).revoked(now=start)
    await booking(store, "1", start=start, change=Change(sets=[live, twin, again]), last_number=3)
    named = await store.sets_named([live.display_name, "other"])
    assert {name: at.set.number for name, at in named.items()} == {live.display_name: 1, "other": 3}
    found = await store.sets_with_ids(["id-1", "id-2", "unknown", *map(str, range(600))])
    assert {key: (at.booking_id, at.set.number) for key, at in found.items()} == {"id-1": ("1", 1), "id-2": ("1", 2)}


async def test_the_doors_in_use_are_told_once_however_many_bookings_have_them(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now()
    for name in ("1", "2"):
        await booking(store, name, start=start, change=Change(sets=[live_set(1, start=start, authorization_id=name)]))
    dropped = replace(live_set(1, start=start, authorization_id="3"), dropped_ids=frozenset({"c2"}))
    await booking(store, "3", start=start, change=Change(sets=[dropped]))
    ended = live_set(1, start=start, authorization_id="4").ended()
    await booking(store, "4", start=start, change=Change(sets=[ended]))
    full, without = sorted(await store.live_doors(1, "site-1"), key=lambda doors: len(doors.dropped_ids))
    assert (full.component_ids, full.component_names) == (frozenset({"c1", "c2"}), ("Main entrance", "Hall 1"))
    assert (full.dropped_ids, without.dropped_ids) == (frozenset(), frozenset({"c2"}))
    assert sorted(await store.bookings_with_doors(1, "site-1", full)) == [("club", "1"), ("club", "2")]
    assert await store.bookings_with_doors(1, "site-1", without) == [("club", "3")]
    assert await store.live_doors(1, "elsewhere") == []


async def test_another_booking_is_one_that_was_read_well_lately(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now()
    for name, record in {
        "first": {},
        "last": {},
        "gone": {"gone_at": start},
        "unread": {"status": None},
        "failed": {"failure": Failure("source.unreachable")},
    }.items():
        clock.advance(MINUTE)
        await booking(store, name, start=start, **record)
    await booking(store, "of-gym", of="gym", start=start)
    assert await store.another_booking("club", than="first") == "last"
    assert await store.another_booking("club", than="last") == "first"
    assert await store.another_booking("gym", than="of-gym") is None


# ----------------------------------------------------------------------------------------------------------------------- pauses


async def test_a_pause_is_new_once_and_the_longer_wins(store: SqlStore, clock: ManualClock) -> None:
    began = clock.now()
    assert await store.pause("source:club", code="source.refused", detail="401", probe_at=began + HOUR)
    clock.advance(MINUTE)
    assert not await store.pause("source:club", code="source.refused", detail="again", probe_at=began + MINUTE)
    expected = Pause(key="source:club", code="source.refused", detail="again", since=began, probe_at=began + HOUR)
    assert await store.pauses() == {"source:club": expected}
    assert not await store.pause("source:club", code="source.refused", detail="again", probe_at=began + 2 * HOUR)
    assert (await store.pauses())["source:club"].probe_at == began + 2 * HOUR


async def test_a_pause_may_have_begun_before_it_is_told(store: SqlStore, clock: ManualClock) -> None:
    now = clock.now()
    assert await store.pause("silence:source:club", code="source.unreachable", detail="", probe_at=now, since=now - MINUTE)
    assert not await store.pause("silence:source:club", code="source.unreachable", detail="", probe_at=now, since=now)
    assert (await store.pauses())["silence:source:club"].since == now - MINUTE


async def test_one_caller_takes_the_probe(store: SqlStore, clock: ManualClock) -> None:
    now = clock.now()
    await store.pause("source:club", code="source.refused", detail="", probe_at=now + MINUTE)
    assert not await store.take_probe("source:club", next_probe_at=now + HOUR)
    clock.advance(MINUTE)
    taken = await asyncio.gather(*(store.take_probe("source:club", next_probe_at=now + HOUR) for _ in range(3)))
    assert sorted(taken) == [False, False, True]
    assert not await store.take_probe("source:gym", next_probe_at=now)


async def test_who_waited_for_a_pause_is_due_when_it_ends(store: SqlStore, clock: ManualClock) -> None:
    await store.pause("source:club", code="source.refused", detail="", probe_at=clock.now() + HOUR)
    await booking(store, "waits", start=clock.now(), waiting_for="source:club", next_at=clock.now() + HOUR)
    await booking(store, "waits-for-another", start=clock.now(), waiting_for="source:gym", next_at=clock.now() + HOUR)
    assert await store.unpause("source:club")
    assert not await store.unpause("source:club")
    assert await store.pauses() == {}
    assert await ids(store) == ["waits"]


# ----------------------------------------------------------------------------------------------------------------------- brakes


async def test_a_brake_holds_until_it_is_released_and_may_trip_again(store: SqlStore, clock: ManualClock) -> None:
    assert await store.brake("club") == (None, None)
    assert not await store.release_brake("club")
    await store.trip_brake("club")
    tripped = clock.now()
    clock.advance(MINUTE)
    await store.trip_brake("club")
    assert await store.brake("club") == (tripped, None)
    braked = {"failure": Failure("brake.tripped", {"source": "club"}), "state": BookingState.NEEDS_PERSON}
    await booking(store, "braked", start=clock.now(), **braked)
    await booking(store, "fine", start=clock.now())
    await store.hint("club", "at-work")
    at_work = await claim_one(store)
    assert [(brake.source, brake.holds) for brake in await store.brakes()] == [("club", True), ("gym", False)]
    assert await store.release_brake("club")
    assert not await store.release_brake("club")
    assert await ids(store) == ["braked"]
    await finish(store, at_work)
    assert await ids(store) == ["at-work"]
    await store.trip_brake("club")
    assert (await store.brakes())[0].holds, "even within the same microsecond"
    with pytest.raises(KeyError):
        await store.release_brake("nowhere")


async def test_first_404s_are_counted_against_all_live_accesses(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now()

    async def live(name: str, *, of: str = "club", **record: object) -> None:
        await booking(store, name, start=start, of=of, change=Change(sets=[live_set(1, start=start)]), **record)

    for n in range(6):
        await live(f"live-{n}")
    await live("other", of="gym", gone_at=start)
    await live("long-ago", gone_at=start - 2 * HOUR)
    await booking(store, "never-live", start=start, gone_at=start)
    since = start - HOUR
    assert await store.gone_count("club", since=since) == GoneCount(gone=0, live=7)
    await live("gone", gone_at=start)
    assert await store.gone_count("club", since=since) == GoneCount(gone=1, live=8)
    await store.hint("club", "gone")
    claim = await claim_one(store)
    going = claim.sets[0].revoking("booking.gone", now=start)
    await store.commit(claim.lease, claim.record, Change(sets=[going]))
    assert await store.gone_count("club", since=since) == GoneCount(gone=1, live=8)
    await finish(store, claim, Change(sets=[going.revoked(now=start)]))
    assert await store.gone_count("club", since=since) == GoneCount(gone=1, live=8), (
        "what was revoked within the hour was live then"
    )
    clock.advance(LEASE)
    assert await store.gone_count("club", since=start + MINUTE) == GoneCount(gone=0, live=7)


async def test_who_begins_to_wait_for_a_pause_that_has_just_ended_does_not_wait_long(store: SqlStore, clock: ManualClock) -> None:
    later = clock.now() + HOUR
    await store.pause("source:club", code="source.refused", detail="", probe_at=later)
    for name in ("in-time", "too-late"):
        await store.hint("club", name)
    claims = {claim.record.booking_id: claim for claim in await store.claim(limit=2)}
    await finish(store, claims["in-time"], waiting_for="source:club", next_at=later)
    await store.unpause("source:club")
    await finish(store, claims["too-late"], waiting_for="source:club", next_at=later)
    assert await ids(store) == ["in-time"]
    clock.advance(1)
    assert await ids(store) == ["too-late"]
