"""The controls that only this simulator has, under `/_sim/`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from drempel.simulators.control import WrongInput, control_route, read_json
from drempel.simulators.resivo.quirks import Quirks
from drempel.simulators.resivo.records import Authorization, Component, Message, Refused
from drempel.simulators.resivo.snapshot import state_as_json

if TYPE_CHECKING:
    from drempel.simulators.resivo.simulator import ResivoSimulator

__all__ = ["resivo_control_routes"]

_messages = TypeAdapter(list[Message])
_authorization = TypeAdapter(Authorization)
_component = TypeAdapter(Component)
_aware: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _NewComponent(_Strict):
    site_id: str
    display_name: str
    online: bool = True
    id: str | None = None


class _ComponentChange(_Strict):
    display_name: str | None = None
    online: bool | None = None


class _AuthorizationChange(_Strict):
    display_name: str | None = None
    component_ids: list[str] | None = None
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    status: str | None = None


class _Pressed(_Strict):
    link_token: str
    component_id: str


def resivo_control_routes(sim: ResivoSimulator) -> list[Route]:
    controls = _Controls(sim)
    routes: list[tuple[str, Any, Literal["GET", "PUT", "POST", "PATCH", "DELETE"]]] = [
        ("/_sim/state", controls.get_state, "GET"),
        ("/_sim/state", controls.put_state, "PUT"),
        ("/_sim/quirks", controls.get_quirks, "GET"),
        ("/_sim/quirks", controls.patch_quirks, "PATCH"),
        ("/_sim/quirks", controls.delete_quirks, "DELETE"),
        ("/_sim/outbox", controls.get_outbox, "GET"),
        ("/_sim/outbox", controls.delete_outbox, "DELETE"),
        ("/_sim/oracle", controls.get_oracle, "GET"),
        ("/_sim/open", controls.post_open, "POST"),
        ("/_sim/tokens", controls.delete_tokens, "DELETE"),
        ("/_sim/components", controls.post_component, "POST"),
        ("/_sim/components/{id}", controls.patch_component, "PATCH"),
        ("/_sim/components/{id}", controls.delete_component, "DELETE"),
        ("/_sim/components/{id}/renew", controls.renew_component, "POST"),
        ("/_sim/authorizations/{id}", controls.patch_authorization, "PATCH"),
        ("/_sim/authorizations/{id}", controls.delete_authorization, "DELETE"),
        ("/_sim/authorizations/{id}/revoke", controls.revoke_authorization, "POST"),
    ]
    return [control_route(path, endpoint, [method]) for path, endpoint, method in routes]


class _Controls:
    def __init__(self, sim: ResivoSimulator) -> None:
        self._sim = sim

    async def get_state(self, _: Request) -> Response:
        return JSONResponse(state_as_json(self._sim.state))

    async def put_state(self, request: Request) -> Response:
        self._sim.put_state(await read_json(request))
        return Response(status_code=204)

    async def get_quirks(self, _: Request) -> Response:
        return self._quirks()

    async def patch_quirks(self, request: Request) -> Response:
        wanted = Quirks.model_validate({**self._sim.quirks.model_dump(), **await read_json(request)})
        self._set_quirks(wanted)
        return self._quirks()

    async def delete_quirks(self, _: Request) -> Response:
        self._set_quirks(Quirks())
        return self._quirks()

    async def get_outbox(self, _: Request) -> Response:
        return JSONResponse(_messages.dump_python(self._sim.outbox, mode="json"))

    async def delete_outbox(self, _: Request) -> Response:
        self._sim.outbox.clear()
        return Response(status_code=204)

    async def get_oracle(self, request: Request) -> Response:
        asked = request.query_params
        for key in ("recipient", "component_id"):
            if key not in asked:
                raise WrongInput(f"{key}: is missing")
        at = _aware.validate_python(asked["at"]) if "at" in asked else None
        return JSONResponse({"may_open": self._sim.may_open(asked["recipient"], asked["component_id"], at)})

    async def post_open(self, request: Request) -> Response:
        pressed = _Pressed.model_validate(await read_json(request))
        opening = self._sim.press(pressed.link_token, pressed.component_id)
        return JSONResponse({"opened": opening.opened, "reason": opening.reason})

    async def delete_tokens(self, _: Request) -> Response:
        self._sim.end_tokens()
        return Response(status_code=204)

    async def post_component(self, request: Request) -> Response:
        new = _NewComponent.model_validate(await read_json(request))
        component = self._sim.add_component(new.site_id, new.display_name, online=new.online, component_id=new.id)
        return JSONResponse(_component.dump_python(component, mode="json"), status_code=201)

    async def patch_component(self, request: Request) -> Response:
        change = _ComponentChange.model_validate(await read_json(request))
        identity = request.path_params["id"]
        component = self._sim.state.components[identity]
        if change.display_name is not None:
            self._sim.rename_component(identity, change.display_name)
        if change.online is not None:
            self._sim.set_online(identity, change.online)
        return JSONResponse(_component.dump_python(component, mode="json"))

    async def delete_component(self, request: Request) -> Response:
        self._sim.remove_component(request.path_params["id"])
        return Response(status_code=204)

    async def renew_component(self, request: Request) -> Response:
        component = self._sim.renew_component_id(request.path_params["id"])
        return JSONResponse(_component.dump_python(component, mode="json"), status_code=201)

    async def patch_authorization(self, request: Request) -> Response:
        change = _AuthorizationChange.model_validate(await read_json(request))
        changed = self._sim.portal_change(request.path_params["id"], **change.model_dump())
        return JSONResponse(_authorization.dump_python(changed, mode="json"))

    async def delete_authorization(self, request: Request) -> Response:
        self._sim.portal_delete(request.path_params["id"])
        return Response(status_code=204)

    async def revoke_authorization(self, request: Request) -> Response:
        try:
            self._sim.portal_revoke(request.path_params["id"])
        except Refused as refused:
            raise WrongInput(refused.message) from refused
        return Response(status_code=204)

    def _quirks(self) -> Response:
        return JSONResponse(self._sim.quirks.model_dump(mode="json"))

    def _set_quirks(self, wanted: Quirks) -> None:
        """In place: the API holds on to this object."""
        for name in Quirks.model_fields:
            setattr(self._sim.quirks, name, getattr(wanted, name))
