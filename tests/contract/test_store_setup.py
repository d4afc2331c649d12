"""The set-up: written whole, versioned where it differs, waking whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from drempel.adapters.store import SqlStore
from drempel.domain.access import BookingState
from drempel.domain.failures import Failure
from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges, Policy
from drempel.engine.calls import credential_target, site_target, source_target
from drempel.engine.ports import Change
from drempel.engine.records import Holdings
from drempel.engine.setup import SetupWrite
from tests.clock import ManualClock
from tests.contract.store_kit import (
    CLUB,
    DOORS,
    HOUR,
    POLICY,
    SETUP,
    a_set,
    booking,
    claim_one,
    finish,
    ids,
    integration,
    live_set,
    source,
)


async def test_what_was_written_is_read(store: SqlStore) -> None:
    policy = Policy(
        trigger_statuses=frozenset({"20"}),
        revoke_statuses=frozenset({"70", "80"}),
        time_before=timedelta(minutes=7),
        authorization_field="custom09",
        default_language="nl",
        default_country="NL",
        follow_changes=FollowChanges.TRIGGER,
        active=False,
    )
    mappings = (
        ObjectMapping(object_id="81", site_id="site-1", component_names=("Één", "Twee")),
        ObjectMapping(object_id="81", site_id="site-2", component_names=("Drie",)),
    )
    full = replace(
        DOORS,
        policy=policy,
        mappings=mappings,
        base_url="http://127.0.0.1:1",
        site_id="site-1",
        target_mobile_app_id="app",
        allow_insecure=True,
    )
    club = replace(CLUB, allow_insecure=True, poll_seconds=0)
    await store.write_setup(SetupWrite(sources=(club, source("gym")), integrations=(full, integration("side", source="gym"))))
    setup = await store.setup()
    assert await store.setup_version() == setup.version
    assert list(setup.sources) == ["club", "gym"]
    seen = setup.sources["club"]
    assert (seen.base_url, seen.username, seen.time_zone, seen.kind) == (club.base_url, "drempel", "Europe/Amsterdam", "ireserve")
    assert (seen.poll_seconds, seen.allow_insecure, seen.poll_without_status) == (0, True, False)
    doors = setup.integrations["doors"]
    assert (doors.policy, doors.mappings, doors.policy_version) == (policy, mappings, 1)
    assert (doors.kind, doors.source, doors.site_id, doors.paused) == ("resivo", "club", "site-1", False)
    assert (doors.target_mobile_app_id, doors.allow_insecure) == ("app", True)
    assert (doors.issue_existing, doors.first_poll_done) == (False, False)
    connection = setup.connections[doors.connection_id]
    assert (connection.integration, connection.base_url, connection.profile_json) == ("doors", "http://127.0.0.1:1", "{}")
    assert (connection.site_owner_id, connection.client_id) == ("owner", "client")
    assert (connection.current, connection.secret_version) == (True, 1)
    assert setup.sites_of(doors, "81") == ("site-1", "site-2")
    kept = await store.stored_secrets()
    assert kept.source_passwords == {"club": "its password", "gym": "its password"}
    assert kept.client_secrets[doors.connection_id] == "its secret"


async def test_nothing_gets_a_new_version_unless_it_differs(store: SqlStore) -> None:
    await store.write_setup(SETUP)
    before = await store.setup()
    await store.write_setup(SETUP)
    after = await store.setup()
    assert after == replace(before, version=after.version)
    assert after.version > before.version


async def test_a_changed_policy_or_mapping_is_a_new_version(store: SqlStore) -> None:
    await store.write_setup(SETUP)
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, policy=replace(POLICY, time_before=timedelta())),)))
    assert (await store.setup()).integrations["doors"].policy_version == 2
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, mappings=()),)))
    doors = (await store.setup()).integrations["doors"]
    assert (doors.policy_version, doors.mappings, doors.policy) == (3, (), POLICY)
    assert doors.connection_id == 1


@pytest.mark.parametrize(
    "changed", [{"base_url": "https://other.example"}, {"profile_json": '{"a": 1}'}, {"site_owner_id": "o2"}, {"client_id": "c2"}]
)
async def test_another_address_account_or_profile_is_a_new_connection_and_the_old_stays(
    sqlite_store: SqlStore, changed: dict[str, str]
) -> None:
    store = sqlite_store
    await store.write_setup(SETUP)
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, **changed),)))
    setup = await store.setup()
    assert setup.integrations["doors"].connection_id == 2
    assert [(c.id, c.current) for c in setup.connections.values()] == [(1, False), (2, True)]
    assert (await store.stored_secrets()).client_secrets == {1: "its secret", 2: "its secret"}


async def test_a_new_secret_is_a_new_secret_version_for_every_connection_of_that_credential(store: SqlStore) -> None:
    await store.write_setup(SETUP)
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, profile_json='{"a": 1}'),)))
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, profile_json='{"a": 1}', client_secret="new"),)))
    setup = await store.setup()
    assert [(c.id, c.secret_version) for c in setup.connections.values()] == [(1, 2), (2, 2)]
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, client_id="c2", client_secret="newer"),)))
    assert (await store.stored_secrets()).client_secrets == {1: "new", 2: "new", 3: "newer"}
    await store.write_setup(SetupWrite(sources=(replace(CLUB, password="changed"),)))
    assert (await store.stored_secrets()).source_passwords == {"club": "changed"}


async def test_secrets_lie_encrypted(store: SqlStore) -> None:
    await store.write_setup(SETUP)
    async with store._database.reading() as connection:
        kept = [
            *(await connection.execute(text("SELECT password FROM sources"))).scalars(),
            *(await connection.execute(text("SELECT client_secret FROM connections"))).scalars(),
            *(await connection.execute(text("SELECT token FROM hook_tokens"))).scalars(),
        ]
    assert len(kept) == 3
    assert all(each.startswith("v1.") for each in kept)


async def test_a_set_up_is_written_whole_or_not_at_all(store: SqlStore) -> None:
    await store.write_setup(SETUP)
    before = await store.setup()
    for bad in (
        SetupWrite(sources=(source("gym"),), removed_sources=("nowhere",)),
        SetupWrite(sources=(source("gym"),), removed_integrations=("nobody",)),
        SetupWrite(sources=(source("gym"),), issue_existing=("nobody",)),
        SetupWrite(sources=(source("gym"),), removed_sources=("club",)),
    ):
        with pytest.raises(ValueError, match=r"\."):
            await store.write_setup(bad)
    assert await store.setup() == before


async def test_what_holds_sets_is_neither_removed_nor_re_owned(store: SqlStore, clock: ManualClock) -> None:
    start = clock.now()
    await store.write_setup(SetupWrite(sources=(CLUB, source("gym")), integrations=(DOORS,)))
    held = [
        live_set(1, start=start),
        live_set(2, start=start, authorization_id="id-2").revoking("x", now=start),
        a_set(3, start=start).about_to_send(now=start, look_at=start),
        a_set(4, start=start).about_to_send(now=start, look_at=start).outcome_lost(look_at=start),
        a_set(5, start=start),
        live_set(6, start=start, authorization_id="id-6").revoked(now=start),
        live_set(7, start=start, authorization_id="id-7").ended(),
    ]
    await booking(store, "1", start=start, change=Change(sets=held), last_number=7)
    assert await store.holdings() == Holdings(by_integration={"doors": 4}, by_source={"club": 4})
    for bad in (
        SetupWrite(removed_integrations=("doors",)),
        SetupWrite(removed_integrations=("doors",), removed_sources=("club",)),
        SetupWrite(integrations=(replace(DOORS, source="gym"),)),
    ):
        with pytest.raises(ValueError, match="4 live or unknown sets"):
            await store.write_setup(bad)
    await store.hint("club", "1")
    gone = [each.revoked(now=start) for each in held[:4]]
    await finish(store, await claim_one(store), Change(sets=gone))
    assert await store.holdings() == Holdings()
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, source="gym"),)))
    assert len((await store.booking("club", "1")).sets) == 7, "the history stays"
    await store.write_setup(SetupWrite(removed_sources=("club",), removed_integrations=("doors",)))
    setup = await store.setup()
    assert (list(setup.sources), setup.integrations, setup.connections) == (["gym"], {}, {})
    assert (await store.bookings(state=None, limit=5, after=None))[0] == []
    await store.write_setup(SETUP)
    assert (await store.setup()).integrations["doors"].connection_id == 2, "ids are not used twice"


async def test_saved_settings_end_their_pauses_and_wake_who_waited(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SetupWrite(sources=(CLUB, source("gym")), integrations=(DOORS, integration("side", source="gym"))))
    keys = {
        "doors": [*site_target(1, "site-1", integration="doors").ended_by_saving],
        "side": [*site_target(2, "site_1", integration="side").keys, *credential_target(2, integration="side").keys],
        "club": [*source_target("club").ended_by_saving],
    }
    for key in {key for some in keys.values() for key in some}:
        await store.pause(key, code="credential.refused", detail="401", probe_at=clock.now() + HOUR)
    for name, waiting_for in (("waits-doors", keys["doors"][-2]), ("waits-side", keys["side"][0])):
        await booking(store, name, start=clock.now(), waiting_for=waiting_for, state=BookingState.PENDING)
    await store.write_setup(SetupWrite(integrations=(DOORS,)))
    assert set(await store.pauses()) == {*keys["side"], *keys["club"]}
    assert await ids(store) == ["waits-doors"]
    await store.write_setup(SetupWrite(sources=(CLUB,)))
    assert set(await store.pauses()) == {*keys["side"]}


async def test_the_needy_of_touched_sources_are_decided_anew(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SetupWrite(sources=(CLUB, source("gym")), integrations=(DOORS, integration("side", source="gym"))))
    needy = {"state": BookingState.NEEDS_PERSON, "failure": Failure("component.missing")}
    await booking(store, "needy", start=clock.now(), **needy)
    await booking(store, "granted", start=clock.now())
    await booking(store, "of-gym", start=clock.now(), of="gym", **needy)
    await store.hint("club", "at-work")
    at_work = await claim_one(store)
    await store.write_setup(SetupWrite(integrations=(DOORS,)))
    assert await ids(store) == ["needy"]
    await finish(store, at_work, status="20")
    assert await ids(store) == ["at-work"], "it may have been decided by what was set up before"


async def test_a_changed_mapping_wakes_what_had_no_access(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    none = {"state": BookingState.NONE, "reason": "object.unmapped"}
    await booking(store, "unmapped", start=clock.now() + HOUR, **none)
    await booking(store, "over", start=clock.now() - 5 * HOUR, **none)
    await booking(store, "existing", start=clock.now() + HOUR, existing=" doors ", **none)
    await booking(store, "granted", start=clock.now() + HOUR)
    await store.write_setup(SETUP)
    assert await ids(store) == [], "nothing differs"
    await store.write_setup(SetupWrite(integrations=(replace(DOORS, mappings=()),)))
    assert await ids(store) == ["unmapped"]


async def test_existing_bookings_are_issued_when_a_person_says_so(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    await store.record_poll("club", rows={"1": "a"}, due=["1"], existing=["1"], complete=True, with_status=True)
    await finish(store, await claim_one(store), status="20")
    assert (await store.booking("club", "1")).record.existing
    await store.write_setup(SetupWrite(issue_existing=("doors",)))
    assert (await store.setup()).integrations["doors"].issue_existing
    assert not (await claim_one(store)).record.existing


async def test_another_address_is_asked_anew_for_its_statuses(store: SqlStore) -> None:
    await store.write_setup(SETUP)
    await store.record_poll("club", rows={}, due=[], existing=[], complete=True, with_status=False)
    await store.write_setup(SETUP)
    assert (await store.setup()).sources["club"].poll_without_status
    await store.write_setup(SetupWrite(sources=(replace(CLUB, base_url="https://new.example"),)))
    assert not (await store.setup()).sources["club"].poll_without_status
