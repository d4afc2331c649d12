"""Reads a request's body by the profile, and refuses what section 9.6 and 9.7 say that Resivo refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

from drempel.resivo.json_paths import read_path
from drempel.resivo.profile import Operation, Profile
from drempel.resivo.profile_names import OperationName
from drempel.simulators.resivo.records import Refused, Site

__all__ = ["AskedAccess", "Understanding"]

INSTANT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{0,9}))?Z")
PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")

Address = tuple[Literal["email", "sms"], str]


@dataclass(slots=True)
class AskedAccess:
    """What both kinds of a create have in common."""

    display_name: str
    component_ids: list[str]
    valid_from: datetime | None
    valid_to: datetime | None


class Understanding:
    """Understands requests that were written by one profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def body(self, name: OperationName, raw: bytes) -> dict[str, Any]:
        """The body as an object of their keys, with its fixed values checked."""
        operation = self._profile.operation(name)
        if operation.body == "none":
            return {}
        document = _form(raw) if operation.body == "form" else _json(raw)
        for key, value in operation.constants.items():
            theirs = operation.request.get(key, key)
            if value != "" and theirs and _at(operation, document, theirs) != _sent(operation, value):
                raise Refused(400, "Unsupported grant type" if name is OperationName.TOKEN else f"{theirs} is not supported")
        return document

    def text(self, name: OperationName, document: dict[str, Any], key: str) -> str:
        """A value of a key as text; empty if it is missing."""
        operation = self._profile.operation(name)
        value = _at(operation, document, operation.request.get(key, ""))
        return value if isinstance(value, str) else ""

    def access(self, name: OperationName, document: dict[str, Any]) -> AskedAccess:
        display_name = self.text(name, document, "display_name")
        if not display_name.strip():
            raise Refused(400, "displayName is required")
        component_ids = self._value(name, document, "component_ids")
        if not isinstance(component_ids, list) or not component_ids or not all(isinstance(one, str) for one in component_ids):
            raise Refused(400, "componentIds is required")
        return AskedAccess(
            display_name=display_name,
            component_ids=component_ids,
            valid_from=_instant(self._value(name, document, "valid_from"), "validFrom"),
            valid_to=_instant(self._value(name, document, "valid_to"), "validTo"),
        )

    def addresses(self, document: dict[str, Any]) -> list[Address]:
        """The recipients of a remote access, each with the channel that reaches it."""
        request = self._profile.operation(OperationName.CREATE_REMOTE_ACCESS).request
        split = "recipient_emails" in request or "recipient_phone_numbers" in request
        found = list(self._split_addresses(document) if split else self._paired_addresses(document))
        if not found:
            raise Refused(400, "recipients is required")
        return found

    def pins(self, document: dict[str, Any], site: Site) -> int:
        """How many PINs there are. The PINs themselves go no further."""
        name = OperationName.CREATE_PIN_ACCESS
        key = self._profile.operation(name).request["pin_code"]
        entries = self._value(name, document, "pin_codes")
        if not isinstance(entries, list) or not entries:
            raise Refused(400, "pinCodes is required")
        for entry in entries:
            pin = read_path(entry, key)
            if not isinstance(pin, str) or not pin.isascii() or not pin.isdecimal() or len(pin) < site.pin_digits_min:
                raise Refused(400, f"pinCode must have at least {site.pin_digits_min} digits")
        return len(entries)

    def _value(self, name: OperationName, document: dict[str, Any], key: str) -> Any:
        path = self._profile.operation(name).request.get(key)
        return read_path(document, path) if path else None

    def _split_addresses(self, document: dict[str, Any]) -> Iterator[Address]:
        for key in ("recipient_emails", "recipient_phone_numbers"):
            entries = self._value(OperationName.CREATE_REMOTE_ACCESS, document, key)
            if entries is None:
                continue
            if not isinstance(entries, list):
                raise Refused(400, "recipients must be an array")
            for entry in entries:
                yield _email(entry) if key == "recipient_emails" else _phone(entry)

    def _paired_addresses(self, document: dict[str, Any]) -> Iterator[Address]:
        request = self._profile.operation(OperationName.CREATE_REMOTE_ACCESS).request
        entries = self._value(OperationName.CREATE_REMOTE_ACCESS, document, "recipients")
        if entries is not None and not isinstance(entries, list):
            raise Refused(400, "recipients must be an array")
        for entry in entries or ():
            email, phone = (
                read_path(entry, request[key]) if request.get(key) else None
                for key in ("recipient_email", "recipient_phone_number")
            )
            if (email is None) == (phone is None):
                raise Refused(400, "A recipient needs either email or phoneNumber")
            yield _email(email) if phone is None else _phone(phone)


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw) if raw else {}
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body is not JSON") from error
    if not isinstance(value, dict):
        raise Refused(400, "The body is not an object")
    return value


def _form(raw: bytes) -> dict[str, Any]:
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


def _at(operation: Operation, document: dict[str, Any], path: str) -> Any:
    if operation.body == "form":
        return document.get(path)
    return read_path(document, path) if path else None


def _sent(operation: Operation, value: Any) -> Any:
    """A constant as it arrives: a form knows text only."""
    if operation.body != "form":
        return value
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _email(value: Any) -> Address:
    if not isinstance(value, str) or not value.strip():
        raise Refused(400, "A recipient needs either email or phoneNumber")
    return "email", value


def _phone(value: Any) -> Address:
    if not isinstance(value, str) or PHONE.fullmatch(value) is None:
        raise Refused(400, "phoneNumber is not valid")
    return "sms", value


def _instant(value: Any, key: str) -> datetime | None:
    if value is None:
        return None
    found = INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Refused(400, f"{key} must be UTC with Z")
    try:
        at = datetime.fromisoformat(f"{found[1]}.{(found[2] or '0')[:6].ljust(6, '0')}")
    except ValueError as error:
        raise Refused(400, f"{key} is not a time") from error
    return at.replace(tzinfo=UTC)
