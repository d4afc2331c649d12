from __future__ import annotations

from pathlib import Path

import pytest

from drempel.engine.records import Holdings
from drempel.engine.setup import Setup
from tests.adapters.setup_texts import ENVIRON, RIGHT, read
from tests.cli.saying import Desk
from tests.engine.setups import secrets_of, setup_of


@pytest.fixture
def file(desk: Desk, tmp_path: Path) -> Path:
    desk.records.current = Setup(version=0)
    desk.environ = dict(ENVIRON)
    path = tmp_path / "setup.toml"
    path.write_text(RIGHT)
    return path


def already_applied(desk: Desk) -> None:
    desk.records.current = setup_of(read(RIGHT))
    desk.records.secrets = secrets_of(read(RIGHT))


def test_what_stands_in_the_file_is_created_and_told(desk: Desk, file: Path) -> None:
    said = desk.say("apply", str(file))
    assert said.code == 0
    assert said.lines == [
        "created source club (ireserve at https://club.i-reserve.net)",
        "created integration doors (source club, 1 object mapped, active)",
    ]
    (write,) = desk.records.writes
    assert write.sources[0].password == "hunter2"
    assert "hunter2" not in said.out + said.err


def test_a_dry_run_tells_the_same_and_writes_nothing(desk: Desk, file: Path) -> None:
    said = desk.say("apply", str(file), "--dry-run")
    assert len(said.lines) == 2
    assert desk.records.writes == []


def test_a_second_time_there_is_nothing_to_change(desk: Desk, file: Path) -> None:
    already_applied(desk)
    said = desk.say("apply", str(file))
    assert (said.code, said.out) == (0, "nothing to change\n")
    assert desk.records.writes == []


def test_a_changed_rule_says_how_much_access_stays_under_the_old_one(desk: Desk, file: Path) -> None:
    already_applied(desk)
    desk.records.holding = Holdings(by_integration={"doors": 12})
    file.write_text(RIGHT.replace("time_before_minutes = 15", "time_before_minutes = 30"))
    assert desk.say("apply", str(file)).lines == [
        "changed integration doors: time before 15 min -> 30 min",
        "integration doors: 12 live accesses were made under the old rules and stay as they are",
    ]


def test_access_that_would_lose_its_owner_is_refused_with_the_count(desk: Desk, file: Path) -> None:
    already_applied(desk)
    desk.records.holding = Holdings(by_integration={"doors": 3}, by_source={"club": 3})
    file.write_text("")
    said = desk.say("apply", str(file), "--prune")
    assert (said.code, said.out) == (1, "")
    assert "3 accesses" in said.err
    assert said.err.endswith("Nothing was changed.\n")
    assert desk.records.writes == []


def test_a_wrong_file_is_2_with_every_problem_and_changes_nothing(desk: Desk, file: Path) -> None:
    file.write_text(RIGHT.replace("custom05", "five").replace("Europe/Amsterdam", "Mars"))
    said = desk.say("apply", str(file))
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 3
    assert f"{file}, line 7: sources[1].time_zone: is 'Mars'" in said.err
    assert desk.records.writes == []


def test_a_missing_file_is_2(desk: Desk, file: Path) -> None:
    said = desk.say("apply", str(file.with_name("no-such.toml")))
    assert said.code == 2
    assert "No such file" in said.err


def test_bookings_from_before_are_issued_when_a_person_says_so(desk: Desk, file: Path) -> None:
    already_applied(desk)
    assert desk.say("apply", str(file), "--issue-existing").code == 0
    assert desk.records.writes[0].issue_existing == ("doors",)
