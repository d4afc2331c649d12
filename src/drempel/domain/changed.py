"""What changed of a booking since an access was made for it. Codes alone: what it was and what it is now is nobody's to keep."""

from __future__ import annotations

from drempel.domain.access import Facts

__all__ = ["what_changed"]


def what_changed(before: Facts, now: Facts) -> tuple[str, ...]:
    """`object`, `time`, `contact`: those that differ. What was not readable then, or is not readable now, says nothing."""
    differ = {
        "object": before.object_id != now.object_id,
        "time": (before.start, before.end) != (now.start, now.end),
        "contact": _differ(before.email, now.email) or _differ(before.mobile, now.mobile),
    }
    return tuple(code for code, differs in differ.items() if differs)


def _differ(before: str | None, now: str | None) -> bool:
    return before is not None and now is not None and before != now
