"""The list of sources, and one source: environment, account, hook, poll, brake."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Right
from drempel.engine.held_back import Place
from drempel.engine.insight import Activity, ActivityCursor, ActivityKind, ActivityLine
from drempel.engine.levers import UnknownSource
from drempel.engine.probing import HookRefused
from drempel.engine.setup import Setup, SourceSetup
from drempel.engine.trail import TrailEntry
from drempel.web.integrations.activity import activity_context
from drempel.web.integrations.content import checked, goes_elsewhere, problem_keys, source_content
from drempel.web.integrations.frame import Frame, text
from drempel.web.pages.rendering import see_other, segment
from drempel.web.pages.troubles import troubles
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["Sources"]

OLD_HOOK_WORKS: Final = timedelta(hours=24)
HOOK_LINES: Final = frozenset({"hook.register", "hook.rotate"})
PAGES_LOOKED_AT: Final = 5
LINES_A_PAGE: Final = 200
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Sources:
    """Everything that is done about a source."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show_all(self, request: Request) -> Response:
        setup = await self._frame.desk.setup()
        insight = self._frame.services.insight
        known = await troubles(self._frame.services.levers, setup)
        # What no integration follows is never asked, though its poll falls due.
        rows = [
            (one, await insight.signs(name), bool(setup.of_source(name)), setup.is_paused(name), known.of_source(name))
            for name, one in sorted(setup.sources.items())
        ]
        context = {"rows": rows, "done": request.query_params.get("done")}
        return await self._frame.renderer.page(request, "sources/list.html", context)

    async def ask_new(self, request: Request) -> Response:
        before = self._frame.typed_before(request)
        usual = {"time_zone": self._frame.renderer.speech(request).usual_zone, "poll_seconds": 300}
        return await self._new(request, before or usual)

    async def make(self, request: Request) -> Response:
        form = await self._frame.form(request)
        setup = await self._frame.desk.setup()
        content = {"name": text(form, "name"), "kind": "ireserve", "password": text(form, "password"), **_typed(form)}
        _, found = checked(content, is_source=True, present=setup)
        problems = problem_keys(found) | ({"name"} if content["name"] in {*setup.sources, "new", "review"} else frozenset())
        if problems:
            return await self._new(request, content, problems=problems, status=400)
        then = f"/sources/{segment(content['name'])}?done=source_made"
        return await self._tested(form, content, setup, back="/sources/new", then=then)

    async def show(self, request: Request) -> Response:
        setup, one = await self._source(request)
        content = source_content(await self._frame.services.records.stored_secrets(), one)
        before = self._frame.typed_before(request)
        if before is not None:
            content = {**before, "typed_secret": before["password"] != content["password"]}
        return await self._page(request, setup, one, content)

    async def activity(self, request: Request) -> Response:
        setup, one = await self._source(request)
        context = {
            "source": one,
            "followed": bool(setup.of_source(one.name)),
            "paused": setup.is_paused(one.name),
            "zone": one.time_zone,
            **await activity_context(request, self._frame.services, Activity(one.name)),
        }
        return await self._frame.renderer.page(request, "sources/activity.html", context)

    async def change(self, request: Request) -> Response:
        form = await self._frame.form(request)
        setup, one = await self._source(request)
        kept = source_content(await self._frame.services.records.stored_secrets(), one)
        before, _ = checked(kept, is_source=True, present=setup)
        content, secret = {**kept, **_typed(form)}, text(form, "password")
        if secret:
            content["password"] = secret
        wanted, found = checked(content, is_source=True, present=setup)
        problems = problem_keys(found)
        if not problems and not secret and goes_elsewhere(before, wanted):
            problems = frozenset({"password"})
        if problems:
            return await self._page(request, setup, one, {**content, "typed_secret": bool(secret)}, problems=problems, status=400)
        address = f"/sources/{segment(one.name)}"
        return await self._tested(form, content, setup, back=address, then=f"{address}?done=saved")

    async def _tested(self, form: FormData, content: dict[str, Any], setup: Setup, *, back: str, then: str) -> Response:
        wanted, _ = checked(content, is_source=True, present=setup)
        statuses = sorted({code for each in setup.of_source(content["name"]) for code in each.policy.trigger_statuses})
        probe = await self._frame.services.prober.source(wanted.sources[0], statuses=statuses)
        draft = self._frame.draft(form, content, right=Right.SECRETS, back=back, then=then, probe=probe, is_source=True)
        return self._frame.to_review("/sources", draft)

    # --- the hook

    async def register(self, request: Request) -> Response:
        """Through the booking system's own API. Saying it twice registers twice, which changes nothing but the number of hints."""
        setup, one = await self._source(request)
        services = self._frame.services
        content = source_content(await services.records.stored_secrets(), one)
        wanted, _ = checked(content, is_source=True, present=setup)
        try:
            await services.prober.register_hook(wanted.sources[0], await self._hook(one.name))
        except HookRefused as refused:
            return await self._page(request, setup, one, content, hook_refused=str(refused), status=409)
        await self._trail("hook.register", one.name)
        return see_other(f"/sources/{segment(one.name)}?done=registered")

    async def ask_rotate(self, request: Request) -> Response:
        _, one = await self._source(request)
        return await self._frame.renderer.page(request, "sources/rotate.html", {"source": one})

    async def rotate(self, request: Request) -> Response:
        form = await self._frame.form(request)
        _, one = await self._source(request)
        services = self._frame.services
        ends_now = "at_once" in form
        entry = TrailEntry(actor=visit_of_now().person.actor, type="hook.rotate", about=one.name)
        await services.records.rotate_hook_token(
            one.name,
            new_token=services.draw_token(),
            # By the clock of the store, by which it is asked whether a token still holds.
            old_valid_until=await services.records.now() + (timedelta(0) if ends_now else OLD_HOOK_WORKS),
            entries=[entry],
        )
        return see_other(f"/sources/{segment(one.name)}?done={'rotated_at_once' if ends_now else 'rotated'}")

    async def _trail(self, kind: str, about: str) -> None:
        """What was done elsewhere has no transaction of ours: it is told right after."""
        await self._frame.services.trail.add(TrailEntry(actor=visit_of_now().person.actor, type=kind, about=about))

    async def _hook(self, source: str) -> str:
        services = self._frame.services
        tokens = await services.records.hook_tokens(source)
        current = next((each.token for each in tokens if each.valid_until is None), "")
        return f"{services.public_url}/hooks/{segment(source)}/{current}"

    async def _hook_line(self, source: str) -> ActivityLine | None:
        """What was done last about the hook: registered, or another address drawn. None if that is not told any more."""
        before: ActivityCursor | None = None
        for _ in range(PAGES_LOOKED_AT):
            lines, before = await self._frame.services.insight.activity(
                Activity(source), limit=LINES_A_PAGE, before=before, kind=ActivityKind.ORDERS
            )
            found = next((line for line in lines if line.edit is not None and line.edit.type in HOOK_LINES), None)
            if found is not None or before is None:
                return found
        return None

    # --- pages

    async def _source(self, request: Request) -> tuple[Setup, SourceSetup]:
        setup = await self._frame.desk.setup()
        name = request.path_params["source"]
        if name not in setup.sources:
            raise UnknownSource(name, sorted(setup.sources))
        return setup, setup.sources[name]

    async def _new(
        self, request: Request, typed: dict[str, Any], *, problems: frozenset[str] = frozenset(), status: int = 200
    ) -> Response:
        setup = await self._frame.desk.setup()
        shown = {**_shown(typed), "typed_secret": bool(typed.get("password"))}
        context = {"typed": shown, "problems": problems, "version": setup.version}
        return await self._frame.renderer.page(request, "sources/new.html", context, status=status)

    async def _page(
        self,
        request: Request,
        setup: Setup,
        one: SourceSetup,
        typed: dict[str, Any],
        *,
        problems: frozenset[str] = frozenset(),
        hook_refused: str = "",
        status: int = 200,
    ) -> Response:
        services = self._frame.services
        public = urlsplit(services.public_url).hostname
        context = {
            "source": one,
            "typed": _shown(typed),
            "problems": problems,
            "version": setup.version,
            "zone": one.time_zone,
            "hook": await self._hook(one.name),
            "unreachable": public in LOOPBACK and urlsplit(one.base_url).hostname not in LOOPBACK,
            "hook_refused": hook_refused,
            "hook_line": await self._hook_line(one.name),
            "signs": await services.insight.signs(one.name),
            "brake": await services.levers.brake(one.name),
            "held": [each for each in await services.levers.held_back() if each.name == one.name],
            "outages": [each for each in await services.levers.outages() if each.name == one.name and each.place == Place.SOURCE],
            "integrations": [each.name for each in setup.of_source(one.name)],
            "paused": setup.is_paused(one.name),
            "done": request.query_params.get("done"),
        }
        return await self._frame.renderer.page(request, "sources/source.html", context, status=status)


def _typed(form: FormData) -> dict[str, Any]:
    seconds = text(form, "poll_seconds")
    return {
        "base_url": text(form, "base_url"),
        "username": text(form, "username"),
        "time_zone": text(form, "time_zone"),
        "poll_seconds": int(seconds) if seconds.isascii() and seconds.isdecimal() and len(seconds) < 11 else seconds,
        "allow_insecure": text(form, "allow_insecure") == "yes",
    }


def _shown(typed: dict[str, Any]) -> dict[str, Any]:
    """Without the password: it is never written into a page."""
    return {key: value for key, value in typed.items() if key != "password"}
