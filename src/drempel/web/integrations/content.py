"""Integrations and sources as the set-up file would say them: what a form changes, and what is checked by the rules of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from drempel.engine.records import StoredSecrets
from drempel.engine.setup import IntegrationSetup, Setup, SourceSetup
from drempel.engine.setup_plan import DesiredSetup
from drempel.resivo import profile_from_json
from drempel.setup_file import KeyPath, check_setup_content, own_profile_name, shipped_profile_names

__all__ = ["checked", "goes_elsewhere", "integration_content", "problem_keys", "source_content"]

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def integration_content(setup: Setup, secrets: StoredSecrets, one: IntegrationSetup) -> tuple[dict[str, Any], str | None]:
    """The integration, and its profile if that is one of its own."""
    connection, policy = setup.connections[one.connection_id], one.policy
    shipped = own_profile_name(connection.profile_json)
    content = {
        "name": one.name,
        "kind": one.kind,
        "source": one.source,
        "active": policy.active,
        "profile": shipped or shipped_profile_names()[0],
        "base_url": connection.base_url or "",
        "site_owner_id": connection.site_owner_id,
        "client_id": connection.client_id,
        "client_secret": secrets.client_secrets.get(one.connection_id, ""),
        "site_id": one.site_id or "",
        "target_mobile_app_id": one.target_mobile_app_id,
        "trigger_statuses": sorted(policy.trigger_statuses),
        "revoke_statuses": sorted(policy.revoke_statuses),
        "time_before_minutes": int(policy.time_before.total_seconds() // 60),
        "authorization_field": policy.authorization_field,
        "default_language": policy.default_language,
        "default_country": policy.default_country,
        "follow_changes": policy.follow_changes.value,
        "allow_insecure": one.allow_insecure,
        "mappings": [
            {"object": each.object_id, "site_id": each.site_id, "components": list(each.component_names)} for each in one.mappings
        ],
    }
    return content, None if shipped else connection.profile_json


def source_content(secrets: StoredSecrets, one: SourceSetup) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "base_url": one.base_url,
        "username": one.username,
        "password": secrets.source_passwords.get(one.name, ""),
        "time_zone": one.time_zone,
        "poll_seconds": one.poll_seconds,
        "allow_insecure": one.allow_insecure,
    }


def checked(
    content: Mapping[str, Any], *, is_source: bool, present: Setup, profile_json: str | None = None
) -> tuple[DesiredSetup, list[KeyPath]]:
    """What is wanted, and the keys at which something is wrong, without the name of the table before them."""
    wanted, found = check_setup_content(
        {"sources": [content]} if is_source else {"integrations": [content]}, folder=Path(), environ={}, present=present
    )
    if profile_json is not None:
        wanted = replace(wanted, integrations=tuple(replace(each, profile_json=profile_json) for each in wanted.integrations))
    return wanted, [path[2:] for path, _reason in found]


def problem_keys(paths: list[KeyPath]) -> frozenset[str]:
    """The fields of a form beside which a problem is told."""
    return frozenset(str(path[0]) for path in paths if path)


def goes_elsewhere(before: DesiredSetup, after: DesiredSetup) -> bool:
    """Whether what is kept secret would be sent to another host, port or scheme than before: then it must be typed by who knows it.

    Otherwise whoever may write an address would get to read every secret, which no page shows.
    """
    return _places(before) != _places(after)


def _places(wanted: DesiredSetup) -> set[tuple[str, str | None, int | None]]:
    urls = [each.base_url for each in wanted.sources]
    urls += [each.base_url or profile_from_json(each.profile_json).base_url for each in wanted.integrations]
    places = set()
    for url in urls:
        parts = urlsplit(url)
        places.add((parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)))
    return places
