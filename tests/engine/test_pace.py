from __future__ import annotations

from drempel.engine.pace import Pace


def play(pace: Pace, *, calls: int, per_second: int, seconds: float) -> tuple[int, int]:
    """`calls` that all want to go now, against a provider that allows so many a second: how many went well, and how many were refused."""
    now, well, refused = 0.0, 0, 0
    served: list[float] = []
    while now < seconds and well < calls:
        wait = pace.wait(now)
        if wait > 0:
            now += wait
            continue
        pace.take(now)
        if sum(1 for at in served if now - at < 1.0) < per_second:
            served.append(now)
            well += 1
            pace.went_well(now)
        else:
            refused += 1
            pace.refused(now, retry_after=1.0)
        now += 0.001
    return well, refused


def test_what_was_never_refused_is_never_held_back():
    pace = Pace()
    pace.went_well(0.0)
    assert pace.wait(0.0) == 0.0


def test_after_a_refusal_nobody_goes_before_the_time_that_was_asked_for():
    pace = Pace()
    pace.refused(10.0, retry_after=7.0)
    assert pace.wait(10.0) == 7.0
    assert pace.wait(17.0) == 0.0


def test_the_line_moves_one_by_one():
    pace = Pace()
    for at in range(5):
        pace.went_well(9.0 + at / 10)
    pace.refused(9.5, retry_after=0.0)
    pace.take(9.5)
    first = pace.wait(9.5)
    pace.take(9.5)
    assert pace.wait(9.5) > first > 0.0


def test_many_refusals_of_one_burst_count_once():
    one, many = Pace(), Pace()
    one.refused(0.0, retry_after=0.0)
    for _ in range(60):
        many.refused(0.0, retry_after=0.0)
    one.take(0.0)
    many.take(0.0)
    assert one.wait(0.0) == many.wait(0.0)


def test_at_five_a_second_most_of_what_is_allowed_is_used_and_little_is_refused():
    well, refused = play(Pace(), calls=1000, per_second=5, seconds=60.0)
    assert well > 150
    assert refused < 60


def test_a_provider_that_no_longer_refuses_gets_everything_again():
    pace = Pace()
    pace.refused(0.0, retry_after=1.0)
    well, _ = play(pace, calls=5000, per_second=10_000, seconds=60.0)
    assert well == 5000
    assert pace.wait(60.0) == 0.0
