"""What the set-up, its secrets, its pauses and its marks would be after a write that is not made. Pure.

The store carries a `SetupWrite` out in rows; this does the same in memory, for a rehearsal. `tests/engine/test_planned_setup.py` writes for real and
holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drempel.domain.values import value
from drempel.engine.calls import credential_target, site_target, source_target
from drempel.engine.ports import Pause
from drempel.engine.records import StoredSecrets
from drempel.engine.setup import (
    ConnectionSetup,
    DesiredIntegration,
    DesiredSource,
    IntegrationSetup,
    Setup,
    SetupWrite,
    SourceSetup,
)

__all__ = ["PlannedSetup", "mark_unknown", "marks_after", "pauses_after", "plan_write"]


@value(frozen=True, slots=True, kw_only=True)
class PlannedSetup:
    """A set-up with its secrets, as the store would give them back. New connections have ids below 0, which no store gives."""

    setup: Setup
    secrets: StoredSecrets


def plan_write(before: Setup, secrets: StoredSecrets, write: SetupWrite) -> PlannedSetup:
    """What `Records.write_setup(write)` would make of `before`."""
    planning = _Planning(before, secrets)
    for source in write.sources:
        planning.put_source(source)
    for name in write.removed_integrations:
        planning.remove_integration(name)
    for integration in write.integrations:
        planning.put_integration(integration)
    for name in write.removed_sources:
        planning.remove_source(name)
    for name in write.issue_existing:
        planning.integrations[name] = replace(planning.integrations[name], issue_existing=True)
    return planning.result()


class _Planning:
    """The set-up while the write is carried out."""

    def __init__(self, before: Setup, secrets: StoredSecrets) -> None:
        self._version = before.version + 1
        self.sources = dict(before.sources)
        self.integrations = dict(before.integrations)
        self.connections = dict(before.connections)
        self.passwords = dict(secrets.source_passwords)
        self.client_secrets = dict(secrets.client_secrets)

    def result(self) -> PlannedSetup:
        setup = Setup(
            version=self._version,
            sources=dict(sorted(self.sources.items())),
            integrations=dict(sorted(self.integrations.items())),
            connections=self.connections,
        )
        return PlannedSetup(
            setup=setup, secrets=StoredSecrets(source_passwords=self.passwords, client_secrets=self.client_secrets)
        )

    def put_source(self, wanted: DesiredSource) -> None:
        before = self.sources.get(wanted.name)
        # Perhaps another system: it is asked anew whether it takes the status criterion.
        without = before is not None and before.base_url == wanted.base_url and before.poll_without_status
        self.passwords[wanted.name] = wanted.password
        self.sources[wanted.name] = SourceSetup(
            name=wanted.name,
            kind=wanted.kind,
            base_url=wanted.base_url,
            username=wanted.username,
            time_zone=wanted.time_zone,
            poll_seconds=wanted.poll_seconds,
            allow_insecure=wanted.allow_insecure,
            poll_without_status=without,
        )

    def remove_source(self, name: str) -> None:
        del self.sources[name]
        del self.passwords[name]

    def remove_integration(self, name: str) -> None:
        del self.integrations[name]
        for connection in [each for each in self.connections.values() if each.integration == name]:
            del self.connections[connection.id]
            del self.client_secrets[connection.id]

    def put_integration(self, wanted: DesiredIntegration) -> None:
        before = self.integrations.get(wanted.name)
        connection_id = self._put_connection(wanted, before)
        if before is None:
            paused, first_poll_done, issue_existing, version = False, False, False, 1
        else:
            paused, issue_existing = before.paused, before.issue_existing
            first_poll_done = before.first_poll_done and before.source == wanted.source
            same = (before.policy, before.mappings) == (wanted.policy, wanted.mappings)
            version = before.policy_version + (0 if same else 1)
        self.integrations[wanted.name] = IntegrationSetup(
            name=wanted.name,
            kind=wanted.kind,
            source=wanted.source,
            paused=paused,
            policy=wanted.policy,
            policy_version=version,
            mappings=wanted.mappings,
            connection_id=connection_id,
            site_id=wanted.site_id,
            target_mobile_app_id=wanted.target_mobile_app_id,
            allow_insecure=wanted.allow_insecure,
            issue_existing=issue_existing,
            first_poll_done=first_poll_done,
        )

    def _put_connection(self, wanted: DesiredIntegration, before: IntegrationSetup | None) -> int:
        """Sets keep the connection that they were made with; a new secret is for all connections of the same credential."""
        credential = (wanted.base_url, wanted.site_owner_id, wanted.client_id)
        for each in list(self.connections.values()):
            mine = before is not None and each.integration == wanted.name
            if mine and _credential_of(each) == credential and self.client_secrets[each.id] != wanted.client_secret:
                self.client_secrets[each.id] = wanted.client_secret
                self.connections[each.id] = replace(each, secret_version=each.secret_version + 1)
        if before is not None:
            current = self.connections[before.connection_id]
            if (_credential_of(current), current.profile_json) == (credential, wanted.profile_json):
                return current.id
            self.connections[current.id] = replace(current, current=False)
        made_up = min([0, *self.connections]) - 1
        self.connections[made_up] = ConnectionSetup(
            id=made_up,
            integration=wanted.name,
            base_url=wanted.base_url,
            site_owner_id=wanted.site_owner_id,
            client_id=wanted.client_id,
            profile_json=wanted.profile_json,
            current=True,
            secret_version=1,
        )
        self.client_secrets[made_up] = wanted.client_secret
        return made_up


def pauses_after(pauses: Mapping[str, Pause], before: Setup, write: SetupWrite) -> dict[str, Pause]:
    """The pauses that a write leaves: those of what was saved or removed end."""
    named = {each.name for each in write.integrations} | set(write.removed_integrations)
    ended = {key for each in write.sources for key in source_target(each.name).keys}
    ended |= {key for name in write.removed_sources for key in source_target(name).keys}
    of_named = [each for each in before.connections.values() if each.integration in named]
    ended |= {key for each in of_named for key in credential_target(each.id, integration=each.integration).keys}
    sites = tuple(str(site_target(each.id, "", integration=each.integration).site) for each in of_named)
    return {key: pause for key, pause in pauses.items() if key not in ended and not key.startswith(sites)}


def marks_after(existing: str, *, source: str, hinted: bool, before: Setup, write: SetupWrite) -> str:
    """The mark *existing* of a known booking after a write: a further integration of a polled source issues nothing for what is known already."""
    polled = {each.name: each.poll_seconds for each in before.sources.values()} | {e.name: e.poll_seconds for e in write.sources}
    for wanted in write.integrations:
        if wanted.name not in before.integrations and wanted.source == source and polled.get(source) and not hinted:
            existing += f" {wanted.name} "
    for name in write.issue_existing:
        existing = existing.replace(f" {name} ", "")
    return existing


def mark_unknown(setup: Setup, source: str) -> str:
    """The mark that the next poll would give a booking of which nothing is known yet; none where nothing is polled."""
    if source not in setup.sources or not setup.sources[source].poll_seconds:
        return ""
    waiting = (each for each in setup.of_source(source) if not each.first_poll_done and not each.issue_existing)
    return "".join(f" {each.name} " for each in waiting)


def _credential_of(connection: ConnectionSetup) -> tuple[str | None, str, str]:
    return connection.base_url, connection.site_owner_id, connection.client_id
