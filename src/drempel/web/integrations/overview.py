"""All integrations, and a new one."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Right
from drempel.engine.setup import Setup
from drempel.setup_file import shipped_profile_names
from drempel.web.integrations.content import checked, problem_keys
from drempel.web.integrations.frame import Frame, text
from drempel.web.integrations.statuses import REVOKED_AT_FIRST, offered
from drempel.web.integrations.taken_field import taken_field
from drempel.web.integrations.typed import authentication, details, no_codes
from drempel.web.pages.language import country_of_zone
from drempel.web.pages.troubles import troubles

__all__ = ["Overview"]

RESERVED = frozenset({"new", "review"})
"""Names that pages have."""


class Overview:
    """The list, and the form that makes one."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup = await self._frame.desk.setup()
        insight = self._frame.services.insight
        known = await troubles(self._frame.services.levers, setup)
        rows = [
            (one, await insight.figures(name, elsewhere=setup.mapped_elsewhere(one)), known.of_integration(name))
            for name, one in sorted(setup.integrations.items())
        ]
        context = {
            "rows": rows,
            "zones": {name: one.time_zone for name, one in setup.sources.items()},
            "has_sources": bool(setup.sources),
            "done": request.query_params.get("done"),
        }
        return await self._frame.renderer.page(request, "integrations/list.html", context)

    async def ask_new(self, request: Request) -> Response:
        setup = await self._frame.desk.setup()
        source = min(setup.sources, default="")
        typed = {
            "profile": shipped_profile_names()[0],
            "revoke_statuses": REVOKED_AT_FIRST,
            "time_before_minutes": 15,
            "follow_changes": "any",
            "source": source,
            "default_country": country_of_zone(setup.sources[source].time_zone) if source else "",
        }
        return await self._new(request, self._frame.typed_before(request) or typed)

    async def make(self, request: Request) -> Response:
        """A new one is not active: it is tested, mapped and looked at first."""
        form = await self._frame.form(request)
        setup = await self._frame.desk.setup()
        content = {
            **authentication(form),
            **details(form),
            "name": text(form, "name"),
            "kind": "resivo",
            "source": text(form, "source"),
            "profile": text(form, "profile"),
            "active": False,
        }
        wrong = set()
        if content["profile"] not in shipped_profile_names():
            # The set-up file may name a path; a form never reads a file.
            content["profile"], wrong = shipped_profile_names()[0], {"profile"}
        wanted, problems = checked(content, is_source=False, present=setup)
        wrong |= problem_keys(problems) | no_codes(form, known=await self._statuses(setup, content["source"]))
        if content["name"] in setup.integrations or content["name"] in RESERVED:
            wrong.add("name")
        if wrong:
            return await self._new(request, content, problems=frozenset(wrong), status=400)
        probe = await self._frame.services.look_at_resivo(wanted.integrations[0])
        base = self._frame.base(content["name"])
        draft = self._frame.draft(
            form, content, right=Right.SECRETS, back="/integrations/new", then=f"{base}/mapping?done=made", probe=probe
        )
        return self._frame.to_review("/integrations", draft)

    async def _new(
        self, request: Request, typed: dict[str, object], *, problems: frozenset[str] = frozenset(), status: int = 200
    ) -> Response:
        setup = await self._frame.desk.setup()
        seen = await self._statuses(setup, str(typed.get("source", "")))
        context = {
            "typed": {key: value for key, value in typed.items() if key != "client_secret"}
            | {"typed_secret": bool(typed.get("client_secret"))},
            "problems": problems,
            "taken": taken_field(typed, setup),
            "sources": sorted(setup.sources),
            "profiles": shipped_profile_names(),
            # What was typed wrong stays in its field: a row of its own would look as if it were known.
            "statuses": offered(seen, {} if problems & {"trigger_codes", "revoke_codes"} else typed),
            "version": setup.version,
        }
        return await self._frame.renderer.page(request, "integrations/new.html", context, status=status)

    async def _statuses(self, setup: Setup, source: str) -> Mapping[str, int]:
        return dict(await self._frame.services.insight.statuses(source)) if source in setup.sources else {}
