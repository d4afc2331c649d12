"""A judge that cannot fail is none: each kind of broken promise is planted, and seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bench.kills.oracle import Outside, SetSeen, Verdict, judge, waits
from bench.kills.people import Visit, Want

START = datetime(2026, 12, 1, 19, tzinfo=UTC)
HALL = Want(frozenset({"entrance", "hall"}), START, START + timedelta(hours=1))
LATER = replace(HALL, valid_from=START + timedelta(days=1), valid_to=START + timedelta(days=1, hours=1))
ADDRESSES = frozenset({"ada@example.com", "+31612345678"})
PORTAL = ("cleaners, as they were",)


def visit(*wants: Want | None) -> Visit:
    known = Visit("1", ADDRESSES)
    for number, want in enumerate(wants):
        known.changes(want, 100.0 + number)
    return known


def made(
    identity: str, want: Want = HALL, *, live: bool = True, made_at: float = 103.0, addresses: frozenset[str] = ADDRESSES
) -> SetSeen:
    return SetSeen(
        id=identity,
        addresses=addresses,
        doors=want.doors,
        valid_from=want.valid_from,
        valid_to=want.valid_to,
        live=live,
        made_at=made_at,
    )


def verdict(one: Visit, *sets: SetSeen, says: str = "a", links: int = 1, portal: tuple[str, ...] = PORTAL) -> Verdict:
    sent = [(address, each.id) for each in sets for address in each.addresses] * links
    outside = Outside(sets=sets, links=sent, fields={"1": says}, foreign=portal)
    return judge([one], outside, foreign_before=PORTAL)


def kinds(found: Verdict) -> set[str]:
    return {kind for kind in ("lost", "left_live", "unsaid", "doubled", "foreign") if getattr(found, kind)}


def test_a_booking_with_its_set_and_its_field_is_right() -> None:
    assert verdict(visit(HALL), made("a")).kept


def test_a_replaced_and_a_cancelled_booking_are_right() -> None:
    assert verdict(visit(HALL, LATER), made("b", live=False), made("a", LATER)).kept
    assert verdict(visit(HALL, None), made("a", live=False), says="").kept


def test_what_was_wanted_twice_may_be_issued_twice() -> None:
    assert verdict(visit(HALL, None, HALL), made("b", live=False), made("a")).kept


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(verdict(visit(HALL), says=""), {"lost"}, id="no set"),
        pytest.param(verdict(visit(HALL), made("a", live=False), says=""), {"lost"}, id="ended"),
        pytest.param(verdict(visit(HALL, LATER), made("a")), {"lost", "left_live", "unsaid"}, id="the old hours alone"),
        pytest.param(verdict(visit(HALL, LATER), made("b"), made("a", LATER)), {"left_live"}, id="the old hours as well"),
        pytest.param(verdict(visit(HALL, None), made("a"), says=""), {"left_live"}, id="cancelled and live"),
        pytest.param(verdict(visit(HALL), made("a"), made("b")), {"left_live", "doubled"}, id="two live"),
        pytest.param(verdict(visit(HALL), made("a"), made("b", live=False)), {"doubled"}, id="two made"),
        pytest.param(verdict(visit(HALL), made("a"), links=2), {"doubled"}, id="one set, two links"),
        pytest.param(verdict(visit(HALL), made("a"), made("b", LATER, live=False)), {"doubled"}, id="never wanted"),
        pytest.param(verdict(visit(HALL), made("a"), says="b"), {"unsaid"}, id="the field says another"),
        pytest.param(verdict(visit(HALL, None), made("a", live=False)), {"unsaid"}, id="the field still says it"),
        pytest.param(verdict(visit(HALL), made("a"), portal=()), {"foreign"}, id="a portal's set gone"),
        pytest.param(
            verdict(visit(HALL), made("a"), made("c", addresses=frozenset({"eve@example.com"}))), {"foreign"}, id="for nobody"
        ),
    ],
)
def test_each_broken_promise_is_seen(found: Verdict, expected: set[str]) -> None:
    assert kinds(found) == expected


def test_a_wait_is_counted_from_the_last_wish() -> None:
    outside = Outside(sets=[made("a", LATER, made_at=104.5)], links=[], fields={}, foreign=())
    assert waits([visit(HALL, LATER)], outside) == {"1": 3.5}
