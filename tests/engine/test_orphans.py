"""Access that our record does not have: adopted or revoked by its id, by the way of every other set."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.engine.audit import Kind
from drempel.engine.auditor import Auditor, PlaceAudit
from drempel.engine.levers import LeverRefused
from drempel.engine.records import BookingBusy
from drempel.engine.trail import COMMAND_LINE
from drempel.simulators.resivo.records import Authorization
from tests.simulation.mortal import Killed
from tests.simulation.stage import HOUR, Stage, a_stage
from tests.simulation.world import BEGIN, FOREIGN

MINUTES_15 = timedelta(minutes=15)


def auditor(stage: Stage) -> Auditor:
    return Auditor(stage.crew.tools, stage.store)


async def audit(stage: Stage) -> PlaceAudit:
    (found,) = await auditor(stage).audit()
    return found


def kinds(found: PlaceAudit) -> list[str]:
    return sorted(finding.kind.value for finding in found.findings)


def plant(stage: Stage, booking: str, *, number: int = 1, **changes: Any) -> str:
    """A live access of ours at Resivo, as a record that was lost would leave it."""
    doors = stage.world.component_ids
    values: dict[str, Any] = {
        "id": f"planted-{number}",
        "site_id": stage.world.site_id,
        "type": "remote-access",
        "display_name": f"Hall 1 · dr-{stage.world.marker.current}-club-{booking}-{number}",
        "component_ids": [doors["Main entrance"], doors["Hall 1"]],
        "valid_from": BEGIN + HOUR - MINUTES_15,
        "valid_to": BEGIN + 3 * HOUR,
        "created_at": BEGIN,
    }
    made: str = stage.resivo.state.put_authorization(Authorization(**{**values, **changes})).id
    return made


def unheard(stage: Stage, **booking: Any) -> str:
    """A booking that no hint has told us of."""
    stage.ireserve.switches.deliveries = "drop"
    return stage.book(**booking)


async def test_an_orphan_that_fits_is_adopted_and_nothing_is_issued_again(stage: Stage):
    booking = unheard(stage)
    orphan = plant(stage, booking)
    assert kinds(await audit(stage)) == ["foreign", "orphan"]
    assert f"booking {booking} of club" in await auditor(stage).orphans.by(COMMAND_LINE).adopt(orphan)
    await stage.pass_time(400, sweep=True)
    assert [one.id for one in stage.live(booking)] == [orphan]
    assert (stage.mails(), stage.field(booking), await stage.state(booking)) == (0, orphan, BookingState.GRANTED)
    assert stage.resivo.calls.counts["create_remote_access"] == 0
    assert kinds(await audit(stage)) == ["agrees", "foreign"]
    assert "access.adopted" in [event.type for event in (await stage.view(booking)).history]


async def test_what_changes_after_an_adoption_is_followed_as_for_any_other_access(stage: Stage):
    booking = unheard(stage)
    await auditor(stage).orphans.by(COMMAND_LINE).adopt(plant(stage, booking, number=4))
    await stage.work()
    stage.ireserve.change_customer(stage.ireserve.booking(booking).customer_id, email="new@example.com")
    await stage.store.hint("club", booking)
    await stage.work()
    (live,) = stage.live(booking)
    assert live.display_name.endswith("-5"), "the next name is new"
    assert len(stage.resivo.messages_to("new@example.com")) == 1


async def test_an_adopted_access_without_a_door_that_is_offline_is_kept_and_gets_it_later(stage: Stage):
    hall = stage.world.component_ids["Hall 1"]
    stage.resivo.set_online(hall, False)
    booking = unheard(stage, start=BEGIN + 20 * HOUR)
    doors = [stage.world.component_ids["Main entrance"]]
    window = {"valid_from": BEGIN + 20 * HOUR - MINUTES_15, "valid_to": BEGIN + 22 * HOUR}
    await auditor(stage).orphans.by(COMMAND_LINE).adopt(plant(stage, booking, component_ids=doors, **window))
    await stage.work()
    assert (len(stage.live(booking)), stage.mails()) == (1, 0)
    stage.resivo.set_online(hall, True)
    await stage.pass_time(120, sweep=True)
    (live,) = stage.live(booking)
    assert hall in live.component_ids


async def test_an_orphan_of_a_cancelled_booking_is_revoked_once_it_is_adopted(stage: Stage):
    booking = unheard(stage, status="70")
    await auditor(stage).orphans.by(COMMAND_LINE).adopt(plant(stage, booking))
    await stage.work()
    assert (stage.live(booking), stage.mails()) == ([], 0)


async def test_an_orphan_that_opens_more_than_its_booking_has_is_replaced_once_it_is_adopted(stage: Stage):
    booking = unheard(stage)
    orphan = plant(stage, booking, valid_to=BEGIN + 9 * HOUR)
    await auditor(stage).orphans.by(COMMAND_LINE).adopt(orphan)
    await stage.work()
    (live,) = stage.live(booking)
    assert (live.id != orphan, live.valid_to) == (True, BEGIN + 3 * HOUR)


async def test_of_an_adopted_and_a_recorded_access_the_recorded_one_stays(stage: Stage):
    booking = stage.book()
    await stage.work()
    (recorded,) = stage.live(booking)
    await auditor(stage).orphans.by(COMMAND_LINE).adopt(plant(stage, booking, number=7))
    await stage.work()
    assert [one.id for one in stage.live(booking)] == [recorded.id]
    assert stage.mails() == 1


async def test_an_orphan_is_revoked_by_its_id_and_a_booking_without_a_right_gets_none(stage: Stage):
    booking = unheard(stage, status="70")
    orphan = plant(stage, booking)
    assert "is revoked now" in await auditor(stage).orphans.by(COMMAND_LINE).revoke(orphan)
    await stage.work()
    assert (stage.live(booking), await stage.state(booking)) == ([], BookingState.REVOKED)
    types = [event.type for event in (await stage.view(booking)).history]
    assert types[:2] == ["person.revoke", "access.revoking"]
    assert "access.revoked" in types


async def test_an_orphan_without_end_can_be_revoked_but_not_adopted(stage: Stage):
    orphan = plant(stage, unheard(stage, status="70"), valid_to=None)
    with pytest.raises(LeverRefused, match="no beginning or no end"):
        await auditor(stage).orphans.by(COMMAND_LINE).adopt(orphan)
    await auditor(stage).orphans.by(COMMAND_LINE).revoke(orphan)
    await stage.work()
    assert [one.id for one in stage.resivo.live()] == ["by-hand"]


async def test_a_twin_is_revoked_by_its_id_and_the_recorded_access_stays(stage: Stage):
    booking = stage.book()
    await stage.work()
    (recorded,) = stage.live(booking)
    twin = plant(stage, booking)
    stage.resivo.portal_change(twin, display_name=recorded.display_name)
    assert kinds(await audit(stage)) == ["agrees", "foreign", "twin"]
    await auditor(stage).orphans.by(COMMAND_LINE).revoke(twin)
    await stage.work()
    assert [one.id for one in stage.live(booking)] == [recorded.id]
    await stage.pass_time(700, sweep=True)
    assert [one.id for one in stage.live(booking)] == [recorded.id]
    assert kinds(await audit(stage)) == ["agrees", "foreign", "past"]


async def test_what_is_left_live_after_its_end_in_our_record_is_revoked_by_its_id(stage: Stage):
    booking = stage.book()
    await stage.work()
    (left,) = stage.live(booking)
    stage.resivo.portal_change(left.id, valid_to=BEGIN + 900 * HOUR)
    stage.ireserve.switches.deliveries = "drop"
    await stage.pass_time(4 * HOUR)
    assert await stage.state(booking) is BookingState.ENDED
    assert kinds(await audit(stage)) == ["foreign", "left"]
    await auditor(stage).orphans.by(COMMAND_LINE).revoke(left.id)
    await stage.work()
    assert stage.live(booking) == []


async def test_the_daily_audit_revokes_what_is_left_live_after_its_end_and_leaves_orphans_to_a_person(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.portal_change(stage.live(booking)[0].id, valid_to=BEGIN + 900 * HOUR)
    plant(stage, "4711", number=2, valid_to=BEGIN + 900 * HOUR)
    stage.world.advance(timedelta(hours=25))
    await stage.sweep()
    await stage.sweep()
    assert [one.id for one in stage.resivo.live()] == ["by-hand", "planted-2"]
    told = [line for line in stage.world.watcher.lines if line.startswith("audit.orphans")]
    assert len(told) == 1
    assert "club-4711-2" in told[0]
    assert FOREIGN not in told[0]
    assert "audit_sets {'kind': 'orphan'}" in stage.world.watcher.lines


@pytest.mark.parametrize("word", ["adopt", "revoke"])
async def test_what_is_not_wholly_ours_is_refused_and_not_touched(stage: Stage, word: str):
    booking = stage.book()
    await stage.work()
    typed = plant(stage, booking, number=2, display_name=f"Ada's copy · dr-{stage.world.marker.current}-club-{booking}-2 (VIP)")
    pin = plant(stage, booking, number=3, type="pin-access", credentials=1)
    stranger = plant(stage, booking, number=4, display_name="Hall 1 · dr-otherone-club-1-1")
    say = getattr(auditor(stage).orphans, word)
    for one in ("by-hand", typed, pin, stranger):
        with pytest.raises(LeverRefused, match="not one that Drempel made") as refused:
            await say(one)
        assert "Ada" not in str(refused.value)
    before = [one.id for one in stage.resivo.live()]
    await stage.pass_time(120, sweep=True)
    assert [one.id for one in stage.resivo.live()] == before


async def test_orders_that_do_not_fit_are_refused_with_a_sentence_and_change_nothing(stage: Stage):
    booking = stage.book()
    await stage.work()
    (recorded,) = stage.live(booking)
    orphans = auditor(stage).orphans
    ended = plant(stage, booking, number=2, status="revoked")
    nobodys = plant(stage, "x", number=3, display_name=f"dr-{stage.world.marker.current}-elsewhere-1-1")
    strange = plant(stage, booking, number=5, status="sleeping")
    for one, sentence in (
        (recorded.id, f"drempel revoke club {booking}"),
        (ended, "is not live any more"),
        (nobodys, "no booking of a source"),
        (strange, "cannot read"),
        ("nowhere", "No site that an integration uses"),
        ("no id", "That is no id"),
    ):
        for word in (orphans.adopt, orphans.revoke):
            with pytest.raises(LeverRefused, match=sentence):
                await word(one)
    with pytest.raises(LeverRefused, match="one too many"):
        await orphans.adopt(plant(stage, booking, number=6, display_name=recorded.display_name))
    assert len((await stage.view(booking)).sets) == 1


async def test_a_create_whose_answer_was_lost_is_not_a_persons_to_adopt(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    assert kinds(await audit(stage)) == ["foreign", "unsettled"]
    for word in (auditor(stage).orphans.by(COMMAND_LINE).adopt, auditor(stage).orphans.by(COMMAND_LINE).revoke):
        with pytest.raises(LeverRefused, match="not settled"):
            await word(stage.live(booking)[0].id)
    await stage.pass_time(15)
    assert kinds(await audit(stage)) == ["agrees", "foreign"]


async def test_while_a_worker_is_at_the_booking_it_is_to_be_said_again(stage: Stage):
    booking = stage.book()
    await stage.work()
    await stage.store.hint("club", booking)
    await stage.store.claim(limit=1)
    with pytest.raises(BookingBusy):
        await auditor(stage).orphans.by(COMMAND_LINE).adopt(plant(stage, booking, number=2))


@pytest.mark.parametrize("die_at", range(3, 20, 4))
async def test_a_worker_that_dies_between_order_and_revoke_leaves_it_to_the_next(stage: Stage, die_at: int):
    booking = unheard(stage, status="70")
    await auditor(stage).orphans.by(COMMAND_LINE).revoke(plant(stage, booking))
    dying = stage.world.crew(die_at=die_at)
    with contextlib.suppress(Killed):
        await dying.worker.run_once(limit=1)
    assert dying.life.dead
    await stage.pass_time(40)
    assert stage.live(booking) == []
    assert [one.state for one in (await stage.view(booking)).sets] == [SetState.REVOKED]


async def test_after_a_database_was_put_back_what_it_forgot_is_adopted_and_nobody_gets_a_second_message(tmp_path: Path):
    async with a_stage(tmp_path) as stage:
        kept, moved = stage.book(start=BEGIN + 20 * HOUR), stage.book(start=BEGIN + 30 * HOUR)
        await stage.work()
        await stage.put_back_later(tmp_path)
        forgotten = stage.book(start=BEGIN + 40 * HOUR)
        stage.ireserve.reschedule_as_admin(moved, BEGIN + 50 * HOUR, BEGIN + 52 * HOUR)
        await stage.work()
        before, mails = {one.id for one in stage.resivo.live()}, stage.mails()
        await stage.put_back(tmp_path)
        found = await audit(stage)
        assert kinds(found) == ["agrees", "ended_elsewhere", "foreign", "orphan", "orphan"]
        for finding in found.findings:
            if finding.kind is Kind.ORPHAN and finding.row is not None:
                await auditor(stage).orphans.by(COMMAND_LINE).adopt(finding.row.id)
        await stage.pass_time(700, sweep=True)
        assert {one.id for one in stage.resivo.live()} == before
        assert stage.mails() == mails
        assert [await stage.state(one) for one in (kept, moved, forgotten)] == [BookingState.GRANTED] * 3
        assert kinds(await audit(stage)) == ["agrees", "agrees", "agrees", "foreign", "past"]


async def test_what_a_portal_user_changed_is_told_with_what_differs(stage: Stage):
    longer, fewer = stage.book(), stage.book()
    await stage.work()
    stage.resivo.portal_change(stage.live(longer)[0].id, valid_to=BEGIN + 9 * HOUR)
    stage.resivo.portal_change(stage.live(fewer)[0].id, component_ids=[stage.world.component_ids["Hall 1"]])
    found = {f.at.booking_id: f for f in (await audit(stage)).findings if f.at is not None}
    assert (found[longer].kind, found[longer].differs, found[longer].opens_more) == (Kind.CHANGED, ("ends later",), True)
    assert (found[fewer].kind, found[fewer].differs, found[fewer].opens_more) == (Kind.CHANGED, ("fewer doors",), False)
    assert found[longer].since == BEGIN


async def test_without_a_list_what_is_recorded_is_read_one_by_one(tmp_path: Path):
    async with a_stage(tmp_path, profile="onegov-literal") as stage:
        kept, gone = stage.book(), stage.book()
        await stage.work()
        stage.resivo.portal_delete(stage.live(gone)[0].id)
        found = await audit(stage)
        assert (found.listed, found.problem, kinds(found)) == (False, "", ["agrees", "missing"])
        orphan = plant(stage, kept, number=5)
        await auditor(stage).orphans.by(COMMAND_LINE).revoke(orphan)
        await stage.work()
        assert len(stage.live(kept)) == 1


async def test_a_resivo_that_does_not_answer_is_a_sentence_with_a_remedy(stage: Stage):
    stage.resivo.faults.add(operation="list_authorizations", kind="refuse", times=None)
    found = await audit(stage)
    assert found.needs_person
    assert "Drempel tries again" in found.problem or "Check" in found.problem
    stage.resivo.faults.add(operation="read_authorization", kind="refuse", times=None)
    with pytest.raises(LeverRefused, match="could not be read everywhere"):
        await auditor(stage).orphans.by(COMMAND_LINE).revoke("some-id")
