from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from drempel.cli.main import command_line
from drempel.engine.records import BookingView
from tests.cli.saying import Desk

COMMANDS = {
    "demo", "serve", "worker", "simulate", "apply", "migrate", "rotate-key", "doctor", "hook-url", "hook-register", "bookings", "why",
    "retry", "revoke", "issue-again", "resolve", "brake", "pause", "resume", "audit", "api-key", "plan", "lint",
}  # fmt: skip


def test_every_command_of_the_design_is_there() -> None:
    assert set(typer.main.get_command(command_line()).commands) == COMMANDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(desk: Desk, command: str) -> None:
    said = desk.say(command, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: drempel {command}")


def test_without_a_command_the_help_is_shown_as_wrong_use(desk: Desk) -> None:
    said = desk.say()
    assert said.code == 2
    assert "drempel demo" in said.err


def test_the_version_is_a_value_alone(desk: Desk) -> None:
    said = desk.say("--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.strip().count(".") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        ["bookings", "--nope"],
        ["bookings", "--state", "live"],
        ["why", "club"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "http"],
        ["worker", "--concurrency", "0"],
        ["simulate", "exivo"],
        ["simulate", "ireserve", "--profile", "x"],
        ["resolve", "club", "1"],
        ["resolve", "club", "1", "--created", "a", "--not-created"],
        ["audit", "--adopt", "a", "--revoke", "b"],
        ["audit", "--json", "--revoke", "b"],
        ["api-key", "add", "x"],
        ["api-key", "add", "x", "--scope", "admin"],
        ["api-key", "add", "a b", "--scope", "read"],
        ["why", "nope", "1"],
        ["retry", "nope", "1"],
        ["revoke", "nope", "1"],
        ["resolve", "nope", "1", "--not-created"],
        ["brake", "show", "nope"],
        ["brake", "release", "nope"],
        ["pause", "nope"],
        ["resume", "nope"],
        ["hook-url", "nope"],
        ["hook-register", "nope"],
    ],
)
def test_wrong_use_is_2_with_a_sentence_on_standard_error(desk: Desk, arguments: list[str]) -> None:
    said = desk.say(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert "Value error" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["why", "club", "1"],
        ["retry", "club", "1"],
        ["revoke", "club", "1"],
        ["issue-again", "club", "1"],
        ["resolve", "club", "1", "--not-created"],
    ],
)
def test_an_unknown_booking_is_1(desk: Desk, arguments: list[str]) -> None:
    said = desk.say(*arguments)
    assert (said.code, said.out) == (1, "")
    assert "not known here" in said.err


def test_wrong_settings_are_2_and_told_all_at_once(desk: Desk) -> None:
    desk.environ = {"DREMPEL_LOG_LEVEL": "loud", "DREMPEL_LEASE_SECONDS": "x"}
    said = desk.say("bookings")
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 2


def test_what_looks_like_a_mistake_is_told_and_does_not_stop(desk: Desk) -> None:
    desk.environ = {"DREMPEL_LEASE_SECOND": "3"}
    said = desk.say("bookings")
    assert said.code == 0
    assert (
        said.err
        == "Warning: DREMPEL_LEASE_SECOND is no setting of Drempel and is not used. Did you mean DREMPEL_LEASE_SECONDS?\n"
    )


def test_what_the_store_refuses_is_2(desk: Desk) -> None:
    desk.refused = "The database has an older schema. Stop all workers, then say `drempel migrate`."
    assert (desk.say("bookings").code, desk.say("bookings").err) == (2, desk.refused + "\n")


async def _broken(_source: str, _booking_id: str) -> BookingView:
    raise RuntimeError("ada@example.com")


def test_an_error_that_nobody_expected_is_1_and_one_sentence(desk: Desk) -> None:
    desk.records.booking = _broken  # type: ignore[method-assign]
    said = desk.say("why", "club", "1")
    assert said.code == 1
    assert said.err.startswith("Drempel itself failed (RuntimeError at tests.cli.test_endings:")
    assert "ada" not in said.err


def test_whoever_debugs_sees_the_trace(desk: Desk) -> None:
    desk.records.booking = _broken  # type: ignore[method-assign]
    desk.environ = {"DREMPEL_LOG_LEVEL": "DEBUG"}
    assert "Traceback" in desk.say("why", "club", "1").err


def test_the_command_line_starts_without_what_is_heavy() -> None:
    heavy = {
        "sqlalchemy",
        "pydantic",
        "fastapi",
        "starlette",
        "aiohttp",
        "uvicorn",
        "rich",
        "structlog",
        "cryptography",
        "phonenumbers",
        "alembic",
    }
    code = f"import sys; import drempel.cli.main as m; m.command_line(); print(sorted({heavy!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_module_is_a_program_too() -> None:
    answer = subprocess.run([sys.executable, "-m", "drempel", "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout.strip().count(".") == 2


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "from drempel.cli.main import run; run(['--help'])"
    answer = subprocess.run(f'{sys.executable} -c "{code}" | true', shell=True, capture_output=True, text=True, check=False)
    assert answer.stderr == ""
