"""A set-up as the store would give it back after a wish was written."""

from __future__ import annotations

from drempel.engine.records import StoredSecrets
from drempel.engine.setup import ConnectionSetup, IntegrationSetup, Setup, SourceSetup
from drempel.engine.setup_plan import DesiredSetup


def setup_of(wanted: DesiredSetup, *, issue_existing: bool = False) -> Setup:
    sources = {
        one.name: SourceSetup(
            name=one.name,
            kind=one.kind,
            base_url=one.base_url,
            username=one.username,
            time_zone=one.time_zone,
            poll_seconds=one.poll_seconds,
            allow_insecure=one.allow_insecure,
        )
        for one in wanted.sources
    }
    integrations = {
        one.name: IntegrationSetup(
            name=one.name,
            kind=one.kind,
            source=one.source,
            paused=False,
            policy=one.policy,
            policy_version=1,
            mappings=one.mappings,
            connection_id=number,
            site_id=one.site_id,
            target_mobile_app_id=one.target_mobile_app_id,
            allow_insecure=one.allow_insecure,
            issue_existing=issue_existing,
        )
        for number, one in enumerate(wanted.integrations, start=1)
    }
    connections = {
        number: ConnectionSetup(
            id=number,
            integration=one.name,
            base_url=one.base_url,
            site_owner_id=one.site_owner_id,
            client_id=one.client_id,
            profile_json=one.profile_json,
            current=True,
            secret_version=1,
        )
        for number, one in enumerate(wanted.integrations, start=1)
    }
    return Setup(version=1, sources=sources, integrations=integrations, connections=connections)


def secrets_of(wanted: DesiredSetup) -> StoredSecrets:
    return StoredSecrets(
        source_passwords={one.name: one.password for one in wanted.sources},
        client_secrets={number: one.client_secret for number, one in enumerate(wanted.integrations, start=1)},
    )
