"""What the API tells, in our words. Ids are opaque strings; times are instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Authorization", "AuthorizationCredential", "Component", "CreatedAuthorization", "Liveness", "Site"]


class Liveness(StrEnum):
    """Whether an authorization still opens doors, by its words alone (resivo contract, section 9.9)."""

    LIVE = "live"
    NOT_LIVE = "not_live"
    UNKNOWN_WORD = "unknown_word"
    """Counts as live for a revoke; stops a search for a lost create."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: str
    display_name: str
    default_locale: str | None
    time_zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A door. `online` None: the API does not say."""

    id: str
    display_name: str
    online: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedAuthorization:
    """`component_ids` are those that count: Resivo drops offline doors silently. None: the answer does not say."""

    id: str
    component_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCredential:
    status: str | None
    is_expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """One row. None stands for what the answer does not say; `is_remote_access` None for a missing type."""

    id: str
    type: str | None
    is_remote_access: bool | None
    display_name: str
    component_ids: tuple[str, ...] | None
    valid_from: datetime | None
    valid_to: datetime | None
    status: str | None
    credentials: tuple[AuthorizationCredential, ...]
    liveness: Liveness
    unreadable: tuple[str, ...] = ()
    """Our names of values that were there but could not be read. Only rows of a whole listing have any."""
