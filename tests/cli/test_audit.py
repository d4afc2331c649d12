"""`drempel audit` on a real SQLite file, with a simulated Resivo in process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drempel.adapters.clock import SystemClock
from drempel.cli.machine import Machine
from drempel.cli.main import run
from drempel.cli.showing_audit import progress_bar
from drempel.domain.access import AuthorizationSet, SetState
from drempel.domain.mapping import ObjectMapping
from drempel.domain.window import AccessWindow
from drempel.engine.places import Place
from drempel.engine.ports import BookingRecord, Change
from drempel.engine.setup import DesiredIntegration, DesiredSource, SetupWrite
from drempel.resivo import load_profile, profile_to_json
from drempel.settings import Settings, read_settings
from drempel.simulators.resivo import ResivoSimulator
from drempel.simulators.resivo.records import Authorization
from drempel.transport.in_process import InProcessTransport
from drempel.wiring.records import open_records
from tests.cli.saying import Said, logging_as_it_was
from tests.engine.stand_in import a_set
from tests.engine.test_setup_plan import DOORS


class Room:
    """One integration with one door, nothing at work on it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], profile: str) -> None:
        self.environ = {"DREMPEL_DATA_DIR": str(folder / "data"), "DREMPEL_LOG_LEVEL": "error"}
        self.capsys = capsys
        self.resivo: Any = ResivoSimulator(profile=load_profile(profile))
        owner = self.resivo.add_site_owner()
        credential = self.resivo.add_credential(site_owner_id=owner.id)
        self.site = self.resivo.add_site(site_owner_id=owner.id)
        self.door = self.resivo.add_component(self.site.id, "Hall 1")
        begin = SystemClock().now().replace(microsecond=0) + timedelta(hours=1)
        self.window = AccessWindow(valid_from=begin, valid_to=begin + timedelta(hours=2))
        self.write = SetupWrite(
            sources=(
                DesiredSource(
                    name="club",
                    kind="ireserve",
                    base_url="http://ireserve",
                    username="drempel",
                    password="secret",
                    time_zone="Europe/Amsterdam",
                ),
            ),
            integrations=(
                DesiredIntegration(
                    name="doors",
                    kind="resivo",
                    source="club",
                    policy=DOORS.policy,
                    profile_json=profile_to_json(load_profile(profile)),
                    base_url="http://resivo",
                    site_owner_id=owner.id,
                    client_id=credential.client_id,
                    client_secret=credential.client_secret,
                    site_id=self.site.id,
                    mappings=(ObjectMapping(object_id="81", site_id=self.site.id, component_names=("Hall 1",)),),
                ),
            ),
        )
        self.marker = asyncio.run(self._prepare())

    async def _prepare(self) -> str:
        async with open_records(read_settings(self.environ, terminal=False)) as opened:
            await opened.store.write_setup(self.write)
            return (await opened.store.marker()).current

    def plant(self, name: str, authorization_id: str, **changes: Any) -> None:
        values = {
            "id": authorization_id,
            "site_id": self.site.id,
            "type": "remote-access",
            "display_name": name,
            "component_ids": [self.door.id],
            "valid_from": self.window.valid_from,
            "valid_to": self.window.valid_to,
            "created_at": self.window.valid_from,
        }
        self.resivo.state.put_authorization(Authorization(**{**values, **changes}))

    def record(self, booking: str, authorization_id: str) -> None:
        one = a_set(display_name=f"Hall 1 · dr-{self.marker}-club-{booking}-1", authorization_id=authorization_id)
        one = replace(one, intent=replace(one.intent, site_id=self.site.id, component_ids=(self.door.id,), window=self.window))

        def change(_record: BookingRecord, _sets: Any, _now: Any) -> Change:
            return Change(sets=[one])

        async def put() -> None:
            async with open_records(read_settings(self.environ, terminal=False)) as opened:
                await opened.store.amend("club", booking, change, may_add=True)

        asyncio.run(put())

    def sets_of(self, booking: str) -> tuple[AuthorizationSet, ...]:
        async def read() -> tuple[AuthorizationSet, ...]:
            async with open_records(read_settings(self.environ, terminal=False)) as opened:
                return (await opened.store.booking("club", booking)).sets

        return asyncio.run(read())

    def say(self, *arguments: str) -> Said:
        with pytest.raises(SystemExit) as leaving:
            run(list(arguments), machine=Machine(environ=self.environ, open_transport=self._network, watched=lambda: False))
        out, err = self.capsys.readouterr()
        return Said(leaving.value.code, out, err)  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def _network(self, _settings: Settings) -> AsyncIterator[Any]:
        yield InProcessTransport({"resivo": self.resivo.app})


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Room]:
    with logging_as_it_was():
        yield Room(tmp_path, capsys, "assumed-v8")


