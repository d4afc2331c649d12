"""Replacing access of older rules: how many, exactly what would be done, and how far it is. One page, which says what is true now.

What people wait for goes on while the page reloads itself: the rehearsal and the marking are errands, the replacing itself is the workers'. How far that
is comes out of our record, so a restart loses at most the list that was shown. An errand is known to its own process alone: another one, behind the
same proxy, says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.access import AuthorizationSet, SetState
from drempel.engine.errands import Errand
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.records import BookingBusy, BookingView, UnknownBooking
from drempel.engine.replace_rehearsal import RehearsedReplacement
from drempel.engine.replacing import LIVE_LOOKED_AT, SiteDoors, differs, mark_differing
from drempel.engine.setup import IntegrationSetup
from drempel.engine.trail import Actor, TrailEntry
from drempel.web.integrations.frame import Frame, text
from drempel.web.pages.rendering import see_other
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["Replacing"]

TRIES: Final = 10
PATIENCE_SECONDS: Final = 0.3
GIVEN_SECONDS: Final = 1.5
"""So long an answer waits for an errand that is quick."""
REHEARSAL_HOLDS: Final = timedelta(minutes=15)
"""A list that is older is not what would be done any more."""
TROUBLES_SHOWN: Final = 20
ROWS_SHOWN: Final = 300
Amendment = Callable[[BookingRecord, Sequence[AuthorizationSet], datetime], Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How far an order is."""

    total: int
    waiting: int
    """Marked, and the old access still stands."""
    troubles: tuple[BookingView, ...] = ()
    """Those of them that did not succeed so far."""
    busy: int = 0
    """Bookings that could not be marked because a worker was at them all the time."""

    @property
    def done(self) -> int:
        return max(0, self.total - self.waiting - self.busy)

    @property
    def goes_on(self) -> bool:
        return self.waiting > len(self.troubles)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the marking found."""

    bookings: frozenset[tuple[str, str]]
    busy: int


class Replacing:
    """Of one integration."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        errands = self._frame.services.errands
        rehearsal, marking = errands.of(_rehearsal(one)), errands.of(_marking(one))
        work = await self._work(one, marking)
        rehearsed = self._still_true(rehearsal)
        context: dict[str, Any] = {
            "rehearsal": rehearsal,
            "marking": marking,
            "work": work,
            "rehearsed": rehearsed,
            "rows_shown": ROWS_SHOWN,
            "troubles_shown": TROUBLES_SHOWN,
            "totals": _totals(rehearsed or ()),
            "count": 0,
        }
        under_way = any(each is not None and each.under_way for each in (rehearsal, marking))
        context["goes_on"] = under_way or (work is not None and work.goes_on)
        if not context["goes_on"]:
            # Resivo is asked for its doors: not each time that the page of work under way loads itself anew.
            context["count"] = await self._frame.desk.count_differing(one)
        # Just begun, and nothing of it is to be seen here.
        begun = "begun" in request.query_params and work is None and context["count"] > 0
        context["elsewhere"] = begun and rehearsal is None and marking is None
        return await self._frame.page(request, "integrations/replace.html", setup, one, tab="", **context)

    async def rehearse(self, request: Request) -> Response:
        """Find out what would be done."""
        _, one = await self._frame.integration(request)
        services = self._frame.services

        async def work(errand: Errand) -> list[RehearsedReplacement]:
            return await services.replacements.rehearse(one.name, progress=errand.progress)

        services.errands.drop(_marking(one))
        await services.errands.give(services.errands.start(_rehearsal(one), work), seconds=GIVEN_SECONDS)
        return see_other(f"{self._frame.base(one.name)}/replace?begun=1")

    async def replace(self, request: Request) -> Response:
        """A committed mark on each booking; what could not be marked shows again."""
        _, one = await self._frame.integration(request)
        if text(await self._frame.form(request), "rules") != str(one.policy_version):
            # Edited since the list was shown: nobody has seen what would be done now.
            return see_other(f"{self._frame.base(one.name)}/replace")
        errands, actor = self._frame.services.errands, visit_of_now().person.actor
        await errands.give(errands.start(_marking(one), partial(self._mark_all, one, actor)), seconds=GIVEN_SECONDS)
        errands.drop(_rehearsal(one))
        return see_other(f"{self._frame.base(one.name)}/replace?begun=1")

    async def _mark_all(self, one: IntegrationSetup, actor: Actor, errand: Errand) -> Ordered:
        services = self._frame.services
        now = services.clock.now()
        views = await services.insight.with_live_sets(one.name, limit=LIVE_LOOKED_AT)
        doors = await self._frame.desk.doors(one)
        wanted = [
            view.record for view in views if any(differs(view.record, each, one, now=now, doors=doors) for each in view.sets)
        ]
        await services.trail.add(TrailEntry(actor=actor, type="setup.replace", about=one.name, after=str(len(wanted))))
        marked: set[tuple[str, str]] = set()
        for number, record in enumerate(wanted):
            errand.progress(number, len(wanted))
            present = (await services.records.setup()).integrations.get(one.name)
            if present is None or present.policy_version != one.policy_version:
                break  # edited meanwhile: what is left shows again, by today's rules
            about = f"booking {record.booking_id} of {record.source}"
            entry = TrailEntry(actor=actor, type="setup.replace", about=about, after=one.name)
            if await self._marked(record, partial(_change, one, doors), entry):
                marked.add((record.source, record.booking_id))
        errand.progress(len(wanted), len(wanted))
        return Ordered(frozenset(marked), len(wanted) - len(marked))

    async def _marked(self, record: BookingRecord, change: Amendment, entry: TrailEntry) -> bool:
        for _ in range(TRIES):
            try:
                await self._frame.services.records.amend(record.source, record.booking_id, change, entries=[entry])
            except BookingBusy:
                # A worker is at it for a moment.
                await self._frame.services.clock.sleep(PATIENCE_SECONDS)
                continue
            except UnknownBooking:
                return True
            return True
        return False

    async def _work(self, one: IntegrationSetup, marking: Errand | None) -> Work | None:
        """How far the last order is; None if there is none that anybody here knows of and nothing waits."""
        views = await self._frame.services.insight.with_live_sets(one.name, limit=LIVE_LOOKED_AT)
        waiting = [view for view in views if any(_is_marked(each, one) for each in view.sets)]
        ordered = marking.result if marking is not None and isinstance(marking.result, Ordered) else None
        if ordered is not None:
            waiting = [view for view in waiting if (view.record.source, view.record.booking_id) in ordered.bookings]
        if ordered is None and not waiting:
            return None
        troubles = [view for view in waiting if view.record.failure is not None]
        return Work(
            total=len(waiting) if ordered is None else len(ordered.bookings) + ordered.busy,
            waiting=len(waiting),
            troubles=tuple(troubles),
            busy=0 if ordered is None else ordered.busy,
        )

    def _still_true(self, rehearsal: Errand | None) -> Sequence[RehearsedReplacement] | None:
        if rehearsal is None or not isinstance(rehearsal.result, list):
            return None
        age: timedelta = self._frame.services.clock.now() - rehearsal.began_at
        return rehearsal.result if timedelta() <= age < REHEARSAL_HOLDS else None


def _totals(rehearsed: Sequence[RehearsedReplacement]) -> Mapping[str, int]:
    every = [one for booking in rehearsed for one in booking.accesses]
    return {
        "new": sum(one.new_window is not None for one in every),
        "revoked": sum(one.revoked for one in every),
        "emails": sum(one.emails for one in every),
        "sms": sum(one.sms for one in every),
        "stuck": sum(booking.failure is not None for booking in rehearsed),
    }


def _is_marked(one: AuthorizationSet, integration: IntegrationSetup) -> bool:
    return one.state is SetState.LIVE and one.issue_again and one.integration == integration.name


def _rehearsal(one: IntegrationSetup) -> str:
    return f"rehearse:{one.name}:{one.policy_version}"


def _marking(one: IntegrationSetup) -> str:
    return f"replace:{one.name}"


def _change(
    one: IntegrationSetup, doors: SiteDoors, record: BookingRecord, sets: Sequence[AuthorizationSet], now: datetime
) -> Change:
    return mark_differing(record, sets, one, now=now, doors=doors)
