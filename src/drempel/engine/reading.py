"""Read the booking, now. A booking that is not found counts as gone only by the rule of design section 2."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from drempel.domain.access import BookingState, SetState
from drempel.domain.booking import Booking, Visitor, usable_email
from drempel.domain.decision import Presence
from drempel.domain.failures import Failure
from drempel.domain.owed import was_not_replaced
from drempel.domain.policy import StatusMeaning
from drempel.domain.values import value
from drempel.engine import brake
from drempel.engine.calls import source_target
from drempel.engine.limits import GONE_WITHIN, SOURCE_WORKS, UNBELIEVED_TRIES, UNBELIEVED_TRIES_UNPOLLED
from drempel.engine.ports import BookingRecord, BookingSource, CallClass, CallFailed
from drempel.engine.run import Run

__all__ = ["Reading", "Vitality", "read"]

OBJECTS_ASKED_MAX: Final = 3
PROOF_AGAIN_SECONDS: Final = 5.0
CUSTOMER_TRIES: Final = 3
"""So often a customer is asked for who is said to be unreadable or not there: access made without his number never gets its SMS."""
NO_RIGHT: Final = frozenset({CallClass.CREDENTIAL_REFUSED, CallClass.SITE_REFUSED})
UNREADABLE_PERHAPS: Final = frozenset({CallClass.NOT_FOUND, CallClass.UNREADABLE})


class Vitality:
    """When each source last answered well, in this process. By the monotonic clock."""

    def __init__(self) -> None:
        self._well_at: dict[str, float] = {}
        self._nothing_at: dict[str, float] = {}

    def answered_well(self, source: str, *, monotonic: float) -> None:
        self._well_at[source] = monotonic
        self._nothing_at.pop(source, None)

    def showed_nothing(self, source: str, *, monotonic: float) -> None:
        """Nothing that was asked for as a proof was there."""
        self._nothing_at[source] = monotonic

    def is_known_dead(self, source: str, *, monotonic: float) -> bool:
        """Whether the proof failed a moment ago: not each of many bookings asks for one."""
        return monotonic - self._nothing_at.get(source, float("-inf")) < PROOF_AGAIN_SECONDS

    def is_fresh(self, source: str, *, monotonic: float) -> bool:
        """Whether another read of this source succeeded within the minute."""
        return monotonic - self._well_at.get(source, float("-inf")) <= SOURCE_WORKS.total_seconds()


@value(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the source said, and when to read again if that is not settled."""

    presence: Presence
    booking: Booking | None = None
    visitor: Visitor | None = None
    unchanged: bool = False
    """A hint that led here told of nothing: what access depends on is as it was, or there is no such booking, or it is read for the first
    time and asks for nothing. The status may be stored after its hint."""
    status_only: str | None = None
    """The status of a booking of which nothing else could be read: a revoke status counts all the same."""
    failure: Failure | None = None
    cause: CallFailed | None = None
    again_at: datetime | None = None


async def read(run: Run, vitality: Vitality) -> Reading:
    """Read the booking and, where it matters, the customer. Never raises `CallFailed`: what failed stands in the reading."""
    record = run.claim.record
    source = run.tools.outside.source(record.source)
    target = source_target(record.source)
    try:
        booking = await run.tools.calls.make(target, "read_booking", lambda: source.read_booking(record.booking_id))
    except CallFailed as error:
        if error.call_class is CallClass.NOT_FOUND:
            return await _not_found(run, source, vitality)
        return Reading(presence=Presence.UNREAD, failure=error.failure, cause=error, status_only=error.status)
    vitality.answered_well(record.source, monotonic=run.tools.clock.monotonic())
    record.gone_at = None
    record.gone_confirmed = False
    try:
        visitor = await _visitor(run, source, booking)
    except CallFailed as error:
        return Reading(presence=Presence.UNREAD, failure=error.failure, cause=error, status_only=booking.status)
    unchanged = _remember(run, booking, visitor)
    return Reading(presence=Presence.READ, booking=booking, visitor=visitor, unchanged=unchanged)


