"""Names of sites and doors are kept by whoever was told, and written only where they are others."""

from __future__ import annotations

from collections.abc import Mapping

from drempel.domain.components import Component
from drempel.engine.naming import SITES_MAX, keep_names
from tests.engine.stand_in import StandIn


class Counts(StandIn):
    """Tells what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    async def keep_site_name(self, site_id: str, name: str) -> None:
        self.written.append(name)
        await super().keep_site_name(site_id, name)

    async def keep_door_names(self, site_id: str, doors: Mapping[str, str]) -> None:
        self.written += doors.values()
        await super().keep_door_names(site_id, doors)


def door(name: str) -> Component:
    return Component(id="c1", display_name=name, online=True)


async def test_what_is_kept_already_is_not_written_again_and_an_empty_name_is_none() -> None:
    records = Counts()
    for _ in range(2):
        await keep_names(records, sites={"site-1": "Sports park", "site-2": ""}, doors={"site-1": [door(" Hall 1 ")]})
    assert records.written == ["Sports park", "Hall 1"]
    await keep_names(records, doors={"site-1": [door("Hall One")]})
    assert records.written[2:] == ["Hall One"]
    assert (await records.last_names()).sites == {"site-1": "Sports park"}


async def test_no_more_sites_are_kept_of_one_answer_than_anybody_has() -> None:
    records = Counts()
    await keep_names(records, sites={f"site-{n}": f"Site {n}" for n in range(SITES_MAX + 1)})
    assert len(records.written) == SITES_MAX
