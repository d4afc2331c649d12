"""Plans and saves a change: the same rules, refusals and sentences as `drempel apply`."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from drempel.engine.insight import ObjectSeen
from drempel.engine.planned_setup import plan_write
from drempel.engine.probing import ResivoProbe
from drempel.engine.records import Holdings, SetupMoved
from drempel.engine.replacing import LIVE_LOOKED_AT, SiteDoors, concerns, differs, only_renamed
from drempel.engine.sentences import Sentence
from drempel.engine.setup import DesiredIntegration, DesiredSource, IntegrationSetup, Setup
from drempel.engine.setup_plan import DesiredSetup, SetupPlan, SetupRefused, made_before, plan_setup
from drempel.engine.trail import Actor, TrailEntry
from drempel.web.integrations.content import checked, integration_content, source_content
from drempel.web.integrations.drafts import Draft, Drafts
from drempel.web.integrations.services import SetUpServices

__all__ = ["Desk", "Invalid", "Moved", "Shown"]


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody else changed the same thing meanwhile; `lines` say what, if that can still be told."""

    lines: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Invalid:
    """The change does not fit the set-up any more, for example because another integration took the booking field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a change would do. Counted are the live accesses that the change is about: not those of objects that it does not touch."""

    plan: SetupPlan
    setup: Setup
    notes: Sequence[Sentence] = ()
    """What stays all the same."""
    differing: int = 0
    """Those that would be made otherwise under the new rules."""
    renamed: int = 0
    """Those for which only the names of their doors are others."""


class _Compared(NamedTuple):
    """Live accesses beside rules."""

    looked_at: int = 0
    differing: int = 0
    renamed: int = 0


SAVES_TRIED: Final = 3


