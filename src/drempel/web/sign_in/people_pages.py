"""People: who may sign in, invitations, roles, removal. For administrators."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Role
from drempel.engine.invitations import Invitation, Invitations, InviteRefused, link_of
from drempel.engine.people import LastAdministrator, PeopleStore, Person, UnknownPerson
from drempel.engine.sign_in import SignIn
from drempel.web.pages.rendering import Renderer, see_other
from drempel.web.sign_in.account import number_of
from drempel.web.sign_in.cookies import Cookies
from drempel.web.sign_in.forms import field, read_form
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["PeoplePages"]


class PeoplePages:
    """Every order here is one of an administrator, and goes into the trail."""

    def __init__(
        self,
        people: PeopleStore,
        invitations: Invitations,
        sign_in: SignIn,
        cookies: Cookies,
        renderer: Renderer,
        *,
        public_url: str,
    ) -> None:
        self._people = people
        self._invitations = invitations
        self._sign_in = sign_in
        self._cookies = cookies
        self._renderer = renderer
        self._public_url = public_url

    async def show(self, request: Request) -> Response:
        return await self._list(request, told=request.query_params.get("told", ""))

    async def invite(self, request: Request) -> Response:
        form = await read_form(request)
        name, role = field(form, "name"), _role(field(form, "role"))
        if role is None:
            return await self._list(request, problem="role", name=name, status=400)
        try:
            invitation = await self._invitations.invite(name, role, actor=visit_of_now().person.actor)
        except InviteRefused as refused:
            return await self._list(request, problem=refused.code, name=name, status=400)
        return await self._invited(request, invitation)

    async def link_again(self, request: Request) -> Response:
        number = number_of(request)
        try:
            invitation = await self._invitations.link_again(-1 if number is None else number, actor=visit_of_now().person.actor)
        except UnknownPerson:
            return await self._list(request, problem="gone", status=404)
        return await self._invited(request, invitation)

    async def change_role(self, request: Request) -> Response:
        form = await read_form(request)
        role, person, visit = _role(field(form, "role")), await self._person(request), visit_of_now()
        if role is None:
            return await self._list(request, problem="role", status=400)
        if person is None:
            return await self._list(request, problem="gone", status=404)
        try:
            before = await self._invitations.change_role(person.id, role, actor=visit.person.actor)
        except UnknownPerson:
            return await self._list(request, problem="gone", status=404)
        except LastAdministrator:
            return await self._list(request, problem="last", status=409)
        if before.id != visit.person.id or before.role is role:
            return see_other("/people?told=role")
        # The own session has ended with all others: it goes on as a fresh one, with the rights of the new role.
        fresh = await self._sign_in.renew(visit.session)
        return see_other("/sign-in") if fresh is None else self._cookies.put(see_other("/"), fresh)

    async def confirm_remove(self, request: Request) -> Response:
        person = await self._person(request)
        if person is None:
            return await self._list(request, problem="gone", status=404)
        return await self._renderer.page(request, "sign_in/remove.html", {"person": person})

    async def remove(self, request: Request) -> Response:
        person, visit = await self._person(request), visit_of_now()
        if person is None:
            return await self._list(request, problem="gone", status=404)
        try:
            await self._invitations.remove(person.id, actor=visit.person.actor)
        except UnknownPerson:
            return await self._list(request, problem="gone", status=404)
        except LastAdministrator:
            return await self._list(request, problem="last", status=409)
        return see_other("/sign-in" if person.id == visit.person.id else "/people?told=removed")

    async def _person(self, request: Request) -> Person | None:
        number = number_of(request)
        return next((person for person in await self._people.people() if person.id == number), None)

    async def _invited(self, request: Request, invitation: Invitation) -> Response:
        """Shown in the answer itself and kept nowhere: there is no address at which it could be read again."""
        link = link_of(self._public_url, invitation)
        return await self._renderer.page(request, "sign_in/invited.html", {"person": invitation.person, "link": link})

    async def _list(self, request: Request, *, told: str = "", problem: str = "", name: str = "", status: int = 200) -> Response:
        context = {
            "people": await self._people.people(),
            "roles": [role.value for role in Role],
            "told": told,
            "problem": problem,
            "name": name[:100],
        }
        return await self._renderer.page(request, "sign_in/people.html", context, status=status)


def _role(text: str) -> Role | None:
    return Role(text) if text in set(Role) else None
