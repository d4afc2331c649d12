"""The outcome of a create that nobody knows: lost answers, late twins, a person's word. In process: simulators behind the transport, a real store, a clock that is moved by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from drempel.domain.access import BookingState
from drempel.engine.levers import Created, Levers, NotCreated
from drempel.engine.trail import COMMAND_LINE
from drempel.web.pages.offers import Question, open_question
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN, FOREIGN


async def test_an_answer_that_is_lost_after_the_work_is_found_and_not_repeated(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    assert await stage.state(booking) is BookingState.PENDING
    await stage.pass_time(15)
    assert await stage.state(booking) is BookingState.GRANTED
    assert stage.made(booking) == stage.mails() == 1


async def test_an_answer_that_is_lost_before_the_work_is_looked_for_twice_and_sent_again_under_the_same_name(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_before")
    booking = stage.book()
    await stage.pass_time(25)
    assert stage.resivo.calls.counts["list_authorizations"] >= 2
    (live,) = stage.live(booking)
    assert live.display_name.endswith("-1")
    assert stage.mails() == 1


async def test_a_late_twin_is_found_and_revoked(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=45)
    booking = stage.book()
    await stage.pass_time(50)
    assert len(stage.live(booking)) == 2
    await stage.pass_time(120)
    (live,) = stage.live(booking)
    assert live.id == stage.field(booking)


async def test_a_500_after_the_commit_makes_no_second_access(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="status", status=500, done=True, body="html")
    booking = stage.book()
    await stage.pass_time(30)
    assert stage.made(booking) == 1
    assert await stage.state(booking) is BookingState.GRANTED


async def test_a_cancellation_while_the_outcome_is_unknown_takes_away_what_was_made(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await stage.state(booking) is BookingState.REVOKING
    await stage.pass_time(15)
    assert stage.live(booking) == []
    assert await stage.state(booking) is BookingState.REVOKED


async def test_a_cancellation_while_the_create_is_on_its_way_catches_it_when_it_arrives_an_hour_later(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="late", late_seconds=3000)
    booking = stage.book(start=BEGIN + 10 * HOUR)
    await stage.work()
    stage.ireserve.set_status(booking, "70")
    await stage.pass_time(40)
    assert await stage.state(booking) is BookingState.REVOKED
    await stage.pass_time(2 * HOUR)
    assert stage.made(booking) == 1
    assert stage.live(booking) == []


async def test_a_reschedule_while_the_outcome_is_unknown_ends_with_one_access_for_the_new_time(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    stage.ireserve.reschedule_as_admin(booking, BEGIN + 5 * HOUR, BEGIN + 6 * HOUR)
    await stage.pass_time(60)
    (live,) = stage.live(booking)
    assert live.valid_to == BEGIN + 6 * HOUR
    assert stage.field(booking) == live.id


async def test_looks_that_take_long_each_time_do_not_keep_a_revoke_from_being_done(stage: Stage):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.work()
    await stage.pass_time(15)
    assert len(stage.live(booking)) == 1, "found, and watched from now on"
    right = stage.world.transport.apps["resivo"]

    async def slow_to_list(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET" or not scope["path"].endswith("/authorizations"):
            await right(scope, receive, send)
            return
        stage.world.advance(timedelta(seconds=46))
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    stage.world.transport.apps["resivo"] = slow_to_list
    stage.world.advance(timedelta(seconds=61))
    stage.ireserve.set_status(booking, "70")
    await stage.world.deliver_all()
    await stage.crew.worker.run_once(limit=64)
    assert stage.live(booking) == []


@pytest.mark.parametrize(
    ("side", "path", "code"), [("ireserve", "/booking/", "source.unreachable"), ("resivo", "/components", "resivo.unreachable")]
)
async def test_what_was_read_too_slowly_to_create_by_is_read_again_at_once_and_then_said_and_tried_after_pauses(
    stage: Stage, side: str, path: str, code: str
):
    right, asked = stage.world.transport.apps[side], 0

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal asked
        if path in scope["path"]:
            asked += 1
            stage.world.advance(timedelta(seconds=21))
        await right(scope, receive, send)

    stage.world.transport.apps[side] = slow
    booking = stage.book()
    await stage.world.deliver_all()
    await stage.crew.worker.run_once(limit=64)
    await stage.crew.worker.run_once(limit=64)
    assert asked == 2, "at once once more: perhaps our own process stood still"
    assert await stage.failure(booking) == code
    assert stage.live(booking) == []
    stage.world.transport.apps[side] = right
    await stage.pass_time(120)
    assert len(stage.live(booking)) == 1
    assert await stage.failure(booking) is None


async def test_without_a_list_an_unknown_outcome_waits_for_a_person_and_nothing_is_sent_again(listless: Stage):
    listless.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = listless.book()
    await listless.pass_time(2 * HOUR)
    assert await listless.failure(booking) == "access.outcome_unknown_no_list"
    assert listless.made(booking) == 1
    assert await listless.state(booking) is BookingState.NEEDS_PERSON


async def test_a_revoke_whose_answer_is_lost_is_read_again_and_counts_as_done(stage: Stage):
    booking = stage.book()
    await stage.work()
    stage.resivo.faults.add(operation="revoke_authorization", kind="lost_after")
    stage.ireserve.set_status(booking, "70")
    await stage.work()
    assert await stage.state(booking) is BookingState.REVOKED
    assert stage.resivo.calls.counts["revoke_authorization"] == 1


@pytest.mark.parametrize("trouble", ["list fails", "unclear word"])
async def test_an_outcome_that_stays_unknown_is_not_asked_for_without_a_pause(stage: Stage, trouble: str):
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    if trouble == "list fails":
        stage.resivo.faults.add(operation="list_authorizations", kind="status", status=500, times=None)
    else:
        stage.resivo.quirks.status_word = "sleeping"
    stage.book()
    await stage.pass_time(900)
    assert stage.resivo.calls.counts["list_authorizations"] < 25


async def resolve(stage: Stage, booking: str, says: Created | NotCreated) -> None:
    await Levers(stage.store).by(COMMAND_LINE).resolve("club", booking, says)
    await stage.work()


async def unknown_without_list(stage: Stage) -> str:
    stage.resivo.faults.add(operation="create_remote_access", kind="lost_after")
    booking = stage.book()
    await stage.pass_time(60)
    assert await stage.failure(booking) == "access.outcome_unknown_no_list"
    return booking


async def test_a_persons_word_with_the_right_id_is_taken_and_nothing_is_sent_again(listless: Stage):
    booking = await unknown_without_list(listless)
    await resolve(listless, booking, Created(listless.live(booking)[0].id))
    assert await listless.state(booking) is BookingState.GRANTED
    assert (listless.made(booking), listless.field(booking)) == (1, listless.live(booking)[0].id)


async def test_a_persons_word_with_the_id_of_somebody_else_is_refused_and_that_access_is_never_touched(listless: Stage):
    booking = await unknown_without_list(listless)
    await resolve(listless, booking, Created("by-hand"))
    assert await listless.failure(booking) == "authorization.foreign"
    listless.ireserve.set_status(booking, "70")
    await listless.work()
    assert [a.status for a in listless.resivo.authorizations(display_name_contains=FOREIGN)] == ["active"]
    await resolve(listless, booking, Created(listless.live(booking)[0].id))
    await listless.work()
    assert listless.live(booking) == []


async def test_a_persons_word_with_a_mistyped_id_leaves_the_question_open_and_makes_no_second_access(listless: Stage):
    booking = await unknown_without_list(listless)
    (made,) = listless.live(booking)
    await resolve(listless, booking, Created(f"{made.id}x"))
    view = await listless.store.booking("club", booking)
    assert view.record.failure is not None
    assert (view.record.state, view.record.failure.code) == (BookingState.NEEDS_PERSON, "access.id_unknown")
    assert f"{made.id}x that was given" in view.record.failure.message
    assert made.display_name in view.record.failure.remedy
    assert open_question(view) is Question.OUTCOME
    await listless.pass_time(2 * 3600)
    await resolve(listless, booking, Created(f"{made.id}x"))
    assert (await listless.failure(booking), listless.made(booking)) == ("access.id_unknown", 1)
    await resolve(listless, booking, Created(made.id))
    assert await listless.state(booking) is BookingState.GRANTED
    assert (listless.made(booking), listless.live(booking)) == (1, [made])


async def test_a_persons_word_that_nothing_was_made_lets_it_be_sent_again(listless: Stage):
    listless.resivo.faults.add(operation="create_remote_access", kind="lost_before")
    booking = listless.book()
    await listless.pass_time(60)
    await resolve(listless, booking, NotCreated())
    assert await listless.state(booking) is BookingState.GRANTED
    assert listless.made(booking) == 1
