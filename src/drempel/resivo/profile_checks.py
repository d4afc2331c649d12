"""What must hold between the keys of a profile, checked when it is loaded and not when a visitor waits."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from drempel.resivo.json_paths import segments, write_path
from drempel.resivo.profile_names import OperationName, OperationShape

if TYPE_CHECKING:
    from drempel.resivo.profile import Operation, Profile

__all__ = ["PLACEHOLDER", "Misfit", "check_operation"]

PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
IN_AN_ENTRY: Final = frozenset({"recipient_email", "recipient_phone_number", "pin_code", "pin_display_name"})
"""Request keys that are written inside each entry of an array, not into the body."""


class Misfit(ValueError):
    """A fault between keys; `key` is where it is shown."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


def check_operation(profile: Profile, name: OperationName, shape: OperationShape) -> None:
    operation = profile.operation(name)
    at = f"operations.{name}"
    if not operation.supported:
        if not shape.may_be_missing:
            raise Misfit(f"{at}.supported", "nothing works without this operation")
        return
    _check_placeholders(operation, shape, at)
    if operation.body not in shape.bodies:
        raise Misfit(f"{at}.body", f"must be one of {', '.join(sorted(shape.bodies))}")
    _check_response(profile, name, shape, at)
    for key in operation.query_names:
        _check_name(key, shape.query_names, f"{at}.query_names.{key}")
    for key in operation.request:
        _check_name(key, shape.request, f"{at}.request.{key}")
    for key in sorted(shape.request_needed):
        if not operation.request.get(key):
            raise Misfit(f"{at}.request.{key}", "must be named")
    _check_constants(operation, shape, at)
    if shape.request or operation.constants:
        _check_body(operation, at)
    if name is OperationName.CREATE_REMOTE_ACCESS:
        _check_recipients(operation, at)


def _check_name(key: str, known: frozenset[str], at: str) -> None:
    if key not in known:
        raise Misfit(at, f"is none of our keys: {', '.join(sorted(known)) or 'this operation has none'}")


def _check_placeholders(operation: Operation, shape: OperationShape, at: str) -> None:
    found: set[str] = set()
    for place, text in (("path", operation.path), *((f"query.{key}", value) for key, value in operation.query.items())):
        names = PLACEHOLDER.findall(text)
        if len(set(names)) != len(names):
            raise Misfit(f"{at}.{place}", "a placeholder stands in it twice")
        if place == "path" and PLACEHOLDER.sub("", text) != PLACEHOLDER.sub("", text).translate({0x7B: None, 0x7D: None}):
            raise Misfit(f"{at}.path", "has a brace without its partner")
        for name in names:
            if name not in shape.placeholders:
                known = ", ".join(sorted(shape.placeholders)) or "none"
                raise Misfit(f"{at}.{place}", f"{{{name}}} cannot be filled in; possible: {known}")
        found.update(names)
    missing = shape.placeholders_needed - found
    if missing:
        raise Misfit(f"{at}.path", f"{{{min(missing)}}} must stand in it")


def _check_response(profile: Profile, name: OperationName, shape: OperationShape, at: str) -> None:
    operation = profile.operation(name)
    if operation.response_as is not None:
        other = profile.operations.get(operation.response_as)
        if other is None or other is operation or other.response_as is not None:
            raise Misfit(f"{at}.response_as", "must name another operation that has its own response")
    keys = profile.response_keys(name)
    for key, path in keys.items():
        _check_name(key, shape.response, f"{at}.response.{key}")
        if path:
            _check_path(path, f"{at}.response.{key}")
    for key in sorted(shape.response_needed):
        if not keys.get(key):
            raise Misfit(f"{at}.response.{key}", "must be named")


def _check_constants(operation: Operation, shape: OperationShape, at: str) -> None:
    if operation.constants and operation.body == "none":
        raise Misfit(f"{at}.constants", "this operation sends no body; put fixed values in query")
    for key, value in operation.constants.items():
        if key in shape.constants_refused:
            raise Misfit(f"{at}.constants.{key}", "is filled in by the client")
        if operation.body == "form" and not isinstance(value, str | int | float | bool):
            raise Misfit(f"{at}.constants.{key}", "a form holds plain values only")


def _check_path(path: str, at: str) -> None:
    try:
        segments(path)
    except ValueError as error:
        raise Misfit(at, str(error)) from error


def _check_body(operation: Operation, at: str) -> None:
    """Write a body in the order of the client, to see that no two keys get in each other's way."""
    if operation.body == "form":
        names = [theirs for theirs in operation.request.values() if theirs]
        if len(set(names)) != len(names):
            raise Misfit(f"{at}.request", "two keys have the same name")
        return
    body: dict[str, Any] = json.loads(operation.body_constant or "{}")
    places = {key: theirs for key, theirs in operation.request.items() if theirs and key not in IN_AN_ENTRY}
    if places.get("recipient_emails") or places.get("recipient_phone_numbers"):
        places.pop("recipients", None)
    for key, theirs in places.items():
        if key not in operation.constants:
            _try_to_write(body, theirs, f"{at}.request.{key}")
    for key, value in operation.constants.items():
        if value != "":
            _try_to_write(body, operation.request.get(key) or key, f"{at}.constants.{key}")


def _try_to_write(body: dict[str, Any], path: str, at: str) -> None:
    try:
        write_path(body, path, True)
    except ValueError as error:
        raise Misfit(at, str(error)) from error


def _check_recipients(operation: Operation, at: str) -> None:
    request = operation.request
    if "recipient_emails" in request or "recipient_phone_numbers" in request:
        for key in ("recipient_emails", "recipient_phone_numbers"):
            if key not in request:
                raise Misfit(f"{at}.request.{key}", 'must be said too; "" if it is not to be sent')
        if not request["recipient_emails"] and not request["recipient_phone_numbers"]:
            raise Misfit(f"{at}.request.recipient_emails", "no way is left to reach a visitor")
        return
    if not request.get("recipients") or not (request.get("recipient_email") or request.get("recipient_phone_number")):
        raise Misfit(f"{at}.request.recipients", "no way is left to reach a visitor")
    for key in ("recipient_email", "recipient_phone_number"):
        if request.get(key):
            _check_path(request[key], f"{at}.request.{key}")
