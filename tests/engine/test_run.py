"""One run: the time that it goes by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drempel.engine.ports import BookingRecord, Claim, Lease
from drempel.engine.run import Run
from tests.clock import ManualClock
from tests.engine.stand_in import NOW


class _Tools:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock


def test_what_passed_between_the_claim_and_the_work_counts_or_a_lost_answer_would_be_looked_for_too_early():
    clock = ManualClock(NOW)
    lease = Lease(booking_key=1, token=1, version=1, now=NOW, told_monotonic=clock.monotonic(), ends_monotonic=float("inf"))
    clock.advance(timedelta(seconds=11))  # a worker that stands still with the booking in hand
    tools: Any = _Tools(clock)
    claim = Claim(lease=lease, record=BookingRecord(source="club", booking_id="1"), sets=())
    run = Run(tools=tools, claim=claim, setup=None, began_monotonic=clock.monotonic())  # type: ignore[arg-type]
    clock.advance(timedelta(seconds=2))
    assert run.now == NOW + timedelta(seconds=13)