class Desk:
    """For all pages of the set-up."""

    def __init__(self, services: SetUpServices, drafts: Drafts) -> None:
        self._services = services
        self.drafts = drafts

    async def setup(self) -> Setup:
        """Today's, remembered for who saves over it."""
        setup = await self._services.records.setup()
        self.drafts.remember(setup)
        return setup

    async def show(self, draft: Draft) -> Shown | SetupRefused | Invalid | Moved:
        """What saving would do now, and what is live under other rules. Changes nothing; asks Resivo for its doors."""
        shown = await self._planned(draft)
        if not isinstance(shown, Shown) or draft.is_source or draft.name not in shown.setup.integrations:
            return shown
        wanted = next((one for one in shown.plan.write.integrations if one.name == draft.name), None)
        if wanted is None:
            return shown  # nothing would change
        planned = plan_write(shown.setup, await self._services.records.stored_secrets(), shown.plan.write).setup
        before, after = shown.setup.integrations[draft.name], planned.integrations[draft.name]
        found = await self._compare(after, lambda: self._services.look_at_resivo(wanted), before=before)
        notes = [made_before(draft.name, found.looked_at)] if shown.plan.notes and found.looked_at else []
        return replace(shown, notes=notes, differing=found.differing, renamed=found.renamed)

    async def _planned(self, draft: Draft) -> Shown | SetupRefused | Invalid | Moved:
        setup = await self.setup()
        if setup.version != draft.version and (moved := await self.moved(draft, setup)) is not None:
            return moved
        wanted, problems = checked(draft.content, is_source=draft.is_source, present=setup, profile_json=draft.profile_json)
        if problems:
            return Invalid()
        plan = await self._plan(setup, wanted, issue_existing=draft.issue_existing)
        return plan if isinstance(plan, SetupRefused) else Shown(plan=plan, setup=setup)

    async def save(self, draft: Draft, *, actor: Actor) -> Shown | SetupRefused | Invalid | Moved:
        """Save what `show` shows, if nobody was faster. Each line of the plan goes into the trail, in the same transaction."""
        for _ in range(SAVES_TRIED):
            shown = await self._planned(draft)
            if not isinstance(shown, Shown) or shown.plan.changes_nothing:
                return shown
            entries = [TrailEntry(actor=actor, type="setup.change", about=str(line)) for line in shown.plan.lines]
            # The version also rises by what a poll teaches, which is nobody's edit: then what would change is looked at once more.
            with contextlib.suppress(SetupMoved):
                await self._services.records.write_setup(shown.plan.write, entries=entries, expected_version=shown.setup.version)
                return shown
        return Moved()

    async def count_differing(self, integration: IntegrationSetup, *, probe: ResivoProbe | None = None) -> int:
        """Live accesses that were made under other rules than these, which are today's, as far as that can be told now. `probe`: what Resivo has
        just shown.
        """

        async def look() -> ResivoProbe:
            return probe or await self._services.look_at_resivo(await self.as_wanted(integration))

        return (await self._compare(integration, look)).differing

    async def _compare(
        self, rules: IntegrationSetup, look: Callable[[], Awaitable[ResivoProbe]], *, before: IntegrationSetup | None = None
    ) -> _Compared:
        """Live access beside these rules; `before`: only what the change from those is about."""
        now = self._services.clock.now()
        views = await self._services.insight.with_live_sets(rules.name, limit=LIVE_LOOKED_AT)
        live = [(view.record, one) for view in views for one in view.sets]
        if before is not None:
            live = [(record, one) for record, one in live if concerns(record, one, before, rules)]
        if not live:
            return _Compared()
        doors = _doors_of(await look())
        return _Compared(
            looked_at=len(live),
            differing=sum(differs(record, one, rules, now=now, doors=doors, by_names=before is not None) for record, one in live),
            renamed=sum(only_renamed(record, one, rules, now=now, doors=doors) for record, one in live),
        )

    async def doors(self, integration: IntegrationSetup) -> SiteDoors:
        """Today's, of the sites that answer."""
        return _doors_of(await self._services.look_at_resivo(await self.as_wanted(integration)))

    async def as_wanted(self, integration: IntegrationSetup) -> DesiredIntegration:
        """An integration as it is, with its secret: to look at Resivo through it."""
        setup = await self.setup()
        content, own = integration_content(setup, await self._services.records.stored_secrets(), integration)
        return checked(content, is_source=False, present=setup, profile_json=own)[0].integrations[0]

    async def source_as_wanted(self, integration: IntegrationSetup) -> DesiredSource:
        """The source of an integration as it is, with its password: to look at the booking system through it."""
        setup = await self.setup()
        content = source_content(await self._services.records.stored_secrets(), setup.sources[integration.source])
        return checked(content, is_source=True, present=setup)[0].sources[0]

    async def object_names(self, one: IntegrationSetup, objects: Mapping[str, ObjectSeen], *more: str) -> dict[str, str]:
        """As bookings said them last; of objects that nobody has booked, as the booking system says them."""
        names = {key: seen.name for key, seen in objects.items() if seen.name}
        asked = dict.fromkeys([*filter(None, more), *(mapping.object_id for mapping in one.mappings)])
        unknown = [each for each in asked if each not in names]
        if unknown:
            names.update(await self._services.prober.object_names(await self.source_as_wanted(one), unknown))
        return names

    async def moved(self, draft: Draft, setup: Setup) -> Moved | None:
        """What others changed on the same integration or source since the form was filled; None if nothing."""
        seen = self.drafts.setup_of(draft.version)
        if seen is None:
            return Moved()
        lines = await self._between(seen, setup, draft.name, is_source=draft.is_source)
        return Moved(tuple(lines)) if lines else None

    async def _between(self, before: Setup, after: Setup, name: str, *, is_source: bool) -> Sequence[Sentence]:
        there = before.sources if is_source else before.integrations
        now = after.sources if is_source else after.integrations
        if name not in now:
            # Gone: whoever saves would make it anew, unseen.
            return (
                [Sentence("removed {what} {name}", what=Sentence("source" if is_source else "integration"), name=name)]
                if name in there
                else []
            )
        secrets = await self._services.records.stored_secrets()
        profile: str | None = None
        if is_source:
            content = source_content(secrets, after.sources[name])
        else:
            content, profile = integration_content(after, secrets, after.integrations[name])
        wanted, _ = checked(content, is_source=is_source, present=after, profile_json=profile)
        # Secrets of then are not known any more: their change alone is told by the version of the connection.
        plan = plan_setup(current=before, secrets=secrets, holdings=Holdings(), desired=wanted, prune=False, issue_existing=False)
        return () if isinstance(plan, SetupRefused) else plan.lines

    async def _plan(self, setup: Setup, wanted: DesiredSetup, *, issue_existing: bool) -> SetupPlan | SetupRefused:
        records = self._services.records
        return plan_setup(
            current=setup,
            secrets=await records.stored_secrets(),
            holdings=await records.holdings(),
            desired=wanted,
            prune=False,
            issue_existing=issue_existing,
        )


def _doors_of(probe: ResivoProbe) -> SiteDoors:
    return {site_id: each.components for site_id, each in probe.doors.items() if each.failure is None}