async def _visitor(run: Run, source: BookingSource, booking: Booking) -> Visitor:
    email = usable_email(booking.email)
    if booking.customer_id is None:
        return Visitor(email=email, mobile="")
    if not _visitor_matters(run, booking):
        return Visitor(email=email, mobile=None)
    customer_id = booking.customer_id
    target = source_target(run.claim.record.source)
    try:
        contact = await run.tools.calls.make(target, "read_customer", lambda: source.read_contact(customer_id), optional=True)
    except CallFailed as error:
        if error.call_class in UNREADABLE_PERHAPS and _insists_on_the_customer(run, booking):
            named = {"source": booking.source, "detail": "the customer could not be read"}
            raise CallFailed(CallClass.RETRY_LATER, Failure("source.broken", named)) from error
        if error.call_class in NO_RIGHT or error.call_class in UNREADABLE_PERHAPS:
            run.tools.watcher.warn("customer.unreadable", source=booking.source, booking_id=booking.booking_id)
            return Visitor(email=email or None, mobile=None)
        raise
    return Visitor(email=email or usable_email(contact.email), mobile=contact.mobile)


def _insists_on_the_customer(run: Run, booking: Booking) -> bool:
    """Whether access may be made by what the customer's record says, and he was not asked for often enough. Who needs a person stays on the list."""
    record = run.claim.record
    is_listed = record.state is BookingState.NEEDS_PERSON
    return record.tries < CUSTOMER_TRIES and not is_listed and not _has_what_it_asks_for(run, booking)


def _has_what_it_asks_for(run: Run, booking: Booking) -> bool:
    """Whether access is live for just this object and these hours."""
    asked = (booking.object_id, booking.start, booking.end)
    return any(s.state is SetState.LIVE and (s.facts.object_id, s.facts.start, s.facts.end) == asked for s in run.sets.values())


def _something_hangs_on_it(run: Run) -> bool:
    """Access, or an access that is owed."""
    return any(s.may_open or was_not_replaced(s) for s in run.sets.values())


def _visitor_matters(run: Run, booking: Booking) -> bool:
    """Whether any decision can depend on how the visitor is reached."""
    integrations = run.setup.of_source(booking.source)
    if booking.end <= run.now or all(i.policy.meaning(booking.status) is StatusMeaning.REVOKE for i in integrations):
        return False
    if _something_hangs_on_it(run):
        return True
    return any(
        integration.policy.meaning(booking.status) is StatusMeaning.TRIGGER and run.setup.sites_of(integration, booking.object_id)
        for integration in integrations
    )


def _remember(run: Run, booking: Booking, visitor: Visitor) -> bool:
    """Keep what the record shows of the booking; whether a hint of it told of nothing."""
    record = run.claim.record
    is_new = record.status is None
    seen = run.tools.outside.fingerprint(
        "\n".join(
            (
                booking.status,
                booking.object_id,
                booking.start.isoformat(),
                booking.end.isoformat(),
                visitor.email if visitor.email is not None else "?",
                visitor.mobile if visitor.mobile is not None else "?",
            )
        )
    )
    unchanged = record.facts_seen == seen
    asks = run.setup.asks_for_access(booking.source, booking.status)
    if not unchanged:
        run.note("booking.read", status=booking.status, object_id=booking.object_id)
        # Told by a hint, a change may be taken back before the next poll, and that hint be lost: then the poll would show what it showed before.
        run.pending.row_is_old = not (is_new and asks)
    record.facts_seen = seen
    record.status = booking.status
    record.object_id = booking.object_id
    record.object_name = booking.object_name
    record.start = booking.start
    record.end = booking.end
    # Of an erased booking nobody knows whether the hint changed anything: it is read again, as if it had not.
    return unchanged or record.erased_at is not None or (is_new and not asks)


