"""The rules that an operator sets for one integration."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from drempel.domain.values import value

__all__ = ["FollowChanges", "Policy", "StatusMeaning"]


class StatusMeaning(StrEnum):
    """What a booking status means for access."""

    TRIGGER = "trigger"
    REVOKE = "revoke"
    NEITHER = "neither"


class FollowChanges(StrEnum):
    """At which statuses a changed booking gets a new access in place of the one that no longer fits."""

    ANY = "any"
    """At any status that is not a revoke status."""
    TRIGGER = "trigger"
    """At a trigger status only; at others the access that no longer fits is revoked and the new one waits."""


@value(frozen=True, slots=True, kw_only=True)
class Policy:
    """When access is created and revoked, how early it begins, and where its id goes."""

    trigger_statuses: frozenset[str]
    revoke_statuses: frozenset[str]
    time_before: timedelta
    authorization_field: str
    default_language: str = ""
    default_country: str = ""
    follow_changes: FollowChanges = FollowChanges.ANY
    active: bool = True

    def meaning(self, status: str) -> StatusMeaning:
        """What this status means. A status in both lists is refused by the set-up; revoke wins should it ever happen."""
        if status in self.revoke_statuses:
            return StatusMeaning.REVOKE
        if status in self.trigger_statuses:
            return StatusMeaning.TRIGGER
        return StatusMeaning.NEITHER
