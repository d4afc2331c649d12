"""The pages for people: the portal's overview, the landing page behind a door link, the controls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.resivo import ResivoSimulator, seed_demo
from drempel.transport import Response
from tests.simulators.resivo.callers import NOW, Caller, make_caller, read


async def page(caller: Caller, path: str) -> str:
    answer = await caller.send("GET", path, headers={})
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.body.decode()


async def press(caller: Caller, path: str, **fields: str) -> Response:
    caller.token = ""
    return await caller.form(path, **fields)


async def test_the_overview_shows_doors_sets_and_outbox() -> None:
    caller = await make_caller()
    assert "Nothing was sent yet." in await page(caller, "/")
    await caller.create()
    html = await page(caller, "/")
    for text in ("Sportpark Zuid", "Hall 1", "offline", "ireserve-3691-1", "active, not yet begun", "ada@example.com", "SMS"):
        assert text in html
    assert caller.sim.outbox[0].door_link in html
    assert "Sat 14 Mar 2026 09:45 CET" in html


async def test_everything_is_escaped() -> None:
    caller = await make_caller()
    evil = '"><script>alert(1)</script>'
    caller.sim.rename_component(caller.doors[0], evil)
    caller.sim.state.sites[caller.site.id].display_name = evil
    await caller.create(displayName=evil, recipients=[{"email": f"{evil}@x.nl"}])
    caller.sim.add_component(caller.site.id, "odd id", component_id="../../x?y#z")
    for path in ("/", caller.sim.outbox[0].door_link or ""):
        html = await page(caller, path)
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


async def test_a_press_opens_the_door_and_says_so_after_a_redirect() -> None:
    caller = await make_caller()
    await caller.create()
    caller.sim.clock.advance(timedelta(hours=1))
    link = caller.sim.outbox[0].door_link or ""
    assert "Open Main entrance" in await page(caller, link)
    answer = await press(caller, f"{link}/{caller.doors[0]}")
    assert (answer.status, answer.headers["location"]) == (303, f"{link}?pressed=1")
    assert "Main entrance: the door opens." in await page(caller, f"{link}?pressed=1")
    assert "open now" in await page(caller, "/")
    assert await page(caller, f"{link}?pressed=1")
    assert len(caller.sim.state.openings) == 1


@pytest.mark.parametrize(
    ("hours", "sentence", "reason"),
    [
        (0, "It is too early", "stays shut: it is too early."),
        (4, "The time of this access is over.", "stays shut: the time is over."),
    ],
)
async def test_a_door_that_stays_shut_says_why(hours: int, sentence: str, reason: str) -> None:
    caller = await make_caller()
    await caller.create()
    caller.sim.clock.advance(timedelta(hours=hours))
    link = caller.sim.outbox[0].door_link or ""
    assert sentence in await page(caller, link)
    await press(caller, f"{link}/{caller.doors[0]}")
    assert reason in await page(caller, f"{link}?pressed=1")


async def test_the_press_of_one_visitor_is_not_shown_to_another() -> None:
    caller = await make_caller()
    await caller.create()
    await caller.create(recipients=[{"email": "bob@example.com"}])
    first, second = caller.sim.outbox[0].door_link or "", caller.sim.outbox[2].door_link or ""
    await press(caller, f"{first}/{caller.doors[0]}")
    for number in ("1", "0", "2", "x", "99999999999999999999", "-1", "٣"):
        assert "stays shut:" not in await page(caller, f"{second}?pressed={number}")


async def test_an_unknown_link_opens_nothing() -> None:
    caller = await make_caller()
    assert (await caller.send("GET", "/open/unknown")).status == 404
    assert (await press(caller, "/open/unknown/door")).status == 404


async def test_the_portal_renames_takes_offline_renews_and_removes() -> None:
    caller = await make_caller()
    door = caller.doors[0]
    assert (await press(caller, f"/portal/components/{door}/rename", display_name=" Front ")).headers["location"] == "/"
    await press(caller, f"/portal/components/{door}/rename", display_name="  ")
    assert caller.sim.state.components[door].display_name == "Front"
    await press(caller, f"/portal/components/{door}/offline")
    assert not caller.sim.state.components[door].online
    await press(caller, f"/portal/components/{door}/online")
    assert caller.sim.state.components[door].online
    await press(caller, f"/portal/components/{door}/renew")
    assert door not in caller.sim.state.components
    assert (await press(caller, f"/portal/components/{door}/remove")).status == 404
    await press(caller, f"/portal/components/{caller.doors[1]}/remove")
    assert len(caller.sim.state.components) == 2
    assert (await press(caller, f"/portal/components/{caller.doors[2]}/explode")).status == 404


async def test_the_portal_revokes_and_deletes() -> None:
    caller = await make_caller()
    identity = read(await caller.create())["id"]
    assert (await press(caller, f"/portal/authorizations/{identity}/revoke")).status == 303
    assert caller.sim.live() == []
    again = await press(caller, f"/portal/authorizations/{identity}/revoke")
    assert b"already revoked" in again.body
    assert (await press(caller, f"/portal/authorizations/{identity}/delete")).status == 303
    assert (await press(caller, f"/portal/authorizations/{identity}/delete")).status == 404


async def test_the_controls_are_documented_on_one_page() -> None:
    caller = await make_caller()
    html = await page(caller, "/_sim/")
    paths = {
        route.path.replace("{id}", "")
        for route in caller.sim.app.routes_for_people
        if route.path.startswith("/_sim/") and route.path != "/_sim/"
    }
    for path in paths - {"/_sim/style.css"}:
        assert path.removesuffix("/renew").removesuffix("/revoke").removesuffix("/") in html
    for kind in ("status", "refuse", "lost_before", "lost_after", "late", "hold_before", "hold_after", "slow"):
        assert kind in html


async def test_pages_load_nothing_from_elsewhere_and_run_no_script() -> None:
    caller = await make_caller()
    answer = await caller.send("GET", "/", headers={})
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert b"<script" not in answer.body
    style = await caller.send("GET", "/_sim/style.css", headers={})
    assert style.headers["content-type"].startswith("text/css")
    assert b"prefers-color-scheme: dark" in style.body
    assert b"http" not in style.body


async def test_the_demo_has_one_site_with_an_offline_storage() -> None:
    sim = ResivoSimulator(clock=SimulatorClock(frozen_at=NOW), seed=None)
    demo = seed_demo(sim)
    assert demo.components.keys() >= {"Main entrance", "Hall 1", "Hall 2", "Storage"}
    assert not sim.state.components[demo.components["Storage"]].online
    assert sim.state.credentials[demo.client_id].client_secret == demo.client_secret
    assert sim.state.sites[demo.site_id].time_zone == "Europe/Amsterdam"
