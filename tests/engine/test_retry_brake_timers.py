from __future__ import annotations

from datetime import timedelta

import pytest

from drempel.domain.access import SetState
from drempel.domain.verdict import ReadBack, Verdict
from drempel.engine import brake
from drempel.engine.limits import Limits
from drempel.engine.ports import GoneCount
from drempel.engine.retry import retry_delay
from drempel.engine.timers import set_timers
from tests.factories import NOW, make_set


class Full:
    def uniform(self, a: float, b: float, /) -> float:
        return b


class Half:
    def uniform(self, a: float, b: float, /) -> float:
        return (a + b) / 2


LIMITS = Limits()


@pytest.mark.parametrize(("tries", "seconds"), [(0, 2), (1, 4), (2, 8), (8, 512), (9, 900), (10_000, 900)])
def test_the_pause_doubles_up_to_the_longest(tries, seconds):
    assert retry_delay(tries, limits=LIMITS, chance=Full()) == timedelta(seconds=seconds)


def test_the_pause_is_spread_over_all_of_it():
    assert retry_delay(3, limits=LIMITS, chance=Half()) == timedelta(seconds=8)


@pytest.mark.parametrize("asked", [0, 7, 3600])
def test_a_given_pause_wins_and_is_never_cut_short(asked):
    pause = retry_delay(5, limits=LIMITS, chance=Half(), retry_after=timedelta(seconds=asked))
    assert timedelta(seconds=asked) <= pause <= timedelta(seconds=asked) + LIMITS.retry_first


@pytest.mark.parametrize(("seconds", "planned"), [(-1, False), (0, False), (1, True)])
def test_a_read_back_is_planned_only_for_the_future_and_only_for_what_is_live(seconds, planned):
    again_at = NOW + timedelta(seconds=seconds)
    read = ReadBack(verdict=Verdict.CANNOT_KNOW, at=NOW, tries=1, again_at=again_at)
    assert (again_at in set_timers([make_set(read_back=read)], NOW)) is planned
    assert again_at not in set_timers([make_set(state=SetState.REVOKING, read_back=read)], NOW)


@pytest.mark.parametrize(
    ("gone", "live", "holds"),
    [
        (1, 1, False),
        (2, 2, False),
        (2, 3, False),
        (3, 3, True),
        (4, 5, False),
        (5, 5, True),
        (5, 6, False),
        (6, 6, True),
        (6, 1000, False),
        (200, 1000, False),
        (201, 1000, True),
        (0, 0, False),
    ],
)
def test_the_brake_trips_over_five_and_over_a_fifth_or_when_a_small_source_is_empty(gone, live, holds):
    assert brake.trips(GoneCount(gone=gone, live=live)) is holds
