"""One run: the time that it goes by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from drempel.engine.limits import Limits
from drempel.engine.ports import BookingRecord, Claim, Lease
from drempel.engine.run import Outdated, Run
from tests.clock import ManualClock
from tests.engine.stand_in import NOW


class _Tools:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.limits = Limits()


def _run_begun_after(clock: ManualClock, pause: timedelta) -> Run:
    """A run of a booking that was claimed so long before."""
    lease = Lease(booking_key=1, token=1, version=1, now=NOW, told_monotonic=clock.monotonic(), ends_monotonic=float("inf"))
    clock.advance(pause)
    tools: Any = _Tools(clock)
    claim = Claim(lease=lease, record=BookingRecord(source="club", booking_id="1"), sets=())
    return Run(tools=tools, claim=claim, setup=None, began_monotonic=clock.monotonic())  # type: ignore[arg-type]


def test_a_worker_that_stood_still_between_claim_and_work_creates_nothing_by_the_set_up_of_before():
    _run_begun_after(ManualClock(NOW), timedelta(seconds=19)).require_fresh()
    with pytest.raises(Outdated):
        _run_begun_after(ManualClock(NOW), timedelta(seconds=21)).require_fresh()


def test_what_passed_between_the_claim_and_the_work_counts_or_a_lost_answer_would_be_looked_for_too_early():
    clock = ManualClock(NOW)
    run = _run_begun_after(clock, timedelta(seconds=11))
    clock.advance(timedelta(seconds=2))
    assert run.now == NOW + timedelta(seconds=13)
