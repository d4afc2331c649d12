"""In and out: the sign-in form, signing out, and the one-time link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.people import PeopleStore
from drempel.engine.ports import Clock
from drempel.engine.sign_in import Refused, SignedIn, SignIn, TooManyAtOnce, TooSoon
from drempel.web.pages.rendering import Renderer, see_other
from drempel.web.sign_in.caller import Callers, browser_of
from drempel.web.sign_in.cookies import Cookies
from drempel.web.sign_in.forms import field, read_form
from drempel.web.sign_in.local_path import local_path

__all__ = ["BUSY_SECONDS", "Door", "wait_seconds"]

BUSY_SECONDS: Final = 5


class Door:
    """Pages for who is not signed in yet."""

    def __init__(
        self, sign_in: SignIn, people: PeopleStore, cookies: Cookies, renderer: Renderer, clock: Clock, callers: Callers
    ) -> None:
        self._sign_in = sign_in
        self._people = people
        self._callers = callers
        self._cookies = cookies
        self._renderer = renderer
        self._clock = clock

    # --- name and password

    async def show(self, request: Request) -> Response:
        wanted = local_path(request.query_params.get("next", ""))
        if await self._sign_in.session(self._cookies.token(request)) is not None:
            return see_other(wanted)
        return await self._form(request, wanted)

    async def come_in(self, request: Request) -> Response:
        form = await read_form(request)
        name, wanted = field(form, "name"), local_path(field(form, "next"))
        try:
            answer = await self._sign_in.sign_in(
                name,
                field(form, "password"),
                addresses=self._callers.paces_of(request),
                browser=browser_of(request),
                known_browser=self._cookies.known_browser(request),
                leaving=self._cookies.token(request),
            )
        except TooManyAtOnce:
            return await self._form(request, wanted, name=name, problem="busy", status=503, wait=BUSY_SECONDS)
        match answer:
            case SignedIn():
                return self._cookies.put(see_other(wanted), answer)
            case TooSoon(until):
                wait = wait_seconds(until, self._clock.now())
                return await self._form(request, wanted, name=name, problem="too_soon", status=429, wait=wait)
            case Refused(code):
                return await self._form(request, wanted, name=name, problem=code, status=401)

    async def go_out(self, request: Request) -> Response:
        await self._sign_in.sign_out(self._cookies.token(request))
        return self._cookies.clear(see_other("/sign-in"))

    async def _form(
        self, request: Request, wanted: str, *, name: str = "", problem: str = "", status: int = 200, wait: int = 0
    ) -> Response:
        nobody = not any(person.has_password for person in await self._people.people())
        context = {"next": wanted, "name": name[:100], "problem": problem, "wait": wait, "nobody": nobody}
        return await self._page(request, "sign_in/sign_in.html", context, status=status, wait=wait)

    # --- the one-time link

    async def show_link(self, request: Request) -> Response:
        """Looking changes nothing: mail scanners look too."""
        return await self._link(request)

    async def use_link(self, request: Request) -> Response:
        form = await read_form(request)
        password = field(form, "password")
        if password != field(form, "again"):
            return await self._link(request, problem="password.differs", status=400)
        token = request.path_params["token"]
        try:
            answer = await self._sign_in.use_link(
                token, password, browser=browser_of(request), leaving=self._cookies.token(request)
            )
        except TooManyAtOnce:
            return await self._link(request, problem="busy", status=503, wait=BUSY_SECONDS)
        if isinstance(answer, SignedIn):
            return self._cookies.put(see_other("/"), answer)
        return await self._link(request, problem=answer.code, status=400)

    async def _link(self, request: Request, *, problem: str = "", status: int = 200, wait: int = 0) -> Response:
        token = request.path_params["token"]
        person = await self._sign_in.whose_link(token)
        if person is None:
            return await self._renderer.page(request, "sign_in/link_over.html", {}, status=404)
        context = {"token": token, "name": person.name, "role": person.role.value, "problem": problem, "wait": wait}
        return await self._page(request, "sign_in/link.html", context, status=status, wait=wait)

    async def _page(self, request: Request, name: str, context: Mapping[str, Any], *, status: int, wait: int) -> Response:
        response = await self._renderer.page(request, name, context, status=status)
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response


def wait_seconds(until: datetime, now: datetime) -> int:
    """Whole seconds until then, at least one."""
    return max(1, -int((now - until).total_seconds() // 1))
