"""Builders for the store's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from drempel.adapters.store import SqlStore
from drempel.domain.access import AuthorizationSet, BookingState, Facts, Intent
from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import Policy
from drempel.domain.window import AccessWindow
from drempel.engine.ports import Change, Claim
from drempel.engine.setup import DesiredIntegration, DesiredSource, SetupWrite

HOUR = timedelta(hours=1)
CLUB = DesiredSource(
    name="club",
    kind="ireserve",
    base_url="https://club.example",
    username="drempel",
    password="its password",
    time_zone="Europe/Amsterdam",
)
POLICY = Policy(
    trigger_statuses=frozenset({"20", "30"}),
    revoke_statuses=frozenset({"70"}),
    time_before=timedelta(minutes=15),
    authorization_field="custom05",
)
DOORS = DesiredIntegration(
    name="doors",
    kind="resivo",
    source="club",
    policy=POLICY,
    profile_json="{}",
    site_owner_id="owner",
    client_id="client",
    client_secret="its secret",
    mappings=(ObjectMapping(object_id="81", site_id="site-1", component_names=("Main entrance", "Hall 1")),),
)
SETUP = SetupWrite(sources=(CLUB,), integrations=(DOORS,))


def source(name: str) -> DesiredSource:
    return replace(CLUB, name=name)


def integration(name: str, **also: Any) -> DesiredIntegration:
    return replace(DOORS, name=name, **also)


def a_set(number: int, *, start: datetime, **also: Any) -> AuthorizationSet:
    """An intent for two hours from `start`."""
    made = AuthorizationSet(
        number=number,
        integration="doors",
        connection_id=1,
        policy_version=1,
        display_name=f"Hall · dr-abcdefgh-club-1-{number}",
        intent=Intent(
            site_id="site-1",
            component_ids=("c1", "c2"),
            component_names=("Main entrance", "Hall 1"),
            window=AccessWindow(valid_from=start, valid_to=start + 2 * HOUR),
            recipients="r" * 32,
        ),
        facts=Facts(object_id="81", start=start, end=start + 2 * HOUR, email="e" * 32, mobile=None, default_country=""),
    )
    return replace(made, **also)


def live_set(number: int, *, start: datetime, authorization_id: str = "id-1", **also: Any) -> AuthorizationSet:
    return (
        a_set(number, start=start, **also)
        .about_to_send(now=start, look_at=start)
        .created(authorization_id, dropped=(), now=start)
    )


async def claim_one(store: SqlStore) -> Claim:
    (claim,) = await store.claim(limit=1)
    return claim


async def finish(store: SqlStore, claim: Claim, change: Change | None = None, **record: Any) -> None:
    """Complete as a worker does: the hint is seen; everything else as named."""
    for name, value in {"hinted": False, "told_at": None, "next_at": None, **record}.items():
        setattr(claim.record, name, value)
    await store.complete(claim.lease, claim.record, change or Change())


async def booking(
    store: SqlStore, booking_id: str, *, start: datetime, change: Change | None = None, of: str = "club", **record: Any
) -> None:
    """A booking that was read and completed."""
    await store.hint(of, booking_id)
    claim = next(each for each in await store.claim(limit=100) if each.record.booking_id == booking_id)
    known = {"status": "20", "object_id": "81", "start": start, "end": start + 2 * HOUR, "state": BookingState.GRANTED}
    await finish(store, claim, change, **{**known, **record})


async def ids(store: SqlStore, *, limit: int = 100) -> list[str]:
    """Who is claimed, in order."""
    return [claim.record.booking_id for claim in await store.claim(limit=limit)]
