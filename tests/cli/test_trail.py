"""What a command changes goes into the trail, in the name of the command line; never with a secret in it."""

from __future__ import annotations

from pathlib import Path

from drempel.engine.trail import COMMAND_LINE
from tests.cli.saying import Desk
from tests.engine.setups import setup_of
from tests.engine.stand_in import StandIn, a_view
from tests.engine.test_setup_plan import WANTED

SETUP_FILE = """
[[sources]]
name = "club"
kind = "ireserve"
base_url = "https://club.i-reserve.net"
username = "drempel"
password = "a secret of the booking system"
time_zone = "Europe/Amsterdam"
"""


def test_every_command_that_changes_something_is_in_the_trail(desk: Desk, tmp_path: Path) -> None:
    desk.records = StandIn(a_view(), setup=setup_of(WANTED))
    file = tmp_path / "setup.toml"
    file.write_text(SETUP_FILE)
    for command in (
        "retry club 1363",
        "revoke club 1363",
        "pause doors",
        "resume doors",
        "api-key add ci --scope read",
        "api-key revoke ci",
        "hook-url club --rotate",
        f"apply {file}",
        "rotate-key",
        "bookings",
        "why club 1363",
        f"apply {file} --dry-run",
        "brake show club",
    ):
        assert desk.say(*command.split()).code == 0, command
    entries = [*desk.records.trail, *desk.trail.entries]
    assert {entry.actor for entry in entries} == {COMMAND_LINE}
    assert [(entry.type, entry.about) for entry in entries if entry.type != "setup.change"] == [
        ("booking.retry", "booking 1363 of club"),
        ("booking.revoke", "booking 1363 of club"),
        ("integration.pause", "doors"),
        ("integration.resume", "doors"),
        ("api_key.add", "ci"),
        ("api_key.revoke", "ci"),
        ("hook.rotate", "club"),
        ("secrets.rotate", "3"),
    ]
    assert "source club" in next(entry.about for entry in entries if entry.type == "setup.change")
    assert "a secret of the booking system" not in repr(entries)
    (token,) = [one.token for one in desk.records.tokens["club"] if one.valid_until is None]
    assert token not in repr(entries)
