"""One booking worked on without consequences: reads go out, writes are noted and answered as the other side would, nothing is kept.

The same engine runs (`Reconciler`), so what is noted is what a run would send. A create is answered with a made-up id and the doors that are
online, a revoke makes its set not live, a written booking field holds what was written. What the other side would refuse is not known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace

from drempel.domain.booking import Booking
from drempel.domain.components import Component
from drempel.domain.decision import Want
from drempel.domain.values import value
from drempel.domain.window import AccessWindow
from drempel.engine.ports import (
    BookingSource,
    CallFailed,
    Contact,
    Created,
    FoundSet,
    Gateway,
    Life,
    Outside,
    PollResult,
)
from drempel.engine.setup import ConnectionSetup, Setup

__all__ = ["CreateCall", "RehearsedCall", "RehearsedOutside", "RevokeCall", "Through", "WriteFieldCall"]


@value(frozen=True, slots=True, kw_only=True)
class Through:
    """The way that a call to Resivo takes: what would change its address, its account or its form."""

    integration: str
    base_url: str | None
    site_owner_id: str
    client_id: str
    profile_json: str = field(repr=False)

    @classmethod
    def of(cls, connection: ConnectionSetup) -> Through:
        """The way of this connection."""
        return cls(
            integration=connection.integration,
            base_url=connection.base_url,
            site_owner_id=connection.site_owner_id,
            client_id=connection.client_id,
            profile_json=connection.profile_json,
        )


@value(frozen=True, slots=True, kw_only=True)
class CreateCall:
    """A create that a run would send. Holds visitor data: how many there are is shown, they themselves never."""

    through: Through
    site_id: str
    display_name: str
    doors: tuple[tuple[str, str], ...]
    """(name, id), in mapping order."""
    window: AccessWindow
    emails: tuple[str, ...] = field(repr=False)
    phone_numbers: tuple[str, ...] = field(repr=False)


@value(frozen=True, slots=True, kw_only=True)
class RevokeCall:
    """A revoke that a run would send."""

    through: Through
    site_id: str
    authorization_id: str


@value(frozen=True, slots=True, kw_only=True)
class WriteFieldCall:
    """A booking field that a run would write."""

    source: str
    booking_id: str
    field: str
    value: str
    """`new-1`, `new-2`: the ids that Resivo will give to the creates before it."""


RehearsedCall = CreateCall | RevokeCall | WriteFieldCall


class RehearsedOutside:
    """Fills the port `Outside` for one booking. `calls`: what would have been sent, in this order."""

    def __init__(self, outside: Outside, setup: Setup) -> None:
        self._outside = outside
        self._setup = setup
        self.calls: list[RehearsedCall] = []
        self.sets: dict[str, FoundSet] = {}
        """Sets that this rehearsal has made or revoked, by id: what the other side would show from then on."""
        self.fields: dict[str, str] = {}
        """Booking fields that it has written."""

    async def current(self) -> Setup:
        return self._setup

    def source(self, name: str) -> RehearsalSource:
        return RehearsalSource(self._outside.source(name), self, name=name)

    def gateway(self, connection_id: int) -> RehearsalGateway:
        through = Through.of(self._setup.connections[connection_id])
        return RehearsalGateway(self._outside.gateway(connection_id), self, through=through)

    def fingerprint(self, text: str) -> str:
        return self._outside.fingerprint(text)


class RehearsalSource:
    """A booking system that is read as ever, and whose fields are written in memory only."""

    def __init__(self, source: BookingSource, rehearsed: RehearsedOutside, *, name: str) -> None:
        self._source = source
        self._rehearsed = rehearsed
        self._name = name

    async def read_booking(self, booking_id: str) -> Booking:
        booking = await self._source.read_booking(booking_id)
        return replace(booking, fields={**booking.fields, **self._rehearsed.fields})

    async def read_contact(self, customer_id: str) -> Contact:
        return await self._source.read_contact(customer_id)

    async def object_answers(self, object_id: str) -> bool:
        return await self._source.object_answers(object_id)

    async def write_field(self, booking_id: str, field_name: str, value: str) -> str:
        self._rehearsed.calls.append(WriteFieldCall(source=self._name, booking_id=booking_id, field=field_name, value=value))
        self._rehearsed.fields[field_name] = value
        return value

    async def poll(self, *, statuses: Sequence[str], days_ahead: int | None = None) -> PollResult:
        return await self._source.poll(statuses=statuses, days_ahead=days_ahead)


class RehearsalGateway:
    """Resivo, read as ever; what would be created or revoked there is so in memory only."""

    def __init__(self, gateway: Gateway, rehearsed: RehearsedOutside, *, through: Through) -> None:
        self._gateway = gateway
        self._rehearsed = rehearsed
        self._through = through

    @property
    def can_look(self) -> bool:
        return self._gateway.can_look

    @property
    def can_read(self) -> bool:
        return self._gateway.can_read

    async def components(self, site_id: str) -> Sequence[Component]:
        return await self._gateway.components(site_id)

    async def create(self, *, display_name: str, want: Want, may_send: Callable[[], bool]) -> Created:
        """Goes as far as the last question before the sending, so that what cannot be sent fails here as it would there."""
        await self._all_but_send(display_name, want, may_send)
        intent = want.intent
        number = sum(isinstance(call, CreateCall) for call in self._rehearsed.calls) + 1
        self._rehearsed.calls.append(
            CreateCall(
                through=self._through,
                site_id=intent.site_id,
                display_name=display_name,
                doors=tuple(zip(intent.component_names, intent.component_ids, strict=True)),
                window=intent.window,
                emails=want.emails,
                phone_numbers=want.phone_numbers,
            )
        )
        made = FoundSet(
            id=f"new-{number}",
            display_name=display_name,
            is_remote_access=True,
            component_ids=frozenset(intent.component_ids) - want.offline,
            window=intent.window,
            life=Life.LIVE,
        )
        self._rehearsed.sets[made.id] = made
        return Created(authorization_id=made.id, component_ids=made.component_ids)

    async def _all_but_send(self, display_name: str, want: Want, may_send: Callable[[], bool]) -> None:
        would_be_sent = False

        def never() -> bool:
            nonlocal would_be_sent
            would_be_sent = may_send()
            return False

        try:
            await self._gateway.create(display_name=display_name, want=want, may_send=never)
        except CallFailed:
            if not would_be_sent:
                raise

    async def site_name(self, site_id: str) -> str:
        return await self._gateway.site_name(site_id)

    async def look(self, site_id: str, display_name: str) -> Sequence[FoundSet]:
        there = await self._gateway.look(site_id, display_name)
        made = [one for one in self._rehearsed.sets.values() if one.display_name == display_name]
        return [*(one for one in there if one.id not in self._rehearsed.sets), *made]

    async def all_sets(self, site_id: str, *, on_row: Callable[[], None] = lambda: None) -> Sequence[FoundSet]:
        return await self._gateway.all_sets(site_id, on_row=on_row)

    async def read(self, site_id: str, authorization_id: str) -> FoundSet:
        known = self._rehearsed.sets.get(authorization_id)
        return known if known is not None else await self._gateway.read(site_id, authorization_id)

    async def revoke(self, site_id: str, authorization_id: str) -> bool:
        self._rehearsed.calls.append(RevokeCall(through=self._through, site_id=site_id, authorization_id=authorization_id))
        known = self._rehearsed.sets.get(authorization_id) or FoundSet(
            id=authorization_id,
            display_name="",
            is_remote_access=True,
            component_ids=frozenset(),
            window=None,
            life=Life.LIVE,
        )
        self._rehearsed.sets[authorization_id] = replace(known, life=Life.NOT_LIVE)
        return True
