"""Doors that a booking waits for because they were renamed: what they are called now, told where the booking is shown.

Resivo is asked in the background and at most once a minute: a list that loads itself anew must neither wait for it nor weigh on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from drempel.domain.mapping import mappings_of
from drempel.engine.errands import Errand
from drempel.engine.replacing import LIVE_LOOKED_AT
from drempel.engine.setup import IntegrationSetup
from drempel.web.integrations.desk import Desk
from drempel.web.integrations.services import SetUpServices
from drempel.web.pages.rows import BookingRow, Renamed

__all__ = ["Renames"]

GIVEN_SECONDS: Final = 1.5
ASKED_EACH: Final = timedelta(minutes=1)


class Renames:
    """By what live access recorded of a name, and what Resivo calls those doors today."""

    def __init__(self, services: SetUpServices, desk: Desk) -> None:
        self._services = services
        self._desk = desk

    async def of(self, rows: Iterable[BookingRow]) -> Renamed:
        missing = [row for row in rows if row.record.failure is not None and row.record.failure.code == "component.missing"]
        if not missing:
            return {}
        integrations = (await self._desk.setup()).integrations
        found: dict[tuple[str, str], Mapping[str, str]] = {}
        for name in dict.fromkeys(row.integration for row in missing):
            if name is not None and name in integrations:
                called = await self._called(integrations[name])
                here = [row.record for row in missing if row.integration == name]
                found |= {(one.source, one.booking_id): _of(integrations[name], one.object_id or "", called) for one in here}
        return found

    async def _called(self, one: IntegrationSetup) -> Mapping[tuple[str, str], str]:
        """By site id and the name that no door has any more: what its door is called now."""
        await self._ask(one)
        today = (await self._services.records.last_names()).doors
        now_there = {(site_id, name) for (site_id, _), name in today.items()}
        former: dict[tuple[str, str], set[str]] = {}
        for view in await self._services.insight.with_live_sets(one.name, limit=LIVE_LOOKED_AT):
            for each in view.sets:
                site_id = each.intent.site_id
                for component_id, name in each.intent.doors:
                    if (site_id, component_id) in today:
                        former.setdefault((site_id, name.strip()), set()).add(today[site_id, component_id])
        return {key: min(names) for key, names in former.items() if len(names) == 1 and key not in now_there}

    async def _ask(self, one: IntegrationSetup) -> None:
        async def work(_errand: Errand) -> None:
            await self._desk.doors(one)

        await self._services.errands.lately(f"doors:{one.name}", work, within=ASKED_EACH, seconds=GIVEN_SECONDS)


def _of(one: IntegrationSetup, object_id: str, called: Mapping[tuple[str, str], str]) -> Mapping[str, str]:
    return {
        name.strip(): called[mapping.site_id, name.strip()]
        for mapping in mappings_of(one.mappings, object_id)
        for name in mapping.component_names
        if (mapping.site_id, name.strip()) in called
    }
