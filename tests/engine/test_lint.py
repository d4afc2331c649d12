"""What a lint says of evidence, case by case; a whole mapping is linted in `tests/cli/test_linting.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drempel.domain.components import Component
from drempel.domain.mapping import ObjectMapping
from drempel.engine.lint import lint
from drempel.engine.lint_findings import Evidence, SiteSeen
from drempel.engine.setup_plan import DesiredSetup
from tests.engine.setups import setup_of
from tests.engine.test_setup_plan import CLUB, DOORS

MAPPING = ObjectMapping(object_id="81", site_id="s", component_names=("Main", "Hall"))
SETUP = setup_of(DesiredSetup(sources=(CLUB,), integrations=(replace(DOORS, mappings=(MAPPING,)),)))


def door(name: str, *, online: bool | None = True, door_id: str = "") -> Component:
    return Component(id=door_id or name, display_name=name, online=online)


@pytest.mark.parametrize(
    ("doors", "codes"),
    [
        ([door("Main"), door("Hall")], []),
        ([door("Main "), door(" Hall")], []),
        ([door("Main", online=None), door("Hall", online=None)], []),  # this Resivo never tells
        ([door("Main", online=None), door("Hall")], ["doors.unsure"]),
        ([door("Main", online=False), door("Hall")], ["doors.some_offline"]),
        ([door("Main", online=False), door("Hall", online=False)], ["doors.none_online"]),
        ([door("Main"), door("Hall", door_id="1"), door("Hall ", door_id="2")], ["name.ambiguous"]),
        ([door("Main"), door("Zaal", door_id="old")], ["name.renamed"]),
        ([door("Main"), door("hall"), door("Zaal", door_id="old")], ["name.renamed"]),
        (
            [door("Main"), door("Zaal", door_id="old"), door("Zaal 2", door_id="older")],
            ["name.missing"],
        ),  # which of them is not known
        ([door("Main"), door("Hall", door_id="new"), door("Zaal", door_id="old")], []),  # the name has gone to another door
        ([door("Main"), door("hall")], ["name.spelling"]),
        ([], ["name.missing", "name.missing"]),
    ],
)
def test_doors_of_today_are_judged_by_the_names_of_the_mapping(doors: list[Component], codes: list[str]):
    evidence = Evidence(
        setup=SETUP,
        integrations=["doors"],
        sites={(1, "s"): SiteSeen(components=doors)},
        former_ids={("s", "Hall"): frozenset({"old", "older"})},
    )
    assert [one.code for one in lint(evidence)] == codes
