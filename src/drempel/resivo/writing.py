"""Builds requests, by the profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from drempel.resivo.errors import RequestImpossible
from drempel.resivo.json_paths import read_path, write_path
from drempel.resivo.profile import Operation, Profile
from drempel.resivo.profile_checks import PLACEHOLDER
from drempel.resivo.profile_names import OperationName

__all__ = ["Writer", "format_instant"]

CONTENT_TYPES: Final = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
SEGMENTS_REMEMBERED: Final = 1024


def format_instant(at: datetime, *, decimals: int) -> str:
    """UTC with a literal Z: `2026-03-14T08:45:00.000000Z`."""
    assert at.tzinfo is not None, "a naive time is no instant"
    at = at.astimezone(UTC)
    digits = f"{at.microsecond:06d}000"[:decimals]
    return f"{at:%Y-%m-%dT%H:%M:%S}{'.' if digits else ''}{digits}Z"


class Writer:
    """Writes by one profile to one base address."""

    def __init__(self, profile: Profile, base_url: str) -> None:
        self._profile = profile
        self._base_url = base_url.rstrip("/")

    def url(self, name: OperationName, parameters: Mapping[str, str], query: Mapping[str, str] | None = None) -> str:
        """The whole address; `query` has our names. Raises `RequestImpossible` for an id that cannot stand in it."""
        operation = self._profile.operation(name)
        if not operation.supported:
            raise RequestImpossible(name, detail="this profile does not have the operation")
        path = PLACEHOLDER.sub(lambda found: _segment(name, found[1], parameters[found[1]]), operation.path)
        fixed = ((key, value) for key, value in operation.query.items() if value)
        pairs = [(key, PLACEHOLDER.sub(lambda found: parameters[found[1]], value)) for key, value in fixed]
        for ours, value in (query or {}).items():
            theirs = operation.query_names.get(ours)
            if theirs:
                pairs.append((theirs, value))
        return f"{self._base_url}{path}{'?' if pairs else ''}{urlencode(pairs, quote_via=quote)}"

    def body(self, name: OperationName, values: Mapping[str, Any]) -> tuple[bytes, str | None]:
        """The body and its content type; `values` has our names."""
        operation = self._profile.operation(name)
        if operation.body == "none":
            return b"", None
        if operation.body == "form":
            pairs = self._form(operation, values)
            return urlencode(pairs).encode(), CONTENT_TYPES["form"]
        return msgspec.json.encode(self._document(operation, values)), CONTENT_TYPES["json"]

    def token_values(self, client_id: str, client_secret: str) -> dict[str, Any]:
        return {"client_id": client_id, "client_secret": client_secret}

    def remote_access_values(
        self,
        *,
        display_name: str,
        component_ids: Sequence[str],
        valid_from: datetime,
        valid_to: datetime,
        emails: Sequence[str],
        phone_numbers: Sequence[str],
    ) -> dict[str, Any]:
        """The values of a create. Raises `RequestImpossible` if the profile leaves no way to reach the visitor."""
        decimals = self._profile.time_decimals
        return {
            "display_name": display_name,
            "component_ids": list(component_ids),
            "valid_from": format_instant(valid_from, decimals=decimals),
            "valid_to": format_instant(valid_to, decimals=decimals),
            **self._recipients(emails, phone_numbers),
        }

    def remote_access_body(self, values: Mapping[str, Any]) -> tuple[bytes, str | None]:
        """The body of a create, which is proved to hold both ends: an access without an end is permanent."""
        name = OperationName.CREATE_REMOTE_ACCESS
        body, content_type = self.body(name, values)
        document = msgspec.json.decode(body)
        for key in ("valid_from", "valid_to"):
            if read_path(document, self._profile.operation(name).request[key]) != values[key]:
                raise RequestImpossible(name, detail=f"the profile loses {key}")
        return body, content_type

    def _recipients(self, emails: Sequence[str], phone_numbers: Sequence[str]) -> dict[str, Any]:
        request = self._profile.operation(OperationName.CREATE_REMOTE_ACCESS).request
        found: dict[str, Any]
        if "recipient_emails" in request or "recipient_phone_numbers" in request:
            lists = {"recipient_emails": list(emails), "recipient_phone_numbers": list(phone_numbers)}
            found = {key: entries for key, entries in lists.items() if entries and request.get(key)}
        else:
            recipients: list[dict[str, Any]] = []
            for key, entries in (("recipient_email", emails), ("recipient_phone_number", phone_numbers)):
                for entry in entries if request.get(key) else ():
                    recipient: dict[str, Any] = {}
                    write_path(recipient, request[key], entry)
                    recipients.append(recipient)
            found = {"recipients": recipients} if recipients else {}
        if not found:
            raise RequestImpossible(OperationName.CREATE_REMOTE_ACCESS, detail="no recipient that this profile can send to")
        return found

    def _document(self, operation: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] = msgspec.json.decode(operation.body_constant or "{}")
        for ours, value in values.items():
            theirs = operation.request.get(ours)
            if theirs:
                write_path(document, theirs, value)
        for key, value in operation.constants.items():
            path = operation.request.get(key, key)
            if value != "" and path:
                write_path(document, path, value)
        return document

    @staticmethod
    def _form(operation: Operation, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        pairs = [(operation.request[ours], str(value)) for ours, value in values.items() if operation.request.get(ours)]
        for key, value in operation.constants.items():
            theirs = operation.request.get(key, key)
            if value != "" and theirs:
                pairs.append((theirs, ("true" if value else "false") if isinstance(value, bool) else str(value)))
        return pairs


@lru_cache(maxsize=SEGMENTS_REMEMBERED)
def _segment(name: OperationName, key: str, value: str) -> str:
    try:
        encoded = quote(value, safe="")
    except UnicodeEncodeError:
        encoded = ""
    if not encoded.strip(".") or len(encoded) > 1024:
        raise RequestImpossible(name, detail=f"this {key} cannot stand in an address")
    return encoded
