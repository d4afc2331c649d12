"""The successor that is owed to who lost access only because none could be made (`docs/decisions/0042`). Pure.

The debt stands in the set itself: why it was revoked. It lasts until the booking has no right to any access (`AuthorizationSet.noted`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from drempel.domain.access import AuthorizationSet, SetState

__all__ = ["NOT_REPLACED", "is_owed_successor", "was_not_replaced"]

NOT_REPLACED: Final = frozenset(
    {"component.missing", "component.ambiguous", "visitor.unreachable", "field.foreign", "access.refused", "setup.refused"}
)
"""Why a set is revoked whose successor cannot be made: codes of failures."""


def was_not_replaced(one: AuthorizationSet) -> bool:
    """It no longer fitted, its successor could not be made, and its booking has had a right to access ever since."""
    return one.state is SetState.REVOKED and one.revoke_reason in NOT_REPLACED


def is_owed_successor(sets: Iterable[AuthorizationSet]) -> bool:
    """Of the sets of a booking at one site: whether the newest that came to be was not replaced."""
    newest = max((one for one in sets if not (one.unsent or one.unsettled)), key=lambda one: one.number, default=None)
    return newest is not None and was_not_replaced(newest)
