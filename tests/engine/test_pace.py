from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta

import pytest

from drempel.engine.pace import Pace

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RESERVED_SECONDS = 0.5


class Server:
    """Allows so many calls in a window of so many seconds, and asks who comes too often to come back when the next begins."""

    def __init__(self, *, allowed: int, window: float = 1.0) -> None:
        self.allowed, self.window = allowed, window
        self.began, self.seen = float("-inf"), 0
        self.well: list[float] = []
        self.refused: list[float] = []

    def call(self, now: float) -> timedelta | None:
        """None, or the pause that is asked for."""
        if now - self.began >= self.window:
            self.began, self.seen = now, 0
        self.seen += 1
        if self.seen <= self.allowed:
            self.well.append(now)
            return None
        self.refused.append(now)
        return timedelta(seconds=max(1, round(self.began + self.window - now + 0.5)))


def play(server: Server, *, processes: int, seconds: float) -> Pace | None:
    """Processes that always have something to call for, with one pace; what is left of it in the end."""
    pace: Pace | None = None
    went_well = [0] * processes
    stock: list[list[float]] = [[] for _ in range(processes)]
    turns = [(0.01 * number, number) for number in range(processes)]
    while turns[0][0] < seconds:
        now, process = heapq.heappop(turns)
        at = NOON + now * SECOND
        if pace is not None and not stock[process]:
            count = max(1, round(RESERVED_SECONDS * SECOND / pace.apart))
            taken = pace.taken(at, count=count, went_well=went_well[process])
            went_well[process] = 0
            pace = taken[0] if taken else None
            if taken:
                stock[process] = [now + (taken[1].first + n * taken[1].apart) / SECOND for n in range(count)]
        if stock[process] and stock[process][0] > now:
            heapq.heappush(turns, (stock[process][0], process))
            continue
        if stock[process]:
            stock[process].pop(0)
        retry_after = server.call(now)
        if retry_after is None:
            went_well[process] += 1
        else:
            stock[process] = []
            lately = sum(1 for well in server.well if now - well < 1) // processes
            if pace is None:
                pace = Pace.after_first_refusal(at, retry_after=retry_after, well_lately=lately)
            else:
                pace = pace.refused(at, retry_after=retry_after)
        heapq.heappush(turns, (now + 0.005, process))
    return pace


def a_pace(**also: object) -> Pace:
    return Pace(**{"apart": SECOND / 5, "next_at": NOON, "slowed_at": NOON, "steady_until": NOON + 30 * SECOND, **also})


def test_the_first_refusal_shows_how_much_is_allowed_and_nobody_goes_before_the_time_that_was_asked_for():
    pace = Pace.after_first_refusal(NOON, retry_after=7 * SECOND, well_lately=5)
    assert pace.apart == 1.1 * SECOND / 5
    _, places = pace.taken(NOON, count=3, went_well=0) or pytest.fail("it is held back")
    assert (places.first, places.apart) == (7 * SECOND, 1.1 * SECOND / 5)


def test_a_place_is_given_out_once():
    first, _ = a_pace().taken(NOON, count=3, went_well=0) or pytest.fail("it is held back")
    _, places = first.taken(NOON, count=1, went_well=0) or pytest.fail("it is held back")
    assert places.first == 3 * SECOND / 5


def test_many_refusals_of_one_moment_count_once_and_the_longest_pause_holds():
    once = a_pace().refused(NOON + 2 * SECOND, retry_after=SECOND)
    again = once.refused(NOON + 2.5 * SECOND, retry_after=9 * SECOND)
    assert (again.apart, again.slowed_at) == (once.apart, once.slowed_at)
    assert again.next_at == NOON + 11.5 * SECOND


def test_the_first_guess_goes_by_the_process_of_which_most_went_well():
    guess = Pace.after_first_refusal(NOON, retry_after=SECOND, well_lately=0)
    told = guess.refused(NOON + 0.1 * SECOND, retry_after=SECOND, well_lately=5)
    assert told.apart == 1.1 * SECOND / 5
    assert told.refused(NOON + 0.2 * SECOND, retry_after=SECOND, well_lately=0).apart == told.apart
    learned = told.refused(NOON + 5 * SECOND, retry_after=SECOND)
    assert learned.refused(NOON + 5.1 * SECOND, retry_after=SECOND, well_lately=50).apart == learned.apart, "no guess any more"


def test_after_a_refusal_the_pace_is_kept_for_a_while():
    pace = a_pace()
    for second in range(30):
        pace, _ = pace.taken(NOON + second * SECOND, count=5, went_well=5) or pytest.fail("it is held back")
    assert pace.apart == SECOND / 5
    pace, _ = pace.taken(NOON + 30 * SECOND, count=5, went_well=5) or pytest.fail("it is held back")
    assert pace.apart < SECOND / 5


@pytest.mark.parametrize("processes", [1, 4])
@pytest.mark.parametrize(("allowed", "window", "used"), [(5, 1.0, 0.8), (50, 1.0, 0.8), (300, 60.0, 0.7)])
def test_most_of_what_is_allowed_is_used_and_little_is_refused(allowed, window, used, processes):
    server = Server(allowed=allowed, window=window)
    play(server, processes=processes, seconds=600)
    assert len(server.well) > used * allowed / window * 600
    assert len(server.refused) < 0.03 * len(server.well)


def test_a_provider_that_no_longer_refuses_gets_everything_again():
    pace = a_pace()
    now = NOON
    for _ in range(1000):
        taken = pace.taken(now, count=3, went_well=3)
        if taken is None:
            break
        pace, now = taken[0], taken[0].next_at
    assert taken is None
    assert now < NOON + 90 * SECOND
