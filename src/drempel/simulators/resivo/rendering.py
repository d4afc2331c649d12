"""Writes what the simulator knows in the keys and words of the profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from drempel.resivo.json_paths import write_path
from drempel.resivo.profile import Profile
from drempel.resivo.profile_names import OperationName
from drempel.simulators.resivo.quirks import Quirks
from drempel.simulators.resivo.records import (
    AUTHORIZATION_ACTIVE,
    AUTHORIZATION_REVOKED,
    PIN_ACCESS,
    REMOTE_ACCESS,
    Authorization,
    Component,
    Site,
)

__all__ = ["Renderer"]


class Renderer:
    """Renders answers by one profile. Recipients, PINs and door links are in none of them."""

    def __init__(self, profile: Profile, quirks: Quirks) -> None:
        self._profile = profile
        self._quirks = quirks
        self._keys = {name: profile.response_keys(name) for name in OperationName}
        values = profile.values
        self._statuses = {AUTHORIZATION_ACTIVE: values.status_active, AUTHORIZATION_REVOKED: values.status_revoked}
        self._types = {REMOTE_ACCESS: values.type_remote_access, PIN_ACCESS: values.type_pin_access}
        self._words = {key: _reversed(words) for key, words in values.map.items()}

    def token(self, text: str, seconds: float) -> Any:
        values = {"access_token": text, "expires_in": None if self._quirks.token_without_lifetime else round(seconds)}
        row = self._row(OperationName.TOKEN, values)
        row.setdefault("token_type", "Bearer")
        return self._wrapped(OperationName.TOKEN, row)

    def sites(self, sites: Iterable[Site]) -> Any:
        name = OperationName.LIST_SITES
        return self._wrapped(name, [self._row(name, _site_values(site)) for site in sites])

    def site(self, site: Site) -> Any:
        name = OperationName.READ_SITE
        return self._wrapped(name, self._row(name, _site_values(site)))

    def components(self, components: Iterable[Component]) -> Any:
        name = OperationName.LIST_COMPONENTS
        tells = not self._quirks.online_missing
        rows = [
            self._row(name, {"id": one.id, "display_name": one.display_name, "online": one.online if tells else None})
            for one in components
        ]
        return self._wrapped(name, rows)

    def created(self, name: OperationName, authorization: Authorization, now: datetime) -> Any:
        """The whole authorization, as a list would show it; the profile's own keys for a create win."""
        row = self._authorization(OperationName.LIST_AUTHORIZATIONS, authorization, now, only_missing_in=name)
        return self._wrapped(name, row)

    def authorizations(self, authorizations: Sequence[Authorization], now: datetime) -> Any:
        name = OperationName.LIST_AUTHORIZATIONS
        return self._wrapped(name, [self._authorization(name, one, now) for one in authorizations])

    def authorization(self, authorization: Authorization, now: datetime) -> Any:
        name = OperationName.READ_AUTHORIZATION
        return self._wrapped(name, self._authorization(name, authorization, now))

    def status_word(self, authorization: Authorization) -> str:
        """The word for its status as an answer has it, which is what the list is filtered by."""
        word = self._quirks.status_word or self._statuses.get(authorization.status, authorization.status)
        return self._words.get("status", {}).get(word, word)

    def error(self, message: str) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        write_path(answer, self._profile.error.message or "message", message)
        return answer

    def _authorization(
        self, name: OperationName, one: Authorization, now: datetime, *, only_missing_in: OperationName | None = None
    ) -> dict[str, Any]:
        status = self._statuses.get(one.status, one.status)
        entry = {"credential_status": status, "credential_is_expired": one.expired(now)}
        credentials = [self._row(name, entry, inside=True) for _ in range(one.credentials)]
        values = {
            "id": one.id,
            "type": self._types.get(one.type, one.type),
            "display_name": one.display_name,
            "component_ids": list(one.component_ids),
            "valid_from": _instant(one.valid_from),
            "valid_to": _instant(one.valid_to),
            "status": self._quirks.status_word or status,
            "credentials": None if self._quirks.credentials_missing else credentials,
        }
        if only_missing_in is None:
            return self._row(name, values)
        own = {key: value for key, value in values.items() if self._keys[only_missing_in].get(key)}
        row = self._row(only_missing_in, own)
        rest = self._row(name, {key: value for key, value in values.items() if key not in own})
        return {**rest, **row}

    def _row(self, name: OperationName, values: Mapping[str, Any], *, inside: bool = False) -> dict[str, Any]:
        row: dict[str, Any] = {}
        keys = self._keys[name]
        for key, value in values.items():
            path = keys.get(key)
            if path and value is not None:
                words = self._words.get(key)
                write_path(row, path, value if words is None else words.get(value, value))
        if self._quirks.extra_keys and not inside:
            row.setdefault("_links", {"self": {"href": "https://example.invalid/"}})
            row.setdefault("revision", 7)
        return row

    def _wrapped(self, name: OperationName, answer: Any) -> Any:
        items = self._profile.operation(name).items
        if not items:
            return answer
        envelope: dict[str, Any] = {}
        write_path(envelope, items, answer)
        return envelope


def _reversed(words: Mapping[str, bool | str]) -> dict[bool | str, str]:
    """Our value to their word; the first word wins where several mean the same."""
    found: dict[bool | str, str] = {}
    for theirs, ours in words.items():
        found.setdefault(ours, theirs)
    return found


def _site_values(site: Site) -> dict[str, Any]:
    return {
        "id": site.id,
        "display_name": site.display_name,
        "default_locale": site.default_locale or None,
        "time_zone": site.time_zone or None,
    }


def _instant(at: datetime | None) -> str | None:
    """Three decimals: whoever compares strings with the six that were sent finds a difference."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
