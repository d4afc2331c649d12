"""The table of design section 2, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.domain.access import ENDED_ELSEWHERE, SetState
from drempel.domain.components import Component
from drempel.domain.decision import (
    CreateAccess,
    KeepAccess,
    LeaveAlone,
    Presence,
    ReplaceAccess,
    ResolveFirst,
    RevokeAccess,
    decide,
)
from drempel.domain.failures import Failure, Next
from drempel.domain.owed import NOT_REPLACED
from drempel.domain.policy import FollowChanges
from tests.factories import (
    END,
    HALL,
    MAIN,
    NOW,
    SITE,
    START,
    STORAGE,
    make_booking,
    make_components,
    make_facts,
    make_intent,
    make_mapping,
    make_policy,
    make_set,
    make_situation,
    make_visitor,
)

HOUR = timedelta(hours=1)


# ------------------------------------------------------------------------------------------------------------ nothing is live yet


def test_a_trigger_status_creates_access_for_the_mapped_doors_from_time_before_until_the_end():
    decision = decide(make_situation())
    assert isinstance(decision, CreateAccess)
    assert decision.want.intent.component_ids == (MAIN, HALL)
    assert decision.want.intent.window.valid_from == START - timedelta(minutes=15)
    assert decision.want.intent.window.valid_to == END
    assert decision.want.emails == ("ada@example.com",)
    assert decision.want.phone_numbers == ("+31612345678",)


@pytest.mark.parametrize("status", ["10", "40", "99", "", "020"])
def test_a_status_that_is_neither_trigger_nor_revoke_creates_nothing(status):
    assert decide(make_situation(booking=make_booking(status=status))) == LeaveAlone("status.neither_trigger_nor_revoke")


@pytest.mark.parametrize("status", ["70", "80"])
def test_a_revoke_status_without_access_calls_nothing(status):
    assert decide(make_situation(booking=make_booking(status=status))) == LeaveAlone("status.revoke")


def test_a_booking_that_is_over_at_its_trigger_gets_nothing():
    assert decide(make_situation(now=END)) == LeaveAlone("booking.over")


def test_a_booking_that_has_started_gets_access_at_once_and_its_window_does_not_depend_on_when_we_look():
    late = decide(make_situation(now=START + HOUR))
    early = decide(make_situation())
    assert isinstance(late, CreateAccess)
    assert isinstance(early, CreateAccess)
    assert late.want.intent == early.want.intent


def test_an_object_without_mapping_is_left_alone():
    assert decide(make_situation(mapping=None)) == LeaveAlone("object.unmapped")


def test_an_inactive_integration_creates_nothing():
    assert decide(make_situation(policy=make_policy(active=False))) == LeaveAlone("integration.inactive")


def test_what_the_first_poll_found_gets_nothing_until_a_person_says_so():
    assert decide(make_situation(existing=True)) == LeaveAlone("booking.existing")


def test_the_doors_are_read_before_a_create_is_decided():
    assert decide(make_situation(resolution=None)) == ResolveFirst()


def test_a_missing_name_needs_a_person_and_names_what_looks_alike():
    decision = decide(make_situation(mapping=make_mapping("Main entrence")))
    assert isinstance(decision, Failure)
    assert decision.code == "component.missing"
    assert decision.next is Next.ASK_A_PERSON
    assert decision.params["near"] == "Main entrance"


def test_a_name_that_two_doors_have_is_never_guessed():
    doors = [*make_components(), Component(id="c-other", display_name="Hall 1", online=True)]
    decision = decide(make_situation(components=doors))
    assert isinstance(decision, Failure)
    assert decision.code == "component.ambiguous"


@pytest.mark.parametrize(("hours_before", "next_step"), [(25, Next.RETRY), (24, Next.ASK_A_PERSON), (1, Next.ASK_A_PERSON)])
def test_no_door_online_is_tried_again_and_from_24_hours_before_the_start_a_person_is_asked_too(hours_before, next_step):
    decision = decide(make_situation(mapping=make_mapping("Storage"), now=START - timedelta(hours=hours_before)))
    assert isinstance(decision, Failure)
    assert decision.code == "component.none_online"
    assert decision.next is next_step


def test_some_doors_offline_are_asked_for_all_the_same_and_noted_as_maybe_dropped():
    decision = decide(make_situation(mapping=make_mapping("Main entrance", "Storage")))
    assert isinstance(decision, CreateAccess)
    assert decision.want.intent.component_ids == (MAIN, STORAGE)
    assert decision.want.intent.maybe_dropped == {STORAGE}


@pytest.mark.parametrize("mobile", ["", "06 12345678", "+31201234567", None])
def test_a_visitor_without_address_and_usable_number_needs_a_person(mobile):
    decision = decide(make_situation(visitor=make_visitor("", mobile)))
    assert isinstance(decision, Failure)
    assert decision.code == "visitor.unreachable"


def test_a_visitor_with_a_number_alone_gets_access():
    decision = decide(make_situation(visitor=make_visitor("", "0031 6 1234 5678")))
    assert isinstance(decision, CreateAccess)
    assert decision.want.emails == ()
    assert decision.want.phone_numbers == ("+31612345678",)


def test_a_foreign_id_in_the_booking_field_stops_the_create():
    decision = decide(make_situation(field_foreign=True))
    assert isinstance(decision, Failure)
    assert decision.code == "field.foreign"


@pytest.mark.parametrize("unsettled", [make_set(state=SetState.UNKNOWN), make_set(state=SetState.INTENDED, maybe_sent=True)])
def test_nothing_is_created_while_an_earlier_create_may_exist(unsettled):
    decision = decide(make_situation(unsettled))
    assert isinstance(decision, Failure)
    assert decision.code == "access.outcome_unknown"
    assert decision.next is Next.LOOK_FIRST


def test_what_somebody_ended_in_the_portal_is_not_created_again_by_itself():
    ended = make_set(state=SetState.REVOKED, revoke_reason=ENDED_ELSEWHERE)
    decision = decide(make_situation(ended))
    assert isinstance(decision, Failure)
    assert decision.code == "access.ended_elsewhere"
    assert isinstance(decide(make_situation(ended.noted())), CreateAccess)


def test_a_successor_that_somebody_ended_in_the_portal_is_not_created_again_by_itself_either():
    moved = make_booking(start=START + HOUR, end=END + HOUR)
    stale = make_set(1)
    wanted = decide(make_situation(stale, booking=moved))
    assert isinstance(wanted, ReplaceAccess)
    ended = replace(
        make_set(2, state=SetState.REVOKED, revoke_reason=ENDED_ELSEWHERE), intent=wanted.want.intent, facts=wanted.want.facts
    )
    decision = decide(make_situation(stale, ended, booking=moved))
    assert decision == RevokeAccess(stale, "access.no_longer_fits"), "it fits no more, and nobody ended it in the portal"
    decision = decide(make_situation(replace(stale, state=SetState.REVOKED, revoke_reason=decision.reason), ended, booking=moved))
    assert isinstance(decision, Failure)
    assert decision.code == "access.ended_elsewhere"
    assert isinstance(decide(make_situation(stale, ended.noted(), booking=moved)), ReplaceAccess)


def test_what_a_person_wants_issued_again_and_somebody_ended_in_the_portal_is_asked_about_and_the_old_access_stays():
    fitting = replace(make_set(1), issue_again=True)
    ended = make_set(2, state=SetState.REVOKED, revoke_reason=ENDED_ELSEWHERE)
    decision = decide(make_situation(fitting, ended))
    assert isinstance(decision, Failure)
    assert decision.code == "access.ended_elsewhere"


def test_a_trigger_status_after_a_revoke_status_makes_a_new_set():
    assert isinstance(decide(make_situation(make_set(state=SetState.REVOKED, revoke_reason="status.revoke"))), CreateAccess)


def test_what_a_person_revoked_is_not_created_again():
    assert decide(make_situation(withheld=True)) == LeaveAlone("booking.withheld")


# ------------------------------------------------------------------------------------------------------------ something is live


@pytest.mark.parametrize("status", ["20", "30", "10", "40"])
def test_access_that_fits_is_left_alone_at_every_status_that_does_not_revoke(status):
    assert decide(make_situation(make_set(), booking=make_booking(status=status))) == LeaveAlone("access.fits")


def test_a_new_title_changes_nothing():
    assert decide(make_situation(make_set(), booking=make_booking(object_name="Hall One"))) == LeaveAlone("access.fits")


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("status", ["70", "80"])
def test_a_revoke_status_revokes_also_while_the_integration_is_inactive(status, active):
    live = make_set()
    decision = decide(make_situation(live, booking=make_booking(status=status), policy=make_policy(active=active)))
    assert decision == RevokeAccess(live, "status.revoke")


def test_a_revoke_status_counts_even_where_nothing_else_of_the_booking_can_be_read():
    live = make_set()
    at = make_situation(live, presence=Presence.UNREAD, booking=None, visitor=None, status_only="70")
    assert decide(at) == RevokeAccess(live, "status.revoke")


def test_what_a_person_revokes_goes_whatever_the_status_and_though_the_booking_cannot_be_read():
    live = make_set()
    assert decide(make_situation(live, withheld=True)) == RevokeAccess(live, "booking.withheld")
    unread = make_situation(live, withheld=True, presence=Presence.UNREAD, booking=None, visitor=None)
    assert decide(unread) == RevokeAccess(live, "booking.withheld")


def test_a_booking_that_cannot_be_read_changes_nothing():
    unread = make_situation(make_set(), presence=Presence.UNREAD, booking=None, visitor=None)
    assert decide(unread) == LeaveAlone("booking.unread")


def test_an_unfinished_revoke_is_finished_before_anything_else_even_unread():
    going = make_set(state=SetState.REVOKING, revoke_reason="status.revoke")
    assert decide(make_situation(going)) == RevokeAccess(going, "status.revoke")
    unread = make_situation(going, presence=Presence.UNREAD, booking=None, visitor=None)
    assert decide(unread) == RevokeAccess(going, "status.revoke")


def test_a_booking_that_is_gone_loses_its_access():
    live = make_set()
    assert decide(make_situation(live, presence=Presence.GONE, booking=None, visitor=None)) == RevokeAccess(live, "booking.gone")


def test_the_brake_keeps_access_of_vanished_bookings():
    decision = decide(make_situation(make_set(), presence=Presence.BRAKED, booking=None, visitor=None))
    assert isinstance(decision, Failure)
    assert decision.code == "brake.tripped"


def test_the_brake_never_holds_a_revoke_that_a_person_ordered():
    live = make_set()
    at = make_situation(live, presence=Presence.BRAKED, booking=None, visitor=None, withheld=True)
    assert decide(at) == RevokeAccess(live, "booking.withheld")


def test_of_two_live_sets_the_older_is_one_too_many():
    older, newer = make_set(1), make_set(2)
    assert decide(make_situation(older, newer)) == RevokeAccess(older, "access.superseded")


CHANGES = {
    "later": {"start": START + HOUR, "end": END + HOUR},
    "longer": {"end": END + HOUR},
    "shorter": {"end": END - HOUR},
}


@pytest.mark.parametrize("status", ["20", "40"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_booking_that_moved_in_time_gets_a_successor_first(change, status):
    live = make_set()
    decision = decide(make_situation(live, booking=make_booking(status=status, **CHANGES[change])))
    assert isinstance(decision, ReplaceAccess)
    assert decision.old == live


@pytest.mark.parametrize(
    "visitor", [make_visitor("bob@example.com"), make_visitor(mobile="+31687654321"), make_visitor(mobile="")]
)
def test_another_address_or_number_replaces(visitor):
    assert isinstance(decide(make_situation(make_set(), visitor=visitor)), ReplaceAccess)


@pytest.mark.parametrize(
    "visitor", [make_visitor("ADA@example.com"), make_visitor(mobile="0031 6 12 34 56 78"), make_visitor(mobile=None)]
)
def test_the_same_address_or_number_in_another_spelling_or_unreadable_changes_nothing(visitor):
    assert decide(make_situation(make_set(), visitor=visitor)) == LeaveAlone("access.fits")


def test_another_object_with_the_same_doors_is_noted_and_nothing_is_called():
    live = make_set()
    moved = make_booking(object_id="82")
    assert decide(make_situation(live, booking=moved)) == KeepAccess(live, make_facts(moved))


def test_with_follow_changes_trigger_what_no_longer_fits_is_revoked_outside_the_trigger_statuses():
    live = make_set()
    policy = make_policy(follow_changes=FollowChanges.TRIGGER)
    changed = make_booking(status="40", end=END + HOUR)
    assert decide(make_situation(live, booking=changed, policy=policy)) == RevokeAccess(live, "access.no_longer_fits")
    at_trigger = make_booking(status="20", end=END + HOUR)
    assert isinstance(decide(make_situation(live, booking=at_trigger, policy=policy)), ReplaceAccess)


REFUSALS = {
    "an unmapped object": {"mapping": None},
    "a missing name": {"mapping": make_mapping("Gone")},
    "an unreachable visitor": {"visitor": make_visitor("", "")},
    "a foreign id in the field": {"field_foreign": True},
    "an inactive integration": {"policy": make_policy(active=False)},
    "a refusal by Resivo": {"refused": Failure("access.refused", {"detail": "no"})},
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_successor_that_cannot_be_had_takes_the_old_access_with_it(refusal):
    live = make_set()
    decision = decide(make_situation(live, booking=make_booking(end=END + HOUR), **REFUSALS[refusal]))
    assert isinstance(decision, RevokeAccess)
    assert decision.set == live


def test_a_booking_that_was_shortened_so_that_it_is_over_loses_its_access():
    live = make_set()
    over = make_booking(end=START + timedelta(minutes=30))
    assert decide(make_situation(live, booking=over, now=START + HOUR)) == RevokeAccess(live, "booking.over")


def test_a_successor_that_is_merely_delayed_lets_the_old_access_live():
    live = make_set()
    none_online = make_situation(live, booking=make_booking(end=END + HOUR), mapping=make_mapping("Storage"))
    assert isinstance(decide(none_online), Failure)
    unknown = make_set(2, state=SetState.UNKNOWN, intent=make_intent(component_ids=("x",)))
    decision = decide(make_situation(live, unknown, booking=make_booking(end=END + HOUR)))
    assert isinstance(decision, Failure)
    assert decision.code == "access.outcome_unknown"


@pytest.mark.parametrize("reason", sorted(NOT_REPLACED))
def test_what_was_taken_away_because_its_successor_could_not_be_made_is_owed_it_where_changes_are_followed(reason):
    lost, between = make_set(state=SetState.REVOKED, revoke_reason=reason), make_booking(status="40")
    assert isinstance(decide(make_situation(lost, booking=between)), CreateAccess)
    missing = decide(make_situation(lost, booking=between, mapping=make_mapping("Sauna")))
    assert isinstance(missing, Failure)
    assert missing.code == "component.missing"
    only_at_triggers = make_policy(follow_changes=FollowChanges.TRIGGER)
    waits = LeaveAlone("status.neither_trigger_nor_revoke")
    assert decide(make_situation(lost, booking=between, policy=only_at_triggers)) == waits
    assert decide(make_situation(lost.noted(), booking=between)) == waits
    later = make_set(2, state=SetState.REVOKED, revoke_reason="status.revoke")
    assert decide(make_situation(lost, later, booking=between)) == waits


# ------------------------------------------------------------------------------------------------------------ policy and doors


@pytest.mark.parametrize(
    "policy",
    [
        make_policy(time_before=timedelta(minutes=45)),
        make_policy(default_country="NL"),
        make_policy(authorization_field="custom07"),
    ],
)
def test_an_edited_policy_alone_touches_no_live_access(policy):
    assert decide(make_situation(make_set(), policy=policy)) == LeaveAlone("access.fits")


def test_an_edited_mapping_alone_touches_no_live_access():
    assert decide(make_situation(make_set(), mapping=make_mapping("Storage", "Hall 1"))) == LeaveAlone("access.fits")


def test_a_changed_booking_is_replaced_under_todays_policy():
    policy = make_policy(time_before=timedelta(minutes=45))
    decision = decide(make_situation(make_set(), policy=policy, booking=make_booking(end=END + HOUR)))
    assert isinstance(decision, ReplaceAccess)
    assert decision.want.intent.window.valid_from == START - timedelta(minutes=45)


def test_a_new_id_under_the_same_name_replaces():
    doors = [Component(id="c-new", display_name="Hall 1", online=True), make_components()[0]]
    decision = decide(make_situation(make_set(), components=doors))
    assert isinstance(decision, ReplaceAccess)
    assert decision.want.intent.component_ids == (MAIN, "c-new")


def test_a_vanished_door_whose_name_is_gone_needs_a_person_and_the_access_stays():
    decision = decide(make_situation(make_set(), components=make_components()[:1]))
    assert isinstance(decision, Failure)
    assert decision.code == "component.missing"


def test_a_renamed_door_that_keeps_its_id_touches_no_live_access():
    doors = [make_components()[0], Component(id=HALL, display_name="Zaal 1", online=True)]
    assert decide(make_situation(make_set(), components=doors)) == LeaveAlone("access.fits")


def test_doors_that_were_dropped_are_added_once_when_they_are_online():
    mapping = make_mapping("Main entrance", "Storage")
    intent = make_intent(component_ids=(MAIN, STORAGE), maybe_dropped=frozenset({STORAGE}))
    live = make_set(intent=intent, dropped_ids=frozenset({STORAGE}))
    online = make_components(storage_online=True)
    decision = decide(make_situation(live, mapping=mapping, components=online))
    assert isinstance(decision, ReplaceAccess)
    assert decision.want.intent.adds_dropped
    successor = make_set(2, intent=decision.want.intent, dropped_ids=frozenset({STORAGE}))
    assert decide(make_situation(successor, mapping=mapping, components=online)) == LeaveAlone("access.fits")


def test_a_dropped_door_that_the_mapping_has_lost_meanwhile_is_not_added():
    live = make_set(intent=make_intent(component_ids=(MAIN, STORAGE)), dropped_ids=frozenset({STORAGE}))
    situation = make_situation(live, mapping=make_mapping("Main entrance"), components=make_components(storage_online=True))
    assert decide(situation) == LeaveAlone("access.fits")


def test_dropped_doors_that_stay_offline_change_nothing():
    mapping = make_mapping("Main entrance", "Storage")
    live = make_set(intent=make_intent(component_ids=(MAIN, STORAGE)), dropped_ids=frozenset({STORAGE}))
    assert decide(make_situation(live, mapping=mapping)) == LeaveAlone("access.fits")


def test_another_site_is_another_matter():
    assert make_intent(site_id="other").same_as(make_intent()) is False
    assert make_intent(site_id=SITE).same_as(make_intent()) is True


def test_the_time_of_decisions_is_the_one_that_was_handed_in():
    assert decide(make_situation(now=NOW)) == decide(make_situation(now=NOW))
