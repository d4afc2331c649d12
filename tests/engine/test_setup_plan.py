from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges, Policy
from drempel.engine.records import Holdings, StoredSecrets
from drempel.engine.setup import DesiredIntegration, DesiredSource, Setup
from drempel.engine.setup_plan import DesiredSetup, SetupPlan, SetupRefused, plan_setup
from tests.engine.setups import secrets_of, setup_of

CLUB = DesiredSource(
    name="club",
    kind="ireserve",
    base_url="https://club.i-reserve.net",
    username="drempel",
    password="hunter2",
    time_zone="Europe/Amsterdam",
)
DOORS = DesiredIntegration(
    name="doors",
    kind="resivo",
    source="club",
    policy=Policy(
        trigger_statuses=frozenset({"20", "30"}),
        revoke_statuses=frozenset({"70"}),
        time_before=timedelta(minutes=15),
        authorization_field="custom05",
    ),
    profile_json='{"name": "assumed-v8"}',
    site_owner_id="owner-1",
    client_id="client-1",
    client_secret="s3cret",
    mappings=(ObjectMapping(object_id="81", site_id="site-1", component_names=("Main entrance", "Hall 1")),),
)
WANTED = DesiredSetup(sources=(CLUB,), integrations=(DOORS,))
NOTHING = Setup(version=0)


def plan(
    desired: DesiredSetup = WANTED, *, held: int = 0, prune: bool = False, issue_existing: bool = False, issued: bool = False
):
    return plan_setup(
        current=setup_of(WANTED, issue_existing=issued),
        secrets=secrets_of(WANTED),
        holdings=Holdings(by_integration={"doors": held}, by_source={"club": held}),
        desired=desired,
        prune=prune,
        issue_existing=issue_existing,
    )


def with_policy(**changes: Any) -> DesiredSetup:
    return DesiredSetup(sources=(CLUB,), integrations=(replace(DOORS, policy=replace(DOORS.policy, **changes)),))


def with_integration(**changes: Any) -> DesiredSetup:
    return DesiredSetup(sources=(CLUB,), integrations=(replace(DOORS, **changes),))


def test_an_empty_database_gets_everything() -> None:
    answer = plan_setup(
        current=NOTHING, secrets=StoredSecrets(), holdings=Holdings(), desired=WANTED, prune=False, issue_existing=False
    )
    assert isinstance(answer, SetupPlan)
    assert answer.lines == (
        "created source club (ireserve at https://club.i-reserve.net)",
        "created integration doors (source club, 1 object mapped, active)",
    )
    assert (answer.write.sources, answer.write.integrations) == ((CLUB,), (DOORS,))


def test_a_second_time_there_is_nothing_to_change() -> None:
    answer = plan()
    assert isinstance(answer, SetupPlan)
    assert answer.changes_nothing
    assert answer.write.sources == answer.write.integrations == ()


