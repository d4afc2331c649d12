"""How long access outlived the right to it. Pure arithmetic; every moment is handed in.

*Exposure* is the time in which a set could really open a door that it should not: from the end of the right to the end of the access, within the
set's own window, less the time in which the visitor may open the same doors all the same. *Revoke delay* is simply from the end of the right to the
confirmed revoke.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from drempel.domain.window import AccessWindow

__all__ = ["EXPOSURE_REASONS", "exposure", "exposure_reason"]

_REASONS: Final = {
    "status.revoke": "cancelled",
    "booking.gone": "gone",
    "booking.withheld": "withheld",
    "booking.over": "over",
    "access.superseded": "replaced",
    "access.changed_elsewhere": "changed_elsewhere",
}
EXPOSURE_REASONS: Final = (*_REASONS.values(), "not_replaced", "expiry", "twin")
"""The labels of the two histograms. `not_replaced`: it no longer fitted, and no other took its place. `expiry`: its window ended before the revoke."""
NOTHING: Final = timedelta()


def exposure_reason(revoke_reason: str) -> str:
    """The label for why a set was revoked."""
    return _REASONS.get(revoke_reason, "not_replaced")


def exposure(
    *, since: datetime, until: datetime, window: AccessWindow | None, still_allowed: AccessWindow | None = None
) -> timedelta:
    """How long a set could open a door that it should not, between the end of the right to it and the end of the access.

    `window`: the set's own; None = without bounds. `still_allowed`: when the visitor may open the same doors all the same.
    """
    if window is not None:
        since, until = max(since, window.valid_from), min(until, window.valid_to)
    whole = max(until - since, NOTHING)
    if still_allowed is None:
        return whole
    return whole - max(min(until, still_allowed.valid_to) - max(since, still_allowed.valid_from), NOTHING)
