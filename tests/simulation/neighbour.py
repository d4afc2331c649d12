"""A second club beside the first: a booking system and an integration of its own, under its own rules, with the same booking numbers, objects and
door names. No fault ever meets it. Whatever happens at the first must not be felt here: it is one database, and the same workers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import Policy
from drempel.engine.intake import take_hint
from drempel.engine.records import UnknownBooking
from drempel.engine.setup import DesiredIntegration, DesiredSource
from drempel.ireserve import booking_id_of
from drempel.resivo import load_profile, profile_to_json
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.resivo import ResivoSimulator

__all__ = ["Neighbour"]

SOURCE: Final = "annex"
PROFILE: Final = "assumed-v8"
ZONE: Final = "Europe/London"
OBJECTS: Final = {"81": ("Hall 2",), "82": ("Main entrance", "Hall 1")}
"""Called as those of the first club, and mapped otherwise."""
TRIGGER: Final = "30"
"""The status 20 gives access at the first club alone."""
BEFORE: Final = timedelta(minutes=5)
BOOKINGS_MAX: Final = 5


@dataclass
class Neighbour:
    """The second club, and what it expects."""

    ireserve: IReserveSimulator
    resivo: ResivoSimulator
    owner_id: str
    credential: Any
    site_id: str
    component_ids: dict[str, str]
    bookings: list[str] = field(default_factory=list)
    confirmed: dict[str, int] = field(default_factory=dict)
    """How often each booking came to the trigger status."""

    @classmethod
    def build(cls, begin: datetime, seed: int) -> Neighbour:
        """At rest, with its own clock, which is set by the world's."""
        clock = SimulatorClock(frozen_at=begin)
        ireserve = IReserveSimulator(clock=clock, seed=seed + 1, time_zone=ZONE)
        ireserve.switches.offsets = "none"
        ireserve.switches.field_numbers = (1, 6)
        for object_id in OBJECTS:
            ireserve.add_object(object_id, f"Hall {object_id}")
        for event in ("booking_created", "booking_updated"):
            ireserve.add_hook(event, "http://drempel/hook")
        resivo = ResivoSimulator(profile=load_profile(PROFILE), clock=clock, seed=seed + 1)
        owner = resivo.add_site_owner()
        site = resivo.add_site("north", site_owner_id=owner.id)
        return cls(
            ireserve=ireserve,
            resivo=resivo,
            owner_id=owner.id,
            credential=resivo.add_credential(site_owner_id=owner.id),
            site_id=site.id,
            component_ids={name: resivo.add_component(site.id, name).id for name in ("Main entrance", "Hall 1", "Hall 2")},
        )

    @property
    def apps(self) -> dict[str, Any]:
        """Its two systems, by host."""
        return {f"resivo-{SOURCE}": self.resivo.app, f"ireserve-{SOURCE}": self.ireserve.app}

    @staticmethod
    def is_asked(url: str) -> bool:
        """Whether a request goes to one of its systems."""
        return str(urlsplit(url).hostname).endswith(f"-{SOURCE}")

    def desired(self) -> tuple[DesiredSource, DesiredIntegration]:
        """Its part of the set-up."""
        source = DesiredSource(
            name=SOURCE,
            kind="ireserve",
            base_url=f"http://ireserve-{SOURCE}",
            username="drempel",
            password=self.ireserve.accounts["drempel"],
            time_zone=ZONE,
            poll_seconds=300,
        )
        integration = DesiredIntegration(
            name=f"{SOURCE}-doors",
            kind="resivo",
            source=SOURCE,
            policy=Policy(
                trigger_statuses=frozenset({TRIGGER}),
                revoke_statuses=frozenset({"80"}),
                time_before=BEFORE,
                authorization_field="custom06",
                active=True,
            ),
            profile_json=profile_to_json(load_profile(PROFILE)),
            base_url=f"http://resivo-{SOURCE}",
            site_owner_id=self.owner_id,
            client_id=self.credential.client_id,
            client_secret=self.credential.client_secret,
            site_id=self.site_id,
            mappings=tuple(
                ObjectMapping(object_id=object_id, site_id=self.site_id, component_names=names)
                for object_id, names in OBJECTS.items()
            ),
        )
        return source, integration

    def set_time(self, now: datetime) -> None:
        """Its systems live by the true time."""
        self.resivo.clock.set(now)
        self.resivo.catch_up()
        self.ireserve.catch_up()

    async def go_about(self, store: Any, draw: random.Random) -> str:
        """Somebody here books, confirms or cancels."""
        # A status that neither asks for access nor ends it is where a booking begins: later it would depend on when somebody looks.
        status = draw.choice((TRIGGER, TRIGGER, "20"))
        booking_id = await self.book(store, status=status) if draw.random() < 0.5 else None
        if booking_id is None:
            booking_id, status = draw.choice(self.bookings), draw.choice((TRIGGER, "80"))
            await self.set_status(store, booking_id, status)
        return f"next door {booking_id} -> {status}"

    async def book(self, store: Any, *, status: str) -> str | None:
        """Somebody books a hall here for tomorrow or the day after, and a hint tells of it at once."""
        number = len(self.bookings)
        if number >= BOOKINGS_MAX:
            return None
        noon = datetime.combine(self.resivo.clock.now().date() + timedelta(days=2), time(12), tzinfo=ZoneInfo(ZONE))
        start = (noon + timedelta(hours=number)).astimezone(UTC)
        booking_id: str = self.ireserve.make_booking(
            ("81", "82")[number % 2],
            start,
            start + timedelta(hours=3),
            email=f"next-door{number}@example.com",
            tel_mob="",
            status=status,
        )
        self.bookings.append(booking_id)
        self.confirmed[booking_id] = int(status == TRIGGER)
        await self.tell(store)
        return booking_id

    async def set_status(self, store: Any, booking_id: str, status: str) -> None:
        """A booking here is confirmed or cancelled, and a hint tells of it at once."""
        if self.ireserve.booking(booking_id).status != status:
            self.confirmed[booking_id] += status == TRIGGER
            self.ireserve.set_status(booking_id, status)
        await self.tell(store)

    async def tell(self, store: Any) -> None:
        """Every hint that is due is handed over."""
        for delivery in self.ireserve.deliveries.due(self.ireserve.clock.now()):
            booking_id = booking_id_of(delivery.body)
            assert booking_id is not None
            await take_hint(store, source=SOURCE, booking_id=booking_id)
            self.ireserve.deliveries.done(delivery, ok=True)

    async def tell_once_more(self, store: Any) -> None:
        """A hint that tells nothing new: the booking is read, and its source so seen to work."""
        await take_hint(store, source=SOURCE, booking_id=self.bookings[0])

    async def check(self, world: Any) -> list[str]:
        """What is not as it would be without the first club, as sentences."""
        broken = [
            f"next door: {key} is paused, and nobody refused anything" for key in await world.store.pauses() if SOURCE in key
        ]
        for booking_id in self.bookings:
            broken += [f"next door: booking {booking_id} {wrong}" for wrong in await self._of(world, booking_id)]
        mine = {row.id for booking_id in self.bookings for row in self._rows(booking_id)}
        broken += [
            f"next door: {row.display_name} was made here"
            for row in self.resivo.state.authorizations.values()
            if row.id not in mine
        ]
        return broken

    def _rows(self, booking_id: str) -> list[Any]:
        found: list[Any] = self.resivo.authorizations(display_name_contains=f"-{SOURCE}-{booking_id}-")
        return found

    async def _of(self, world: Any, booking_id: str) -> list[str]:
        booking, rows = self.ireserve.booking(booking_id), self._rows(booking_id)
        live = [row for row in rows if row.live(self.resivo.clock.now())]
        has_right = booking.status == TRIGGER and booking.end > self.resivo.clock.now()
        try:
            said = (await world.records.booking(SOURCE, booking_id)).record.state.value
        except UnknownBooking:
            said = "unseen"
        if len(live) != int(has_right):
            return [f"has {len(live)} live accesses at status {booking.status}, and says {said}"]
        broken = []
        # A clock that is set may end a look before its time, and what the look did not find is asked for once more.
        # A process that stood still right before it sent, until others had done its work, leaves a twin of the same name.
        named = {row.display_name for row in rows}
        if len(named) > self.confirmed[booking_id] and not world.jumped:
            broken.append(f"was told {len(named)} times of {self.confirmed[booking_id]}")
        wanted = {self.component_ids[name] for name in OBJECTS[booking.object_id]}
        for row in rows:
            if (row.valid_from, row.valid_to) != (booking.start - BEFORE, booking.end) or set(row.component_ids) != wanted:
                broken.append("got access to other hours or doors than its own")
            if {r.address for r in row.recipients} != {self.ireserve.customer(booking.customer_id).email}:
                broken.append("let somebody else in")
        held, ids = booking.fields.get(6, ""), " ".join(row.id for row in live)
        if held != ids:
            broken.append(f"holds {held!r} in its field, not {ids!r}")
        return broken
