"""The tab *Mapping*: which doors a booking of an object opens, by name, picked from what Resivo shows today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.rights import Right
from drempel.engine.errands import Errand
from drempel.engine.probing import ResivoProbe
from drempel.engine.setup import IntegrationSetup
from drempel.web.integrations.content import checked, integration_content, problem_keys
from drempel.web.integrations.frame import Frame, site_names, text
from drempel.web.integrations.mapping_rows import is_unheard, misses_a_door, offered_doors, offline_of, row_of, where_to_look
from drempel.web.integrations.typed import merged

__all__ = ["MappingPage"]

ASKED_EACH: Final = timedelta(minutes=2)
GIVEN_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form of one object."""

    object_id: str = ""
    site_id: str = ""
    doors: Sequence[str] | None = None
    """None: nothing was ticked or unticked yet, so those of the mapping."""
    wanted: str = ""
    """What is searched for."""
    known: str = ""
    """Chosen in the list of objects, where another number was typed beside it."""


class MappingPage:
    """The list, and the form of one object."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        setup, one = await self._frame.integration(request)
        probe = await self._probe(one)
        objects = {seen.id: seen for seen in await self._frame.services.insight.objects(one.source)}
        # Only a name that no door has can be a renamed one; to look for it is more calls.
        findings = await self._frame.services.prober.lint(one.name) if misses_a_door(one, probe) else []
        names = await self._frame.desk.object_names(one, objects)
        rows = [row_of(index, one, probe, objects, names, findings) for index in range(len(one.mappings))]
        # What another integration of the source opens is no gap of this one.
        mapped = {mapping.object_id for mapping in one.mappings} | setup.mapped_elsewhere(one)
        return await self._frame.page(
            request,
            "integrations/mapping.html",
            setup,
            one,
            tab="mapping",
            probe=probe,
            rows=rows,
            led_to=where_to_look(rows),
            site_names=site_names(probe),
            unmapped=[seen for key, seen in objects.items() if key not in mapped],
        )

    async def edit(self, request: Request) -> Response:
        query = request.query_params
        before = self._frame.draft_before(request)
        if before is not None and before.typed is not None:
            return await self._edit_page(request, Typed(**before.typed))
        object_id, site_id = query.get("object", "").strip()[:64], query.get("site", "").strip()[:128]
        return await self._edit_page(
            request, Typed(object_id=object_id, site_id=site_id, wanted=query.get("q", "").strip()[:100])
        )

    async def change(self, request: Request) -> Response:
        """The doors of one object. None ticked: it opens no door any more. A search, or another site, shows the form anew, as it was filled."""
        form = await self._frame.form(request)
        site_id = text(form, "site_id")
        number, known = text(form, "object"), text(form, "known")
        typed = Typed(
            object_id=number or known,
            site_id=text(form, "site") or site_id,
            doors=[door for door in form.getlist("door") if isinstance(door, str)],
            wanted=text(form, "q")[:100],
            known=known if number and number != known else "",
        )
        if typed.known:
            return await self._edit_page(request, typed, problems=frozenset({"two_objects"}), status=400)
        if typed.site_id != site_id and "site" in form:
            # The doors that were ticked are of the other site.
            return await self._edit_page(request, replace(typed, doors=None))
        if "find" in form:
            return await self._edit_page(request, typed)
        if "remove" not in form and not typed.doors:
            nothing = {"components"} if typed.object_id else {"components", "object"}
            return await self._edit_page(request, typed, problems=frozenset(nothing), status=400)
        return await self._saved(request, replace(typed, doors=[]) if "remove" in form else typed)

    async def rename(self, request: Request) -> Response:
        """Take the new name of a renamed door, wherever this integration has the old one at that site."""
        form = await self._frame.form(request)
        site_id, old, new = text(form, "site_id"), text(form, "old"), text(form, "new")
        _, one = await self._frame.integration(request)
        changed = [
            {
                "object": each.object_id,
                "site_id": each.site_id,
                "components": [new if each.site_id == site_id and name.strip() == old else name for name in each.component_names],
            }
            for each in one.mappings
        ]
        return await self._review(request, changed, Typed())

    async def _saved(self, request: Request, typed: Typed) -> Response:
        object_id, site_id, doors = typed.object_id, typed.site_id, typed.doors or []
        _, one = await self._frame.integration(request)
        found, changed = False, []
        for each in one.mappings:
            here = each.object_id == object_id and each.site_id == (site_id or one.site_id)
            found |= here
            kept = doors if here else each.component_names
            if kept:
                changed.append({"object": each.object_id, "site_id": each.site_id, "components": list(kept)})
        if not found and doors:
            changed.append({"object": object_id, "site_id": site_id or one.site_id or "", "components": list(doors)})
        return await self._review(request, changed, typed)

    async def _review(self, request: Request, mappings: Sequence[Mapping[str, Any]], typed: Typed) -> Response:
        form = await self._frame.form(request)
        setup, one = await self._frame.integration(request)
        content, own = integration_content(setup, await self._frame.services.records.stored_secrets(), one)
        content = merged(content, {}, mappings=mappings)
        _wanted, problems = checked(content, is_source=False, present=setup, profile_json=own)
        if problems:
            wrong = frozenset(str(path[-1]) if path[-1] != "mappings" else "shared" for path in problems if path)
            return await self._edit_page(request, typed, problems=wrong | problem_keys(problems), status=400)
        base, new = self._frame.base(one.name), typed.object_id
        objects = {seen.id: seen for seen in await self._frame.services.insight.objects(one.source)}
        names = await self._frame.desk.object_names(one, objects, new)
        is_known = not is_unheard(new, objects, names) or new in {each.object_id for each in one.mappings}
        if not is_known:
            is_known = new in await self._booked(one)
        probe = await self._probe(one)
        draft = self._frame.draft(
            form,
            content,
            right=Right.MAPPING,
            back=f"{base}/mapping/edit" if typed.doors else f"{base}/mapping",
            typed=asdict(typed) if typed.doors else None,
            unseen_object="" if is_known else new,
            offline_doors=offline_of(typed.doors or (), probe, typed.site_id or one.site_id or ""),
            then=f"{base}/mapping?done=saved",
            profile_json=own,
            names={"object": names, "site": site_names(probe)},
        )
        return self._frame.to_review("/integrations", draft)

    async def _edit_page(
        self, request: Request, typed: Typed, *, problems: frozenset[str] = frozenset(), status: int = 200
    ) -> Response:
        setup, one = await self._frame.integration(request)
        probe = await self._probe(one)
        object_id, site = typed.object_id, typed.site_id or one.site_id or next(iter(probe.doors), "")
        there = next((each for each in one.mappings if (each.object_id, each.site_id) == (object_id, site)), None)
        if typed.known:
            # Which object is meant is asked again, also where one of the two is mapped.
            there = None
        chosen = [name.strip() for name in there.component_names] if there is not None else []
        if typed.doors is not None:
            chosen = [name.strip() for name in typed.doors]
        seen = probe.doors[site].components if site in probe.doors else ()
        objects = {each.id: each for each in await self._frame.services.insight.objects(one.source)}
        names = await self._frame.desk.object_names(one, objects, object_id)
        # Drempel takes in few bookings at first: the list must not shrink to their objects. What is mapped already shows no list.
        booked = {} if there is not None else dict(await self._booked(one))
        booked.update({key: each.name or booked.get(key, "") for key, each in objects.items()})
        return await self._frame.page(
            request,
            "integrations/mapping_edit.html",
            setup,
            one,
            status=status,
            tab="mapping",
            problems=problems,
            object_id=object_id,
            object_name=names.get(object_id, ""),
            objects=sorted(booked.items(), key=lambda each: (each[1].casefold(), each[0])),
            site=site,
            sites=probe.sites,
            site_ids=list(dict.fromkeys([*probe.doors, *([site] if site else [])])),
            probe=probe,
            doors=offered_doors(seen, chosen, typed.wanted),
            chosen=chosen,
            wanted=typed.wanted,
            exists=there is not None,
            chosen_object=typed.known or object_id,
        )

    async def _probe(self, one: IntegrationSetup) -> ResivoProbe:
        return await self._frame.services.look_at_resivo(await self._frame.desk.as_wanted(one))

    async def _booked(self, one: IntegrationSetup) -> Mapping[str, str]:
        """Objects as the booking system has them booked now, beyond those of the bookings that were taken in. It is asked now and then only."""

        async def work(_errand: Errand) -> Mapping[str, str]:
            return await self._frame.services.prober.objects_booked(await self._frame.desk.source_as_wanted(one))

        errands = self._frame.services.errands
        asked = await errands.lately(f"objects:{one.source}", work, within=ASKED_EACH, seconds=GIVEN_SECONDS)
        return asked.result if isinstance(asked.result, dict) else {}
