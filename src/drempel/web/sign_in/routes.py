"""The addresses of signing in, of the account, of people and of the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from starlette.routing import Route

from drempel.domain.rights import Right
from drempel.engine.invitations import Invitations
from drempel.engine.people import PeopleStore
from drempel.engine.ports import Clock
from drempel.engine.sign_in import SignIn
from drempel.engine.trail import Trail
from drempel.web.pages.names import SiteNames
from drempel.web.pages.rendering import Renderer
from drempel.web.sign_in.account import Account
from drempel.web.sign_in.caller import Callers
from drempel.web.sign_in.cookies import Cookies
from drempel.web.sign_in.door import Door
from drempel.web.sign_in.guard import Guard
from drempel.web.sign_in.people_pages import PeoplePages
from drempel.web.sign_in.trail_page import TrailPage

__all__ = ["SignInServices", "sign_in_routes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInServices:
    """What the pages of signing in stand on."""

    sign_in: SignIn
    invitations: Invitations
    people: PeopleStore
    trail: Trail
    clock: Clock
    public_url: str
    """Stands in front of one-time links; its scheme says what cookies are like."""
    proxies: Sequence[IPv4Network | IPv6Network] = ()
    """Of whom is believed for whom they ask."""


def sign_in_routes(
    services: SignInServices, *, guard: Guard, cookies: Cookies, renderer: Renderer, site_names: SiteNames
) -> list[Route]:
    """GET changes nothing anywhere."""
    door = Door(services.sign_in, services.people, cookies, renderer, services.clock, Callers(services.proxies))
    account = Account(services.sign_in, cookies, renderer, services.clock)
    people = PeoplePages(
        services.people, services.invitations, services.sign_in, cookies, renderer, public_url=services.public_url
    )
    trail = TrailPage(services.trail, renderer, site_names)
    of_person = "/people/{number}"
    return [
        Route("/sign-in", door.show, methods=["GET"]),
        Route("/sign-in", guard.own_forms_only(door.come_in), methods=["POST"]),
        Route("/sign-out", guard.order(None, door.go_out), methods=["POST"]),
        Route("/link/{token}", door.show_link, methods=["GET"]),
        Route("/link/{token}", guard.own_forms_only(door.use_link), methods=["POST"]),
        Route("/account", guard.look(None, account.show), methods=["GET"]),
        Route("/account/password", guard.order(None, account.change_password), methods=["POST"]),
        Route("/account/sessions/end-others", guard.order(None, account.end_others), methods=["POST"]),
        Route("/account/sessions/{number}/end", guard.order(None, account.end_session), methods=["POST"]),
        Route("/people", guard.look(Right.PEOPLE, people.show), methods=["GET"]),
        Route("/people/invite", guard.order(Right.PEOPLE, people.invite), methods=["POST"]),
        Route(of_person + "/link", guard.order(Right.PEOPLE, people.link_again), methods=["POST"]),
        Route(of_person + "/role", guard.order(Right.PEOPLE, people.change_role), methods=["POST"]),
        Route(of_person + "/remove", guard.look(Right.PEOPLE, people.confirm_remove), methods=["GET"]),
        Route(of_person + "/remove", guard.order(Right.PEOPLE, people.remove), methods=["POST"]),
        Route("/trail", guard.look(Right.PEOPLE, trail.show), methods=["GET"]),
    ]
