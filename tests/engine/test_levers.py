from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.events import Event
from drempel.domain.failures import Failure
from drempel.domain.verdict import Field, ReadBack, Verdict
from drempel.engine.booking_object import booking_object
from drempel.engine.levers import Created, LeverRefused, Levers, NotCreated, UnknownIntegration, UnknownSource
from drempel.engine.receipts import WAITS
from drempel.engine.records import BookingBusy, Brake, UnknownBooking
from drempel.engine.setup import Setup
from drempel.engine.trail import COMMAND_LINE, person_actor
from tests.engine.stand_in import CLUB, NOW, StandIn, a_set, a_view
from tests.engine.test_setup_plan import WANTED, setup_of

UNKNOWN = a_set(state=SetState.UNKNOWN, maybe_sent=True, ever_unknown=True)
REVOKING = a_set(state=SetState.REVOKING, revoke_reason="status.revoke")
UNREADY = ReadBack(verdict=Verdict.NOT_READY, fields=(Field.DOORS,), missing_ids=frozenset({"c1"}), at=NOW)
NOT_FOUND = Failure("authorization.not_found", {"id": "auth-1"})


async def resolve(records: StandIn, says: Created | NotCreated) -> str:
    return await Levers(records).by(COMMAND_LINE).resolve("club", "1363", says)


@pytest.mark.parametrize("order", ["retry", "revoke"])
async def test_an_order_is_handed_to_the_store_and_told_in_one_line(order: str) -> None:
    records = StandIn(a_view())
    line = await getattr(Levers(records).by(COMMAND_LINE), order)("club", "1363")
    assert records.orders == [(order, "club", "1363")]
    assert "\n" not in line
    assert "1363" in line


async def test_an_unknown_source_is_told_apart_from_an_unknown_booking() -> None:
    levers = Levers(StandIn()).by(COMMAND_LINE)
    with pytest.raises(UnknownSource, match="Known sources: club"):
        await levers.retry("elsewhere", "1")
    with pytest.raises(UnknownBooking):
        await levers.retry("club", "1")


async def test_created_notes_the_id_which_counts_once_resivo_shows_it_under_our_name() -> None:
    records = StandIn(a_view(sets=[UNKNOWN]))
    await resolve(records, Created("auth-77"))
    (made,) = records.changes[0].sets
    assert (made.state, made.authorization_id, made.unsettled) == (SetState.UNKNOWN, "auth-77", True)
    (event,) = records.changes[0].events
    assert (event.type, event.data["answer"], event.data["id"]) == ("person.resolved", "created", "auth-77")


async def test_not_created_makes_it_an_intent_that_may_be_sent_again_and_stays_watched() -> None:
    records = StandIn(a_view(sets=[UNKNOWN]))
    await resolve(records, NotCreated())
    (intent,) = records.changes[0].sets
    assert intent.unsent
    assert intent.ever_unknown
    assert intent.watch_at == NOW + timedelta(minutes=1)


async def test_not_created_is_too_early_while_the_request_may_be_under_way() -> None:
    under_way = a_set(state=SetState.INTENDED, maybe_sent=True, look_at=NOW + timedelta(seconds=10))
    with pytest.raises(LeverRefused, match="may still be under way until 08:00:10 UTC"):
        await resolve(StandIn(a_view(sets=[under_way])), NotCreated())
    over = a_set(state=SetState.INTENDED, maybe_sent=True, look_at=NOW)
    records = StandIn(a_view(sets=[over]))
    await resolve(records, NotCreated())
    assert records.changes[0].sets[0].unsent


async def test_a_revoke_that_met_not_found_is_settled_by_not_created() -> None:
    records = StandIn(a_view(sets=[REVOKING], failure=NOT_FOUND))
    await resolve(records, NotCreated())
    assert records.changes[0].sets[0].state is SetState.REVOKED


async def test_of_two_revokes_only_the_one_that_the_failure_names_is_settled() -> None:
    other = a_set(2, state=SetState.REVOKING)
    records = StandIn(a_view(sets=[REVOKING, other], failure=NOT_FOUND))
    await resolve(records, NotCreated())
    assert [one.number for one in records.changes[0].sets] == [1]


