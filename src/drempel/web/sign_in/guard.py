"""The guard: every page and every order says which right it needs, and is asked for by nobody who has not got it."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from drempel.domain.rights import Right, roles_with
from drempel.engine.people import Session
from drempel.engine.sign_in import form_token
from drempel.web.pages.same_site import from_our_own_page
from drempel.web.sign_in.cookies import Cookies
from drempel.web.sign_in.forms import FIELDS_MAX, FORM_TOKEN, UnreadableForm, field, read_form
from drempel.web.sign_in.visit import VISIT, Visit

__all__ = ["Endpoint", "Guard", "ShowPage"]

Endpoint = Callable[[Request], Awaitable[Response]]


class ShowPage(Protocol):
    """Renders a page."""

    async def __call__(self, request: Request, name: str, context: Mapping[str, Any], *, status: int = 200) -> Response: ...


class FindsSessions(Protocol):
    async def session(self, token: str, *, looked_at: bool = True) -> Session | None: ...


class Guard:
    """Stands before every page but those of the sign-in itself."""

    def __init__(self, sessions: FindsSessions, cookies: Cookies, show: ShowPage) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self._show = show

    def look(self, right: Right | None, endpoint: Endpoint) -> Endpoint:
        """A page that changes nothing. `right` None: for everybody who is signed in."""

        async def answer(request: Request) -> Response:
            visit = await self._visit(request)
            if visit is None:
                return await self._to_sign_in(request)
            return await self._as(visit, right, endpoint, request)

        return answer

    def order(self, right: Right | None, endpoint: Endpoint, *, fields_max: int = FIELDS_MAX) -> Endpoint:
        """An order, sent by a form of ours: nothing of it is read before it is known to come from our own pages."""

        async def answer(request: Request) -> Response:
            if not from_our_own_page(request.headers):
                return await self._refuse(request, "foreign", 403)
            visit = await self._visit(request)
            if visit is None:
                return await self._refuse(request, "signed_out", 401)
            try:
                form = await read_form(request, fields_max=fields_max)
            except UnreadableForm:
                return await self._as_seen_by(visit, lambda: self._refuse(request, "form", 400))
            told = field(form, FORM_TOKEN).encode("utf-8", "replace")
            if not hmac.compare_digest(told, visit.form_token.encode()):
                return await self._as_seen_by(visit, lambda: self._refuse(request, "form_token", 403))
            return await self._as(visit, right, endpoint, request)

        return answer

    def own_forms_only(self, endpoint: Endpoint) -> Endpoint:
        """For the two forms that come before any session: from our own pages, and readable."""

        async def answer(request: Request) -> Response:
            if not from_our_own_page(request.headers):
                return await self._refuse(request, "foreign", 403)
            try:
                await read_form(request)
            except UnreadableForm:
                return await self._refuse(request, "form", 400)
            return await endpoint(request)

        return answer

    async def beside_the_routes(self, request: Request, page: Callable[[], Awaitable[Response]]) -> Response:
        """Where there is no page of that address and method. Who is not signed in is answered as where there is one, and so learns
        nothing about which addresses there are.
        """
        looks = request.method in {"GET", "HEAD"}
        if not looks and not from_our_own_page(request.headers):
            return await self._refuse(request, "foreign", 403)
        visit = await self._visit(request)
        if visit is not None:
            return await self._as_seen_by(visit, page)
        return await (self._to_sign_in(request) if looks else self._refuse(request, "signed_out", 401))

    async def as_whoever_it_is(self, request: Request, page: Callable[[], Awaitable[Response]]) -> Response:
        """A page that tells nothing of what is kept: with the frame of who is signed in, or with that of nobody."""
        visit = await self._visit(request)
        return await (page() if visit is None else self._as_seen_by(visit, page))

    async def _visit(self, request: Request) -> Visit | None:
        token = self._cookies.token(request)
        # A page that refreshes itself is no use of a session: it would never end on a screen that nobody looks at.
        session = await self._sessions.session(token, looked_at=not _by_script(request))
        return None if session is None else Visit(session=session, form_token=form_token(token))

    async def _as(self, visit: Visit, right: Right | None, endpoint: Endpoint, request: Request) -> Response:
        before = VISIT.set(visit)
        try:
            if right is not None and not visit.person.may(right):
                return await self._refuse(request, "right", 403, roles=[role.value for role in roles_with(right)])
            return await endpoint(request)
        finally:
            VISIT.reset(before)

    async def _as_seen_by(self, visit: Visit, page: Callable[[], Awaitable[Response]]) -> Response:
        before = VISIT.set(visit)
        try:
            return await page()
        finally:
            VISIT.reset(before)

    async def _to_sign_in(self, request: Request) -> Response:
        if _by_script(request):
            return await self._refuse(request, "signed_out", 401)
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target = "/sign-in" if wanted == "/" else "/sign-in?" + urlencode({"next": wanted})
        return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})

    async def _refuse(self, request: Request, problem: str, status: int, **context: Any) -> Response:
        return await self._show(request, "sign_in/refused.html", {"problem": problem, **context}, status=status)


def _by_script(request: Request) -> bool:
    return request.headers.get("sec-fetch-dest") == "empty"
