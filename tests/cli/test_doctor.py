from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drempel.adapters.clock import SystemClock
from drempel.domain.access import BookingState
from drempel.domain.mapping import ObjectMapping
from drempel.engine.ports import Pause
from drempel.engine.records import Brake, StoredSecrets
from drempel.engine.setup import DesiredIntegration, DesiredSource, Setup
from drempel.engine.setup_plan import DesiredSetup
from drempel.resivo import load_profile, profile_to_json
from drempel.simulators.ireserve import ACCOUNT, ACCOUNT_PASSWORD, IReserveSimulator
from drempel.simulators.ireserve import seed_demo as seed_ireserve
from drempel.simulators.resivo import ResivoSimulator
from drempel.simulators.resivo import seed_demo as seed_resivo
from drempel.transport import Request, Response
from drempel.transport.in_process import InProcessTransport
from tests.cli.saying import Desk
from tests.engine.setups import secrets_of, setup_of
from tests.engine.stand_in import NOW
from tests.engine.test_setup_plan import DOORS

DREMPEL, IRESERVE, RESIVO = "drempel.test", "ireserve.test", "resivo.test"


async def drempel_answers(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'{"status":"alive"}'})


@pytest.fixture
def well(desk: Desk) -> Desk:
    """Everything as it should be, with both simulators in process."""
    resivo, ireserve = ResivoSimulator(), IReserveSimulator()
    demo = seed_resivo(resivo)
    seed_ireserve(ireserve)
    wanted = DesiredSetup(
        sources=(
            DesiredSource(
                name="club",
                kind="ireserve",
                base_url=f"http://{IRESERVE}",
                username=ACCOUNT,
                password=ACCOUNT_PASSWORD,
                time_zone="Europe/Amsterdam",
            ),
        ),
        integrations=(
            DesiredIntegration(
                name="doors",
                kind="resivo",
                source="club",
                policy=DOORS.policy,
                profile_json=profile_to_json(load_profile("assumed-v8")),
                base_url=f"http://{RESIVO}",
                site_owner_id=demo.site_owner_id,
                client_id=demo.client_id,
                client_secret=demo.client_secret,
                mappings=(ObjectMapping(object_id="81", site_id=demo.site_id, component_names=("Main entrance", "Hall 1")),),
            ),
        ),
    )
    desk.records.current, desk.records.secrets = setup_of(wanted), secrets_of(wanted)
    desk.store.time = SystemClock().now()
    desk.transport = InProcessTransport({DREMPEL: drempel_answers, IRESERVE: ireserve.app, RESIVO: resivo.app})
    desk.environ = {"DREMPEL_PUBLIC_URL": f"https://{DREMPEL}"}
    return desk


def changed_mapping(desk: Desk, **changes: Any) -> None:
    doors = desk.records.current.integrations["doors"]
    mapping = replace(doors.mappings[0], **changes)
    desk.records.current = replace(desk.records.current, integrations={"doors": replace(doors, mappings=(mapping,))})


def test_when_all_is_well_every_line_is_ok_and_the_exit_is_0(well: Desk) -> None:
    said = well.say("doctor")
    assert {line.split()[0] for line in said.lines} == {"ok"}, said.out
    assert said.code == 0
    for subject in ("settings", "database", "schema", "clock", "hook", "source club", "integration doors"):
        assert f" {subject}: " in said.out


def test_wrong_settings_are_problems(desk: Desk) -> None:
    desk.environ = {"DREMPEL_LOG_LEVEL": "loud"}
    said = desk.say("doctor")
    assert said.code == 1
    assert said.lines[0].startswith("problem  settings: DREMPEL_LOG_LEVEL")


def test_a_database_that_refuses_is_a_problem(desk: Desk) -> None:
    desk.refused = "The database cannot be reached (Connection refused). Check DREMPEL_DATABASE_URL."
    said = desk.say("doctor")
    assert said.code == 1
    assert "problem  database: The database cannot be reached" in said.out


@pytest.mark.parametrize(("state", "says"), [("older", "drempel migrate"), ("newer", "later version")])
def test_another_schema_is_a_problem_and_ends_there(well: Desk, state: str, says: str) -> None:
    well.store.state = state
    said = well.say("doctor")
    assert said.code == 1
    assert says in said.lines[-1]