async def test_a_foreign_text_in_the_booking_field_may_be_overwritten() -> None:
    view = a_view(failure=Failure("field.foreign", {"field": "custom05"}), field_seen="somebody else's")
    records = StandIn(view)
    await resolve(records, NotCreated())
    assert view.record.overwrite_value == "somebody else's"
    assert records.changes[0].events[0].data == {"answer": "overwrite_field"}


@pytest.mark.parametrize(
    ("view", "says", "reason"),
    [
        (a_view(sets=[a_set()]), NotCreated(), "no outcome is unknown"),
        (a_view(), Created("x"), "no outcome is unknown"),
        (a_view(sets=[REVOKING]), NotCreated(), "no outcome is unknown"),
        (a_view(sets=[REVOKING], failure=NOT_FOUND), Created("x"), "knows the id already"),
        (a_view(failure=Failure("field.foreign"), field_seen="x"), Created("x"), "not possible yet"),
        (a_view(failure=Failure("field.foreign")), NotCreated(), "has not been read yet"),
        (a_view(sets=[UNKNOWN]), Created("no id/"), "no id of an access"),
        (a_view(sets=[UNKNOWN, a_set(2, state=SetState.UNKNOWN)]), Created("x"), "More than one outcome is unknown"),
        (a_view(sets=[UNKNOWN, a_set(2)]), Created("auth-2"), "belongs to another access"),
    ],
)
async def test_a_word_that_does_not_fit_is_refused_with_a_sentence(view: object, says: Created | NotCreated, reason: str) -> None:
    records = StandIn(view)  # type: ignore[arg-type]
    with pytest.raises(LeverRefused, match=reason):
        await resolve(records, says)
    assert records.changes == []


async def test_the_failure_names_which_of_two_unknown_outcomes_is_meant() -> None:
    second = a_set(2, state=SetState.UNKNOWN, site_id="site-2")
    failure = Failure("access.outcome_unknown_no_list", {"name": second.display_name})
    records = StandIn(a_view(sets=[UNKNOWN, second], failure=failure))
    await resolve(records, Created("auth-9"))
    assert [one.number for one in records.changes[0].sets] == [2]


async def test_a_booking_at_work_is_busy() -> None:
    records = StandIn(a_view(sets=[UNKNOWN]))
    records.busy = True
    with pytest.raises(BookingBusy):
        await resolve(records, NotCreated())


async def test_the_kill_switch_says_whether_it_changed_anything() -> None:
    levers = Levers(StandIn(setup=setup_of(WANTED))).by(COMMAND_LINE)
    assert (await levers.pause("doors")).startswith("Ordered")
    assert (await levers.pause("doors")).endswith("paused already.")
    assert (await levers.resume("doors")).startswith("Ordered")
    with pytest.raises(UnknownIntegration, match="Known integrations: doors"):
        await levers.pause("windows")


async def test_a_brake_is_shown_and_released() -> None:
    records = StandIn()
    assert not (await Levers(records).by(COMMAND_LINE).brake("club")).holds
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    assert (await Levers(records).by(COMMAND_LINE).brake("club")).holds
    assert (await Levers(records).by(COMMAND_LINE).release_brake("club")).startswith("Ordered")
    assert "does not hold" in await Levers(records).by(COMMAND_LINE).release_brake("club")


async def test_all_pages_brings_every_booking_once() -> None:
    records = StandIn(*(a_view(str(number)) for number in range(1203)))
    found = [view.record.booking_id async for view in Levers(records).by(COMMAND_LINE).all_pages(state=None)]
    assert len(found) == len(set(found)) == 1203


async def test_before_anything_is_set_up_the_sentence_says_how_to_begin() -> None:
    with pytest.raises(UnknownSource, match="drempel apply FILE"):
        await Levers(StandIn(setup=Setup(version=0))).why("club", "1")


