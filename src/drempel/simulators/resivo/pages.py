"""The pages for people: the portal's side, and the visitor's landing page behind a door link."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drempel.simulators.page import Pages, back_to
from drempel.simulators.resivo.records import AUTHORIZATION_ACTIVE, Authorization, Component, Opening, Refused, Site

if TYPE_CHECKING:
    from drempel.simulators.resivo.simulator import ResivoSimulator

__all__ = ["page_routes"]

MESSAGES_SHOWN: Final = 50
SETS_SHOWN: Final = 100
LAMP_SECONDS: Final = 10
NAME_CHARS_MAX: Final = 120


def page_routes(sim: ResivoSimulator) -> list[Route]:
    pages = _Pages(sim)
    return [
        Route("/", pages.overview, methods=["GET"]),
        Route("/_sim/", pages.controls, methods=["GET"]),
        Route("/open/{link_token}", pages.landing, methods=["GET"]),
        Route("/open/{link_token}/{component_id}", pages.press, methods=["POST"]),
        Route("/portal/components/{id}/{action}", pages.change_component, methods=["POST"]),
        Route("/portal/authorizations/{id}/{action}", pages.change_authorization, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, sim: ResivoSimulator) -> None:
        self._sim = sim
        self._pages = Pages(Path(__file__).parent / "templates", brand="Resivo", accent="accent-resivo")

    async def overview(self, _: Request) -> Response:
        state = self._sim.state
        now = self._sim.clock.now()
        latest = {opening.component_id: opening for opening in state.openings}
        sites = [
            {
                "site": site,
                "owner": state.site_owners[site.site_owner_id],
                "doors": [_door(one, latest.get(one.id), now) for one in state.components_of(site.id)],
                "sets": [self._row(one, site, now) for one in self._newest(site)],
            }
            for site in state.sites.values()
        ]
        messages = [{"message": one, "at": _shown(one.at, None)} for one in reversed(state.outbox[-MESSAGES_SHOWN:])]
        context = {"sites": sites, "messages": messages, "now": _shown(now, None), "faults": self._sim.faults.as_json()}
        return self._pages.render("overview.html", context)

    async def controls(self, _: Request) -> Response:
        operations = [
            (name, operation.method, operation.path)
            for name, operation in self._sim.profile.operations.items()
            if operation.supported
        ]
        return self._pages.render("controls.html", {"profile": self._sim.profile.name, "operations": operations})

    async def landing(self, request: Request) -> Response:
        link_token = request.path_params["link_token"]
        state = self._sim.state
        try:
            authorization, _ = state.behind_link(link_token)
        except KeyError:
            return self._pages.render("no_link.html", {}, status=404)
        site = state.sites[authorization.site_id]
        now = self._sim.clock.now()
        context = {
            "link_token": link_token,
            "site": site,
            "set": self._row(authorization, site, now),
            "doors": [state.components[one] for one in authorization.component_ids if one in state.components],
            "reason": _whole_reason(authorization, now),
            "pressed": self._pressed(authorization, request.query_params.get("pressed", "")),
        }
        return self._pages.render("landing.html", context)

    async def press(self, request: Request) -> Response:
        link_token = request.path_params["link_token"]
        try:
            self._sim.press(link_token, request.path_params["component_id"])
        except KeyError:
            return self._pages.render("no_link.html", {}, status=404)
        return back_to(f"/open/{link_token}?pressed={len(self._sim.state.openings)}")

    async def change_component(self, request: Request) -> Response:
        identity, action = request.path_params["id"], request.path_params["action"]
        if identity not in self._sim.state.components:
            return self._gone("This door is no longer there.")
        match action:
            case "rename":
                form = await request.form()
                name = str(form.get("display_name", "")).strip()[:NAME_CHARS_MAX]
                if name:
                    self._sim.rename_component(identity, name)
            case "online" | "offline":
                self._sim.set_online(identity, action == "online")
            case "remove":
                self._sim.remove_component(identity)
            case "renew":
                self._sim.renew_component_id(identity)
            case _:
                return self._gone("There is no such action.")
        return back_to("/")

    async def change_authorization(self, request: Request) -> Response:
        identity, action = request.path_params["id"], request.path_params["action"]
        if identity not in self._sim.state.authorizations or action not in {"revoke", "delete"}:
            return self._gone("This access is no longer there.")
        if action == "delete":
            self._sim.portal_delete(identity)
        else:
            try:
                self._sim.portal_revoke(identity)
            except Refused as refused:
                return self._gone(f"{refused.message}.")
        return back_to("/")

    def _gone(self, sentence: str) -> Response:
        return self._pages.render("gone.html", {"sentence": sentence}, status=404)

    def _newest(self, site: Site) -> list[Authorization]:
        return list(self._sim.state.authorizations_of(site.id))[: -SETS_SHOWN - 1 : -1]

    def _row(self, authorization: Authorization, site: Site, now: datetime) -> dict[str, Any]:
        components = self._sim.state.components
        zone = _zone(site)
        names = [
            components[one].display_name if one in components else "a door that is gone" for one in authorization.component_ids
        ]
        word, tone = _state_word(authorization, now)
        return {
            "id": authorization.id,
            "display_name": authorization.display_name,
            "doors": names,
            "valid_from": _shown(authorization.valid_from, zone) if authorization.valid_from else "from its creation",
            "valid_to": _shown(authorization.valid_to, zone) if authorization.valid_to else "until it is deleted",
            "word": word,
            "tone": tone,
            "recipients": len(authorization.recipients),
            "revocable": authorization.status == AUTHORIZATION_ACTIVE,
        }

    def _pressed(self, authorization: Authorization, number: str) -> dict[str, Any] | None:
        openings = self._sim.state.openings
        if not number.isascii() or not number.isdecimal() or not 0 < int(number[:9]) <= len(openings):
            return None
        opening = openings[int(number[:9]) - 1]
        if opening.authorization_id != authorization.id:
            return None
        component = self._sim.state.components.get(opening.component_id)
        return {"opening": opening, "door": component.display_name if component else "This door"}


def _door(component: Component, latest: Opening | None, now: datetime) -> dict[str, Any]:
    just_opened = latest is not None and latest.opened and now - latest.at < timedelta(seconds=LAMP_SECONDS)
    return {"component": component, "just_opened": just_opened, "latest": latest}


def _state_word(authorization: Authorization, now: datetime) -> tuple[str, str]:
    if authorization.status != AUTHORIZATION_ACTIVE:
        return authorization.status, "bad"
    if authorization.expired(now):
        return "over", "idle"
    if now < (authorization.valid_from or authorization.created_at):
        return "active, not yet begun", "idle"
    return "active now", "good"


def _whole_reason(authorization: Authorization, now: datetime) -> str:
    """Why no door of the access opens now, whatever its doors do; empty if the access itself is good."""
    if authorization.status != AUTHORIZATION_ACTIVE:
        return "This access was revoked."
    if authorization.expired(now):
        return "The time of this access is over."
    if now < (authorization.valid_from or authorization.created_at):
        return "It is too early; come back when the access begins."
    return ""


def _zone(site: Site) -> ZoneInfo | None:
    try:
        return ZoneInfo(site.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _shown(at: datetime, zone: ZoneInfo | None) -> str:
    local = at.astimezone(zone) if zone else at
    return f"{local:%a %d %b %Y %H:%M} {local.tzname()}"
