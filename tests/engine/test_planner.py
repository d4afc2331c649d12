"""What a plan tells is what the run then does: scene by scene, to the byte. And a plan touches nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges
from drempel.engine.plan import ByKind, Messages, Plan
from drempel.engine.rehearsal import CreateCall, RevokeCall, WriteFieldCall
from drempel.engine.setup import SetupWrite
from tests.engine.planning import created_ids, plan, run, source_today, today, written_out
from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.world import BEGIN

DAY = 24 * HOUR
Change = Callable[[Stage], Awaitable[SetupWrite]]


async def people(stage: Stage) -> dict[str, str]:
    """Bookings in every position that a change may meet."""
    stage.ireserve.switches.field_numbers = (1, 5, 6)
    booked = {
        "live": stage.book(start=BEGIN + 20 * HOUR),
        "live at 30": stage.book(start=BEGIN + 30 * HOUR, status="30"),
        "moved": stage.book(start=BEGIN + 40 * HOUR),
        "moved at 40": stage.book(start=BEGIN + 45 * HOUR),
        "cancelled": stage.book(start=BEGIN + 50 * HOUR),
        "far": stage.book(start=BEGIN + 30 * DAY),
    }
    await stage.work()
    booked |= {
        "new": stage.book(start=BEGIN + 60 * HOUR),
        "new in hall 2": stage.book(start=BEGIN + 70 * HOUR, object_id="82", email="bob@example.com"),
        "requested": stage.book(start=BEGIN + 80 * HOUR, status="10"),
        "in the attic": stage.book(start=BEGIN + 90 * HOUR, object_id="99"),
        "national number": stage.book(start=BEGIN + 95 * HOUR, tel_mob="06 12345678"),
        "unreachable": stage.book(start=BEGIN + 97 * HOUR, email="", tel_mob="06 12345678"),
    }
    stage.ireserve.reschedule_as_admin(booked["moved"], BEGIN + 41 * HOUR, BEGIN + 43 * HOUR)
    stage.ireserve.set_status(booked["cancelled"], "80")
    stage.ireserve.set_status(booked["live"], "40")
    stage.ireserve.set_status(booked["moved at 40"], "40")
    stage.ireserve.reschedule_as_admin(booked["moved at 40"], BEGIN + 46 * HOUR, BEGIN + 47 * HOUR)
    return booked


def policy(**changes: Any) -> Change:
    async def write(stage: Stage) -> SetupWrite:
        return SetupWrite(integrations=(await today(stage, **changes),))

    return write


def mappings(**changed: tuple[str, ...] | None) -> Change:
    """Objects by `o81`; None takes the mapping away."""

    async def write(stage: Stage) -> SetupWrite:
        wanted = await today(stage)
        names = {one.object_id: one.component_names for one in wanted.mappings}
        names |= {key.removeprefix("o"): doors for key, doors in changed.items()}  # type: ignore[misc]
        made = tuple(
            ObjectMapping(object_id=object_id, site_id=stage.world.site_id, component_names=doors)
            for object_id, doors in names.items()
            if doors is not None
        )
        return SetupWrite(integrations=(replace(wanted, mappings=made),))

    return write


async def renamed(stage: Stage) -> SetupWrite:
    stage.resivo.rename_component(stage.world.component_ids["Hall 1"], "Hall 1 (new)")
    return await mappings(o81=("Main entrance", "Hall 1 (new)"))(stage)


async def offline(stage: Stage) -> SetupWrite:
    stage.resivo.set_online(stage.world.component_ids["Hall 2"], False)
    return await mappings(o81=("Main entrance", "Hall 2"))(stage)


async def other_site(stage: Stage) -> SetupWrite:
    wanted = await today(stage)
    other = stage.resivo.add_site("Other", site_owner_id=wanted.site_owner_id)
    for name in ("Main entrance", "Hall 1"):
        stage.resivo.add_component(other.id, name)
    moved = tuple(replace(one, site_id=other.id) if one.object_id == "81" else one for one in wanted.mappings)
    return SetupWrite(integrations=(replace(wanted, mappings=moved),))


async def handed_over(stage: Stage) -> SetupWrite:
    wanted = await today(stage)
    moved = tuple(one for one in wanted.mappings if one.object_id == "81")
    left = replace(wanted, mappings=tuple(one for one in wanted.mappings if one not in moved))
    policy = replace(wanted.policy, authorization_field="custom06")
    return SetupWrite(integrations=(left, replace(wanted, name="hall", mappings=moved, policy=policy)))


async def other_account(stage: Stage) -> SetupWrite:
    wanted = await today(stage)
    credential = stage.resivo.add_credential(site_owner_id=wanted.site_owner_id)
    return SetupWrite(
        integrations=(replace(wanted, client_id=credential.client_id, client_secret=credential.client_secret),),
        sources=(await source_today(stage, poll_seconds=600),),
    )


async def further_integration(stage: Stage) -> SetupWrite:
    further = await today(stage, authorization_field="custom06", time_before=timedelta(hours=1))
    attic = ObjectMapping(object_id="99", site_id=stage.world.site_id, component_names=("Storage",))
    return SetupWrite(integrations=(replace(further, name="attic", mappings=(attic,)),))


NEW = ("new", "new in hall 2", "national number")
IN_HALL_1 = ("moved", "moved at 40", "new", "national number")


def all_of(names: tuple[str, ...], dropped: int, added: int, **others: tuple[int, int]) -> dict[str, tuple[int, int]]:
    return dict.fromkeys(names, (dropped, added)) | {name.replace("_", " "): counts for name, counts in others.items()}


SCENES: dict[str, tuple[Change, dict[str, tuple[int, int]]]] = {
    # What differs, and there: how many calls only today's set-up makes, how many only the changed one.
    "another trigger status": (policy(trigger_statuses=frozenset({"10", "20", "30"})), {"requested": (0, 2)}),
    "a trigger status less": (policy(trigger_statuses=frozenset({"30"})), all_of(NEW, 2, 0)),
    "another revoke status": (
        policy(trigger_statuses=frozenset({"20"}), revoke_statuses=frozenset({"30", "70", "80"})),
        {"live at 30": (0, 2)},
    ),
    "another time before, and what is live stays": (
        policy(time_before=timedelta(minutes=30)),
        all_of((*NEW, "moved", "moved at 40"), 1, 1),
    ),
    "other doors, and what is live stays": (mappings(o81=("Main entrance", "Storage")), all_of(IN_HALL_1, 1, 1)),
    "a door that is offline": (offline, all_of(IN_HALL_1, 1, 1)),
    "a further object": (mappings(o99=("Storage",)), {"in the attic": (0, 2)}),
    "an object less, and what was moved goes": (
        mappings(o81=None),
        all_of(("moved", "moved at 40"), 2, 1, new=(2, 0), national_number=(2, 0)),
    ),
    "a renamed door": (renamed, all_of(("moved", "moved at 40"), 1, 2, new=(0, 2), national_number=(0, 2))),
    "another site, and what is live gets a second access there": (
        other_site,
        all_of(("moved", "new", "national number"), 1, 1, live_at_30=(0, 2), moved_at_40=(2, 1)),
    ),
    "no longer active": (policy(active=False), all_of(NEW, 2, 0) | all_of(("moved", "moved at 40"), 2, 1)),
    "another booking field": (
        policy(authorization_field="custom06"),
        all_of((*NEW, "moved", "moved at 40"), 1, 1, live=(0, 1), live_at_30=(0, 1), cancelled=(1, 0)),
    ),
    "a default country": (policy(default_country="NL"), {"national number": (1, 1), "unreachable": (0, 2)}),
    "changes followed at trigger statuses only": (policy(follow_changes=FollowChanges.TRIGGER), {"moved at 40": (2, 1)}),
    "another account": (other_account, all_of((*NEW, "moved", "moved at 40"), 1, 1)),
}


async def does_what_was_told(stage: Stage, write: SetupWrite, told: Plan, *, hint: bool, but: str) -> None:
    """Save it and let it run: the very calls of the plan, and no others. `but`: a booking beyond the days that were planned."""
    sent = await run(stage, write, hint=hint)
    sent.pop(but, None)
    for one in told.bookings:
        really = sent.pop(one.record.booking_id, [])
        assert really == await written_out(stage, one.changed.calls, new_ids=created_ids(really, stage)), one.record.booking_id
    assert sent == {}


@pytest.mark.parametrize("scene", SCENES)
async def test_what_the_plan_tells_is_what_the_run_then_does(scene: str, tmp_path: Path):
    change, differs = SCENES[scene]
    async with a_stage(tmp_path) as stage:
        booked = await people(stage)
        names = {booking_id: name for name, booking_id in booked.items()}
        write = await change(stage)
        told = await plan(stage, write)
        found = {names[one.record.booking_id]: (len(one.dropped), len(one.added)) for one in told.differing}
        assert found == differs
        assert booked["far"] not in {one.record.booking_id for one in told.bookings}
        await does_what_was_told(stage, write, told, hint=True, but=booked["far"])


async def test_bookings_from_before_get_nothing_until_somebody_says_so_and_the_plan_tells_both(tmp_path: Path):
    booked: list[str] = []

    def before(ireserve: Any) -> None:
        booked.append(ireserve.make_booking("81", BEGIN + HOUR, BEGIN + 2 * HOUR, status="20", email="ada@example.com"))

    async with a_stage(tmp_path, before=before) as stage:
        wanted = await today(stage, time_before=timedelta(minutes=30))
        quiet = await plan(stage, SetupWrite(integrations=(wanted,)))
        assert (quiet.differing, quiet.existing) == ((), 1)
        write = SetupWrite(integrations=(wanted,), issue_existing=("doors",))
        told = await plan(stage, write)
        assert told.existing == 0
        ((one,), sent) = told.differing, await run(stage, write, hint=False)
        really = sent[booked[0]]
        assert really == await written_out(stage, one.changed.calls, new_ids=created_ids(really, stage))
        assert len(really) == 2


@pytest.mark.parametrize("issue", [False, True])
async def test_a_further_integration_issues_nothing_for_what_is_there_unless_told_to(issue: bool, tmp_path: Path):
    async with a_stage(tmp_path) as stage:
        booked = await people(stage)
        write = await further_integration(stage)
        write = replace(write, issue_existing=("attic",) if issue else ())
        told = await plan(stage, write)
        assert {one.record.booking_id for one in told.differing} == ({booked["in the attic"]} if issue else set())
        sent = await run(stage, write, hint=False)
        sent.pop(booked["far"], None)
        for one in told.bookings:
            really = sent.pop(one.record.booking_id, [])
            assert really == await written_out(stage, one.changed.calls, new_ids=created_ids(really, stage))
        assert sent == {}


async def test_what_is_live_goes_over_with_its_doors_and_the_plan_says_so(tmp_path: Path):
    """One field is emptied and another written, and nothing is created for what is live. What has no access yet is no news to a further integration."""
    async with a_stage(tmp_path) as stage:
        booked = await people(stage)
        names = {booking_id: name for name, booking_id in booked.items()}
        write = await handed_over(stage)
        told = await plan(stage, write)
        found = {names[one.record.booking_id]: (len(one.dropped), len(one.added)) for one in told.differing}
        assert found == all_of(
            ("moved", "moved at 40"), 3, 4, live=(0, 2), live_at_30=(0, 2), cancelled=(1, 1), new=(2, 0), national_number=(2, 0)
        )
        await does_what_was_told(stage, write, told, hint=False, but=booked["far"])


async def test_the_plan_counts_the_messages_that_visitors_would_get(tmp_path: Path):
    async with a_stage(tmp_path) as stage:
        booked = await people(stage)
        told = await plan(stage, await other_site(stage))
        # What is live gets an e-mail and an SMS more; what is moved at a status that is no trigger gets none any more.
        assert told.messages == Messages(
            more=ByKind(emails=1, sms=1), fewer=ByKind(emails=1, sms=1), altered=ByKind(emails=3, sms=2), again=2
        )
        assert {type(call) for call in told.added} == {CreateCall, RevokeCall, WriteFieldCall} - {RevokeCall}
        assert [one.record.booking_id for one in told.needing_person] == [booked["unreachable"]]


async def test_a_refused_credential_is_told_and_its_probe_is_left_to_a_run(tmp_path: Path):
    async with a_stage(tmp_path) as stage:
        await people(stage)
        (credential,) = stage.resivo.state.credentials.values()
        credential.client_secret = "another"
        stage.resivo.end_tokens()
        await stage.work()
        wanted = await today(stage)
        still = await plan(stage, SetupWrite(sources=(await source_today(stage, poll_seconds=60),)))
        assert {pause.code for pause in still.pauses} == {"credential.refused"}
        assert {one.changed.failure.code for one in still.needing_person if one.changed.failure} >= {"credential.refused"}
        right = await plan(stage, SetupWrite(integrations=(replace(wanted, client_secret="another"),)))
        assert right.pauses == ()
        assert any(isinstance(call, CreateCall) for call in right.added)


async def test_a_booking_system_that_does_not_answer_is_a_problem_and_nothing_is_made_up(tmp_path: Path):
    async with a_stage(tmp_path) as stage:
        await people(stage)
        stage.ireserve.faults.add(operation="filter_bookings", kind="status", status=503, times=50)
        stage.ireserve.faults.add(operation="read_booking", kind="status", status=503, times=500)
        told = await plan(stage, await policy(time_before=timedelta(minutes=30))(stage))
        assert told.differing == ()
        assert [one.source for one in told.problems] == ["club"]
        assert {one.changed.failure.code for one in told.waiting if one.changed.failure} == {"source.unreachable"}


async def test_a_source_that_goes_takes_its_calls_with_it(tmp_path: Path):
    async with a_stage(tmp_path) as stage:
        new = stage.book(start=BEGIN + 60 * HOUR)
        told = await plan(stage, SetupWrite(removed_sources=("club",), removed_integrations=("doors",)))
        ((one,),) = (told.differing,)
        assert (one.record.booking_id, len(one.today.calls), one.changed.calls) == (new, 2, ())


@pytest.mark.parametrize("profile", ["assumed-v8", "onegov-literal"])
async def test_what_is_in_trouble_is_rehearsed_with_its_trouble(profile: str, tmp_path: Path):
    async with a_stage(tmp_path, profile=profile) as stage:
        booked = {"live": stage.book(start=BEGIN + 20 * HOUR), "deleted": stage.book(start=BEGIN + 21 * HOUR)}
        await stage.work()
        stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
        booked["lost"] = stage.book(start=BEGIN + 22 * HOUR)
        await stage.work()
        booked["foreign field"] = stage.book(start=BEGIN + 23 * HOUR)
        stage.ireserve.set_field(booked["foreign field"], 5, "a text of somebody else")
        stage.ireserve.delete_booking(booked["deleted"])
        stage.world.component_ids["Hall 1"] = stage.resivo.renew_component_id(stage.world.component_ids["Hall 1"]).id
        stage.world.advance(timedelta(seconds=15))
        write = await policy(time_before=timedelta(minutes=30))(stage)
        told = await plan(stage, write)
        sent = await run(stage, write, hint=True)
        for one in told.bookings:
            really = sent.pop(one.record.booking_id, [])
            assert really == await written_out(stage, one.changed.calls, new_ids=created_ids(really, stage))
        assert sent == {}
        failures = {one.record.booking_id: one.changed.failure.code for one in told.needing_person if one.changed.failure}
        assert failures.pop(booked["foreign field"]) == "field.foreign"
        assert failures == ({} if profile == "assumed-v8" else {booked["lost"]: "access.outcome_unknown_no_list"})
