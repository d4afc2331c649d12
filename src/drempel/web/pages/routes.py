"""Every address of the pages, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.engine.intake import BOOKING_ID
from drempel.engine.levers import Levers, UnknownSource
from drempel.engine.records import UnknownBooking
from drempel.engine.setup import Setup
from drempel.web.pages.assets import Assets
from drempel.web.pages.booking import BookingPage
from drempel.web.pages.bookings import BookingsPage
from drempel.web.pages.choosing_language import choose_language
from drempel.web.pages.needs import NeedsPage
from drempel.web.pages.orders import Orders
from drempel.web.pages.rendering import PageLink, Renderer
from drempel.web.pages.same_site import from_our_own_page
from drempel.web.pages.setup_page import SetupPage
from drempel.web.pages.today import TodayPage

__all__ = ["demo_pages"]

Endpoint = Callable[[Request], Awaitable[Response]]
ONE_BOOKING = "/bookings/{source}/{booking_id}"


def demo_pages(
    *,
    levers: Levers,
    setup: Callable[[], Awaitable[Setup]],
    zone: str,
    links: Sequence[PageLink],
    now: Callable[[], datetime],
) -> list[Route]:
    """The pages, for the `pages` of the application. Whoever reaches them may pull every lever: they know no sign-in."""
    assets = Assets()
    renderer = Renderer(zone=zone, links=links, now=now, assets=assets, needy=levers.count_needy)
    booking = BookingPage(levers, setup, renderer)
    today = TodayPage(levers, setup, renderer, zone=zone, now=now)
    needs = NeedsPage(levers, setup, renderer)
    orders = Orders(levers, setup, renderer)

    def look(path: str, endpoint: Endpoint) -> Route:
        return Route(path, _known_only(endpoint, renderer), methods=["GET"])

    def order(path: str, endpoint: Endpoint) -> Route:
        return Route(path, _own_forms_only(_known_only(endpoint, renderer), renderer), methods=["POST"])

    served = [
        look("/", today.show),
        look("/today", today.show),
        look("/today/pack", today.pack),
        look("/bookings", BookingsPage(levers, setup, renderer).show),
        look("/needs", needs.show),
        order("/pauses/probe", needs.probe),
        order("/needs/resume", needs.resume),
        order("/language", choose_language),
        look("/setup", SetupPage(setup, renderer).show),
        look(ONE_BOOKING, booking.show),
        order(ONE_BOOKING + "/retry", orders.retry),
        look(ONE_BOOKING + "/revoke", orders.confirm_revoke),
        order(ONE_BOOKING + "/revoke", orders.revoke),
        look(ONE_BOOKING + "/issue-again", orders.confirm_issue_again),
        order(ONE_BOOKING + "/issue-again", orders.issue_again),
        look(ONE_BOOKING + "/resolve", orders.ask),
        order(ONE_BOOKING + "/resolve", orders.resolve),
        look("/brakes/{source}/release", orders.confirm_release),
        order("/brakes/{source}/release", orders.release),
        assets.route(),
    ]
    renderer.lead_to({route.path for route in served})
    return served


def _known_only(endpoint: Endpoint, renderer: Renderer) -> Endpoint:
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


def _own_forms_only(endpoint: Endpoint, renderer: Renderer) -> Endpoint:
    """A form that another site sent is refused before anything of it is read."""

    async def answer(request: Request) -> Response:
        if not from_our_own_page(request.headers):
            return await renderer.page(request, "pages/problem.html", {"problem": "foreign"}, status=403)
        return await endpoint(request)

    return answer
