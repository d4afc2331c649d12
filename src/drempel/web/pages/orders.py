"""The levers as forms. An order that takes something away is confirmed on a page of its own, which says what it will do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.levers import Created, Levers, NotCreated, WordRefused
from drempel.engine.records import BookingBusy
from drempel.engine.resolving import PersonSays
from drempel.engine.setup import Setup
from drempel.web.pages.braked import braked
from drempel.web.pages.offers import Button
from drempel.web.pages.rendering import Renderer, see_other
from drempel.web.pages.rows import BookingRow
from drempel.web.sign_in.forms import read_form
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["Orders"]

ID_CHARACTERS_MAX: Final = 128


class Orders:
    """Every POST of the pages, and the pages that come before them."""

    def __init__(self, levers: Levers, setup: Callable[[], Awaitable[Setup]], renderer: Renderer) -> None:
        self._levers = levers
        self._setup = setup
        self._renderer = renderer

    # --- try again

    async def retry(self, request: Request) -> Response:
        source, booking_id = _named(request)
        form = await read_form(request)
        row = await self._row(source, booking_id)
        if not row.is_paused and Button.RETRY not in row.buttons:
            return await self._renderer.page(request, "pages/problem.html", {"problem": "withheld"}, status=409)
        # Whoever may try again may not lift what somebody else decided, also not in the moment after this page looked.
        await _levers_of(self._levers).retry(source, booking_id, lifts=False)
        return see_other(_needs("retry") if _text(form, "back") == "needs" else _booking(source, booking_id, "retry"))

    # --- give access that is kept back

    async def confirm_give(self, request: Request) -> Response:
        row = await self._row(*_named(request))
        return await self._renderer.page(request, "pages/give.html", {"row": row, "zone": row.zone})

    async def give(self, request: Request) -> Response:
        source, booking_id = _named(request)
        await _levers_of(self._levers).retry(source, booking_id)
        return see_other(_booking(source, booking_id, "give"))

    # --- take access away

    async def confirm_revoke(self, request: Request) -> Response:
        row = await self._row(*_named(request))
        return await self._renderer.page(request, "pages/revoke.html", {"row": row, "zone": row.zone})

    async def revoke(self, request: Request) -> Response:
        source, booking_id = _named(request)
        await _levers_of(self._levers).revoke(source, booking_id)
        return see_other(_booking(source, booking_id, "revoke"))

    # --- issue again

    async def confirm_issue_again(self, request: Request) -> Response:
        return await self._issue_again_page(request)

    async def issue_again(self, request: Request) -> Response:
        source, booking_id = _named(request)
        try:
            await _levers_of(self._levers).issue_again(source, booking_id)
        except BookingBusy:
            return await self._issue_again_page(request, busy=True, status=409)
        return see_other(_booking(source, booking_id, "issue_again"))

    async def _issue_again_page(self, request: Request, *, busy: bool = False, status: int = 200) -> Response:
        row = await self._row(*_named(request))
        context = {"row": row, "zone": row.zone, "busy": busy}
        return await self._renderer.page(request, "pages/issue_again.html", context, status=status)

    # --- say what Drempel cannot know

    async def ask(self, request: Request) -> Response:
        return await self._question(request)

    async def resolve(self, request: Request) -> Response:
        source, booking_id = _named(request)
        form = await read_form(request)
        says = _says(form)
        if says is None:
            return await self._question(request, problem="answer", typed=form, status=400)
        try:
            await _levers_of(self._levers).resolve(source, booking_id, says)
        except WordRefused as refused:
            return await self._question(
                request,
                refused=refused.refusal.sentence_on_pages_in(self._renderer.speech(request).gettext),
                typed=form,
                status=409,
            )
        except BookingBusy:
            return await self._question(request, problem="busy", typed=form, status=409)
        return see_other(_booking(source, booking_id, "resolve"))

    async def _question(
        self,
        request: Request,
        *,
        problem: str = "",
        refused: str = "",
        typed: FormData | None = None,
        status: int = 200,
    ) -> Response:
        row = await self._row(*_named(request))
        context = {
            "row": row,
            "zone": row.zone,
            "problem": problem,
            "refused": refused,
            "answer": _text(typed, "answer"),
            "authorization_id": _text(typed, "authorization_id"),
        }
        return await self._renderer.page(request, "pages/resolve.html", context, status=status)

    # --- the brake

    async def confirm_release(self, request: Request) -> Response:
        brake = await self._levers.brake(request.path_params["source"])
        context = {
            "brake": brake,
            "waiting": await braked(self._levers, await self._setup(), brake.source) if brake.holds else None,
        }
        return await self._renderer.page(request, "pages/release.html", context)

    async def release(self, request: Request) -> Response:
        source = request.path_params["source"]
        held = (await self._levers.brake(source)).holds
        await _levers_of(self._levers).release_brake(source)
        return see_other(_needs("release" if held else "released_before"))

    async def _row(self, source: str, booking_id: str) -> BookingRow:
        return BookingRow.of(await self._levers.why(source, booking_id), await self._setup())


def _named(request: Request) -> tuple[str, str]:
    return request.path_params["source"], request.path_params["booking_id"]


def _needs(done: str) -> str:
    return "/needs?" + urlencode({"done": done})


def _booking(source: str, booking_id: str, done: str) -> str:
    return f"/bookings/{quote(source, safe='')}/{quote(booking_id, safe='')}?" + urlencode({"done": done})


def _levers_of(levers: Levers) -> Levers:
    """In the hands of who is signed in."""
    return levers.by(visit_of_now().person.actor)


def _text(form: FormData | None, name: str) -> str:
    value = form.get(name) if form is not None else None
    return value.strip()[: ID_CHARACTERS_MAX + 1] if isinstance(value, str) else ""


def _says(form: FormData) -> PersonSays | None:
    answer, authorization_id = _text(form, "answer"), _text(form, "authorization_id")
    if answer == "created" and authorization_id:
        return Created(authorization_id)
    return NotCreated() if answer == "not_created" else None
