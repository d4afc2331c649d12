"""Every address of the bookings' pages, with the right that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.domain.rights import Right
from drempel.engine.intake import BOOKING_ID
from drempel.engine.levers import Levers, UnknownSource
from drempel.engine.records import UnknownBooking
from drempel.engine.setup import Setup
from drempel.web.audit.pages import AuditPages
from drempel.web.pages.booking import BookingPage
from drempel.web.pages.bookings import BookingsPage
from drempel.web.pages.choosing_language import choose_language
from drempel.web.pages.erasing import ErasePages
from drempel.web.pages.helping import HelpPages
from drempel.web.pages.names import ObjectNames, SiteNames
from drempel.web.pages.needs import NeedsPage
from drempel.web.pages.orders import Orders
from drempel.web.pages.rendering import Renderer
from drempel.web.pages.rows import BookingRow, Renamed
from drempel.web.pages.setup_page import SetupPage
from drempel.web.pages.today import TodayPage
from drempel.web.sign_in.guard import Endpoint, Guard

__all__ = ["booking_pages"]

ONE_BOOKING = "/bookings/{source}/{booking_id}"


def booking_pages(
    *,
    levers: Levers,
    setup: Callable[[], Awaitable[Setup]],
    guard: Guard,
    renderer: Renderer,
    zone: str,
    now: Callable[[], datetime],
    audit: AuditPages | None = None,
    site_names: SiteNames,
    object_names: ObjectNames | None = None,
    renamed: Callable[[Iterable[BookingRow]], Awaitable[Renamed]] | None = None,
    from_before: Callable[[], Awaitable[Mapping[str, int]]] | None = None,
    retention: timedelta | None,
) -> list[Route]:
    """What Drempel does, why, and the levers."""
    booking = BookingPage(levers, setup, renderer, site_names, renamed=renamed, retention=retention)
    today = TodayPage(levers, setup, renderer, zone=zone, now=now)
    bookings = BookingsPage(levers, setup, renderer, head=today.head)
    of_audit = audit.context if audit is not None else None
    needs = NeedsPage(levers, setup, renderer, of_audit=of_audit, renamed=renamed, from_before=from_before)
    orders = Orders(levers, setup, renderer)
    erasing = ErasePages(levers, setup, renderer, retention=retention)
    helping = HelpPages(setup, renderer)
    known = partial(_known_only, renderer=renderer)

    def look(path: str, right: Right | None, endpoint: Endpoint) -> Route:
        return Route(path, guard.look(right, known(endpoint)), methods=["GET"])

    def order(path: str, right: Right, endpoint: Endpoint) -> Route:
        return Route(path, guard.order(right, known(endpoint)), methods=["POST"])

    return [
        look("/", Right.SEE, today.show),
        look("/today", Right.SEE, today.show),
        look("/today/pack", Right.SEE, today.pack),
        look("/bookings", Right.SEE, bookings.show),
        look("/needs", Right.SEE, needs.show),
        order("/pauses/probe", Right.RETRY, needs.probe),
        order("/needs/resume", Right.EMERGENCY, needs.resume),
        # It stands on the page of the sign-in too, and changes nothing but a cookie.
        Route("/language", guard.own_forms_only(choose_language), methods=["POST"]),
        look("/setup", Right.SEE, SetupPage(setup, renderer, site_names, object_names).show),
        look("/help/failures", None, helping.show_all),
        look("/help/failures/{code}", None, helping.show),
        look(ONE_BOOKING, Right.SEE, booking.show),
        order(ONE_BOOKING + "/retry", Right.RETRY, orders.retry),
        look(ONE_BOOKING + "/give", Right.BOOKINGS, orders.confirm_give),
        order(ONE_BOOKING + "/give", Right.BOOKINGS, orders.give),
        look(ONE_BOOKING + "/revoke", Right.BOOKINGS, orders.confirm_revoke),
        order(ONE_BOOKING + "/revoke", Right.BOOKINGS, orders.revoke),
        look(ONE_BOOKING + "/issue-again", Right.BOOKINGS, orders.confirm_issue_again),
        order(ONE_BOOKING + "/issue-again", Right.BOOKINGS, orders.issue_again),
        look(ONE_BOOKING + "/resolve", Right.BOOKINGS, orders.ask),
        order(ONE_BOOKING + "/resolve", Right.BOOKINGS, orders.resolve),
        look(ONE_BOOKING + "/erase", Right.PEOPLE, erasing.ask),
        order(ONE_BOOKING + "/erase", Right.PEOPLE, erasing.order),
        look("/brakes/{source}/release", Right.EMERGENCY, orders.confirm_release),
        order("/brakes/{source}/release", Right.EMERGENCY, orders.release),
    ]


def _known_only(endpoint: Endpoint, *, renderer: Renderer) -> Endpoint:
    """What is not there is a page that says so."""

    async def answer(request: Request) -> Response:
        try:
            # What cannot be an id is not asked of the store: not every database takes every character.
            if BOOKING_ID.fullmatch(request.path_params.get("booking_id", "any")) is None:
                raise UnknownBooking
            return await endpoint(request)
        except UnknownBooking:
            return await renderer.page(request, "pages/problem.html", {"problem": "booking"}, status=404)
        except UnknownSource:
            return await renderer.page(request, "pages/problem.html", {"problem": "source"}, status=404)

    return answer
