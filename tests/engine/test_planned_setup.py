"""A planned write makes in memory what the store makes in rows: one walk through writes of every kind, compared after each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from drempel.adapters.store import SqlStore
from drempel.engine.calls import credential_target, site_target, source_target
from drempel.engine.planned_setup import PlannedSetup, mark_unknown, marks_after, pauses_after, plan_write
from drempel.engine.setup import Setup, SetupWrite
from tests.clock import ManualClock
from tests.contract.store_kit import CLUB, DOORS, POLICY, SETUP, finish, integration, source

WRITES: tuple[SetupWrite, ...] = (
    SetupWrite(sources=(replace(CLUB, password="new", poll_seconds=60),)),
    SetupWrite(integrations=(replace(DOORS, policy=replace(POLICY, time_before=timedelta(minutes=30))),)),
    SetupWrite(integrations=(replace(DOORS, client_secret="a new one", target_mobile_app_id="app"),)),
    SetupWrite(integrations=(replace(DOORS, client_id="other", client_secret="theirs"),)),
    SetupWrite(integrations=(replace(DOORS, client_secret="once more", profile_json='{"name": "x"}'),)),
    SetupWrite(integrations=(integration("gates", mappings=()),), issue_existing=("gates",)),
    SetupWrite(sources=(source("gym"),), integrations=(integration("gates", source="gym", mappings=()),)),
    SetupWrite(sources=(replace(CLUB, base_url="https://other.example"),)),
    SetupWrite(integrations=(integration("attic"),), issue_existing=("doors",)),
    SetupWrite(removed_integrations=("gates",), removed_sources=("gym",)),
)


def shown(setup: Setup) -> Any:
    """A set-up without the numbers that only a store can give: connections by what they are, versions of the whole left out."""
    by_id = {key: replace(each, id=0) for key, each in setup.connections.items()}
    kept = {name: (replace(each, connection_id=0), by_id[each.connection_id]) for name, each in setup.integrations.items()}
    return setup.sources, kept, sorted(map(repr, by_id.values()))


def secrets_shown(planned: PlannedSetup) -> Any:
    connections = planned.setup.connections
    by_connection = sorted(
        (repr(replace(connections[key], id=0)), secret) for key, secret in planned.secrets.client_secrets.items()
    )
    return dict(planned.secrets.source_passwords), by_connection


async def test_a_planned_write_is_what_the_store_then_gives_back(sqlite_store: SqlStore, clock: ManualClock) -> None:
    store = sqlite_store
    await store.write_setup(SETUP)
    await store.record_poll("club", rows={"7": "x"}, due=["7"], existing=["7"], complete=True, with_status=False)
    await store.hint("club", "8")
    for claim in await store.claim(limit=5):
        await finish(store, claim, hinted=claim.record.booking_id == "8")
    for number, write in enumerate(WRITES):
        before, secrets = await store.setup(), await store.stored_secrets()
        for each in before.connections.values():
            for target in (
                credential_target(each.id, integration=each.integration),
                site_target(each.id, "site-1", integration=each.integration),
                source_target("club"),
            ):
                await store.pause(target.keys[-1], code="site.refused", detail="", probe_at=clock.now() + timedelta(hours=1))
        pauses = await store.pauses()
        records = [view.record for view in (await store.bookings(state=None, limit=99, after=None))[0]]
        marks = {
            each.booking_id: marks_after(each.existing, source="club", hinted=each.hinted, before=before, write=write)
            for each in records
        }
        planned = plan_write(before, secrets, write)
        await store.write_setup(write)
        assert shown(planned.setup) == shown(await store.setup())
        assert secrets_shown(planned) == secrets_shown(
            PlannedSetup(setup=await store.setup(), secrets=await store.stored_secrets())
        )
        assert pauses_after(pauses, before, write) == await store.pauses()
        after = [view.record for view in (await store.bookings(state=None, limit=99, after=None))[0]]
        assert marks == {each.booking_id: each.existing for each in after}
        new = f"9{number}"
        await store.record_poll("club", rows={new: "y"}, due=[new], existing=[new], complete=False, with_status=True)
        assert (await store.booking("club", new)).record.existing == mark_unknown(planned.setup, "club")