def test_a_clock_that_differs_is_a_problem(well: Desk) -> None:
    well.store.time -= timedelta(seconds=90)
    said = well.say("doctor")
    assert said.code == 1
    assert re.search(r"problem  clock: this machine and the database differ by (9|1\d)\d s", said.out), (
        "on a slow machine somewhat more"
    )


def test_a_refused_account_is_a_problem(well: Desk) -> None:
    well.records.secrets = replace(well.records.secrets, source_passwords={"club": "wrong"})
    said = well.say("doctor")
    assert said.code == 1
    assert "problem  source club: http://ireserve.test: it refuses the account" in said.out
    assert "wrong" not in said.out


def test_a_refused_credential_is_a_problem(well: Desk) -> None:
    well.records.secrets = StoredSecrets(
        source_passwords=well.records.secrets.source_passwords, client_secrets={1: "wrong-secret"}
    )
    said = well.say("doctor")
    assert said.code == 1
    assert "problem  integration doors: Resivo: it refuses the credential" in said.out
    assert "wrong-secret" not in said.out


def test_a_mapped_name_that_no_door_has_is_a_problem_with_near_names(well: Desk) -> None:
    changed_mapping(well, component_names=("Main entrnce",))
    said = well.say("doctor")
    assert said.code == 1
    assert "no door at site" in said.out
    assert "Similar names: Main entrance." in said.out


def test_a_door_that_is_offline_is_a_warning(well: Desk) -> None:
    changed_mapping(well, component_names=("Main entrance", "Storage"))
    said = well.say("doctor")
    assert said.code == 0
    assert "these doors are offline: Storage." in said.out


def test_no_name_of_a_door_steers_the_terminal(well: Desk) -> None:
    changed_mapping(well, component_names=("Main entrance\x1b[31m", "Main\x07\r"))
    said = well.say("doctor")
    assert "Main entrance" in said.out
    assert all(line.isprintable() for line in said.lines)


def test_a_site_that_the_credential_does_not_reach_is_a_problem(well: Desk) -> None:
    changed_mapping(well, site_id="other-site")
    said = well.say("doctor")
    assert said.code == 1
    assert "does not reach site other-site" in said.out


def test_an_object_that_the_source_does_not_know_is_a_warning(well: Desk) -> None:
    changed_mapping(well, object_id="4711")
    said = well.say("doctor")
    assert said.code == 0
    assert "it knows no object 4711" in said.out


def test_an_address_that_nothing_answers_at_is_a_warning(well: Desk) -> None:
    well.environ = {"DREMPEL_PUBLIC_URL": "https://elsewhere.test"}
    said = well.say("doctor")
    assert said.code == 0
    assert "warning  hook: nothing answers at https://elsewhere.test" in said.out


class SomethingElse:
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def send(self, request: Request) -> Response:
        return Response(status=200, body=b"<html>") if request.url.endswith("/healthz") else await self.inner.send(request)


def test_another_program_at_our_address_is_a_warning(well: Desk) -> None:
    well.transport = SomethingElse(well.transport)
    assert "answers something else than Drempel" in well.say("doctor").out


def test_a_loopback_address_for_a_source_elsewhere_is_a_warning(well: Desk) -> None:
    well.environ = {}
    assert "which club cannot reach" in well.say("doctor").out


def test_levers_that_stand_and_bookings_that_wait_are_warnings(well: Desk) -> None:
    async def counts() -> dict[BookingState, int]:
        return {BookingState.NEEDS_PERSON: 2}

    well.records.count_by_state = counts  # type: ignore[method-assign]
    well.records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    well.store.pause_list = {
        "connection:1": Pause(key="connection:1", code="credential.refused", detail="401", since=NOW, probe_at=NOW)
    }
    doors = well.records.current.integrations["doors"]
    well.records.current = replace(well.records.current, integrations={"doors": replace(doors, paused=True)})
    said = well.say("doctor")
    assert said.code == 0
    for expected in ("2 need a person", "that of club holds", "credential.refused", "is paused"):
        assert expected in said.out


def test_nothing_set_up_yet_is_a_warning(well: Desk) -> None:
    well.records.current = Setup(version=0)
    said = well.say("doctor")
    assert said.code == 0
    assert "warning  set-up: nothing is set up yet" in said.out