def _unbelieved_tries(run: Run) -> int:
    known = run.setup.sources.get(run.claim.record.source)
    return UNBELIEVED_TRIES if known is not None and known.poll_seconds else UNBELIEVED_TRIES_UNPOLLED


async def _not_found(run: Run, source: BookingSource, vitality: Vitality) -> Reading:
    record = run.claim.record
    # Of what was never read a 404 is believed in the end, or a made-up id would be asked for for ever. If it is listed, the poll brings it back.
    unknown = record.status is None and not run.sets and record.tries >= _unbelieved_tries(run)
    if not unknown and not await _source_works(run, source, vitality):
        failure = Failure("source.broken", {"source": record.source, "detail": "404 for everything that was asked for"})
        return Reading(presence=Presence.UNREAD, failure=failure)
    if not _something_hangs_on_it(run):
        # Nothing hangs on it, so one reading is enough: if it is there after all, the poll shows it. It no longer serves as a sign that the
        # source works.
        record.status = None
        return Reading(presence=Presence.GONE, unchanged=True)
    if record.gone_confirmed:
        return Reading(presence=await _gone_or_braked(run, record))
    if record.gone_at is None:
        record.gone_at = run.now
        run.note("booking.not_found")
    confirm_at = record.gone_at + run.tools.limits.gone_confirm
    if run.now < confirm_at:
        return Reading(presence=Presence.UNREAD, unchanged=True, again_at=confirm_at)
    record.gone_confirmed = True
    run.note("booking.gone")
    return Reading(presence=await _gone_or_braked(run, record))


async def _gone_or_braked(run: Run, record: BookingRecord) -> Presence:
    store = run.tools.store
    tripped_at, released_at = await store.brake(record.source)
    if tripped_at is not None and (released_at is None or released_at < tripped_at):
        return Presence.BRAKED
    since = run.now - GONE_WITHIN
    if released_at is not None:
        since = max(since, released_at)
    if brake.trips(await store.gone_count(record.source, since=since)):
        await store.trip_brake(record.source)
        run.tools.watcher.warn("brake.tripped", source=record.source)
        return Presence.BRAKED
    return Presence.GONE


async def _source_works(run: Run, source: BookingSource, vitality: Vitality) -> bool:
    """A 404 counts only if another read of that source succeeded within the minute; if none did, one is made now, once for many bookings."""
    name, clock = run.claim.record.source, run.tools.clock
    if vitality.is_fresh(name, monotonic=clock.monotonic()):
        return True
    if vitality.is_known_dead(name, monotonic=clock.monotonic()):
        return False
    works = await _shows_something(run, source)
    note = vitality.answered_well if works else vitality.showed_nothing
    note(name, monotonic=clock.monotonic())
    return works


async def _shows_something(run: Run, source: BookingSource) -> bool:
    """Whether another booking or an object can be read now."""
    record = run.claim.record
    other = await run.tools.store.another_booking(record.source, than=record.booking_id)
    if other is not None:
        try:
            await run.tools.calls.make(source_target(record.source), "read_booking", lambda: source.read_booking(other))
        except CallFailed as error:
            # That one may be gone as well; anything else is no sign of life.
            if error.call_class is not CallClass.NOT_FOUND:
                return False
        else:
            return True
    objects = _objects_to_ask_for(run)
    for object_id in objects:
        if await source.object_answers(object_id):
            return True
    # Nothing was ever read and nothing is mapped: there is nothing else to ask for, and nothing to lose.
    return other is None and not objects


def _objects_to_ask_for(run: Run) -> list[str]:
    """That of the booking, if it was ever read, and some that are mapped: any of them may be gone as well."""
    record = run.claim.record
    mapped = [mapping.object_id for integration in run.setup.of_source(record.source) for mapping in integration.mappings]
    own = [record.object_id] if record.object_id is not None else []
    return list(dict.fromkeys([*own, *mapped]))[:OBJECTS_ASKED_MAX]
