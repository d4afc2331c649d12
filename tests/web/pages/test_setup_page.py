"""The set-up can be read, and nothing in it can be pressed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drempel.domain.rights import Role
from drempel.engine.setup import ConnectionSetup, IntegrationSetup, Setup
from tests.engine.stand_in import CLUB
from tests.factories import make_mapping, make_policy
from tests.web.pages.browser import HOSTILE, Browser, Counting

DOORS = IntegrationSetup(
    name="doors",
    kind="resivo",
    source="club",
    paused=False,
    policy=make_policy(),
    policy_version=1,
    mappings=(make_mapping("Main entrance", HOSTILE),),
    connection_id=1,
    site_id="site-1",
)
CONNECTION = ConnectionSetup(
    id=1,
    integration="doors",
    base_url=None,
    site_owner_id=HOSTILE,
    client_id="client-1",
    profile_json="{}",
    current=True,
    secret_version=1,
)


def set_up(integration: IntegrationSetup = DOORS) -> Setup:
    return Setup(version=1, sources={"club": CLUB}, integrations={"doors": integration}, connections={1: CONNECTION})


async def test_sources_integrations_and_mapping_are_shown() -> None:
    page = await Browser(Counting(setup=set_up())).page("/setup")
    for text in (
        "https://club.i-reserve.net",
        "Trigger statuses20 30",
        "Time before15 min",
        "custom05",
        "Main entrance",
        "client-1",
    ):
        assert text in page.text
    assert page.text.count("<script>alert(1)</script>") == 2
    assert page.forms == []


@pytest.mark.parametrize(
    ("integration", "word"),
    [
        (DOORS, "Active"),
        (replace(DOORS, paused=True), "Paused"),
        (replace(DOORS, policy=make_policy(active=False), mappings=(), site_id=None, connection_id=9), "Inactive"),
    ],
)
async def test_an_integration_says_whether_it_works(integration: IntegrationSetup, word: str) -> None:
    page = await Browser(Counting(setup=set_up(integration))).page("/setup")
    assert f"doors {word}" in page.text


async def test_nothing_set_up_is_a_page_too() -> None:
    assert "None is set up yet." in (await Browser(Counting(setup=Setup(version=1))).page("/setup")).text


async def test_a_paused_integration_is_told_where_a_person_is_needed() -> None:
    page = await Browser(Counting(setup=set_up(replace(DOORS, paused=True)))).page("/needs")
    assert "Integration doors is paused" in page.text


async def test_who_looks_is_told_who_may_change_it_and_sees_no_ids_of_credentials() -> None:
    page = await Browser(Counting(setup=set_up()), role=Role.RECEPTION).page("/setup")
    assert "client-1" not in page.text
    assert "It is changed with drempel apply FILE." in page.text
