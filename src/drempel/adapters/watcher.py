"""Facts to the log and to the metrics: ids and codes only, never secrets or visitor data."""

from __future__ import annotations

from functools import cache
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from drempel.engine.audit import Kind

__all__ = ["LoggingWatcher"]

CALL_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
EXPOSURE_BUCKETS: Final = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400)
SECONDS_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300)


class LoggingWatcher:
    """Fills the port `Watcher`: each fact is one log line and counts once in `drempel_facts_total`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._log: structlog.stdlib.BoundLogger = structlog.get_logger("drempel")
        facts = Counter("drempel_facts", "Facts of the engine, by dotted name.", ["fact"], registry=registry)
        calls = Histogram(
            "drempel_call_seconds", "Outside calls.", ["operation", "outcome"], buckets=CALL_BUCKETS, registry=registry
        )
        self._exposure = Histogram(
            "drempel_exposure_seconds",
            "How long access could open a door after the right to it had ended.",
            ["reason"],
            buckets=EXPOSURE_BUCKETS,
            registry=registry,
        )
        self._delay = Histogram(
            "drempel_revoke_delay_seconds",
            "From the end of the right to access until Resivo confirmed its revoke.",
            ["reason"],
            buckets=EXPOSURE_BUCKETS,
            registry=registry,
        )
        self._audited = Counter("drempel_audit_sets", "Sets that the daily audits compared.", ["class"], registry=registry)
        for kind in Kind:
            # A class that was never seen counts too: an alarm needs the step from 0 to 1.
            self._audited.labels(kind.value)
        self._others = Histogram(
            "drempel_engine_seconds", "Other durations.", ["what"], buckets=SECONDS_BUCKETS, registry=registry
        )
        # Labels are words of ours, a few dozen: each is bound once.
        self._fact = cache(facts.labels)
        self._call = cache(calls.labels)

    def note(self, event: str, /, **data: str | float) -> None:
        """One fact, by dotted name."""
        self._fact(event).inc()
        self._log.info(event, **data)

    def warn(self, event: str, /, **data: str | float) -> None:
        """One fact that somebody should look at."""
        self._fact(event).inc()
        self._log.warning(event, **data)

    def measure(self, name: str, value: float, /, **labels: str) -> None:
        """One observation, in seconds; of an audit, a number of sets."""
        if name == "call_seconds":
            self._call(labels["operation"], labels["outcome"]).observe(value)
        elif name == "exposure_seconds":
            self._exposure.labels(labels["reason"]).observe(value)
        elif name == "revoke_delay_seconds":
            self._delay.labels(labels["reason"]).observe(value)
        elif name == "audit_sets":
            self._audited.labels(labels["kind"]).inc(value)
        else:
            self._others.labels(name).observe(value)
