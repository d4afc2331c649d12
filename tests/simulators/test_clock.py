"""The clock of a simulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from drempel.simulators.clock import SimulatorClock

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def test_a_frozen_clock_stands_until_it_is_moved() -> None:
    clock = SimulatorClock(frozen_at=NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    clock.set(NOON.astimezone(timezone(timedelta(hours=2))))
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


def test_a_running_clock_runs_on_from_where_it_is_set() -> None:
    clock = SimulatorClock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    clock.set(NOON)
    assert timedelta() <= clock.now() - NOON < timedelta(minutes=1)
    assert not clock.frozen


def test_a_clock_can_be_frozen_and_run_again() -> None:
    clock = SimulatorClock()
    clock.freeze()
    assert clock.frozen
    clock.set(NOON)
    assert clock.now() == NOON
    clock.run()
    assert not clock.frozen
    assert timedelta() <= clock.now() - NOON < timedelta(minutes=1)
