"""Of which bookings the oracle cannot ask now what they should have: something of them is still to come, or nobody may have heard of them yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.simulation.truth import SITES

__all__ = ["code_of", "is_asked_later", "recorded_of"]


def is_asked_later(world: Any, booking_id: str, view: Any, *, calm_only: bool, told_only: bool) -> bool:
    """`calm_only`, `told_only`: as the oracle is asked."""
    told = booking_id in world.truth.told
    not_found = world.witness.first_not_found(booking_id) is not None
    if (not told or not_found) and _may_be_unheard_of(world, booking_id, view):
        return True
    if (told_only and not told) or _was_looked_for_too_early(world, booking_id, view):
        return True
    if not calm_only:
        return False
    return (
        not _is_calm(world, view)
        # Not found by the last reading, and nothing hung on it: the list tells of it, within a quarter of an hour.
        or not world.witness.was_found(booking_id)
        or _has_a_brief_twin(world, booking_id)
        or (not told and _is_far(world, view) and not _polls_tell(world, booking_id))
    )


def recorded_of(view: Any) -> set[str]:
    """Ids of the sets that Drempel knows."""
    return {s.authorization_id for s in view.sets if s.authorization_id} if view is not None else set()


def code_of(view: Any) -> str:
    """What keeps the booking from what it should have. A field that is too short is only told of."""
    code = view.record.failure.code if view is not None and view.record.failure else ""
    return "" if code == "writeback.cut" else code


def _is_calm(world: Any, view: Any) -> bool:
    if view is None or world.resivo.late or world.clock.now() != world.now:
        return False
    soon = view.record.next_at is not None and view.record.next_at < world.now + timedelta(seconds=90)
    touched = any(s.authorization_id in world.touched_sets for s in view.sets)  # told of by the daily audit
    return not (soon or touched or view.record.gone_at or code_of(view) or any(s.watch_at or s.unsettled for s in view.sets))


def _has_a_brief_twin(world: Any, booking_id: str) -> bool:
    """One that came after the second watch, and is over before the third."""
    rows = world.witness.live(booking_id)
    late = [row.display_name for row in rows if world.witness.is_exempt(row.display_name)]
    return len(set(late)) < len(late) and all(
        row.valid_to is not None and row.valid_to <= world.now + timedelta(hours=1) for row in rows
    )


def _is_far(world: Any, view: Any) -> bool:
    """It starts so late that what nobody tells of may be noticed an hour later."""
    return view.record.start is None or bool(view.record.start - world.now > timedelta(hours=23))


def _may_be_unheard_of(world: Any, booking_id: str, view: Any) -> bool:
    """Without polls nobody hears of a booking that no hint tells of, unless it has access, which is read again."""
    held = view is not None and any(s.state in {"live", "revoking", "unknown"} for s in view.sets)
    return world.weather.poll_seconds == 0 and not held and not world.witness.live(booking_id)


def _polls_tell(world: Any, booking_id: str) -> bool:
    """Whether a cancellation shows in the next poll, because it asks for trigger statuses alone."""
    if world.weather.switches.get("filter_status") is False or not world.weather.poll_seconds:
        return False
    return all(world.truth.right(booking_id, site).why == "revoke" for site in SITES)


def _was_looked_for_too_early(world: Any, booking_id: str, view: Any) -> bool:
    """A create came late and nobody knows of it, because a clock that was set meanwhile had the looks for it made before their time."""
    unknown = [row for row in world.witness.live(booking_id) if row.id not in recorded_of(view)] if world.jumped else []
    return any(world.witness.is_exempt(row.display_name) for row in unknown)