def test_when_both_sides_agree_the_exit_is_0_and_foreign_access_is_only_counted(room: Room) -> None:
    room.plant(f"Hall 1 · dr-{room.marker}-club-1363-1", "a1")
    room.record("1363", "a1")
    room.plant("Ada's birthday\x1b[2J", "by-hand", valid_to=None)
    said = room.say("audit")
    assert (said.code, said.err) == (0, "")
    assert said.lines == [f"doors at site {room.site.id}", "  agrees          1", "  foreign         1"]
    assert json.loads(room.say("audit", "--json").out)["sites"][0]["foreign"] == [
        {"id": "by-hand", "display_name": "Ada's birthday\x1b[2J"}
    ]


def test_what_does_not_agree_is_told_with_its_remedy_and_the_exit_is_1(room: Room) -> None:
    room.record("1", "gone")
    room.plant(f"Hall 1 · dr-{room.marker}-club-7-3", "orphan")
    said = room.say("audit")
    assert said.code == 1
    assert "  orphan  orphan  Hall 1 · dr-" in said.out
    assert "booking 7 of club; age unknown" in said.out
    assert "`drempel audit --adopt orphan` takes it in" in said.out
    assert "`drempel resolve club 1 --not-created`" in said.out
    found = json.loads(room.say("audit", "--json").out)
    assert [one["class"] for one in found["sites"][0]["findings"]] == ["orphan", "missing"]


def test_orders_are_one_line_and_stand_in_the_record_of_the_booking(room: Room) -> None:
    room.plant(f"Hall 1 · dr-{room.marker}-club-7-3", "orphan")
    room.plant(f"Hall 1 · dr-{room.marker}-club-8-1", "other")
    said = room.say("audit", "--adopt", "orphan")
    assert (said.code, len(said.lines)) == (0, 1)
    assert said.out.startswith("Ordered: the access orphan is now that of booking 7 of club")
    assert [(one.number, one.state, one.authorization_id) for one in room.sets_of("7")] == [(3, SetState.LIVE, "orphan")]
    assert room.say("audit", "--revoke", "other").code == 0
    assert [one.state for one in room.sets_of("8")] == [SetState.REVOKING]
    refused = room.say("audit", "--revoke", "orphan")
    assert (refused.code, refused.out) == (1, "")
    assert "say `drempel revoke club 7`" in refused.err


def test_a_resivo_that_does_not_answer_is_a_sentence_and_1(room: Room) -> None:
    room.resivo.faults.add(operation="list_authorizations", kind="refuse", times=None)
    said = room.say("audit")
    assert said.code == 1
    assert "not compared: Resivo" in said.out


def test_without_a_list_what_is_recorded_is_read_and_the_rest_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as_it_was():
        room = Room(tmp_path, capsys, "onegov-literal")
        room.plant(f"Hall 1 · dr-{room.marker}-club-1363-1", "a1")
        room.record("1363", "a1")
        said = room.say("audit")
    assert said.code == 0
    assert "This profile has no list" in said.out


def test_a_long_list_shows_how_far_it_is_on_standard_error_and_a_short_one_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    place = Place(site_id="s", integrations=("doors",), connection_ids=(1,))
    with progress_bar(shown=True) as progress:
        progress(place, 99, None)
    assert capsys.readouterr() == ("", "")
    with progress_bar(shown=True) as progress:
        progress(place, 100, None)
        progress(place, 250, 300)
    out, err = capsys.readouterr()
    assert out == ""
    assert "sets read again" in err
