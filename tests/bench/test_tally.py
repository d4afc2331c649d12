"""The table of tortures counts what was planted, and nothing else."""

from __future__ import annotations

import pytest

from bench.kills.oracle import SetSeen
from bench.torture.tally import Tally, Told, count


def told(*, wanted: bool = True, at: float = 100.0) -> Told:
    return Told(booking_id="1", addresses=frozenset({"ada@example.com"}), wanted=wanted, at=at)


def made(identity: str, *, live: bool = True, made_at: float = 101.0, address: str = "ada@example.com") -> SetSeen:
    return SetSeen(
        id=identity,
        addresses=frozenset({address}),
        doors=frozenset(),
        valid_from=None,
        valid_to=None,
        live=live,
        made_at=made_at,
    )


def counted(one: Told, *sets: SetSeen, says: str = "a", traces: tuple[str, ...] = (), fair_from: float = 0.0) -> tuple[int, ...]:
    tally = count([one], sets, {"1": says}, traces=traces, fair_from=fair_from, late_after=20)
    return tally.lost, tally.doubled, tally.orphaned, tally.late, tally.silent


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(counted(told(), made("a")), (0, 0, 0, 0, 0), id="well"),
        pytest.param(counted(told(), made("b", address="bob@example.com")), (1, 0, 0, 0, 1), id="lost, and nobody knows"),
        pytest.param(counted(told(), traces=("1",)), (1, 0, 0, 0, 0), id="lost, and told"),
        pytest.param(counted(told(), made("a"), made("b", live=False)), (0, 1, 0, 0, 1), id="two links"),
        pytest.param(counted(told(), made("a"), says=""), (0, 0, 1, 0, 1), id="live, and its id stands nowhere"),
        pytest.param(counted(told(wanted=False), made("a")), (0, 0, 1, 0, 1), id="cancelled, and live"),
        pytest.param(counted(told(wanted=False)), (0, 0, 0, 0, 0), id="cancelled, and nothing made"),
        pytest.param(counted(told(), made("a", made_at=121)), (0, 0, 0, 1, 0), id="late"),
        pytest.param(counted(told(), made("a", made_at=121), fair_from=110), (0, 0, 0, 0, 0), id="as soon as could be"),
    ],
)
def test_each_kind_is_counted(found: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert found == expected


def test_a_row_is_kept_only_with_nothing_to_count() -> None:
    zeros = {"lost": 0, "doubled": 0, "orphaned": 0, "late": 0, "silent": 0}
    assert Tally(acknowledged=1, **zeros).kept
    assert not any(Tally(acknowledged=1, **zeros | {name: 1}).kept for name in zeros)
