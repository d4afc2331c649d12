"""Two-way comparison: exactly one class for each set on either side, whatever names people type."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drempel.domain.access import AuthorizationSet, Marker, SetState
from drempel.domain.window import AccessWindow
from drempel.engine.audit import Finding, Kind, classify
from drempel.engine.ports import FoundSet, Life, SetAt
from tests.factories import HALL, MAIN, NOW, STORAGE, make_set

MARKER = Marker(current="abcdefgh", former=frozenset({"oldmarkr"}))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OVER = AccessWindow(valid_from=NOW - 3 * HOUR, valid_to=NOW - HOUR)
HOSTILE = (
    "dr-abcdefgh-", "copy of dr-abcdefgh-club-{n}-1", "Hall · dr-abcdefgh-club-{n}-1 (copy)", "Hall · dr-zzzzzzzz-club-{n}-1", "Ada, hall {n}",
    "Hall · dr-abcdefgh-club-{n}-1 ", "Hall\n · dr-abcdefgh-club-{n}-1", "dr-abcdefgh-club-{n}-1 · dr-", "Hall · dr-abcdefgh-club-{n}-0", "",
)  # fmt: skip


class Sides:
    """Both sides of one site, grown set by set, each with the class that it must get."""

    def __init__(self) -> None:
        self.rows: list[FoundSet] = []
        self.recorded: list[SetAt] = []
        self.known: list[SetAt] = []
        self.expected: dict[tuple[str, str], Kind] = {}

    def record(self, n: int, state: SetState = SetState.LIVE, **changes: Any) -> AuthorizationSet:
        name = f"Hall 1 · dr-abcdefgh-club-{n}-1"
        one = make_set(state=state, **{"display_name": name, "authorization_id": f"id-{n}", **changes})
        at = SetAt(source="club", booking_id=str(n), set=one)
        self.known.append(at)
        if state in {SetState.LIVE, SetState.REVOKING} or one.unsettled:
            self.recorded.append(at)
        return one

    def show(self, n: int, kind: Kind, *, row_id: str | None = None, name: str | None = None, **changes: Any) -> None:
        one = make_set()
        row = FoundSet(
            id=row_id or f"id-{n}",
            display_name=f"Hall 1 · dr-abcdefgh-club-{n}-1" if name is None else name,
            is_remote_access=True,
            component_ids=frozenset(one.intent.component_ids),
            window=one.intent.window,
            life=Life.LIVE,
        )
        self.rows.append(replace(row, **changes))
        self.expected["row", self.rows[-1].id] = kind

    def expect_record(self, n: int, kind: Kind) -> None:
        self.expected["set", str(n)] = kind

    def judged(self) -> list[Finding]:
        by_id = {at.set.authorization_id: at for at in self.known if at.set.authorization_id}
        by_name = {at.set.display_name: at for at in self.known}
        return classify(
            self.rows, recorded=self.recorded, by_id=by_id, by_name=by_name, marker=MARKER, began=NOW - MINUTE, now=NOW
        )


def agrees(at: Sides, n: int, chance: random.Random) -> None:
    dropped = chance.random() < 0.3
    at.record(n, dropped_ids=frozenset({HALL}) if dropped else frozenset())
    at.show(n, Kind.AGREES, **({"component_ids": frozenset({MAIN})} if dropped else {}))


def orphan(at: Sides, n: int, chance: random.Random) -> None:
    at.show(
        n, Kind.ORPHAN, name=chance.choice([None, f"dr-oldmarkr-gone-source-{n}-3", f"dr-abcdefgh-x-1 · dr-abcdefgh-club-{n}-9"])
    )


def left(at: Sides, n: int, chance: random.Random) -> None:
    state = chance.choice([SetState.REVOKED, SetState.ENDED])
    at.record(n, state, revoked_at=NOW - HOUR)
    at.show(n, Kind.LEFT, row_id=chance.choice([None, f"other-{n}"]))


def twin(at: Sides, n: int, _chance: random.Random) -> None:
    at.record(n)
    at.show(n, Kind.AGREES)
    at.show(n, Kind.TWIN, row_id=f"twin-{n}")


def missing(at: Sides, n: int, _chance: random.Random) -> None:
    at.record(n)
    at.expect_record(n, Kind.MISSING)


def ended_elsewhere(at: Sides, n: int, chance: random.Random) -> None:
    at.record(n)
    at.show(n, Kind.ENDED_ELSEWHERE, **chance.choice([{"life": Life.NOT_LIVE}, {"window": OVER}]))


def changed(at: Sides, n: int, chance: random.Random) -> None:
    window = make_set().intent.window
    at.record(n)
    change: dict[str, Any] = chance.choice(
        [
            {"component_ids": frozenset({MAIN, STORAGE})},
            {"component_ids": frozenset({MAIN})},
            {"window": None},
            {"window": replace(window, valid_to=window.valid_to + HOUR)},
            {"window": replace(window, valid_from=window.valid_from + HOUR)},
            {"name": "VIP"},
        ]
    )
    at.show(n, Kind.CHANGED, **change)


def unsettled(at: Sides, n: int, chance: random.Random) -> None:
    if chance.random() < 0.3:
        at.record(n, SetState.REVOKING)
        at.show(n, Kind.UNSETTLED)
        return
    one = chance.choice([{"state": SetState.UNKNOWN}, {"state": SetState.INTENDED, "maybe_sent": True}])
    at.record(n, authorization_id=None, **one)
    if chance.random() < 0.5:
        at.show(n, Kind.UNSETTLED)
    else:
        at.expect_record(n, Kind.UNSETTLED)


def unclear(at: Sides, n: int, chance: random.Random) -> None:
    if chance.random() < 0.5:
        at.record(n)
    at.show(n, Kind.UNCLEAR, **chance.choice([{"life": Life.UNCLEAR}, {"unreadable": True, "window": None}]))


def past(at: Sides, n: int, chance: random.Random) -> None:
    if chance.random() < 0.5:
        at.record(n, SetState.REVOKED)
    at.show(n, Kind.PAST, **chance.choice([{"life": Life.NOT_LIVE}, {"window": OVER}]))


def foreign(at: Sides, n: int, chance: random.Random) -> None:
    if chance.random() < 0.2:
        at.show(n, Kind.FOREIGN, is_remote_access=False)  # a PIN under a name of our form: we never make one
    else:
        at.show(n, Kind.FOREIGN, name=chance.choice(HOSTILE).format(n=n), window=chance.choice([None, OVER]))


@pytest.mark.parametrize("seed", range(3))
def test_of_a_thousand_mixed_sets_each_gets_exactly_its_class(seed: int):
    chance, sides = random.Random(seed), Sides()
    makers = [agrees, orphan, left, twin, missing, ended_elsewhere, changed, unsettled, unclear, past, foreign]
    for n in range(1, 1001):
        chance.choice(makers)(sides, n, chance)
    chance.shuffle(sides.rows)
    chance.shuffle(sides.recorded)
    found: dict[tuple[str, str], Kind] = {}
    for finding in sides.judged():
        assert finding.row is not None or finding.at is not None
        key = ("row", finding.row.id) if finding.row is not None else ("set", finding.at.booking_id)  # type: ignore[union-attr]
        assert key not in found, "one class each"
        found[key] = finding.kind
    assert found == sides.expected
    assert set(found.values()) == set(Kind)


def test_only_what_opens_more_or_is_no_longer_live_has_drifted():
    sides, window = Sides(), make_set().intent.window
    more = [
        {"window": None},
        {"window": replace(window, valid_to=window.valid_to + HOUR)},
        {"component_ids": frozenset({STORAGE})},
    ]
    less = [
        {"window": replace(window, valid_from=window.valid_from + HOUR)},
        {"component_ids": frozenset({MAIN})},
        {"display_name": "VIP"},
    ]
    for n, change in enumerate([*more, *less, {}]):
        sides.record(n)
        sides.show(n, Kind.CHANGED, **change)
    assert [finding.drifted for finding in sides.judged()] == [True] * 3 + [False] * 4
    assert not any(finding.wants_look for finding in sides.judged())


def test_a_row_that_cannot_be_read_is_not_taken_for_one_without_end():
    sides = Sides()
    sides.record(1)
    sides.show(1, Kind.UNCLEAR, unreadable=True, window=None)
    (finding,) = sides.judged()
    assert (finding.kind, finding.drifted, finding.wants_look) == (Kind.UNCLEAR, False, False)


def test_what_was_revoked_while_the_list_was_read_is_not_left():
    sides = Sides()
    sides.record(1, SetState.REVOKED, revoked_at=NOW - MINUTE)
    sides.show(1, Kind.PAST)
    assert [finding.kind for finding in sides.judged()] == [Kind.PAST]


def test_an_id_that_rests_on_a_persons_word_is_not_ours_under_a_foreign_name():
    sides = Sides()
    sides.record(1, ever_unknown=True)
    sides.show(1, Kind.FOREIGN, name="made by hand")
    row, recorded = sides.judged()
    assert (row.kind, row.at) == (Kind.FOREIGN, None)
    assert (recorded.kind, recorded.drifted, recorded.wants_look) == (Kind.UNCLEAR, False, False)