@pytest.mark.parametrize(
    ("desired", "line"),
    [
        (with_policy(time_before=timedelta(minutes=30)), "time before 15 min -> 30 min"),
        (with_policy(trigger_statuses=frozenset({"30"})), "trigger statuses 20, 30 -> 30"),
        (with_policy(revoke_statuses=frozenset()), "revoke statuses 70 -> none"),
        (with_policy(authorization_field="custom06"), "booking field custom05 -> custom06"),
        (with_policy(default_country="NL"), "default country none -> NL"),
        (with_policy(follow_changes=FollowChanges.TRIGGER), "follow changes any -> trigger"),
        (with_policy(active=False), "no longer active"),
        (with_integration(client_id="client-2"), "client id client-1 -> client-2"),
        (with_integration(client_secret="other"), "client secret changed"),
        (with_integration(base_url="https://x"), "base url that of the profile -> https://x"),
        (with_integration(profile_json='{"name": "mine"}'), "profile assumed-v8 -> mine"),
        (with_integration(profile_json='{"name": "assumed-v8", "a": 1}'), "profile assumed-v8: its content changed"),
        (with_integration(site_owner_id="owner-2"), "site owner id owner-1 -> owner-2"),
        (with_integration(target_mobile_app_id="app"), "target mobile app none -> app"),
        (with_integration(allow_insecure=True), "allow insecure no -> yes"),
        (with_integration(mappings=()), "object 81 at site site-1 no longer mapped"),
        (
            with_integration(mappings=(replace(DOORS.mappings[0], component_names=("Gate",)),)),
            "object 81 at site site-1: Main entrance, Hall 1 -> Gate",
        ),
        (
            with_integration(mappings=(*DOORS.mappings, ObjectMapping(object_id="82", site_id="s", component_names=("A", "B")))),
            "object 82 at site s mapped to A, B",
        ),
    ],
)
def test_a_change_is_told_from_what_to_what_and_never_a_secret(desired: DesiredSetup, line: str) -> None:
    answer = plan(desired)
    assert isinstance(answer, SetupPlan)
    assert answer.lines == (f"changed integration doors: {line}",)
    assert answer.write.integrations == desired.integrations
    assert answer.write.sources == ()
    assert not any(secret in "".join(answer.lines) for secret in ("s3cret", "other", "hunter2"))


def test_a_changed_password_is_told_without_the_password() -> None:
    answer = plan(DesiredSetup(sources=(replace(CLUB, password="new", poll_seconds=0),), integrations=(DOORS,)))
    assert isinstance(answer, SetupPlan)
    assert answer.lines == ("changed source club: poll seconds 300 -> 0", "changed source club: password changed")


def test_live_access_under_the_old_rules_is_counted_and_stays() -> None:
    answer = plan(with_policy(time_before=timedelta(minutes=30)), held=12)
    assert isinstance(answer, SetupPlan)
    assert answer.notes == ("integration doors: 12 live accesses were made under the old rules and stay as they are",)


def test_switching_an_integration_off_says_nothing_about_old_rules() -> None:
    answer = plan(with_policy(active=False), held=12)
    assert isinstance(answer, SetupPlan)
    assert answer.notes == ()


def test_what_the_file_leaves_out_stays_without_prune_and_goes_with_it() -> None:
    kept = plan(DesiredSetup())
    assert isinstance(kept, SetupPlan)
    assert kept.changes_nothing
    pruned = plan(DesiredSetup(), prune=True)
    assert isinstance(pruned, SetupPlan)
    assert pruned.lines == ("removed integration doors", "removed source club")
    assert (pruned.write.removed_integrations, pruned.write.removed_sources) == (("doors",), ("club",))


@pytest.mark.parametrize(
    ("desired", "prune", "says"),
    [
        (DesiredSetup(), True, "Integration doors has 3 accesses that are live or unknown, so it cannot be removed"),
        (with_integration(site_owner_id="owner-2"), False, "site owner id owner-1 -> owner-2"),
        (with_integration(source="other"), False, "source club -> other"),
        (DesiredSetup(sources=(replace(CLUB, base_url="https://other"),)), False, "Source club has 3 accesses"),
        (DesiredSetup(sources=(replace(CLUB, kind="other"),)), False, "Source club has 3 accesses"),
    ],
)
def test_access_that_is_live_or_unknown_never_loses_its_owner(desired: DesiredSetup, prune: bool, says: str) -> None:
    answer = plan(desired, held=3, prune=prune)
    assert isinstance(answer, SetupRefused)
    assert says in answer.sentences[0]
    assert isinstance(plan(desired, held=0, prune=prune), SetupPlan)


def test_bookings_from_before_are_issued_once_a_person_says_so() -> None:
    answer = plan(issue_existing=True)
    assert isinstance(answer, SetupPlan)
    assert answer.write.issue_existing == ("doors",)
    assert not answer.changes_nothing
    again = plan(issue_existing=True, issued=True)
    assert isinstance(again, SetupPlan)
    assert again.changes_nothing
