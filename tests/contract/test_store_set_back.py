"""A clock that was ahead, and is set right. PostgreSQL has a clock of its own; here it is handed in, as on SQLite."""

from __future__ import annotations

from datetime import timedelta

from drempel.adapters.store import SqlStore
from drempel.engine.ports import Change
from tests.clock import ManualClock
from tests.contract.store_kit import SETUP

HOURS = timedelta(hours=3)


async def test_what_was_done_paused_or_told_later_than_now_is_due(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    clock.jump(HOURS)
    await store.hint("club", "done")
    (claim,) = await store.claim(limit=9)
    claim.record.next_at = clock.now() + HOURS
    claim.record.hinted = False
    await store.complete(claim.lease, claim.record, Change())
    await store.pause("credential:1", code="credential.refused", detail="401", probe_at=clock.now() + HOURS)
    await store.hint("club", "told")
    clock.jump(-HOURS)
    assert await store.claim(limit=9) == []
    assert await store.forget_the_future() == 2
    assert {claim.record.booking_id for claim in await store.claim(limit=9)} == {"done", "told"}
    assert await store.take_probe("credential:1", next_probe_at=clock.now() + HOURS)
    assert await store.forget_the_future() == 1  # completed later than now still, until its next completion


async def test_a_probe_that_a_clock_put_off_further_than_ever_may_be_made(store: SqlStore, clock: ManualClock) -> None:
    longest = timedelta(minutes=15)
    await store.pause("source:club", code="source.refused", detail="401", probe_at=clock.now() + longest)
    assert not await store.take_probe("source:club", next_probe_at=clock.now() + longest)
    clock.jump(HOURS)
    assert await store.take_probe("source:club", next_probe_at=clock.now() + longest)
    clock.jump(-HOURS)
    assert await store.take_probe("source:club", next_probe_at=clock.now() + longest), "since it was right, and the probe was not"
    assert not await store.take_probe("source:club", next_probe_at=clock.now() + longest)


async def test_a_pace_that_was_slowed_by_such_a_clock_is_learned_anew(store: SqlStore, clock: ManualClock) -> None:
    clock.jump(HOURS)
    await store.slow_down("throttle:credential:1", code="resivo.busy", detail="429", retry_after=timedelta(), well_lately=0)
    clock.jump(-HOURS)
    assert await store.take_places("throttle:credential:1", count=1, went_well=0) is None
    await store.slow_down("throttle:credential:1", code="resivo.busy", detail="429", retry_after=timedelta(), well_lately=0)
    clock.jump(HOURS)
    clock.advance(2)
    await store.slow_down("throttle:credential:1", code="resivo.busy", detail="429", retry_after=timedelta(), well_lately=0)
    clock.jump(-HOURS)
    assert await store.take_places("throttle:credential:1", count=1, went_well=0) is None, "slowed once more by it"


async def test_a_lease_that_is_too_long_to_be_one_is_none(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    clock.jump(HOURS)
    await store.hint("club", "1")
    (claim,) = await store.claim(limit=9)
    clock.jump(-HOURS)
    await store.wake("club", ["1"])
    (again,) = await store.claim(limit=9)
    assert again.lease.token == claim.lease.token + 1


async def test_a_completion_of_a_run_that_began_later_than_now_is_followed_by_another(
    store: SqlStore, clock: ManualClock
) -> None:
    await store.write_setup(SETUP)
    clock.jump(HOURS)
    await store.hint("club", "1")
    (claim,) = await store.claim(limit=9)
    clock.jump(-HOURS)
    claim.record.next_at = claim.lease.now + timedelta(seconds=10)
    await store.complete(claim.lease, claim.record, Change())
    assert len(await store.claim(limit=9)) == 1
