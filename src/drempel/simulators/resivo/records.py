"""The things that the simulated Resivo keeps. Plain data; the rules are in `state` and `oracle`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

__all__ = [
    "AUTHORIZATION_ACTIVE",
    "AUTHORIZATION_REVOKED",
    "PIN_ACCESS",
    "REMOTE_ACCESS",
    "Authorization",
    "Component",
    "Credential",
    "Message",
    "Opening",
    "Recipient",
    "Refused",
    "Site",
    "SiteOwner",
]

AUTHORIZATION_ACTIVE: Final = "active"
AUTHORIZATION_REVOKED: Final = "revoked"
REMOTE_ACCESS: Final = "remote-access"
PIN_ACCESS: Final = "pin-access"


class Refused(Exception):
    """The API answers with this status and sentence, and nothing was done."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True, kw_only=True)
class SiteOwner:
    id: str
    display_name: str


@dataclass(slots=True, kw_only=True)
class Credential:
    """Scope Customer reaches every site of the Site Owner; with a `site_id` the scope is that Site alone."""

    client_id: str
    client_secret: str = field(repr=False)
    site_owner_id: str
    site_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Site:
    id: str
    site_owner_id: str
    display_name: str
    default_locale: str = "nl"
    time_zone: str = "Europe/Amsterdam"
    pin_digits_min: Literal[6, 8] = 8


@dataclass(slots=True, kw_only=True)
class Component:
    id: str
    site_id: str
    display_name: str
    online: bool = True


@dataclass(slots=True, kw_only=True)
class Recipient:
    channel: Literal["email", "sms"]
    address: str
    link_token: str


@dataclass(slots=True, kw_only=True)
class Authorization:
    """`valid_from` None: from its creation. `valid_to` None: until it is revoked. `credentials`: recipients, or PINs."""

    id: str
    site_id: str
    type: str
    display_name: str
    component_ids: list[str]
    valid_from: datetime | None
    valid_to: datetime | None
    status: str = AUTHORIZATION_ACTIVE
    recipients: list[Recipient] = field(default_factory=list)
    credentials: int = 0
    created_at: datetime

    def live(self, at: datetime) -> bool:
        """Active and not past its end; it may lie in the future."""
        return self.status == AUTHORIZATION_ACTIVE and not self.expired(at)

    def expired(self, at: datetime) -> bool:
        return self.valid_to is not None and at >= self.valid_to


@dataclass(slots=True, kw_only=True)
class Message:
    """What Resivo sent to one recipient. `door_link` is a path of the simulator; None for a PIN."""

    recipient: str
    channel: Literal["email", "sms"]
    locale: str
    door_link: str | None
    authorization_id: str
    at: datetime

    @property
    def link_token(self) -> str | None:
        return None if self.door_link is None else self.door_link.rpartition("/")[2]


@dataclass(slots=True, kw_only=True)
class Opening:
    """Somebody pressed a button on the landing page. `reason` is empty if the door opened."""

    authorization_id: str
    component_id: str
    at: datetime
    opened: bool
    reason: str
