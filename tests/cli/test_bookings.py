from __future__ import annotations

import json
from datetime import timedelta

from drempel.cli.bookings import State
from drempel.domain.access import BookingState, SetState
from drempel.domain.events import Event
from drempel.domain.failures import Failure
from drempel.domain.verdict import Field, ReadBack, Verdict
from drempel.engine.booking_object import booking_object, utc_text
from drempel.engine.offline_doors import OfflineDoor, OfflineDoors
from drempel.engine.records import BookingView
from tests.cli.saying import Desk
from tests.engine.stand_in import NOW, StandIn, a_set, a_view


def needy() -> BookingView:
    return a_view(
        sets=[a_set()],
        history=[
            Event(at=NOW + timedelta(minutes=n), type="failure", data={"code": "component.missing", "n": str(n)})
            for n in range(20)
        ],
        state=BookingState.NEEDS_PERSON,
        status="20",
        object_id="81",
        object_name="Hall \x1b[31m1",
        start=NOW,
        end=NOW + timedelta(hours=2),
        reason="access.fits",
        failure=Failure("component.missing", {"names": "Main entrnce", "near": "Main entrance"}),
        next_at=NOW,
    )


def test_the_states_are_those_of_the_domain() -> None:
    assert [state.value for state in State] == [state.value for state in BookingState]


def test_away_from_a_terminal_a_list_is_one_line_each_with_tabs(desk: Desk) -> None:
    desk.records = StandIn(needy(), a_view("1364"))
    said = desk.say("bookings")
    assert said.lines == [
        "club\t1363\tneeds_person\t20\t81\t2026-03-14T08:00:00Z\t2026-03-14T08:00:00Z\tcomponent.missing",
        "club\t1364\tnone\t\t\t\t\t",
    ]


def test_at_a_terminal_a_list_is_a_table(desk: Desk) -> None:
    desk.records = StandIn(needy())
    desk.terminal = True
    said = desk.say("bookings")
    assert said.lines[0].split()[:4] == ["source", "booking", "state", "status"]
    assert "1 booking" in said.out


def test_a_list_may_be_of_one_state(desk: Desk) -> None:
    desk.records = StandIn(needy(), a_view("1364"))
    assert len(desk.say("bookings", "--state", "needs_person").lines) == 1


def test_json_is_one_array_of_the_objects_of_rest_over_all_pages(desk: Desk) -> None:
    desk.records = StandIn(*(a_view(f"{number:04}") for number in range(1100)))
    items = json.loads(desk.say("bookings", "--json").out)
    assert len({item["booking_id"] for item in items}) == 1100
    assert items[0] == booking_object(a_view("0000"))


def test_json_of_nothing_is_an_empty_array(desk: Desk) -> None:
    assert json.loads(desk.say("bookings", "--json").out) == []


def test_why_explains_in_one_screen(desk: Desk) -> None:
    desk.records = StandIn(needy())
    said = desk.say("why", "club", "1363")
    assert said.lines[0] == "Booking 1363 of club: needs_person"
    assert "No door at the site is called Main entrnce." in said.out
    assert "Similar names: Main entrance." in said.out
    assert "  help      docs/troubleshooting/component.missing.md" in said.lines
    assert "08:00 - 10:00 UTC  =  2026-03-14 09:00 - 11:00 CET" in said.out
    assert "auth-1" in said.out
    assert "5 earlier; --json shows all" in said.out
    assert len(said.lines) <= 30
    assert "\x1b" not in said.out


def test_why_tells_what_is_not_ready_and_what_stood_open_too_long(desk: Desk) -> None:
    read = ReadBack(verdict=Verdict.NOT_READY, fields=(Field.DOORS,), missing_ids=frozenset({"c1"}), at=NOW)
    old = a_set(1, state=SetState.REVOKED, exposure=timedelta(seconds=37.2))
    desk.records = StandIn(a_view(sets=[old, a_set(2, read_back=read)], state=BookingState.GRANTED))
    lines = desk.say("why", "club", "1363").lines
    assert "  ready     not ready: doors (Main entrance)" in lines
    assert [line.endswith("could open for 37.2 s too long") for line in lines if line.startswith("  access")] == [True, False]


def test_why_as_json_is_the_object_of_rest_with_the_whole_history(desk: Desk) -> None:
    desk.records = StandIn(needy())
    shown = json.loads(desk.say("why", "club", "1363", "--json").out)
    assert shown == booking_object(needy())
    assert len(shown["history"]) == 20


def test_no_id_of_resivo_steers_the_terminal(desk: Desk) -> None:
    desk.records = StandIn(a_view(sets=[a_set(authorization_id="a\x1b[31mb")], state=BookingState.GRANTED))
    assert all(line.isprintable() for line in desk.say("why", "club", "1363").lines)


def test_why_and_json_tell_which_doors_are_out_of_reach(desk: Desk) -> None:
    desk.records = StandIn(a_view(sets=[a_set(2)], state=BookingState.GRANTED))
    door = OfflineDoor(component_id="c1", name="main", since=NOW)
    desk.records.offline = [OfflineDoors(connection_id=1, site_id="site-1", looked_at=NOW, doors=(door,))]
    (line,) = [line for line in desk.say("why", "club", "1363").lines if line.startswith("  offline")]
    assert line == f"  offline   Main entrance: Resivo cannot reach it; so since {utc_text(NOW)}, last seen {utc_text(NOW)}"
    shown = [json.loads(desk.say("why", "club", "1363", "--json").out), *json.loads(desk.say("bookings", "--json").out)]
    told = [{"id": "c1", "name": "Main entrance", "since": utc_text(NOW), "seen": utc_text(NOW)}]
    assert [one["authorization_sets"][0]["offline_doors"] for one in shown] == [told, told]


def test_each_lever_prints_one_line(desk: Desk) -> None:
    desk.records = StandIn(a_view(sets=[a_set(state=SetState.UNKNOWN)]))
    for arguments in (
        ["retry", "club", "1363"],
        ["revoke", "club", "1363"],
        ["erase", "club", "1363"],
        ["receipts"],
        ["resolve", "club", "1363", "--created", "auth-9"],
        ["resolve", "club", "1363", "--not-created"],
        ["brake", "show", "club"],
        ["brake", "release", "club"],
    ):
        said = desk.say(*arguments)
        assert (said.code, said.err, len(said.lines)) == (0, "", 1), arguments
    assert [order for order, *_ in desk.records.orders] == ["retry", "revoke", "erase"]
    assert len(desk.records.changes) == 2


def test_a_lever_that_does_not_fit_is_1_with_a_sentence(desk: Desk) -> None:
    desk.records = StandIn(a_view())
    said = desk.say("resolve", "club", "1363", "--not-created")
    assert (said.code, said.out) == (1, "")
    assert "no outcome is unknown" in said.err


def test_a_booking_at_work_is_1(desk: Desk) -> None:
    desk.records = StandIn(a_view())
    desk.records.busy = True
    said = desk.say("resolve", "club", "1363", "--not-created")
    assert said.code == 1
    assert "again in a moment" in said.err
