"""`drempel worker` on a machine whose clock is wrong: the same program with a clock that is handed in."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

from bench.running import with_uvloop
from drempel.adapters.clock import SystemClock
from drempel.adapters.logs import configure_logging
from drempel.settings import read_settings
from drempel.wiring.programs import run_worker

__all__ = ["SHIFT"]

SHIFT = "BENCH_CLOCK_SHIFT_SECONDS"


class ShiftedClock(SystemClock):
    """Tells a time that is not the machine's; seconds pass as they do."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by


def main() -> None:
    settings = read_settings(os.environ, terminal=False)
    configure_logging(log_format=settings.log_format, log_level=settings.log_level, stream=sys.stderr)
    clock = ShiftedClock(timedelta(seconds=float(os.environ[SHIFT])))
    with_uvloop(run_worker(settings, 64, clock=clock))


if __name__ == "__main__":
    main()
