"""The panel for people: pages, and forms that answer with a redirect, so that a reload repeats nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.simulators.ireserve.environment import Environment
from drempel.simulators.ireserve.forms import Form, read_form
from drempel.simulators.ireserve.views import Views
from drempel.simulators.ireserve.webhooks import URL_LENGTH_MAX
from drempel.simulators.page import Pages, back_to

__all__ = ["Panel"]

TEMPLATES: Final = Path(__file__).parent / "templates"
Endpoint = Callable[[Request], Awaitable[Response]]


class Panel:
    """What an administrator and a customer see and do, on one small site."""

    def __init__(self, sim: Environment) -> None:
        self._sim = sim
        self._views = Views(sim)
        self.pages = Pages(TEMPLATES, brand="i-Reserve", accent="accent-ireserve")

    def routes(self) -> list[Route]:
        return [
            self._route("/", self.overview, "GET"),
            self._route("/bookings", self.make_booking, "POST"),
            self._route("/bookings/{booking_id}", self.booking, "GET"),
            self._route("/bookings/{booking_id}/{action}", self.act, "POST"),
            self._route("/webhooks", self.webhooks, "GET"),
            self._route("/webhooks", self.add_webhook, "POST"),
            self._route("/webhooks/{hook_id}/delete", self.remove_webhook, "POST"),
            self._route("/deliveries/{number:int}/again", self.send_again, "POST"),
            self._route("/setup", self.setup, "GET"),
            self._route("/setup/{what}", self.change_setup, "POST"),
        ]

    async def overview(self, request: Request) -> Response:
        page = request.query_params.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        return self._page("overview.html", self._views.overview(page=number, past=request.query_params.get("past") == "1"))

    async def make_booking(self, request: Request) -> Response:
        form = await read_form(request)
        try:
            start, end = form.times(self._sim.state)
            booking_id = self._sim.make_booking(
                form.text("object", label="Object"),
                start,
                end,
                lastname=form.text("lastname", label="Last name"),
                initials=form.text("initials"),
                email=form.text("email"),
                tel_mob=form.text("tel_mob"),
                status=form.text("status", label="Status"),
                remarks=form.text("remarks"),
            )
        except (ValueError, KeyError) as error:
            return self._page("overview.html", self._views.overview(error=sentence(error), form=form.values()), status=400)
        stored = booking_id in self._sim.state.bookings  # it is not yet, where events go first
        return back_to(f"/bookings/{booking_id}" if stored else "/")

    async def booking(self, request: Request) -> Response:
        return self._page("booking.html", self._views.booking(request.path_params["booking_id"]))

    async def act(self, request: Request) -> Response:
        """One of the things that may be done to a booking."""
        booking_id: str = request.path_params["booking_id"]
        actions: dict[str, Callable[[str, Form], None]] = {
            "status": lambda one, form: self._sim.set_status(one, form.text("status", label="Status")),
            "reschedule": lambda one, form: self._sim.reschedule_as_admin(one, *form.times(self._sim.state)),
            "reschedule-as-customer": lambda one, form: self._sim.reschedule_as_customer(one, *form.times(self._sim.state)),
            "cancel": lambda one, _: self._sim.cancel_as_customer(one),
            "object": lambda one, form: self._sim.move_object(one, form.text("object", label="Object")),
            "field": lambda one, form: self._sim.set_field(one, form.number("number", label="Field"), form.text("value")),
            "customer": self._change_customer,
            "delete": lambda one, _: self._sim.delete_booking(one),
        }
        action = actions.get(request.path_params["action"])
        if action is None:
            raise HTTPException(404)
        self._sim.booking(booking_id)  # an unknown one is not found, before anything in the form is wrong
        try:
            action(booking_id, await read_form(request))
        except (ValueError, KeyError) as error:
            return self._page("booking.html", self._views.booking(booking_id, error=sentence(error)), status=400)
        return back_to(f"/bookings/{booking_id}" if booking_id in self._sim.state.bookings else "/")

    async def webhooks(self, _: Request) -> Response:
        return self._page("webhooks.html", self._views.webhooks())

    async def add_webhook(self, request: Request) -> Response:
        form = await read_form(request)
        try:
            self._sim.webhooks.add(
                form.text("event", label="Trigger"),
                form.text("url", label="Url", length_max=URL_LENGTH_MAX),
                json_header=form.text("json") == "yes",
                note=form.text("note"),
            )
        except ValueError as error:
            return self._page("webhooks.html", self._views.webhooks(error=sentence(error), form=form.values()), status=400)
        return back_to("/webhooks")

    async def remove_webhook(self, request: Request) -> Response:
        self._sim.remove_hook(request.path_params["hook_id"])
        return back_to("/webhooks")

    async def send_again(self, request: Request) -> Response:
        self._sim.deliveries.send_again(request.path_params["number"])
        return back_to("/webhooks")

    async def setup(self, _: Request) -> Response:
        return self._page("setup.html", self._views.setup())

    async def change_setup(self, request: Request) -> Response:
        form = await read_form(request)
        try:
            match request.path_params["what"]:
                case "objects":
                    self._sim.add_object(form.text("id", label="Id"), form.text("name", label="Name"))
                case "statuses":
                    self._sim.set_status_name(
                        form.text("code", label="Code"), form.text("name", label="Name"), color=form.text("color", label="Color")
                    )
                case _:
                    raise HTTPException(404)
        except ValueError as error:
            return self._page("setup.html", self._views.setup(error=sentence(error)), status=400)
        return back_to("/setup")

    def _change_customer(self, booking_id: str, form: Form) -> None:
        self._sim.change_customer(
            self._sim.booking(booking_id).customer_id,
            lastname=form.text("lastname", label="Last name"),
            initials=form.text("initials"),
            email=form.text("email"),
            tel_mob=form.text("tel_mob"),
        )

    def _page(self, name: str, context: dict[str, Any], *, status: int = 200) -> Response:
        return self.pages.render(name, context, status=status)

    def _route(self, path: str, endpoint: Endpoint, method: str) -> Route:
        """A route that first does the late work, and that shows what is not there as a page."""

        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            self._sim.catch_up()
            try:
                return await endpoint(request)
            except KeyError as error:
                return self._page("message.html", self._views.message("Not found", sentence(error)), status=404)

        return Route(path, guarded, methods=[method])


def sentence(error: ValueError | KeyError) -> str:
    """What went wrong, for a page."""
    text = str(error.args[0]) if error.args else ""
    return f"There is no {text}." if isinstance(error, KeyError) else text
