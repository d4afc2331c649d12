"""Fills the engine's port `Prober` with the typed clients. Each probe has clients of its own: nothing that fails here pauses anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from drempel.adapters.ireserve_source import IReserveSource
from drempel.adapters.resivo_gateway import ResivoGateway
from drempel.adapters.store import SqlStore
from drempel.domain.failures import Failure
from drempel.engine.limits import Limits
from drempel.engine.lint import lint
from drempel.engine.lint_findings import LintFinding
from drempel.engine.ports import CallFailed, Clock
from drempel.engine.probing import HOOK_EVENTS, DoorsSeen, HookRefused, ResivoProbe, SiteFound, SourceProbe
from drempel.engine.setup import DesiredIntegration, DesiredSource, SetupWrite
from drempel.ireserve import IReserveClient, IReserveError
from drempel.ireserve.search import start_between
from drempel.resivo import ResivoClient, ResivoError, profile_from_json
from drempel.transport import Transport
from drempel.wiring.planning import make_linter

__all__ = ["OutsideProber"]

SITES_LOOKED_AT: Final = 20
OBJECTS_LOOKED_AT: Final = 50
OBJECTS_BOOKED_MAX: Final = 20
DAYS_LOOKED_AT: Final = (-2, 400)


class OutsideProber:
    """One for the process."""

    def __init__(self, *, store: SqlStore, transport: Transport, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._limits = limits

    async def resivo(self, wanted: DesiredIntegration) -> ResivoProbe:
        client = ResivoClient(
            transport=self._transport,
            profile=profile_from_json(wanted.profile_json),
            base_url=wanted.base_url,
            site_owner_id=wanted.site_owner_id,
            client_id=wanted.client_id,
            client_secret=wanted.client_secret,
            monotonic=self._clock.monotonic,
            now=self._clock.now,
        )
        gateway = ResivoGateway(client)
        named = dict.fromkeys([*filter(None, [wanted.site_id]), *(mapping.site_id for mapping in wanted.mappings)])
        try:
            sites = await self._sites(client, list(named))
        except ResivoError as error:
            return ResivoProbe(
                failure=_named(gateway.failure_of(error).failure, integration=wanted.name), lists_sites=client.can_list_sites
            )
        doors: dict[str, DoorsSeen] = {}
        for site_id in dict.fromkeys([*named, *(site.id for site in sites)]):
            if len(doors) == SITES_LOOKED_AT:
                break
            try:
                doors[site_id] = DoorsSeen(components=await gateway.components(site_id))
            except CallFailed as error:
                doors[site_id] = DoorsSeen(failure=_named(error.failure, integration=wanted.name, site=site_id))
        return ResivoProbe(sites=sites, doors=doors, lists_sites=client.can_list_sites)

    async def _sites(self, client: ResivoClient, named: Sequence[str]) -> list[SiteFound]:
        found = await client.list_sites() if client.can_list_sites else [await client.read_site(each) for each in named]
        return [
            SiteFound(id=one.id, display_name=one.display_name, default_locale=one.default_locale, time_zone=one.time_zone)
            for one in found
        ]

    async def source(self, wanted: DesiredSource, *, statuses: Sequence[str]) -> SourceProbe:
        source = IReserveSource(self._ireserve(wanted), name=wanted.name, fields=())
        try:
            seen = await source.poll(statuses=statuses)
        except CallFailed as error:
            return SourceProbe(failure=error.failure)
        return SourceProbe(bookings=len(seen.rows), complete=seen.complete, with_status=seen.with_status)

    async def object_names(self, wanted: DesiredSource, object_ids: Sequence[str]) -> Mapping[str, str]:
        client, names = self._ireserve(wanted), {}
        for object_id in object_ids[:OBJECTS_LOOKED_AT]:
            try:
                names[object_id] = (await client.read_object(object_id)).name
            except (IReserveError, ValueError):
                continue
        return names

    async def objects_booked(self, wanted: DesiredSource) -> Mapping[str, str]:
        client, names = self._ireserve(wanted), {}
        try:
            # A list tells names alone: one booking of each is read for the id.
            listed = await client.filter_bookings(search=start_between(*DAYS_LOOKED_AT), columns=("OBJ_NAME",), pages_max=1)
        except IReserveError:
            return {}
        one_of: dict[str, str] = {}
        for row in listed.rows:
            one_of.setdefault(row.values[0], row.booking_id)
        for booking_id in list(one_of.values())[:OBJECTS_BOOKED_MAX]:
            try:
                booking = await client.read_booking(booking_id)
            except (IReserveError, ValueError):
                continue
            names[booking.object_id] = booking.object_name
        return names

    async def register_hook(self, wanted: DesiredSource, address: str) -> Sequence[str]:
        client = self._ireserve(wanted)
        try:
            return [await client.subscribe(event, address) for event in HOOK_EVENTS]
        except IReserveError as error:
            raise HookRefused(f"answered {error.status}" if error.status is not None else type(error).__name__) from error

    async def lint(self, integration: str) -> Sequence[LintFinding]:
        linter = await make_linter(
            store=self._store, write=SetupWrite(), transport=self._transport, clock=self._clock, limits=self._limits
        )
        return lint(await linter.gather([integration]))

    def _ireserve(self, wanted: DesiredSource) -> IReserveClient:
        return IReserveClient(
            transport=self._transport,
            base_url=wanted.base_url,
            username=wanted.username,
            password=wanted.password,
            time_zone=wanted.time_zone,
            now=self._clock.now,
        )


def _named(failure: Failure, **names: str) -> Failure:
    """With the names that fill its sentence; a call of the engine has them from its target."""
    return replace(failure, params={**names, **failure.params})
