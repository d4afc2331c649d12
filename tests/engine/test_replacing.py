"""Which live access was made under older rules, and the order that replaces it: asked of each booking anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.domain.access import SetState
from drempel.domain.components import Component
from drempel.domain.mapping import ObjectMapping
from drempel.engine.ports import BookingRecord
from drempel.engine.replacing import concerns, differs, mark_differing, only_renamed
from drempel.engine.setup import IntegrationSetup
from tests.engine.stand_in import NOW, a_set, a_view
from tests.web.pages.test_setup_page import DOORS

START = NOW + timedelta(hours=1)


def booked() -> BookingRecord:
    view = a_view("1363", sets=[a_set()], status="20", object_id="81", start=START, end=START + timedelta(hours=2))
    return view.record


def fitting() -> IntegrationSetup:
    """An integration under which the set of the stand-in would be made as it is."""
    one = a_set()
    mapping = ObjectMapping(object_id="81", site_id=one.intent.site_id, component_names=one.intent.component_names)
    policy = replace(DOORS.policy, time_before=START - one.intent.window.valid_from)
    return replace(DOORS, name=one.integration, policy=policy, mappings=(mapping,))


def test_what_would_be_made_the_same_does_not_differ() -> None:
    one = a_set()
    assert not differs(booked(), one, fitting(), now=NOW)


@pytest.mark.parametrize("what", ["time before", "doors"])
def test_another_window_or_other_doors_differ(what: str) -> None:
    rules, one = fitting(), a_set()
    if what == "time before":
        rules = replace(rules, policy=replace(rules.policy, time_before=rules.policy.time_before + timedelta(minutes=15)))
    else:
        rules = replace(rules, mappings=(replace(rules.mappings[0], component_names=("Back door",)),))
    record = booked()
    assert differs(record, one, rules, now=NOW)
    change = mark_differing(record, [one], rules, now=NOW)
    assert [each.issue_again for each in change.sets] == [True]
    assert record.retry_ordered
    assert mark_differing(record, change.sets, rules, now=NOW).sets == [], "once is once"


def test_a_change_is_about_the_sets_whose_doors_it_changes_or_by_its_rules_about_all() -> None:
    record, one, rules = booked(), a_set(), fitting()
    other = ObjectMapping(object_id="82", site_id="site-1", component_names=("Back door",))
    assert not concerns(record, one, rules, replace(rules, mappings=(*rules.mappings, other)))
    assert not concerns(record, one, rules, replace(rules, policy=replace(rules.policy, active=not rules.policy.active)))
    assert concerns(record, one, rules, named(rules, "Zaal 1"))
    assert concerns(record, one, rules, replace(rules, mappings=()))
    assert concerns(record, one, rules, replace(rules, policy=replace(rules.policy, time_before=timedelta(minutes=1))))
    over = replace(one, state=SetState.ENDED)
    assert not concerns(record, over, rules, replace(rules, mappings=()))


def test_the_same_door_by_another_name_does_not_differ() -> None:
    record, one, rules = booked(), a_set(), named(fitting(), "Zaal 1")
    doors = {"site-1": [door("c1", "Zaal 1"), door("c2", "Main entrance")]}
    assert not differs(record, one, rules, now=NOW, doors=doors)
    assert only_renamed(record, one, rules, now=NOW, doors=doors)
    assert mark_differing(record, [one], rules, now=NOW, doors=doors).sets == []


def test_another_door_under_the_same_name_differs_and_so_does_another_window_of_a_renamed_one() -> None:
    record, one = booked(), a_set()
    assert differs(record, one, fitting(), now=NOW, doors={"site-1": [door("c9", "Main entrance")]})
    renamed = named(fitting(), "Zaal 1")
    earlier = replace(renamed, policy=replace(renamed.policy, time_before=timedelta(minutes=59)))
    doors = {"site-1": [door("c1", "Zaal 1")]}
    assert differs(record, one, earlier, now=NOW, doors=doors)
    assert not only_renamed(record, one, earlier, now=NOW, doors=doors)


def test_where_no_id_is_known_for_the_new_name_the_name_alone_tells() -> None:
    record, one, rules = booked(), a_set(), named(fitting(), "Zaal 1")
    for doors in ({}, {"site-1": []}, {"site-1": [door("c1", "Zaal 1"), door("c2", "Zaal 1")]}):
        assert differs(record, one, rules, now=NOW, doors=doors)
        assert not only_renamed(record, one, rules, now=NOW, doors=doors)
    assert not differs(record, one, fitting(), now=NOW, doors={"site-1": []})


def test_an_adopted_access_that_lacks_what_resivo_dropped_does_not_differ() -> None:
    record, one, rules = booked(), replace(a_set(), dropped_ids=frozenset({"c2"})), fitting()
    both = replace(rules.mappings[0], component_names=("Main entrance", "Hall 1"))
    doors = {"site-1": [door("c1", "Main entrance"), door("c2", "Hall 1")]}
    assert not differs(record, one, replace(rules, mappings=(both,)), now=NOW, doors=doors)


def named(rules: IntegrationSetup, name: str) -> IntegrationSetup:
    return replace(rules, mappings=(replace(rules.mappings[0], component_names=(name,)),))


def door(component_id: str, name: str) -> Component:
    return Component(id=component_id, display_name=name)


@pytest.mark.parametrize("case", ["revoked", "unmapped", "over", "withheld", "of another", "revoke status"])
def test_what_would_not_be_made_at_all_is_left_alone(case: str) -> None:
    rules, one = fitting(), a_set()
    rules = replace(rules, policy=replace(rules.policy, time_before=timedelta(minutes=59)))
    record = booked()
    if case == "revoked":
        one = replace(one, state=SetState.REVOKED)
    elif case == "unmapped":
        rules = replace(rules, mappings=())
    elif case == "over":
        record.end = NOW
    elif case == "withheld":
        record.withheld = True
    elif case == "of another":
        one = replace(one, integration="elsewhere")
    else:
        record.status = min(rules.policy.revoke_statuses)
    assert not differs(record, one, rules, now=NOW)
    assert mark_differing(record, [one], rules, now=NOW).events == []


def test_while_the_doors_cannot_be_read_another_name_alone_is_no_older_rule() -> None:
    """The door was renamed and mapped anew; then Resivo was down, or a second door got the name."""
    rules = replace(fitting(), mappings=(replace(fitting().mappings[0], component_names=("Zaal 1",)),))
    assert differs(booked(), a_set(), rules, now=NOW)
    assert not differs(booked(), a_set(), rules, now=NOW, by_names=False)
    later = replace(rules, policy=replace(rules.policy, time_before=rules.policy.time_before + timedelta(minutes=15)))
    assert differs(booked(), a_set(), later, now=NOW, by_names=False), "the window tells all the same"
