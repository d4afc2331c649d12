"""The control routes of this simulator, below `/_sim/`: what a test in another process does to the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from drempel.simulators.control import control_route, read_json
from drempel.simulators.ireserve.api import OPERATIONS
from drempel.simulators.ireserve.environment import Environment
from drempel.simulators.ireserve.state_document import read_state, write_booking, write_state
from drempel.simulators.ireserve.switches import Switches
from drempel.simulators.page import Pages

__all__ = ["CONTROLS", "environment_routes"]

CONTROLS: Final = (
    ("GET, PUT", "/_sim/state", "Everything the environment knows. A part that is left out of a PUT stays as it is."),
    ("GET, PUT", "/_sim/switches", "How this environment behaves. A PUT changes the switches that it names."),
    ("POST", "/_sim/objects", 'Add an object: {"id": 81, "name": "Hall 1"}.'),
    (
        "POST",
        "/_sim/bookings",
        "Make a booking: object_id, start, end; customer_id, or lastname, initials, email, tel_mob; status.",
    ),
    ("GET", "/_sim/bookings/{id}", "One booking as it is stored."),
    ("POST", "/_sim/bookings/{id}/status", 'A status change: {"status": 20}.'),
    ("POST", "/_sim/bookings/{id}/reschedule", "By an administrator: start, end. The status stays."),
    ("POST", "/_sim/bookings/{id}/reschedule-as-customer", "By the customer: start, end. The status goes to 40."),
    ("POST", "/_sim/bookings/{id}/cancel", "By the customer, below 70. The status goes to 70."),
    ("POST", "/_sim/bookings/{id}/object", 'By an administrator: {"object_id": 82}.'),
    ("POST", "/_sim/bookings/{id}/field", 'By an administrator: {"number": 5, "value": "..."}.'),
    ("POST", "/_sim/bookings/{id}/delete", "Away with it. No event is fired."),
    ("POST", "/_sim/customers/{id}", "Change email, tel_mob, initials or lastname. No event is fired."),
    ("GET, DELETE", "/_sim/deliveries", "The last deliveries with their tries. DELETE forgets them, also those that wait."),
    ("POST", "/_sim/deliveries/{number}/again", "Send one once more."),
    ("GET, POST, DELETE", "/_sim/faults", "The script of faults: operation, kind, times, after, and what the kind takes."),
    ("POST", "/_sim/release", 'Let a held call go on: {"id": "fault-1"}.'),
    ("GET, PUT", "/_sim/clock", 'The time: {"now": "2026-03-14T09:00:00+01:00", "frozen": true}.'),
    ("POST", "/_sim/clock/advance", 'Move on: {"seconds": 60}.'),
    ("GET, DELETE", "/_sim/calls", "The calls of the API, and how many there were of each operation."),
)
_Text = Annotated[str, Field(max_length=500)]
_Id = int | _Text


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _NewObject(_Body):
    id: _Id
    name: _Text


class _NewBooking(_Body):
    object_id: _Id
    start: AwareDatetime
    end: AwareDatetime
    customer_id: _Id | None = None
    lastname: _Text = "Lovelace"
    initials: _Text = "A"
    email: _Text = ""
    tel_mob: _Text = ""
    status: _Id = "10"
    number: int = 1
    remarks: _Text = ""
    fields: dict[int, _Text] = Field(default_factory=dict)


class _NewStatus(_Body):
    status: _Id


class _Times(_Body):
    start: AwareDatetime
    end: AwareDatetime


class _OtherObject(_Body):
    object_id: _Id


class _FieldValue(_Body):
    number: int
    value: _Text


class _CustomerChanges(_Body):
    lastname: _Text | None = None
    initials: _Text | None = None
    email: _Text | None = None
    tel_mob: _Text | None = None


def environment_routes(sim: Environment, pages: Pages) -> list[Route]:
    """Routes for state, switches, bookings, deliveries, and the page that lists all controls."""
    control = _Control(sim, pages)
    return [
        Route("/_sim/", control.documentation, methods=["GET"]),
        control_route("/_sim/state", control.get_state, ["GET"]),
        control_route("/_sim/state", control.put_state, ["PUT"]),
        control_route("/_sim/switches", control.get_switches, ["GET"]),
        control_route("/_sim/switches", control.put_switches, ["PUT"]),
        control_route("/_sim/objects", control.add_object, ["POST"]),
        control_route("/_sim/bookings", control.make_booking, ["POST"]),
        control_route("/_sim/bookings/{booking_id}", control.get_booking, ["GET"]),
        control_route("/_sim/bookings/{booking_id}/{action}", control.act, ["POST"]),
        control_route("/_sim/customers/{customer_id}", control.change_customer, ["POST"]),
        control_route("/_sim/deliveries", control.get_deliveries, ["GET"]),
        control_route("/_sim/deliveries", control.delete_deliveries, ["DELETE"]),
        control_route("/_sim/deliveries/{number:int}/again", control.send_again, ["POST"]),
    ]


class _Control:
    def __init__(self, sim: Environment, pages: Pages) -> None:
        self._sim = sim
        self._pages = pages

    async def documentation(self, _: Request) -> Response:
        switches = [
            {"name": name, "default": field.get_default(call_default_factory=True), "value": getattr(self._sim.switches, name)}
            for name, field in Switches.model_fields.items()
        ]
        return self._pages.render("controls.html", {"controls": CONTROLS, "operations": OPERATIONS, "switches": switches})

    async def get_state(self, _: Request) -> Response:
        self._sim.catch_up()
        return JSONResponse(write_state(self._sim.state))

    async def put_state(self, request: Request) -> Response:
        read_state(self._sim.state, await read_json(request))
        return Response(status_code=204)

    async def get_switches(self, _: Request) -> Response:
        return JSONResponse(self._sim.switches.model_dump(mode="json"))

    async def put_switches(self, request: Request) -> Response:
        wanted = Switches.model_validate(self._sim.switches.model_dump() | await read_json(request))
        for name in Switches.model_fields:
            setattr(self._sim.switches, name, getattr(wanted, name))
        return await self.get_switches(request)

    async def add_object(self, request: Request) -> Response:
        wanted = _NewObject.model_validate(await read_json(request))
        return JSONResponse({"id": self._sim.add_object(wanted.id, wanted.name)}, status_code=201)

    async def make_booking(self, request: Request) -> Response:
        wanted = _NewBooking.model_validate(await read_json(request))
        self._sim.catch_up()
        return JSONResponse({"id": self._sim.make_booking(**dict(wanted))}, status_code=201)

    async def get_booking(self, request: Request) -> Response:
        return JSONResponse(write_booking(self._sim.booking(request.path_params["booking_id"])))

    async def act(self, request: Request) -> Response:
        booking_id: str = request.path_params["booking_id"]
        actions: dict[str, tuple[type[_Body], Callable[..., None]]] = {
            "status": (_NewStatus, lambda status: self._sim.set_status(booking_id, status)),
            "reschedule": (_Times, lambda start, end: self._sim.reschedule_as_admin(booking_id, start, end)),
            "reschedule-as-customer": (_Times, lambda start, end: self._sim.reschedule_as_customer(booking_id, start, end)),
            "cancel": (_Body, lambda: self._sim.cancel_as_customer(booking_id)),
            "object": (_OtherObject, lambda object_id: self._sim.move_object(booking_id, object_id)),
            "field": (_FieldValue, lambda number, value: self._sim.set_field(booking_id, number, value)),
            "delete": (_Body, lambda: self._sim.delete_booking(booking_id)),
        }
        body, action = actions[request.path_params["action"]]
        action(**dict(body.model_validate(await read_json(request))))
        return Response(status_code=204)

    async def change_customer(self, request: Request) -> Response:
        wanted = _CustomerChanges.model_validate(await read_json(request))
        changes: dict[str, Any] = wanted.model_dump(exclude_none=True)
        self._sim.change_customer(request.path_params["customer_id"], **changes)
        return Response(status_code=204)

    async def get_deliveries(self, _: Request) -> Response:
        log = [one.as_json() for one in self._sim.deliveries.log()]
        return JSONResponse({"waiting": self._sim.deliveries.waiting(), "deliveries": log})

    async def delete_deliveries(self, _: Request) -> Response:
        self._sim.deliveries.clear()
        return Response(status_code=204)

    async def send_again(self, request: Request) -> Response:
        self._sim.deliveries.send_again(request.path_params["number"])
        return Response(status_code=204)
