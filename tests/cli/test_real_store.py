"""The command line on a real SQLite file, as an operator meets it on the first day."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drempel.cli.machine import Machine
from drempel.cli.main import run
from drempel.settings import read_settings
from drempel.wiring.records import open_records
from tests.adapters.setup_texts import ENVIRON, RIGHT
from tests.cli.saying import logging_as_it_was


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[object]:
    def say(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as leaving:
            run(list(arguments), machine=Machine(environ={"DREMPEL_DATA_DIR": str(tmp_path / "data"), **ENVIRON}))
        out, err = capsys.readouterr()
        return leaving.value.code, out, err  # type: ignore[return-value]

    with logging_as_it_was():
        yield say


def test_the_first_day_of_an_operator(say, tmp_path: Path) -> None:
    file = tmp_path / "setup.toml"
    file.write_text(RIGHT)
    assert say("apply", str(file), "--dry-run")[0] == 0
    code, out, _ = say("apply", str(file))
    assert (code, len(out.splitlines())) == (0, 2)
    assert say("apply", str(file))[1] == "nothing to change\n"

    address = say("hook-url", "club")[1].strip()
    assert say("hook-url", "club")[1].strip() == address
    assert say("hook-url", "club", "--rotate")[1].strip() != address

    assert say("bookings", "--json") == (0, "[]\n", "")
    assert say("why", "club", "1363")[0] == 1
    assert say("pause", "doors")[1].startswith("Ordered")
    assert say("resume", "doors")[1].startswith("Ordered")
    assert say("brake", "show", "club")[1] == "The brake of club does not hold.\n"

    key = say("api-key", "add", "dashboard", "--scope", "read")[1].strip()
    assert key.startswith("drk_")
    assert say("api-key", "add", "dashboard", "--scope", "read")[0] == 1
    assert say("api-key", "revoke", "dashboard")[0] == 0
    assert say("migrate")[1] == "The schema was current already.\n"
    assert say("rotate-key")[0] == 0

    changed = file.with_name("changed.toml")
    changed.write_text(RIGHT.replace("time_before_minutes = 15", "time_before_minutes = 30"))
    assert say("apply", str(changed))[1] == "changed integration doors: time before 15 min -> 30 min\n"
    assert say("apply", str(changed), "--issue-existing")[0] == 0
    assert say("apply", str(changed), "--issue-existing")[1] == "nothing to change\n"
    file.write_text("")
    assert say("apply", str(file), "--prune")[1].splitlines() == ["removed integration doors", "removed source club"]
    assert json.loads(say("bookings", "--json")[1]) == []


def test_everything_written_survives_a_wrong_key_only_as_a_sentence(say, tmp_path: Path) -> None:
    file = tmp_path / "setup.toml"
    file.write_text(RIGHT)
    say("apply", str(file))
    (tmp_path / "data" / "secret.key").write_text("quite another key than before\n")
    code, out, err = say("bookings")
    assert (code, out) == (2, "")
    assert "encrypted under another key" in err


def test_orders_reach_the_store_and_a_refused_word_changes_nothing(say, tmp_path: Path) -> None:
    file = tmp_path / "setup.toml"
    file.write_text(RIGHT)
    say("apply", str(file))

    async def hint() -> None:
        settings = read_settings({"DREMPEL_DATA_DIR": str(tmp_path / "data")}, terminal=False)
        async with open_records(settings) as opened:
            await opened.store.hint("club", "1363")

    asyncio.run(hint())
    assert say("retry", "club", "1363")[0] == 0
    assert say("revoke", "club", "1363")[0] == 0
    before = say("why", "club", "1363", "--json")[1]
    assert [event["type"] for event in json.loads(before)["history"]] == ["person.retry", "person.revoke"]
    code, _, err = say("resolve", "club", "1363", "--not-created")
    assert code == 1
    assert "no outcome is unknown" in err
    assert say("why", "club", "1363", "--json")[1] == before


def test_an_order_to_erase_is_carried_out_at_once_where_nothing_is_live_and_has_its_receipt(say, tmp_path: Path) -> None:
    file = tmp_path / "setup.toml"
    file.write_text(RIGHT)
    say("apply", str(file))

    async def hint() -> None:
        settings = read_settings({"DREMPEL_DATA_DIR": str(tmp_path / "data")}, terminal=False)
        async with open_records(settings) as opened:
            await opened.store.hint("club", "1363")

    asyncio.run(hint())
    assert say("erase", "club", "999")[0] == 1
    assert say("erase", "nope", "1363")[0] == 2
    code, out, err = say("erase", "club", "1363")
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert out.startswith("Erased: booking 1363 of club. Receipt 1: no access had to be revoked; removed: ")
    assert "erased    20" in say("why", "club", "1363")[1]
    assert say("receipts")[1].split("\t")[:3] == ["1", "club", "1363"]
    (receipt,) = json.loads(say("receipts", "--json")[1])
    assert (receipt["ordered_by"], receipt["revoked"]) == ("the command line", [])
