"""The tab *Checklist*: the test and production checklist as living items. A probe ticks what a probe can tell; a person the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.components import Resolved, resolve_components
from drempel.domain.rights import Right
from drempel.engine.insight import Figures, SourceSigns, Tick
from drempel.engine.probing import ResivoProbe
from drempel.engine.setup import IntegrationSetup
from drempel.engine.trail import TrailEntry
from drempel.web.integrations.frame import Frame, text
from drempel.web.integrations.mapping_rows import is_unheard, unfit
from drempel.web.pages.rendering import see_other
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["BY_PERSON", "TEST", "Checklist", "Item", "probed"]

TEST: Final = (
    "customer_id",
    "token",
    "sites",
    "names",
    "details",
    "mapped",
    "doors",
    "hook",
    "active",
    "created",
    "revoked",
)
"""The test checklist, in the order in which things are done."""
PRODUCTION: Final = ("own_credential", "locale", "time_zone", "statuses", "messages", "first_live", "rollback")
BY_PERSON: Final = frozenset({"customer_id", "own_credential", "time_zone", "statuses", "messages", "first_live", "rollback"})
WAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "token": ("authentication",),
    "sites": ("authentication",),
    "details": ("details",),
    "mapped": ("mapping",),
    "doors": ("mapping",),
    "hook": ("source",),
    "active": ("active",),
    "own_credential": ("authentication",),
    "time_zone": ("bookings",),
    "statuses": ("details",),
    "first_live": ("activity",),
    "rollback": ("active", "pause"),
}
"""The pages of ours on which an item is done or looked at. The rest is done in the booking system or in the Resivo portal."""
RIGHTS_OF_WAYS: Final = {"authentication": Right.SECRETS, "source": Right.SECRETS, "pause": Right.EMERGENCY}
"""Beyond that of the checklist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`done` None: nobody can tell yet."""

    code: str
    done: bool | None
    tick: Tick | None = None
    detail: str = ""
    """Names and figures beside it."""
    ways: Sequence[str] = ()
    """The pages of ours on which it is done, as far as the reader may open them."""
    closed: bool = False
    """It is done on a page that the reader may not open."""


class Checklist:
    """Reads, and takes ticks."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        services = self._frame.services
        probe = await services.look_at_resivo(await self._frame.desk.as_wanted(one))
        figures = await services.insight.figures(one.name, elsewhere=setup.mapped_elsewhere(one))
        signs = await services.insight.signs(one.source)
        objects = {seen.id: seen for seen in await services.insight.objects(one.source)}
        names = await self._frame.desk.object_names(one, objects)
        mapped = sorted({mapping.object_id for mapping in one.mappings})
        # Mistyped, or the booking system does not answer.
        unheard = [each for each in mapped if is_unheard(each, objects, names)]
        seen = probed(one, probe, figures, signs, unheard=unheard)
        ticks = await services.insight.ticks(one.name)
        lists = {
            name: [_item(code, seen, ticks, one) for code in codes]
            for name, codes in (("test", TEST), ("production", PRODUCTION))
        }
        return await self._frame.page(
            request,
            "integrations/checklist.html",
            setup,
            one,
            tab="checklist",
            lists=lists,
            by_person=BY_PERSON,
            probe=probe,
            unfit=unfit(one, probe, names),
            figures=figures,
            differing=await self._frame.desk.count_differing(one, probe=probe),
        )

    async def tick(self, request: Request) -> Response:
        form = await self._frame.form(request)
        _, one = await self._frame.integration(request)
        code, done = text(form, "item"), text(form, "done") == "yes"
        if code in BY_PERSON:
            person = visit_of_now().person
            states = ("open", "done") if done else ("done", "open")
            entry = TrailEntry(
                actor=person.actor, type="setup.tick", about=f"{one.name}: {code}", before=states[0], after=states[1]
            )
            await self._frame.services.insight.set_tick(one.name, code, by=person.name if done else None, entries=[entry])
        return see_other(f"{self._frame.base(one.name)}/checklist")


def probed(
    one: IntegrationSetup, probe: ResivoProbe, figures: Figures, signs: SourceSigns, *, unheard: Sequence[str] = ()
) -> Mapping[str, tuple[bool | None, str]]:
    """What a probe can tell: whether it is done, and names beside it. `unheard`: mapped objects that nobody knows. Pure."""
    answers = probe.failure is None and not probe.asked_nothing
    wanted = {mapping.site_id for mapping in one.mappings} | ({one.site_id} if one.site_id else set())
    reached = {site_id for site_id, seen in probe.doors.items() if seen.failure is None}
    names: list[str] = []
    for site_id in sorted(wanted & reached):
        shown = [component.display_name.strip() for component in probe.doors[site_id].components]
        names += sorted({name for name in shown if shown.count(name) > 1})
    unresolved = any(
        mapping.site_id in reached
        and not isinstance(resolve_components(mapping.component_names, probe.doors[mapping.site_id].components), Resolved)
        for mapping in one.mappings
    )
    needed = ("trigger_statuses", "revoke_statuses", "authorization_field")
    missing = [each for each in needed if not getattr(one.policy, each)]
    locales = [site.default_locale or "" for site in probe.sites if site.id in wanted]
    return {
        "token": (None if probe.asked_nothing else answers, ""),
        "sites": (bool(wanted) and wanted <= reached if answers else None, ", ".join(sorted(wanted - reached))),
        "names": (not names if answers and reached else None, ", ".join(names)),
        "details": (not missing, ", ".join(missing)),
        "mapped": (None if unheard else bool(one.mappings), ", ".join(unheard)),
        "doors": (bool(one.mappings) and not unresolved if answers else None, ""),
        "hook": (signs.hinted > 0, ""),
        "active": (one.policy.active and not one.paused, ""),
        "created": (figures.ever_created, ""),
        "revoked": (figures.ever_revoked, ""),
        "locale": (all(locales) if locales else None, ", ".join(filter(None, locales))),
    }


def _item(code: str, seen: Mapping[str, tuple[bool | None, str]], ticks: Mapping[str, Tick], one: IntegrationSetup) -> Item:
    # The way back is one from an integration that is active.
    ways = () if code == "rollback" and (one.paused or not one.policy.active) else WAYS.get(code, ())
    if code == "active" and one.policy.active:
        # Only the pause is in the way.
        ways = ("pause",)
    person = visit_of_now().person
    may = [way for way in ways if way not in RIGHTS_OF_WAYS or person.may(RIGHTS_OF_WAYS[way])]
    closed = len(may) < len(ways)
    if code in BY_PERSON:
        return Item(code=code, done=code in ticks, tick=ticks.get(code), ways=may, closed=closed)
    done, detail = seen[code]
    return Item(code=code, done=done, detail=detail, ways=may, closed=closed)
