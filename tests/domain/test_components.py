from __future__ import annotations

from drempel.domain.components import Ambiguous, Component, Missing, Resolved, resolve_components


def door(name: str, identity: str | None = None, *, online: bool | None = True) -> Component:
    return Component(id=identity or name.lower(), display_name=name, online=online)


def test_names_are_compared_exactly_after_trimming():
    doors = [door(" Hall 1 ", "h"), door("hall 1", "other")]
    assert resolve_components(["Hall 1"], doors) == Resolved(component_ids=("h",), names=("Hall 1",))


def test_ids_stand_in_mapping_order_and_a_name_given_twice_counts_once():
    doors = [door("A"), door("B")]
    resolved = resolve_components(["B", "A", "B"], doors)
    assert isinstance(resolved, Resolved)
    assert resolved.component_ids == ("b", "a")


def test_a_missing_name_wins_over_an_ambiguous_one():
    doors = [door("A", "1"), door("A", "2")]
    assert resolve_components(["A", "Z"], doors) == Missing(("Z",), ())
    assert resolve_components(["A"], doors) == Ambiguous(("A",))


def test_the_same_door_listed_twice_is_not_ambiguous():
    assert isinstance(resolve_components(["A"], [door("A", "1"), door("A", "1")]), Resolved)


def test_an_ambiguous_name_that_nobody_asked_for_does_not_matter():
    assert isinstance(resolve_components(["B"], [door("A", "1"), door("A", "2"), door("B")]), Resolved)


def test_near_names_are_suggested_without_regard_to_case():
    assert resolve_components(["main entrance"], [door("Main Entrance"), door("Cellar")]) == Missing(
        ("main entrance",), ("Main Entrance",)
    )


def test_none_online_only_if_all_are_known_to_be_offline():
    offline, unsure = door("A", online=False), door("B", online=None)
    alone = resolve_components(["A"], [offline])
    assert isinstance(alone, Resolved)
    assert alone.none_online
    both = resolve_components(["A", "B"], [offline, unsure])
    assert isinstance(both, Resolved)
    assert not both.none_online
    assert (both.offline_ids, both.unsure_ids) == ({"a"}, {"b"})
