"""What was last seen: hints, the use of keys, and what an audit found."""

from __future__ import annotations

from dataclasses import replace

from drempel.adapters.store import SqlStore
from drempel.domain.window import AccessWindow
from drempel.engine.audit import Kind
from drempel.engine.kept_audit import KeptAudit, Orphan
from drempel.engine.last_names import LastNames
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors
from drempel.engine.ports import Change
from drempel.engine.records import ApiScope
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP, source


async def test_the_last_hint_of_a_source_is_known_exactly_also_after_it_was_worked_on(
    store: SqlStore, clock: ManualClock
) -> None:
    await store.write_setup(replace(SETUP, sources=(*SETUP.sources, source("other"))))
    assert (await store.insight.signs("club")).hinted_at is None
    await store.hint("club", "1")
    clock.advance(HOUR)
    await store.hint("club", "2")
    last = clock.now()
    clock.advance(HOUR)
    await store.wake("club", ["1", "3"])
    for claim in await store.claim(limit=10):
        claim.record.hinted = False
        await store.complete(claim.lease, claim.record, Change())
    signs = await store.insight.signs("club")
    assert (signs.hinted, signs.hinted_at) == (2, last)
    assert (await store.insight.signs("other")).hinted == 0
    await store.hint("club", "1")
    assert (await store.insight.signs("club")).hinted_at == clock.now()


async def test_the_last_use_of_a_key_is_kept(store: SqlStore, clock: ManualClock) -> None:
    await store.add_api_key("desk", ApiScope.READ, "hash-1")
    await store.add_api_key("wall", ApiScope.READ, "hash-2")
    clock.advance(HOUR)
    await store.note_key_use("hash-2")
    assert {key.name: key.used_at for key in await store.api_keys()} == {"desk": None, "wall": clock.now()}
    found = await store.key_of_hash("hash-2")
    assert found is not None
    assert found.used_at == clock.now()


async def test_an_audit_is_kept_in_place_of_the_one_before(store: SqlStore, clock: ManualClock) -> None:
    window = AccessWindow(valid_from=clock.now(), valid_to=clock.now() + HOUR)
    orphan = Orphan(authorization_id="a-1", display_name="Hall 1 · dr-x-club-1-1", site_id="site-1", doors=2, window=window)
    endless = replace(orphan, authorization_id="a-2", window=None, readable=False)
    first = KeptAudit(
        connection_id=1,
        site_id="site-1",
        at=clock.now(),
        listed=True,
        counts={Kind.FOREIGN: 3, Kind.ORPHAN: 1},
        orphans=(orphan, endless),
    )
    await store.keep_audit(first)
    await store.keep_audit(replace(first, site_id="site-2", orphans=()))
    assert [one.site_id for one in await store.kept_audits()] == ["site-1", "site-2"]
    assert (await store.kept_audits())[0] == first
    second = replace(first, at=clock.now() + HOUR, listed=False, counts={}, orphans=())
    await store.keep_audit(second)
    assert (await store.kept_audits())[0] == second


async def test_doors_that_are_offline_are_kept_by_site_until_none_is(store: SqlStore, clock: ManualClock) -> None:
    door = OfflineDoor(component_id="c1", name="Hal 1 · ingang", since=clock.now())
    first = OfflineDoors(connection_id=1, site_id="site-1", looked_at=clock.now(), doors=(door,))
    other = replace(first, connection_id=2, doors=(door, replace(door, component_id="c2")))
    await store.keep_offline_doors(other)
    await store.keep_offline_doors(first)
    assert await store.offline_doors() == [first, other]
    later = replace(first, looked_at=clock.now() + HOUR)
    await store.keep_offline_doors(later)
    assert await store.offline_doors() == [later, other]
    await store.keep_offline_doors(replace(later, doors=()))
    await store.keep_offline_doors(replace(later, doors=()))
    assert await store.offline_doors() == [other]


async def test_the_names_of_a_site_and_of_its_doors_are_kept_each_in_place_of_the_one_before(store: SqlStore) -> None:
    assert await store.last_names() == LastNames()
    await store.keep_door_names("site-1", {"c1": "Hal 1 · ingang", "c2": "Poort"})
    await store.keep_site_name("site-1", "Sportpark")
    await store.keep_site_name("site-2", "Theater")
    await store.keep_door_names("site-1", {"c1": "Zaal 1"})
    names = await store.last_names()
    assert names.sites == {"site-1": "Sportpark", "site-2": "Theater"}
    assert names.doors == {("site-1", "c1"): "Zaal 1"}