def test_a_booking_object_has_the_shape_of_the_design() -> None:
    view = a_view(
        sets=[a_set(2, read_back=UNREADY), a_set(1, state=SetState.REVOKED, exposure=timedelta(seconds=37))],
        history=[Event(at=NOW, type="failure", data={"code": "resivo.busy"})],
        state=BookingState.GRANTED,
        status="20",
        object_id="81",
        failure=Failure("resivo.busy", {"detail": "429"}),
        next_at=NOW,
    )
    shown = booking_object(view)
    assert shown == {
        "source": "club",
        "booking_id": "1363",
        "state": "granted",
        "status": "20",
        "object": "81",
        "window": {"valid_from": "2026-03-14T09:45:00Z", "valid_to": "2026-03-14T12:00:00Z"},
        "authorization_sets": [
            {
                "id": None,
                "site_id": "site-1",
                "display_name": "Hall 1 · dr-abcd2345-club-1363-1",
                "state": "revoked",
                "ready": None,
                "exposure_seconds": 37.0,
                "offline_doors": [],
            },
            {
                "id": "auth-2",
                "site_id": "site-1",
                "display_name": "Hall 1 · dr-abcd2345-club-1363-2",
                "state": "live",
                "ready": "not_ready",
                "exposure_seconds": None,
                "offline_doors": [],
            },
        ],
        "ready": {"verdict": "not_ready", "differs": [{"field": "doors", "names": ["Main entrance"]}]},
        "failure": {
            "code": "resivo.busy",
            "message": "Resivo asks us to wait (429).",
            "remedy": "Nothing to do: Drempel goes on when the pause is over.",
        },
        "next_attempt_at": "2026-03-14T08:00:00Z",
        "erase_ordered_at": None,
        "erased_at": None,
        "history": [{"at": "2026-03-14T08:00:00Z", "type": "failure", "code": "resivo.busy"}],
    }


async def test_an_order_to_erase_says_what_it_waits_for_or_what_was_confirmed_and_removed() -> None:
    records = StandIn(a_view())
    done = await Levers(records).by(COMMAND_LINE).erase("club", "1363")
    assert done == "Erased: booking 1363 of club. Receipt 1: confirmed revoked: auth-1; removed: 2 rows."
    for held, sentence in WAITS.items():
        records.waits = held
        line = await Levers(records).by(COMMAND_LINE).erase("club", "1363")
        assert line.startswith("Ordered: ")
        assert sentence in line
        assert "\n" not in line
    assert len(await Levers(records).receipts()) == 1 + len(WAITS)
    with pytest.raises(UnknownSource):
        await Levers(records).by(COMMAND_LINE).erase("elsewhere", "1363")


def test_of_an_erased_booking_no_window_is_shown() -> None:
    shown = booking_object(a_view(sets=[a_set(2, state=SetState.REVOKED)], erased_at=NOW))
    assert (shown["window"], shown["erased_at"]) == (None, "2026-03-14T08:00:00Z")


def test_a_booking_without_access_has_no_window() -> None:
    assert booking_object(a_view())["window"] is None


def test_the_window_is_that_of_the_newest_set_that_counts() -> None:
    revoked_later = a_set(3, state=SetState.REVOKED)
    assert booking_object(a_view(sets=[a_set(2), revoked_later]))["window"] is not None
    assert CLUB.name == "club"


async def test_each_order_goes_into_the_trail_with_who_gave_it() -> None:
    records = StandIn(a_view(sets=[UNKNOWN]), setup=setup_of(WANTED))
    records.brake_list = [Brake(source="club", tripped_at=NOW, released_at=None)]
    levers = Levers(records).by(person_actor("Anna"))
    await levers.retry("club", "1363")
    await levers.revoke("club", "1363")
    await levers.resolve("club", "1363", NotCreated())
    await levers.release_brake("club")
    await levers.pause("doors")
    await levers.pause("doors")
    await levers.by(COMMAND_LINE).resume("doors")
    assert [(one.actor.name, one.type, one.about, one.before, one.after) for one in records.trail] == [
        ("Anna", "booking.retry", "booking 1363 of club", "", ""),
        ("Anna", "booking.revoke", "booking 1363 of club", "", ""),
        ("Anna", "booking.resolve", "booking 1363 of club", "", "not created"),
        ("Anna", "brake.release", "club", "holds", "released"),
        ("Anna", "integration.pause", "doors", "running", "paused"),
        ("command line", "integration.resume", "doors", "paused", "running"),
    ]


async def test_nobody_orders_without_a_name() -> None:
    with pytest.raises(AssertionError, match="somebody who gives it"):
        await Levers(StandIn(a_view())).retry("club", "1363")
