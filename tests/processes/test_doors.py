"""Doors that are renamed, gone, doubled or migrated, and doors at two sites."""

from __future__ import annotations

import pytest

from tests.processes.programs import eventually
from tests.processes.world import NORTH, SOUTH, World

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]


async def test_a_renamed_door_asks_for_a_person_and_names_the_one_that_is_meant(club: World) -> None:
    await club.granted(club.confirmed())
    club.resivo.rename_component(f"{SOUTH}.court-1", "Court 1a")
    await club.doors_read()
    visit = club.confirmed("84")
    seen = await club.until(visit, "needs_person", "component.missing")
    assert "Court 1" in seen["failure"]["message"]
    assert "Court 1a" in seen["failure"]["remedy"]
    club.resivo.rename_component(f"{SOUTH}.court-1", "Court 1")
    await club.doors_read()
    assert visit.id in await club.order(f"/bookings/club/{visit.id}/retry")
    await club.granted(visit)


async def test_a_door_that_is_gone_asks_for_a_person_and_what_is_live_stays(club: World) -> None:
    had = club.confirmed("85")
    await club.granted(had)
    [kept] = club.live(had)
    club.resivo.remove_component(f"{SOUTH}.court-2")
    await club.doors_read()
    visit = club.confirmed("85")
    await club.until(visit, "needs_person", "component.missing")
    assert club.sets(visit) == []
    await club.hint(had)
    await club.until(had, "needs_person", "component.missing")
    assert club.live(had) == [kept]
    club.resivo.add_component(SOUTH, "Court 2", component_id=f"{SOUTH}.court-2")
    await club.doors_read()
    await club.hint(had, visit)
    await club.granted(had, visit)


async def test_two_doors_of_one_name_ask_for_a_person(club: World) -> None:
    twin = club.resivo.add_component(SOUTH, "Court 3")
    await club.doors_read()
    visit = club.confirmed("86")
    seen = await club.until(visit, "needs_person", "component.ambiguous")
    assert "Court 3" in seen["failure"]["message"]
    assert club.sets(visit) == []
    club.resivo.remove_component(twin.id)
    await club.doors_read()
    await club.hint(visit)
    await club.granted(visit)


async def test_a_door_that_gets_a_new_id_is_replaced_though_no_hint_comes(club: World) -> None:
    visit = club.confirmed("87")
    await club.granted(visit)
    [old] = club.live(visit)
    door = club.resivo.renew_component_id(f"{SOUTH}.court-4")
    await eventually(lambda: [one.component_ids for one in club.live(visit)] == [[door.id]], saying=club.told)
    await club.granted(visit, messages=2)
    assert not old.live(club.resivo.clock.now())


async def test_an_object_with_doors_at_two_sites_has_a_set_at_each_and_both_ids_in_the_field(club: World) -> None:
    visit = club.confirmed("83")
    await club.granted(visit, sites=2)
    assert {one.site_id for one in club.live(visit)} == {SOUTH, NORTH}
    club.reschedule(visit)
    await eventually(lambda: len(club.sets(visit)) == 4 and len(club.live(visit)) == 2, saying=club.told)
    await club.granted(visit, sites=2, messages=2)
    club.cancel(visit)
    await club.revoked(visit, messages=4)


async def test_an_object_without_doors_gets_nothing_and_asks_nobody(club: World) -> None:
    visit = club.confirmed("99")
    seen = await club.read(visit, "20")
    assert (seen["state"], seen["failure"], club.sets(visit)) == ("none", None, [])
