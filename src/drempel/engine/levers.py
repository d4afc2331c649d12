"""What people may order and ask: the same for the command line, REST and the pages.

Each order is one transaction of the store, which writes its event, and returns the one line that says what was ordered.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from drempel.domain.access import AuthorizationSet, BookingState
from drempel.domain.readiness import awaited
from drempel.engine.day import Day, day_of, span_of_day
from drempel.engine.held_back import HeldBack, held_back
from drempel.engine.issuing_again import issue_again_by_person
from drempel.engine.offline_doors import OfflineDoors
from drempel.engine.outages import Outage, outages
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.receipts import WAITS, Receipt, orderer
from drempel.engine.records import BookingView, Brake, Records, UnknownBooking
from drempel.engine.resolving import Created, NotCreated, PersonSays, Refusal, resolve_by_person
from drempel.engine.trail import Actor, TrailEntry

__all__ = [
    "PAGE_MAX",
    "BookingPage",
    "Created",
    "LeverRefused",
    "Levers",
    "NotCreated",
    "UnknownIntegration",
    "UnknownSource",
    "WordRefused",
    "receipt_text",
]

PAGE_MAX: Final = 500


class LeverRefused(Exception):
    """The order does not fit what is: a sentence with its remedy. Nothing was changed."""


class WordRefused(LeverRefused):
    """A person's word that does not fit; can be told in other languages."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


class UnknownSource(LookupError):
    """No source of that name is set up."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"No source is called {name!r}. " + _known("sources", known))


class UnknownIntegration(LookupError):
    """No integration of that name is set up."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"No integration is called {name!r}. " + _known("integrations", known))


class BookingPage(NamedTuple):
    """A page of bookings and the cursor of the next one; None if this is the last."""

    items: list[BookingView]
    next: str | None


