from __future__ import annotations

from prometheus_client import CollectorRegistry

from drempel.adapters.watcher import LoggingWatcher
from drempel.engine.audit import Kind


def test_what_an_audit_finds_is_counted_by_class_and_a_class_that_was_never_seen_counts_as_nothing():
    registry = CollectorRegistry()
    LoggingWatcher(registry).measure("audit_sets", 3, kind="orphan")
    counted = {kind: registry.get_sample_value("drempel_audit_sets_total", {"class": kind.value}) for kind in Kind}
    assert counted == {kind: 3 if kind is Kind.ORPHAN else 0 for kind in Kind}
