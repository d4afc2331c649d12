"""Orders about one live access that a person named by its id: take it into our record, or have it revoked.

It is read now, wherever it is; what is not wholly known to be ours is refused. The order is written into the record of its booking, in one
transaction; what is to be called is the worker's matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from drempel.domain.access import AuthorizationSet
from drempel.domain.failures import Failure
from drempel.domain.own_name import OwnName
from drempel.engine.adopting import Named, add_adopted, add_going, not_ours, recorded_already
from drempel.engine.comparing import Comparing, what_went_wrong
from drempel.engine.levers import LeverRefused, WordRefused
from drempel.engine.orphan_refusals import refusal
from drempel.engine.places import Place, places_of
from drempel.engine.ports import BookingRecord, CallClass, CallFailed, Change, FoundSet
from drempel.engine.records import Records
from drempel.engine.resolving import AUTHORIZATION_ID, Refusal
from drempel.engine.setup import IntegrationSetup, Setup
from drempel.engine.trail import Actor, TrailEntry

__all__ = ["Orphans", "OutsideRefused"]

NOT_HERE: Final = frozenset({CallClass.NOT_FOUND, CallClass.SETUP_REFUSED})


class OutsideRefused(LeverRefused):
    """Resivo could not be asked, so nothing was ordered."""

    def __init__(self, sentence: str, failure: Failure) -> None:
        super().__init__(sentence)
        self.failure = failure


class Orphans:
    """Adopts and revokes."""

    def __init__(self, tools: Comparing, records: Records, *, actor: Actor | None = None) -> None:
        self._tools = tools
        self._records = records
        self._actor = actor

    def by(self, actor: Actor) -> Orphans:
        """The same, in the hands of this actor: whoever orders goes into the trail."""
        return Orphans(self._tools, self._records, actor=actor)

    async def revoke(self, authorization_id: str) -> str:
        """Have a live access revoked that is ours and one too many. Raises `LeverRefused`, `BookingBusy`."""
        named = await self._named(*await self._find(authorization_id), adopting=False, names={})

        def change(record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
            return _or_refuse(add_going(named, record, sets, now=now))

        await self._amend("access.revoke", named, change)
        return (
            f"Ordered: the access {named.row.id} ({named.row.display_name}) is revoked now; see `drempel why {named.source} "
            f"{named.booking_id}`.{_later(named.integration)}"
        )

    async def adopt(self, authorization_id: str) -> str:
        """Take a live access that is ours into the record of its booking. Raises `LeverRefused`, `BookingBusy`."""
        setup, place, row = await self._find(authorization_id)
        names = await self._doors(place)
        named = await self._named(setup, place, row, adopting=True, names=names)

        def change(record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
            return _or_refuse(add_adopted(named, record, sets, names=names, now=now))

        await self._amend("access.adopt", named, change)
        return (
            f"Ordered: the access {named.row.id} is now that of booking {named.booking_id} of {named.source}, which is decided anew: it stays "
            f"if it is what the booking has.{_later(named.integration)}"
        )

    async def _amend(
        self, type_: str, named: Named, change: Callable[[BookingRecord, Sequence[AuthorizationSet], datetime], Change]
    ) -> None:
        assert self._actor is not None, "an order has somebody who gives it: say orphans.by(actor)"
        about = f"access {named.row.id} of booking {named.booking_id} of {named.source}"
        entry = TrailEntry(actor=self._actor, type=type_, about=about)
        await self._records.amend(named.source, named.booking_id, change, may_add=True, entries=(entry,))

    # --- one access, named by its id

    async def _find(self, authorization_id: str) -> tuple[Setup, Place, FoundSet]:
        """The access, wherever it is. Raises `LeverRefused` if no site of ours has it, or if that cannot be known."""
        if AUTHORIZATION_ID.fullmatch(authorization_id) is None or authorization_id in {".", ".."}:
            raise WordRefused(refusal("no_id"))
        setup = await self._tools.outside.current()
        failed: list[CallFailed] = []
        for place in places_of(setup, await self._tools.store.live_sites()):
            try:
                row = await self._read(place, authorization_id) if place.integrations else None
            except CallFailed as error:
                if error.call_class not in NOT_HERE:
                    failed.append(error)
                continue
            if row is not None:
                return setup, place, row
        if failed:
            why = what_went_wrong(failed[0])
            raise OutsideRefused(
                f"Whether there is an access {authorization_id} could not be read everywhere. {why}", failed[0].failure
            )
        raise WordRefused(refusal("nowhere", id=authorization_id))

    async def _named(self, setup: Setup, place: Place, row: FoundSet, *, adopting: bool, names: Mapping[str, str]) -> Named:
        """Whose it is. Raises `LeverRefused` for what is not wholly ours, or stands in our record in a way that the order does not fit."""
        store = self._tools.store
        now = await store.now()
        own = not_ours(row, marker=await store.marker(), now=now)
        if isinstance(own, Refusal):
            raise WordRefused(own)
        by_id, by_name = await store.sets_with_ids([row.id]), await store.sets_named([row.display_name])
        for at in (by_id.get(row.id), by_name.get(row.display_name)):
            if at is not None and at.set.intent.site_id == place.site_id:
                already = recorded_already(row, at, adopting=adopting, now=now)
                if already is not None:
                    raise WordRefused(already)
        source, booking_id = _whose(setup, place, row, own)
        integration, connection_id = _through(setup, place, source, {names.get(door, "") for door in row.component_ids})
        return Named(
            row=row,
            own=own,
            site_id=place.site_id,
            source=source,
            booking_id=booking_id,
            integration=integration,
            connection_id=connection_id,
        )

    async def _read(self, place: Place, authorization_id: str) -> FoundSet | None:
        gateway, calls = self._tools.outside.gateway(place.connection_ids[0]), self._tools.calls
        if gateway.can_read:
            return await calls.make(place.target, "read_authorization", lambda: gateway.read(place.site_id, authorization_id))
        if not gateway.can_look:
            return None
        rows = await calls.make(place.target, "audit", lambda: gateway.all_sets(place.site_id))
        return next((row for row in rows if row.id == authorization_id), None)

    async def _doors(self, place: Place) -> dict[str, str]:
        """The names of the site's doors, by id."""
        gateway = self._tools.outside.gateway(place.connection_ids[0])
        try:
            components = await self._tools.calls.make(place.target, "list_components", lambda: gateway.components(place.site_id))
        except CallFailed as error:
            raise OutsideRefused(what_went_wrong(error), error.failure) from error
        return {component.id: component.display_name.strip() for component in components}