class Levers:
    """Orders and questions of people. Raises `UnknownBooking` and `BookingBusy` as the records do.

    Whoever orders says who it is (`by`): each order goes into the trail in its own transaction, if it changes anything.
    """

    def __init__(self, records: Records, *, actor: Actor | None = None) -> None:
        self._records = records
        self._actor = actor

    def by(self, actor: Actor) -> Levers:
        """The same levers, in the hands of this actor."""
        return Levers(self._records, actor=actor)

    # --- questions

    async def page(self, *, state: BookingState | None, limit: int, after: str | None, newest_first: bool = False) -> BookingPage:
        """At most `limit` bookings behind the cursor `after`. Raises `ValueError` for a cursor that is none."""
        assert 1 <= limit <= PAGE_MAX
        return BookingPage(*await self._records.bookings(state=state, limit=limit, after=after, newest_first=newest_first))

    async def named(self, booking_id: str) -> list[BookingView]:
        """The bookings of that id, of which each source may have one."""
        found = []
        for source in sorted((await self._records.setup()).sources):
            with contextlib.suppress(UnknownBooking):
                found.append(await self._records.booking(source, booking_id))
        return found

    async def all_pages(self, *, state: BookingState | None) -> AsyncIterator[BookingView]:
        """Every booking, read page by page."""
        after: str | None = None
        while True:
            page = await self.page(state=state, limit=PAGE_MAX, after=after)
            for view in page.items:
                yield view
            if page.next is None:
                return
            after = page.next

    async def why(self, source: str, booking_id: str) -> BookingView:
        """One booking with its history."""
        await self._require_source(source)
        return await self._records.booking(source, booking_id)

    async def day(self, day: date, *, zone: str, limit: int) -> tuple[Day, bool]:
        """Who can open which door on that day, at the sources of that time zone; and whether there were more bookings than `limit` each."""
        setup = await self._records.setup()
        begin, end = span_of_day(day, zone)
        views: list[BookingView] = []
        more = False
        for name, source in sorted(setup.sources.items()):
            if source.time_zone == zone:
                found = await self._records.bookings_touching(name, begin=begin, end=end, limit=limit + 1)
                more = more or len(found) > limit
                views += found[:limit]
        told = (await self._records.last_names()).doors
        return day_of(views, setup, day=day, zone=zone, told=told), more

    async def count_by_state(self) -> Mapping[BookingState, int]:
        return await self._records.count_by_state()

    async def count_needy(self) -> int:
        """How many bookings need a person."""
        return await self._records.count_in(BookingState.NEEDS_PERSON)

    async def let_in_by_hand(self) -> list[BookingView]:
        """Bookings that Drempel still tries to give access to and that have none, though they start within the set time or run already: by start.

        At most `PAGE_MAX`. Those that need a person are not among them.
        """
        found = await self._records.bookings_not_ready(state=BookingState.PENDING, limit=PAGE_MAX)
        return [view for view in found if not awaited(view.sets)]

    async def held_back(self) -> list[HeldBack]:
        """The pauses that a person must end, oldest first."""
        return held_back((await self._records.pauses()).values(), await self._records.setup())

    async def outages(self) -> list[Outage]:
        """Who does not answer, oldest first. Drempel tries again by itself."""
        pauses, setup = (await self._records.pauses()).values(), await self._records.setup()
        return outages(pauses, setup, now=await self._records.now())

    async def site_names(self) -> Mapping[str, str]:
        """By id, as Resivo told them last; sites of which nothing is known are not in it."""
        return (await self._records.last_names()).sites

    async def offline_doors(self) -> list[OfflineDoors]:
        """Doors with access that were offline when the slow loop looked last. Asks nobody outside."""
        return await self._records.offline_doors()

    async def brake(self, source: str) -> Brake:
        await self._require_source(source)
        held = {brake.source: brake for brake in await self._records.brakes()}
        return held.get(source, Brake(source=source, tripped_at=None, released_at=None))

    async def brakes_that_hold(self) -> list[Brake]:
        """By source."""
        sources = (await self._records.setup()).sources
        held = [brake for brake in await self._records.brakes() if brake.holds and brake.source in sources]
        return sorted(held, key=lambda brake: brake.source)

    # --- orders

    async def retry(self, source: str, booking_id: str, *, lifts: bool = True) -> str:
        """Try again now. Never resolves an unknown outcome: that is looked for first, as always.

        Without `lifts` a person's word that access is withheld stands, and a booking from before gets nothing by it.
        """
        await self._require_source(source)
        entries = self._entries("booking.retry", _of(source, booking_id))
        await self._records.order_retry(source, booking_id, lifts=lifts, entries=entries)
        return f"Ordered: booking {booking_id} of {source} is tried again now."

    async def revoke(self, source: str, booking_id: str) -> str:
        """Take access away now, whatever the status."""
        await self._require_source(source)
        await self._records.order_revoke(source, booking_id, entries=self._entries("booking.revoke", _of(source, booking_id)))
        return (
            f"Ordered: access of booking {booking_id} of {source} is taken away now, and none is created until its status leaves "
            "the trigger statuses and comes back, or you say `drempel retry`."
        )

    async def erase(self, source: str, booking_id: str) -> str:
        """Erase what is kept of a booking, once its access is confirmed to be gone. The receipt says who ordered it."""
        await self._require_source(source)
        entries = self._entries("booking.erase", _of(source, booking_id))
        done = await self._records.order_erase(source, booking_id, by=orderer(entries[0].actor), entries=entries)
        number = done.receipt.number
        if done.waits is not None:
            return (
                f"Ordered: booking {booking_id} of {source} is erased as soon as nothing of it is live any more; {WAITS[done.waits]}. "
                f"Receipt {number}: see `drempel receipts`."
            )
        return f"Erased: booking {booking_id} of {source}. {receipt_text(done.receipt)}"

    async def receipts(self) -> list[Receipt]:
        return await self._records.receipts()

    async def issue_again(self, source: str, booking_id: str) -> str:
        """Another access in place of the present one: the visitor gets a new message. What is right to do is decided as always."""
        await self._require_source(source)
        entries = self._entries("booking.issue_again", _of(source, booking_id))
        await self._records.amend(source, booking_id, issue_again_by_person, entries=entries)
        return (
            f"Ordered: access of booking {booking_id} of {source} is issued again, with a new message to the visitor; the present one is "
            "taken away as soon as the new one is there."
        )

    async def probe(self, key: str) -> bool:
        """One call may try now whether a paused credential, site or source answers again; whether there is such a pause."""
        return await self._records.order_probe(key, entries=self._entries("pause.probe", key))

    async def resolve(self, source: str, booking_id: str, says: PersonSays) -> str:
        """A person's word on an unknown outcome. Raises `LeverRefused`."""
        await self._require_source(source)

        def change(record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime) -> Change:
            answer = resolve_by_person(record, sets, says, now=now)
            if isinstance(answer, Refusal):
                raise WordRefused(answer)
            return answer

        word = f"created as {says.authorization_id}" if isinstance(says, Created) else "not created"
        entries = self._entries("booking.resolve", _of(source, booking_id), after=word)
        await self._records.amend(source, booking_id, change, entries=entries)
        return f"Noted: what was open about booking {booking_id} of {source} counts as {word}; Drempel goes on from there now."

    async def release_brake(self, source: str) -> str:
        await self._require_source(source)
        if await self._records.release_brake(source, entries=self._entries("brake.release", source, "holds", "released")):
            return f"Ordered: the brake of {source} is released; access of bookings that are gone is revoked now."
        return f"The brake of {source} does not hold: nothing to release."

    async def pause(self, integration: str) -> str:
        """The kill switch: nothing runs for this integration, hints are kept."""
        if await self._set_paused(integration, paused=True):
            return f"Ordered: integration {integration} is paused; nothing is created or revoked, and hints are kept."
        return f"Integration {integration} is paused already."

    async def resume(self, integration: str) -> str:
        if await self._set_paused(integration, paused=False):
            return f"Ordered: integration {integration} goes on; what waited is due now."
        return f"Integration {integration} is not paused."

    async def _set_paused(self, integration: str, *, paused: bool) -> bool:
        setup = await self._records.setup()
        if integration not in setup.integrations:
            raise UnknownIntegration(integration, sorted(setup.integrations))
        states = ("running", "paused") if paused else ("paused", "running")
        entries = self._entries("integration.pause" if paused else "integration.resume", integration, *states)
        return await self._records.set_paused(integration, paused=paused, entries=entries)

    def _entries(self, type_: str, about: str, before: str = "", after: str = "") -> tuple[TrailEntry]:
        assert self._actor is not None, "an order has somebody who gives it: say levers.by(actor)"
        return (TrailEntry(actor=self._actor, type=type_, about=about, before=before, after=after),)

    async def _require_source(self, source: str) -> None:
        setup = await self._records.setup()
        if source not in setup.sources:
            raise UnknownSource(source, sorted(setup.sources))


def _of(source: str, booking_id: str) -> str:
    return f"booking {booking_id} of {source}"


def receipt_text(receipt: Receipt) -> str:
    """What was confirmed and what was removed, in one line."""
    revoked = f"confirmed revoked: {', '.join(receipt.revoked)}" if receipt.revoked else "no access had to be revoked"
    removed = ", ".join(f"{count} {what}" for what, count in receipt.removed.items() if count) or "nothing"
    return f"Receipt {receipt.number}: {revoked}; removed: {removed}."


def _known(what: str, names: Sequence[str]) -> str:
    return f"Known {what}: {', '.join(names)}." if names else "Nothing is set up yet: say `drempel apply FILE`."
