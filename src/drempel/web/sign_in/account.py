"""One's own account: password and sessions."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.ports import Clock
from drempel.engine.sign_in import SignedIn, SignIn, TooManyAtOnce, TooSoon
from drempel.web.pages.rendering import Renderer, see_other
from drempel.web.sign_in.cookies import Cookies
from drempel.web.sign_in.door import BUSY_SECONDS, wait_seconds
from drempel.web.sign_in.forms import field, read_form
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["Account", "number_of"]

NUMBER_DIGITS_MAX: Final = 15


class Account:
    """For everybody who is signed in."""

    def __init__(self, sign_in: SignIn, cookies: Cookies, renderer: Renderer, clock: Clock) -> None:
        self._sign_in = sign_in
        self._cookies = cookies
        self._renderer = renderer
        self._clock = clock

    async def show(self, request: Request) -> Response:
        return await self._page(request, told=request.query_params.get("told", ""))

    async def change_password(self, request: Request) -> Response:
        form = await read_form(request)
        new = field(form, "new")
        if new != field(form, "again"):
            return await self._page(request, problem="password.differs", status=400)
        try:
            answer = await self._sign_in.change_password(visit_of_now().session, field(form, "old"), new)
        except TooManyAtOnce:
            return await self._page(request, problem="busy", status=503, wait=BUSY_SECONDS)
        if isinstance(answer, SignedIn):
            return self._cookies.put(see_other("/account?told=password"), answer)
        if isinstance(answer, TooSoon):
            return await self._page(request, problem="too_soon", status=429, wait=wait_seconds(answer.until, self._clock.now()))
        return await self._page(request, problem=answer.code, status=400)

    async def end_session(self, request: Request) -> Response:
        session, number = visit_of_now().session, number_of(request)
        if number is not None:
            await self._sign_in.end_session(session, number)
        return see_other("/account?told=session")

    async def end_others(self, _request: Request) -> Response:
        await self._sign_in.end_other_sessions(visit_of_now().session)
        return see_other("/account?told=others")

    async def _page(self, request: Request, *, told: str = "", problem: str = "", status: int = 200, wait: int = 0) -> Response:
        session = visit_of_now().session
        context = {
            "sessions": await self._sign_in.sessions_of(session),
            "own_id": session.id,
            "told": told,
            "problem": problem,
            "wait": wait,
        }
        response = await self._renderer.page(request, "sign_in/account.html", context, status=status)
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response


def number_of(request: Request) -> int | None:
    """The number in the address; None if it is none that a row can have."""
    text = str(request.path_params["number"])
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX else None
