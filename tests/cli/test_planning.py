"""`drempel plan` on a stage: what it prints, what it keeps to itself, how it ends."""

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


async def scene(stage: Stage) -> None:
    stage.book(start=BEGIN + 18 * HOUR)
    await stage.work()
    stage.book(start=BEGIN + 20 * HOUR, email="bob@example.com")
    stage.book(start=BEGIN + 21 * HOUR, object_id="82", tel_mob="")


@pytest.fixture
def left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Left]:
    with logging_as_it_was():
        yield leave_stage(tmp_path, capsys, scene)


def rows(left: Left) -> list[str]:
    with sqlite3.connect(left.folder / "stage.sqlite") as connection:
        return list(connection.iterdump())


def test_the_calls_that_would_differ_are_printed_with_what_visitors_get(left: Left):
    before = rows(left)
    code, out, err = left.say("plan", time_before_minutes="60")
    assert (code, err) == (0, "")
    assert rows(left) == before
    site, doors = left.world.site_id, left.world.component_ids
    name = f"Hall 2 · dr-{left.world.marker.current}-club-3693-1  (doors, site {site})"
    listed = f"Main entrance ({doors['Main entrance']}), Hall 2 ({doors['Hall 2']})"
    assert "changed integration doors: time before 15 min -> 60 min" in out.splitlines()
    assert out.split("\n\n")[2:] == [
        f"""club 3693  2026-03-29 08:00 CEST to 2026-03-29 10:00 CEST  object 82 (Hall 2), status 20
  - create  {name}
  -         doors  {listed}
  -         from 2026-03-29 07:45 CEST to 2026-03-29 10:00 CEST (Europe/Amsterdam)
  -         UTC  2026-03-29T05:45:00Z to 2026-03-29T08:00:00Z
  -         to   1 e-mail, 0 SMS
  + create  {name}
  +         doors  {listed}
  +         from 2026-03-29 07:00 CEST to 2026-03-29 10:00 CEST (Europe/Amsterdam)
  +         UTC  2026-03-29T05:00:00Z to 2026-03-29T08:00:00Z
  +         to   1 e-mail, 0 SMS""",
        """3 bookings of the next 14 days: 2 differ, 1 unchanged
  more than today: 2 creates, 0 revokes, 0 field writes
  fewer than today: 2 creates, 0 revokes, 0 field writes
  0 would need a person
Messages to visitors because of this file: 0 e-mails, 0 SMS more; 0 e-mails, 0 SMS fewer; 2 e-mails, 1 SMS that go out anyway say something else.
""",
    ]


def test_as_data_it_says_the_same_and_neither_names_a_visitor(left: Left):
    code, out, _ = left.say("plan", "--json", trigger_statuses='["30"]')
    said = json.loads(out)
    assert code == 0
    assert said["summary"] == {
        "bookings": 3,
        "differing": 2,
        "unchanged": 1,
        "existing": 0,
        "more": {"creates": 0, "revokes": 0, "field_writes": 0},
        "fewer": {"creates": 2, "revokes": 0, "field_writes": 2},
        "messages": {
            "more": {"emails": 0, "sms": 0},
            "fewer": {"emails": 2, "sms": 1},
            "altered": {"emails": 0, "sms": 0},
            "to_visitors_with_access": 0,
        },
    }
    one = said["bookings"][0]
    assert [call["call"] for call in one["today"]["calls"]] == ["create", "write_field"]
    assert one["changed"] == {"state": "none", "reason": "status.neither_trigger_nor_revoke", "failure": None, "calls": []}
    for text in (out, left.say("plan", "--days", "30")[1]):
        assert not any(secret in text for secret in ("@example.com", "31612345678", *left.environ.values()))


def test_a_booking_that_would_need_a_person_is_1_with_its_remedy(left: Left):
    code, out, _ = left.say("plan", components='["Hall 11"]')
    assert code == 1
    assert "needs a person: club 3692  component.missing\n  No door at the site is called Hall 11." in out
    assert "Similar names: Hall 1" in out
    assert "2 would need a person" in out


def test_a_file_that_changes_nothing_differs_nowhere(left: Left):
    left.say("apply")
    code, out, _ = left.say("plan")
    assert code == 0
    assert out.startswith("nothing to change")
    assert "3 bookings of the next 14 days: 0 differ, 3 unchanged" in out
    assert out.endswith("No visitor gets a message, misses one or gets another one because of this file.\n")


def test_a_wrong_file_is_2_and_one_that_apply_refuses_is_1(left: Left):
    assert left.say("plan", authorization_field='"five"')[0] == 2
    assert left.say("plan", "--days", "0")[0] == 2
    code, _, err = left.say("plan", site_owner_id='"somebody-else"')
    assert (code, "cannot get another owner" in err) == (1, True)
