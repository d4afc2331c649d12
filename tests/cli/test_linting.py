"""`drempel lint` on a stage: ten planted faults, ten found, none invented."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.saying import logging_as_it_was
from tests.cli.staged import Left, leave_stage
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN

FAULTS = """
[[integrations.mappings]]
object = "83"
components = ["Main entrance", "Hal 2"]

[[integrations.mappings]]
object = "84"
components = ["hall 2", "Side door"]

[[integrations.mappings]]
object = "85"
components = ["Cellar"]

[[integrations.mappings]]
object = "85"
components = ["Main entrance"]
site_id = "elsewhere"

[[integrations.mappings]]
object = "082"
components = ["Main entrance"]
"""


async def scene(stage: Stage) -> None:
    """One access was made when every door had its old name; a booking for each status; one for an object that nobody mapped."""
    stage.book(start=BEGIN + 18 * HOUR)
    stage.book(start=BEGIN + 19 * HOUR, status="30", object_id="82")
    stage.book(start=BEGIN - 19 * HOUR, object_id="99")
    await stage.work()


@pytest.fixture
def left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Left]:
    with logging_as_it_was():
        yield leave_stage(tmp_path, capsys, scene)


def plant(left: Left) -> None:
    """What is wrong at Resivo and at the booking system."""
    world, resivo = left.world, left.world.resivo
    resivo.rename_component(world.component_ids["Hall 1"], "Hall 1 (new)")
    resivo.add_component(world.site_id, "Side door")
    resivo.add_component(world.site_id, "Side door")
    resivo.add_component(world.site_id, "Cellar", online=False)
    resivo.add_component(world.site_id, "STORAGE")
    world.ireserve.make_booking("99", BEGIN + 20 * HOUR, BEGIN + 21 * HOUR, status="20")


def test_ten_planted_faults_are_found_with_their_lines_and_none_is_invented(left: Left):
    plant(left)
    with sqlite3.connect(left.folder / "stage.sqlite") as connection:
        before = list(connection.iterdump())
    code, out, _ = left.say("lint", "--json", file=left.text + FAULTS, trigger_statuses='["20", "30", "35"]')
    with sqlite3.connect(left.folder / "stage.sqlite") as connection:
        assert list(connection.iterdump()) == before
    said = json.loads(out)
    text = (left.folder / "setup.toml").read_text().splitlines()
    found = {(one["code"], text[one["line"] - 1], one["toml"]) for one in said["findings"]}
    assert code == 1
    assert found == {
        ("name.renamed", 'components = ["Main entrance", "Hall 1"]', 'components = ["Main entrance", "Hall 1 (new)"]'),
        ("name.missing", 'components = ["Main entrance", "Hal 2"]', 'components = ["Main entrance", "Hall 2"]'),
        ("name.spelling", 'components = ["hall 2", "Side door"]', 'components = ["Hall 2", "Side door"]'),
        ("name.ambiguous", 'components = ["hall 2", "Side door"]', ""),
        ("doors.none_online", 'components = ["Cellar"]', ""),
        ("site.unseen", 'site_id = "elsewhere"', f'site_id = "{left.world.site_id}"'),
        ("object.twice", 'object = "082"', 'object = "82"\ncomponents = ["Main entrance", "Hall 2"]'),
        ("doors.alike", "[[integrations]]", ""),
        ("object.unmapped", "[[integrations.mappings]]", '[[integrations.mappings]]\nobject = "99"\ncomponents = ["..."]'),
        ("status.unseen", 'trigger_statuses = ["20", "30", "35"]', 'trigger_statuses = ["20", "30"]'),
    }
    assert (said["errors"], said["warnings"]) == (7, 3)


def test_a_clean_set_up_has_no_finding_in_a_file_and_as_it_is_stored(left: Left):
    code, out, _ = left.say("lint", "--strict")
    assert (code, out) == (0, "2 mappings, 3 names: 0 errors, 0 warnings\n")
    assert left.say_alone("lint")[:2] == (0, "3 mappings, 3 names: 0 errors, 0 warnings\n")


def test_a_finding_says_where_and_what_to_write_and_warnings_count_only_when_strict(left: Left):
    left.world.resivo.rename_component(left.world.component_ids["Hall 1"], "Hall 1 (new)")
    code, out, _ = left.say("lint")
    line = left.text.splitlines().index('components = ["Main entrance", "Hall 1"]') + 1
    told = f'object 81: "Hall 1" is now called "Hall 1 (new)" (same id at site {left.world.site_id}).'
    assert code == 1
    assert out.splitlines() == [
        f"{left.folder}/setup.toml, line {line}: error name.renamed: integration doors: {told}",
        "  Take the new name into the mapping, or give the door its old name in the Resivo portal.",
        '    components = ["Main entrance", "Hall 1 (new)"]',
        "2 mappings, 3 names: 1 error, 0 warnings",
    ]
    left.world.resivo.rename_component(left.world.component_ids["Hall 1"], "Hall 1")
    left.world.resivo.set_online(left.world.component_ids["Hall 1"], False)
    assert left.say("lint")[0] == 0
    assert left.say("lint", "--strict")[0] == 1


def test_what_cannot_be_read_is_an_error_and_not_silence(left: Left):
    left.world.ireserve.faults.add(operation="filter_bookings", kind="status", status=503, times=20)
    left.environ["RESIVO_CLIENT_SECRET"] = "wrong"
    code, out, _ = left.say("lint")
    assert code == 1
    assert {line.split(": ")[1].split(" ")[1] for line in out.splitlines() if ", line " in line} == {
        "site.unreadable",
        "source.unreadable",
    }
    assert left.say("lint", file="[[integrations]]")[0] == 2
