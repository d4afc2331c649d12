"""Between rows of the set-up and what the engine speaks of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges, Policy
from drempel.engine.setup import ConnectionSetup, IntegrationSetup, SourceSetup

__all__ = ["connection_of", "integration_of", "mappings_values", "policy_of", "policy_values", "source_of"]


def source_of(row: Row[Any]) -> SourceSetup:
    return SourceSetup(
        name=row.name,
        kind=row.kind,
        base_url=row.base_url,
        username=row.username,
        time_zone=row.time_zone,
        poll_seconds=row.poll_seconds,
        allow_insecure=row.allow_insecure,
        poll_without_status=row.poll_without_status,
    )


def connection_of(row: Row[Any]) -> ConnectionSetup:
    return ConnectionSetup(
        id=row.id,
        integration=row.integration,
        base_url=row.base_url,
        site_owner_id=row.site_owner_id,
        client_id=row.client_id,
        profile_json=row.profile,
        current=row.current,
        secret_version=row.secret_version,
    )


def integration_of(row: Row[Any], connection_id: int) -> IntegrationSetup:
    """An integration's row joined with today's policy."""
    return IntegrationSetup(
        name=row.name,
        kind=row.kind,
        source=row.source,
        paused=row.paused_at is not None,
        policy=policy_of(json.loads(row.policy)),
        policy_version=row.policy_version,
        mappings=tuple(
            ObjectMapping(object_id=each["object"], site_id=each["site_id"], component_names=tuple(each["components"]))
            for each in json.loads(row.mappings)
        ),
        connection_id=connection_id,
        site_id=row.site_id,
        target_mobile_app_id=row.target_mobile_app_id,
        allow_insecure=row.allow_insecure,
        issue_existing=row.issue_existing,
        first_poll_done=row.first_poll_done,
        paused_at=row.paused_at,
    )


def policy_of(stored: Mapping[str, Any]) -> Policy:
    return Policy(
        trigger_statuses=frozenset(stored["trigger_statuses"]),
        revoke_statuses=frozenset(stored["revoke_statuses"]),
        time_before=timedelta(seconds=stored["time_before_seconds"]),
        authorization_field=stored["authorization_field"],
        default_language=stored["default_language"],
        default_country=stored["default_country"],
        follow_changes=FollowChanges(stored["follow_changes"]),
        active=stored["active"],
    )


def policy_values(policy: Policy) -> dict[str, Any]:
    return {
        "trigger_statuses": sorted(policy.trigger_statuses),
        "revoke_statuses": sorted(policy.revoke_statuses),
        "time_before_seconds": policy.time_before.total_seconds(),
        "authorization_field": policy.authorization_field,
        "default_language": policy.default_language,
        "default_country": policy.default_country,
        "follow_changes": policy.follow_changes.value,
        "active": policy.active,
    }


def mappings_values(mappings: Sequence[ObjectMapping]) -> list[dict[str, Any]]:
    return [{"object": each.object_id, "site_id": each.site_id, "components": each.component_names} for each in mappings]
