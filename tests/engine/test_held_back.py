"""Which pauses wait for a person, told by the names of the set-up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.engine.held_back import Place, held_back
from drempel.engine.ports import Pause
from drempel.engine.setup import ConnectionSetup, Setup
from tests.engine.stand_in import CLUB, NOW

CONNECTION = ConnectionSetup(
    id=7, integration="doors", base_url=None, site_owner_id="o", client_id="c", profile_json="{}", current=True, secret_version=1
)
SETUP = Setup(version=1, sources={"club": CLUB}, connections={7: CONNECTION})


def a_pause(key: str, code: str, minutes: int = 0) -> Pause:
    return Pause(key=key, code=code, detail="401", since=NOW + timedelta(minutes=minutes), probe_at=NOW)


@pytest.mark.parametrize(
    ("key", "code", "place", "name", "message"),
    [
        ("source:club", "source.refused", Place.SOURCE, "club", "The booking system club refuses our account (401)."),
        ("credential:7", "credential.refused", Place.CREDENTIAL, "doors", "credential of integration doors (401)."),
        ("site:7:hall:north", "site.refused", Place.SITE, "doors", "may not use site hall:north (401)."),
        ("credential:8", "credential.refused", Place.CREDENTIAL, "8", "credential of integration 8 (401)."),
    ],
)
def test_a_pause_is_told_by_names(key: str, code: str, place: Place, name: str, message: str) -> None:
    (found,) = held_back([a_pause(key, code)], SETUP)
    assert (found.key, found.place, found.name) == (key, place, name)
    assert message in found.failure.message


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("throttle:credential:7", "resivo.busy"),
        ("source:club", "source.unreachable"),
        ("source:club", "of.another.version"),
        ("x", "site.refused"),
    ],
)
def test_what_goes_by_itself_waits_for_nobody(key: str, code: str) -> None:
    assert held_back([a_pause(key, code)], SETUP) == []


def test_the_oldest_comes_first() -> None:
    found = held_back([a_pause("source:club", "source.refused", 5), a_pause("credential:7", "credential.refused")], SETUP)
    assert [one.key for one in found] == ["credential:7", "source:club"]
