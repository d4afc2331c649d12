"""What is set up: sources, integrations, connections. Read from the store; secrets are not in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from drempel.domain.mapping import ObjectMapping, mappings_of
from drempel.domain.policy import Policy, StatusMeaning
from drempel.domain.values import value

__all__ = [
    "ConnectionSetup",
    "DesiredIntegration",
    "DesiredSource",
    "IntegrationSetup",
    "Setup",
    "SetupWrite",
    "SourceSetup",
]


@value(frozen=True, slots=True, kw_only=True)
class SourceSetup:
    """A booking system that we listen to. `poll_seconds` 0 = no poll."""

    name: str
    kind: str
    base_url: str
    username: str
    time_zone: str
    poll_seconds: int
    allow_insecure: bool = False
    poll_without_status: bool = False
    """The source refused the status criterion (412): polled without it."""


@value(frozen=True, slots=True, kw_only=True)
class ConnectionSetup:
    """A credential of a Site Owner with the address and the profile that it is used with. A set keeps the one it was made with, unless it is handed
    over (`docs/decisions/0043`).
    """

    id: int
    integration: str
    base_url: str | None
    site_owner_id: str
    client_id: str
    profile_json: str
    current: bool
    secret_version: int

    @property
    def leads_to(self) -> tuple[str | None, str]:
        """Whose sites it reaches: two credentials of one Site Owner at one address lead to the same."""
        return self.base_url, self.site_owner_id


@value(frozen=True, slots=True, kw_only=True)
class IntegrationSetup:
    """One integration with today's policy and mappings."""

    name: str
    kind: str
    source: str
    paused: bool
    policy: Policy
    policy_version: int
    mappings: tuple[ObjectMapping, ...]
    connection_id: int
    site_id: str | None = None
    target_mobile_app_id: str = ""
    allow_insecure: bool = False
    issue_existing: bool = False
    """A person said that bookings found by the first poll get access too."""
    first_poll_done: bool = False
    paused_at: datetime | None = None
    """None where it is not paused, or where that is not known."""


@value(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything that is set up, as of one version."""

    version: int
    sources: Mapping[str, SourceSetup] = field(default_factory=dict)
    integrations: Mapping[str, IntegrationSetup] = field(default_factory=dict)
    connections: Mapping[int, ConnectionSetup] = field(default_factory=dict)
    _by_source: dict[str, tuple[IntegrationSetup, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `of_source` has answered: it is asked several times for each booking."""

    def is_paused(self, source: str) -> bool:
        """Whether nothing is polled there, because every integration that follows it is paused."""
        following = self.of_source(source)
        return bool(following) and all(each.paused for each in following)

    def of_source(self, source: str) -> tuple[IntegrationSetup, ...]:
        """The integrations that follow this source, by name."""
        known = self._by_source.get(source)
        if known is None:
            following = sorted((i for i in self.integrations.values() if i.source == source), key=lambda i: i.name)
            known = self._by_source[source] = tuple(following)
        return known

    def asks_for_access(self, source: str, status: str) -> bool:
        """Whether this status is a trigger status of any integration of the source."""
        return any(i.policy.meaning(status) is StatusMeaning.TRIGGER for i in self.of_source(source))

    def sites_of(self, integration: IntegrationSetup, object_id: str) -> tuple[str, ...]:
        """The sites where this object has doors, in mapping order."""
        return tuple([mapping.site_id for mapping in mappings_of(integration.mappings, object_id)])

    def mapped_elsewhere(self, integration: IntegrationSetup) -> frozenset[str]:
        """Objects for which other integrations of the same source have doors, and this one has none."""
        others = {
            mapping.object_id
            for each in self.of_source(integration.source)
            if each.name != integration.name
            for mapping in each.mappings
        }
        return frozenset(others - {mapping.object_id for mapping in integration.mappings})


@value(frozen=True, slots=True, kw_only=True)
class DesiredSource:
    """A source as the set-up file or the page wants it. Holds the password: never logged."""

    name: str
    kind: str
    base_url: str
    username: str
    password: str = field(repr=False)
    time_zone: str
    poll_seconds: int = 300
    allow_insecure: bool = False


@value(frozen=True, slots=True, kw_only=True)
class DesiredIntegration:
    """An integration as the set-up file or the page wants it. Holds the client secret: never logged."""

    name: str
    kind: str
    source: str
    policy: Policy
    profile_json: str
    base_url: str | None = None
    site_owner_id: str
    client_id: str
    client_secret: str = field(repr=False)
    site_id: str | None = None
    target_mobile_app_id: str = ""
    allow_insecure: bool = False
    mappings: tuple[ObjectMapping, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class SetupWrite:
    """One atomic change of the set-up. What is not named stays as it is."""

    sources: tuple[DesiredSource, ...] = ()
    integrations: tuple[DesiredIntegration, ...] = ()
    removed_sources: tuple[str, ...] = ()
    removed_integrations: tuple[str, ...] = ()
    issue_existing: tuple[str, ...] = ()
    """Integrations whose bookings found by the first poll get access too."""
