"""Whoever tries the world out sees a door open within minutes, at whatever time of the hour it began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drempel.simulators.clock import SimulatorClock
from drempel.simulators.ireserve import IReserveSimulator, seed_demo

TIME_BEFORE = timedelta(minutes=15)
"""Of the demo's integration."""


@pytest.mark.parametrize(("minute", "second"), [(0, 0), (0, 1), (14, 59), (15, 0), (29, 7), (46, 0), (59, 59)])
def test_the_first_booking_opens_its_doors_at_once_and_for_an_hour(minute: int, second: int) -> None:
    now = datetime(2026, 3, 1, 12, minute, second, tzinfo=UTC)
    sim = IReserveSimulator(clock=SimulatorClock(frozen_at=now))
    first, *_ = seed_demo(sim)
    booking = sim.booking(first)
    assert booking.status == "10"
    assert booking.start - TIME_BEFORE <= now < booking.start
    assert booking.end - now >= timedelta(hours=1)
