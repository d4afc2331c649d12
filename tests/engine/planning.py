"""Plans a change of the set-up on a stage, then makes it, and writes down what was really sent: what both must agree on."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from drempel.adapters.ireserve_source import IReserveSource
from drempel.engine.plan import Plan
from drempel.engine.ports import CallFailed
from drempel.engine.rehearsal import CreateCall, RehearsedCall, RevokeCall, WriteFieldCall
from drempel.engine.setup import DesiredIntegration, DesiredSource, SetupWrite
from drempel.ireserve import IReserveClient
from drempel.resivo import NotSent, ResivoClient, profile_from_json
from drempel.transport import NeverSent, Request, Response
from drempel.wiring.planning import make_planner
from tests.simulation.stage import Stage
from tests.simulation.world import LIMITS

Sent = tuple[str, str, bytes]
"""Method, address and body."""


@dataclass
class Scribe:
    """Writes down every request that would change something; sends it on only if told to."""

    inner: Any
    sends: bool = True
    wrote: list[Sent] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        bears = {name.casefold() for name in request.headers}
        if request.method != "GET" and "authorization" in bears:
            self.wrote.append((request.method, request.url, request.body))
            if not self.sends:
                raise NeverSent("only written down")
        response: Response = await self.inner.send(request)
        return response


def rows_of(stage: Stage) -> list[str]:
    """Every row of the database, as text."""
    path = stage.store._database.url.database
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


async def today(stage: Stage, **changes: Any) -> DesiredIntegration:
    """The stage's integration as a file would want it; changes of the policy by their names, others as they are."""
    setup, secrets = await stage.store.setup(), await stage.store.stored_secrets()
    there = setup.integrations["doors"]
    connection = setup.connections[there.connection_id]
    of_policy = {key: changes.pop(key) for key in list(changes) if hasattr(there.policy, key)}
    wanted = DesiredIntegration(
        name=there.name,
        kind=there.kind,
        source=there.source,
        policy=replace(there.policy, **of_policy),
        profile_json=connection.profile_json,
        base_url=connection.base_url,
        site_owner_id=connection.site_owner_id,
        client_id=connection.client_id,
        client_secret=secrets.client_secrets[connection.id],
        site_id=there.site_id,
        mappings=there.mappings,
    )
    return replace(wanted, **changes)


async def source_today(stage: Stage, **changes: Any) -> DesiredSource:
    setup, secrets = await stage.store.setup(), await stage.store.stored_secrets()
    there = setup.sources["club"]
    wanted = DesiredSource(
        name=there.name,
        kind=there.kind,
        base_url=there.base_url,
        username=there.username,
        password=secrets.source_passwords["club"],
        time_zone=there.time_zone,
        poll_seconds=there.poll_seconds,
    )
    return replace(wanted, **changes)


async def plan(stage: Stage, write: SetupWrite, *, days: int = 14) -> Plan:
    """What the plan tells; asserts that it left everything as it was."""
    scribe, rows = Scribe(stage.world.transport), rows_of(stage)
    planner = await make_planner(
        store=stage.store,
        write=write,
        transport=scribe,
        clock=stage.world.clock,
        limits=LIMITS,
    )
    made = await planner.plan(days=days)
    assert scribe.wrote == []
    assert rows_of(stage) == rows
    return made


async def run(stage: Stage, write: SetupWrite, *, hint: bool) -> dict[str, list[Sent]]:
    """Write the set-up for real and work; what was sent for each booking, in this order."""
    await stage.store.write_setup(write)
    scribe = Scribe(stage.world.transport)
    stage.world.transport = scribe
    stage.crew = stage.world.crew()
    booking_ids = list(stage.ireserve.state.bookings)
    if hint:
        for booking_id in booking_ids:
            await stage.store.hint("club", booking_id)
        await stage.work()
    else:
        # Nobody tells anything: the next poll, and another look at each booking.
        stage.ireserve.deliveries.clear()
        stage.world.advance(timedelta(seconds=301))
        await stage.crew.sweep.run_once()
        await stage.crew.worker.run_once(limit=64)
        await stage.store.wake("club", booking_ids)
        await stage.crew.worker.run_once(limit=64)
    owners = {
        one.authorization_id: view.record.booking_id
        for view in (await stage.store.bookings(state=None, limit=500, after=None))[0]
        for one in view.sets
    }
    sent: dict[str, list[Sent]] = {}
    for one in scribe.wrote:
        sent.setdefault(_booking_of(one, owners), []).append(one)
    return sent


def _booking_of(sent: Sent, owners: dict[str | None, str]) -> str:
    _, url, body = sent
    if (revoked := re.search(r"/authorizations/([^/]+)/revoke$", url)) is not None:
        return owners[revoked[1]]
    found = re.search(rb'-club-(\w+)-\d+"|"id": ?"(\w+)"', body)
    assert found is not None, sent
    return (found[1] or found[2]).decode()


async def written_out(stage: Stage, calls: tuple[RehearsedCall, ...], *, new_ids: list[str]) -> list[Sent]:
    """The requests that these calls are, to the byte. `new_ids` stand for `new-1`, `new-2`."""
    scribe = Scribe(stage.world.transport, sends=False)
    for call in calls:
        try:
            await _say(stage, call, scribe, new_ids)
        except (NotSent, CallFailed):
            continue
    return scribe.wrote


async def _say(stage: Stage, call: RehearsedCall, scribe: Scribe, new_ids: list[str]) -> None:
    secrets = await stage.store.stored_secrets()
    clock = stage.world.clock
    if isinstance(call, WriteFieldCall):
        source = (await stage.store.setup()).sources[call.source]
        client = IReserveClient(
            transport=scribe,
            base_url=source.base_url,
            username=source.username,
            password=secrets.source_passwords[call.source],
            time_zone=source.time_zone,
            now=clock.now,
        )
        reader = IReserveSource(client, name=call.source, fields=[call.field])
        await reader.read_booking(call.booking_id)  # in which form the field's key stands there
        value = re.sub(r"new-(\d+)", lambda found: new_ids[int(found[1]) - 1], call.value)
        await reader.write_field(call.booking_id, call.field, value)
        return
    through = call.through
    resivo = ResivoClient(
        transport=scribe,
        profile=profile_from_json(through.profile_json),
        base_url=through.base_url,
        site_owner_id=through.site_owner_id,
        client_id=through.client_id,
        client_secret=next(
            one.client_secret for one in stage.resivo.state.credentials.values() if one.client_id == through.client_id
        ),
        monotonic=clock.monotonic,
        now=clock.now,
    )
    if isinstance(call, RevokeCall):
        await resivo.revoke_authorization(call.site_id, call.authorization_id)
        return
    assert isinstance(call, CreateCall)
    await resivo.create_remote_access(
        call.site_id,
        display_name=call.display_name,
        component_ids=[component_id for _, component_id in call.doors],
        valid_from=call.window.valid_from,
        valid_to=call.window.valid_to,
        emails=call.emails,
        phone_numbers=call.phone_numbers,
    )


def created_ids(sent: list[Sent], stage: Stage) -> list[str]:
    """The ids that Resivo gave to the creates among these, in order."""
    names = [json.loads(found[1]) for _, _, body in sent if (found := re.search(rb'"displayName":("[^"]*")', body))]
    by_name = {one.display_name: one.id for one in stage.resivo.authorizations()}
    return [by_name[name] for name in names]
