"""What the pages of the set-up stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drempel.engine.errands import Errands
from drempel.engine.insight import Insight
from drempel.engine.levers import Levers
from drempel.engine.naming import keep_names
from drempel.engine.ports import Clock
from drempel.engine.probing import Prober, ResivoProbe
from drempel.engine.records import Records
from drempel.engine.replace_rehearsal import Replacements
from drempel.engine.setup import DesiredIntegration
from drempel.engine.trail import Trail

__all__ = ["SetUpServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpServices:
    """Ports and callables; the composition root hands them in."""

    records: Records
    levers: Levers
    insight: Insight
    trail: Trail
    prober: Prober
    replacements: Replacements
    errands: Errands
    clock: Clock
    public_url: str
    """Stands in front of hook addresses."""
    draw_token: Callable[[], str]
    """Something that nobody can guess."""

    async def look_at_resivo(self, wanted: DesiredIntegration) -> ResivoProbe:
        """What this credential shows now."""
        probe = await self.prober.resivo(wanted)
        await keep_names(
            self.records,
            sites={site.id: site.display_name for site in probe.sites},
            doors={site_id: seen.components for site_id, seen in probe.doors.items() if seen.failure is None},
        )
        return probe

    async def from_before(self) -> Mapping[str, int]:
        """By integration: how many bookings were confirmed before it began and get nothing until somebody decides."""
        setup = await self.records.setup()
        counts = {
            name: (await self.insight.figures(name, elsewhere=setup.mapped_elsewhere(one))).existing
            for name, one in sorted(setup.integrations.items())
            if not one.issue_existing
        }
        return {name: count for name, count in counts.items() if count}

    async def object_names(self, source: str) -> Mapping[str, str]:
        """As bookings to come named them; without those that have none."""
        return {each.id: each.name for each in await self.insight.objects(source) if each.name}
