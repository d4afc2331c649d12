"""Access that was taken away and not replaced: whether another is due. Shares no code with the engine (its rule: `drempel.domain.owed`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

__all__ = ["Owed"]


class Owed:
    """What the witness saw taken away."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._taken: dict[tuple[str, str], tuple[Any, datetime]] = {}
        """By booking and site: what was taken last, and when that was first asked for."""

    def note_taken(self, booking_id: str, site: str, row: Any) -> None:
        """A revoke of what was live is asked for, perhaps once more."""
        known = self._taken.get((booking_id, site))
        if known is None or known[0] is not row:
            self._taken[booking_id, site] = (row, self._world.now)

    def is_owed(self, booking_id: str, site: str, *, but: frozenset[str] = frozenset({"none"})) -> bool:
        """Whether its access was taken away although it had a right to some, which it has had ever since: where changes are followed, another is due."""
        if (booking_id, site) not in self._taken:
            return False
        _, at = self._taken[booking_id, site]
        # One that was moved into the past meanwhile lost it because its time was over.
        return all(
            right.kind not in but and not (right.window is not None and right.window[1] <= at)
            for right in self._world.truth.rights_since(booking_id, site, at)
        )

    def lost_its_successor(self, booking_id: str, site: str) -> bool:
        """Changed between two statuses, where changes are followed: it has its access, or stands on the list."""
        world, witness = self._world, self._world.witness
        rows = witness.rows(booking_id, site)
        excused = (
            world.weather.follow != "any"
            or world.jumped
            or booking_id in world.may_vanish | witness.once_missing | world.once_taken
            # Somebody changed, ended or deleted one of them in the portal.
            or any(one.booking_id == booking_id and one.name in world.deleted_names for one in witness.creates)
            or any(row.id in world.touched_sets or not row.component_ids for row in rows)
            # A late twin of what a status between no longer asked for.
            or any(witness.is_exempt(row.display_name) for row in rows)
        )
        return (
            not excused
            and not self._had_reason_to_go(booking_id, site)
            and self.is_owed(booking_id, site, but=frozenset({"none", "idle"}))
        )

    def _had_reason_to_go(self, booking_id: str, site: str) -> bool:
        """Whether the booking gave no right at some moment since what was taken last was made: a revoke may be begun then, and sent much later."""
        row, _ = self._taken.get((booking_id, site), (None, None))
        return row is not None and any(
            right.kind == "none" for right in self._world.truth.rights_since(booking_id, site, row.created_at)
        )
