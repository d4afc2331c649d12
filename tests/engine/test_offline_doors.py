"""Doors with access that are offline: kept at each look of the slow loop for people to see, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from drempel.domain.access import BookingState, SetState
from drempel.domain.components import Component
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors, offline_of, seen_offline
from drempel.engine.ports import DoorsInUse
from tests.engine.stand_in import NOW, a_set
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN

LATER = NOW + timedelta(minutes=1)
USED = DoorsInUse(
    key="k",
    component_ids=frozenset({"c1", "c2"}),
    component_names=("Main entrance", "Hall 1"),
    dropped_ids=frozenset({"c2"}),
    adds_dropped=False,
)


def look(*doors: OfflineDoor) -> OfflineDoors:
    return OfflineDoors(connection_id=1, site_id="site-1", looked_at=NOW, doors=doors)


def door(component_id: str = "c1", name: str = "Main entrance") -> OfflineDoor:
    return OfflineDoor(component_id=component_id, name=name, since=NOW)


def shown(component_id: str, *, online: bool | None) -> Component:
    return Component(id=component_id, display_name=" Main entrance ", online=online)


def test_only_doors_that_live_access_was_made_for_and_of_which_resivo_says_so_are_offline() -> None:
    seen = seen_offline([shown(number, online=False) for number in ("c1", "c2", "c3")], [USED], before=None, now=NOW)
    assert seen == (door(), door("c2"))
    assert seen_offline([shown("c1", online=None)], [USED], before=None, now=NOW) == ()
    assert seen_offline([shown("c1", online=True)], [USED], before=look(door()), now=NOW) == ()


def test_since_when_is_kept_from_look_to_look_but_never_lies_ahead() -> None:
    (seen,) = seen_offline([shown("c1", online=False)], [USED], before=look(door()), now=LATER)
    assert seen.since == NOW
    ahead = replace(door(), since=NOW + timedelta(days=1))
    assert seen_offline([shown("c1", online=False)], [USED], before=look(ahead), now=NOW) == (door(),)


def test_a_set_is_told_of_its_own_doors_at_its_own_site_while_it_is_live() -> None:
    one = a_set()
    found = offline_of(one, [look(door(name="Renamed"), door("c9", "Elsewhere"))])
    assert found == look(door())
    assert offline_of(one, [look(door("c9"))]) is None
    assert offline_of(one, [replace(look(door()), connection_id=2), replace(look(door()), site_id="site-2")]) is None
    assert offline_of(replace(one, dropped_ids=frozenset({"c1"})), [look(door())]) is None
    assert offline_of(replace(one, state=SetState.REVOKING), [look(door())]) is None


async def test_a_door_that_goes_offline_after_access_was_given_is_kept_until_it_is_back(stage: Stage) -> None:
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.work()
    hall = stage.world.component_ids["Hall 1"]
    await stage.pass_time(120, sweep=True)
    assert await stage.store.offline_doors() == []
    stage.resivo.set_online(hall, False)
    await stage.pass_time(120, sweep=True)
    (first,) = await stage.store.offline_doors()
    assert [one.name for one in first.doors] == ["Hall 1"]
    await stage.pass_time(120, sweep=True)
    (second,) = await stage.store.offline_doors()
    assert second.looked_at > first.looked_at
    assert second.doors == first.doors
    assert (await stage.state(booking), stage.made(booking)) == (BookingState.GRANTED, 1)
    stage.resivo.set_online(hall, True)
    await stage.pass_time(120, sweep=True)
    assert await stage.store.offline_doors() == []
    assert stage.made(booking) == 1


async def test_where_nothing_has_access_any_more_nothing_is_kept_of_its_doors(stage: Stage) -> None:
    booking = stage.book()
    await stage.work()
    stage.resivo.set_online(stage.world.component_ids["Hall 1"], False)
    await stage.pass_time(120, sweep=True)
    assert await stage.store.offline_doors()
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(120, sweep=True)
    assert stage.live(booking) == []
    assert await stage.store.offline_doors() == []
