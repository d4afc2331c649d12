"""What a dead process left leased on a SQLite file is taken over at once by the next."""

from __future__ import annotations

from datetime import timedelta

from drempel.adapters.store import SqlStore
from drempel.domain.access import SetState
from drempel.engine.ports import Change, LeaseLost
from tests.clock import ManualClock
from tests.contract.store_kit import SETUP
from tests.factories import make_set


async def test_leases_of_the_dead_end_at_once_and_fence_them_out(sqlite_store: SqlStore, clock: ManualClock) -> None:
    store = sqlite_store
    await store.write_setup(SETUP)
    await store.hint("club", "1")
    (dead,) = await store.claim(limit=1)
    look_at = clock.now() + timedelta(seconds=40)
    sent = make_set(state=SetState.INTENDED, connection_id=1).about_to_send(now=look_at, look_at=look_at)
    await store.commit(dead.lease, dead.record, Change(sets=[sent]))
    assert await store.claim(limit=1) == []
    assert await store.end_leases(call_timeout=timedelta(seconds=10)) == 1
    (heir,) = await store.claim(limit=1)
    assert heir.sets[0].look_at == clock.now() + timedelta(seconds=10)
    try:
        await store.complete(dead.lease, dead.record, Change())
    except LeaseLost:
        pass
    else:
        raise AssertionError("the dead one still writes")