def _whose(setup: Setup, place: Place, row: FoundSet, own: OwnName) -> tuple[str, str]:
    """The booking that its name tells. Raises `LeverRefused`."""
    bookings = own.bookings({setup.integrations[name].source for name in place.integrations})
    if len(bookings) == 1:
        return bookings[0]
    raise WordRefused(refusal("several_bookings" if bookings else "no_booking", id=row.id, name=row.display_name))


def _through(setup: Setup, place: Place, source: str, doors: set[str]) -> tuple[IntegrationSetup, int]:
    """The integration of that source at this place, and its connection there: of several the first one that maps an object to these doors."""
    theirs = [setup.integrations[name] for name in place.integrations if setup.integrations[name].source == source]
    integration = min(
        theirs, key=lambda one: not any(m.site_id == place.site_id and doors <= {*m.component_names} for m in one.mappings)
    )
    connections = (
        c for c in place.connection_ids if c in setup.connections and setup.connections[c].integration == integration.name
    )
    return integration, next(connections, integration.connection_id)


def _later(integration: IntegrationSetup) -> str:
    return (
        f" {integration.name} is paused: nothing is done before `drempel resume {integration.name}`."
        if integration.paused
        else ""
    )


def _or_refuse(answer: Change | Refusal) -> Change:
    if isinstance(answer, Refusal):
        raise WordRefused(answer)
    return answer
