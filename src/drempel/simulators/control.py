"""The control routes that both simulators share under `/_sim/`: faults, holds, clock, calls.

They are no part of the simulated API. They exist so that a test in another process can do what a test in this one does by hand.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from drempel.simulators.calls import CallLog
from drempel.simulators.clock import SimulatorClock
from drempel.simulators.faults import Fault, FaultList

__all__ = ["Controlled", "WrongInput", "control_route", "control_routes", "read_json"]

Endpoint = Callable[[Request], Awaitable[Response]]
_instant: TypeAdapter[datetime] = TypeAdapter(datetime)


class WrongInput(ValueError):
    """A control request that cannot be read; its text is the answer."""


class Controlled(Protocol):
    """What a simulator must have to be controlled from outside."""

    @property
    def clock(self) -> SimulatorClock: ...
    @property
    def faults(self) -> FaultList: ...
    @property
    def calls(self) -> CallLog: ...

    def catch_up(self) -> None:
        """Do the late work that the clock has reached."""
        ...


def control_route(path: str, endpoint: Endpoint, methods: list[str]) -> Route:
    """A route whose wrong input answers 400 with a sentence, and whose unknown id answers 404."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except KeyError as error:
            return JSONResponse({"message": f"unknown: {error.args[0] if error.args else ''}"}, status_code=404)
        except ValidationError as error:
            lines = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
            return JSONResponse({"message": "; ".join(lines)}, status_code=400)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, status_code=400)

    return Route(path, guarded, methods=methods)


async def read_json(request: Request) -> dict[str, Any]:
    """The body as an object; an empty body is an empty object. `WrongInput` for anything else."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise WrongInput("the body is not JSON") from error
    if not isinstance(value, dict):
        raise WrongInput("the body must be a JSON object")
    return value


def control_routes(sim: Controlled) -> list[Route]:
    """Routes for faults, release, clock and calls, below `/_sim`."""
    controls = _Controls(sim)
    return [
        control_route("/_sim/faults", controls.get_faults, ["GET"]),
        control_route("/_sim/faults", controls.post_faults, ["POST"]),
        control_route("/_sim/faults", controls.delete_faults, ["DELETE"]),
        control_route("/_sim/release", controls.release, ["POST"]),
        control_route("/_sim/clock", controls.get_clock, ["GET"]),
        control_route("/_sim/clock", controls.put_clock, ["PUT"]),
        control_route("/_sim/clock/advance", controls.advance_clock, ["POST"]),
        control_route("/_sim/calls", controls.get_calls, ["GET"]),
        control_route("/_sim/calls", controls.delete_calls, ["DELETE"]),
    ]


class _Controls:
    def __init__(self, sim: Controlled) -> None:
        self._sim = sim

    async def get_faults(self, _: Request) -> Response:
        return JSONResponse({"faults": self._sim.faults.as_json(), "held": self._sim.faults.held()})

    async def post_faults(self, request: Request) -> Response:
        identity = self._sim.faults.add_fault(Fault.model_validate(await read_json(request)))
        return JSONResponse({"id": identity}, status_code=201)

    async def delete_faults(self, _: Request) -> Response:
        self._sim.faults.clear()
        return Response(status_code=204)

    async def release(self, request: Request) -> Response:
        self._sim.faults.release(str((await read_json(request)).get("id", "")))
        return Response(status_code=204)

    async def get_clock(self, _: Request) -> Response:
        return self._clock_answer()

    async def put_clock(self, request: Request) -> Response:
        wanted = await read_json(request)
        if "now" in wanted:
            self._sim.clock.set(_aware(wanted["now"]))
        if "frozen" in wanted:
            (self._sim.clock.freeze if wanted["frozen"] else self._sim.clock.run)()
        return self._clock_answer()

    async def advance_clock(self, request: Request) -> Response:
        seconds = (await read_json(request)).get("seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise WrongInput("seconds: a number is needed")
        try:
            self._sim.clock.advance(timedelta(seconds=seconds))
        except OverflowError as error:
            raise WrongInput("seconds: out of range") from error
        return self._clock_answer()

    async def get_calls(self, _: Request) -> Response:
        return JSONResponse(self._sim.calls.as_json())

    async def delete_calls(self, _: Request) -> Response:
        self._sim.calls.clear()
        return Response(status_code=204)

    def _clock_answer(self) -> Response:
        self._sim.catch_up()
        return JSONResponse({"now": self._sim.clock.now().isoformat(), "frozen": self._sim.clock.frozen})


def _aware(value: Any) -> datetime:
    at = _instant.validate_python(value)
    if at.tzinfo is None:
        raise WrongInput("now: a time with its offset is needed")
    return at
