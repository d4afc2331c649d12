"""`drempel invite` and `drempel people`, on a real store in a data folder."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drempel.cli.machine import Machine
from drempel.cli.main import run
from drempel.domain.rights import Role
from drempel.engine.people import Person
from drempel.settings import read_settings
from drempel.wiring.records import open_records
from tests.cli.saying import Desk, Said, logging_as_it_was

URL = "https://doors.example.com"


@dataclass
class Home:
    environ: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    def say(self, *arguments: str) -> Said:
        with pytest.raises(SystemExit) as leaving:
            run(list(arguments), machine=Machine(environ=self.environ))
        out, err = self.capsys.readouterr()
        assert isinstance(leaving.value.code, int)
        return Said(leaving.value.code, out, err)

    def come_in(self, name: str) -> None:
        """As by the link, without the computation."""

        async def work() -> None:
            async with open_records(read_settings(self.environ, terminal=False)) as opened:
                known = await opened.people.known(name)
                assert known is not None
                await opened.people.change_password(known.person.id, old_hash=known.password_hash, new_hash="x", entry=None)

        asyncio.run(work())


@pytest.fixture
def home(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Home]:
    with logging_as_it_was():
        yield Home({"DREMPEL_DATA_DIR": str(tmp_path), "DREMPEL_PUBLIC_URL": URL}, capsys)


def test_an_invitation_prints_one_line_the_link(home: Home, tmp_path: Path) -> None:
    said = home.say("invite", "anna")
    assert said.code == 0
    assert re.fullmatch(rf"{URL}/link/[A-Za-z0-9_-]{{43}}\n", said.out)
    token = said.out.strip().rpartition("/")[2]
    assert token not in said.err
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert token.encode() not in kept
    assert home.say("people").out == "anna\tadministrator\tinvited\n"


def test_who_comes_after_the_first_is_at_the_reception_unless_told(home: Home) -> None:
    home.say("invite", "anna")
    home.say("invite", "ben")
    home.say("invite", "cor", "--role", "manager")
    roles = [line.split("\t")[1] for line in home.say("people").lines]
    assert roles == ["administrator", "reception", "manager"]


def test_a_second_invitation_is_a_new_link_and_another_role_is_refused(home: Home) -> None:
    first, second = home.say("invite", "anna").out, home.say("invite", "ANNA").out
    assert first != second
    said = home.say("invite", "anna", "--role", "reception")
    assert (said.code, said.out) == (1, "")
    assert "is here already, as administrator" in said.err
    assert len(home.say("people").lines) == 1


@pytest.mark.parametrize("arguments", [("invite",), ("invite", "anna", "--role", "root"), ("people", "unknown")])
def test_wrong_use_is_2(home: Home, arguments: tuple[str, ...]) -> None:
    assert home.say(*arguments).code == 2


def test_an_odd_name_is_refused_with_a_sentence(home: Home) -> None:
    said = home.say("invite", "<b>")
    assert said.code == 1
    assert "1 to 64 letters" in said.err


def test_people_are_removed_but_not_the_last_administrator(home: Home) -> None:
    home.say("invite", "anna")
    home.come_in("anna")
    home.say("invite", "ben")
    assert home.say("people", "remove", "Ben").out == "ben is removed.\n"
    said = home.say("people", "remove", "ben")
    assert (said.code, "Nobody is called" in said.err) == (1, True)
    said = home.say("people", "remove", "anna")
    assert (said.code, "anna is the last administrator" in said.err) == (1, True)
    assert len(home.say("people").lines) == 1


def test_the_doctor_says_if_nobody_can_sign_in(desk: Desk) -> None:
    assert "an administrator can sign in" in desk.say("doctor").out
    desk.people.list = [Person(id=1, name="Anna", role=Role.MANAGER, created_at=desk.store.time, has_password=True)]
    assert "nobody can sign in as administrator yet: say `drempel invite NAME --role administrator`" in desk.say("doctor").out
