"""Turns answers into models, by the profile. Whatever an answer holds, the result is a model or `Unreadable`."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from drempel.resivo.json_paths import read_path
from drempel.resivo.models import Authorization, AuthorizationCredential, Component, CreatedAuthorization, Liveness, Site
from drempel.resivo.profile import Profile
from drempel.resivo.profile_names import OperationName

__all__ = ["Reader", "Unreadable", "parse_instant", "parse_json"]

ID_CHARS_MAX: Final = 256
TEXT_CHARS_MAX: Final = 1_000
INSTANT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:?[0-9]{2})"
)
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""JSON can carry these, databases and addresses cannot."""


class Unreadable(ValueError):
    """The answer is not what the profile says; the text names the key, never the value."""


def parse_json(body: bytes) -> Any:
    """The value of a JSON text. Raises `Unreadable`."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        # What is odd (a byte order mark, another encoding, half a surrogate) is read by the reader that takes more.
        pass
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the answer is not JSON") from error


def parse_instant(text: str) -> datetime:
    """An instant with Z or an offset and up to nine decimals, of which six are kept. Raises `ValueError`."""
    found = INSTANT.fullmatch(text)
    if found is None:
        raise ValueError("not an instant")
    day, clock, decimals, offset = found.groups()
    microseconds = (decimals or "0")[:6].ljust(6, "0")
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{microseconds}{offset}").astimezone(UTC)
    except OverflowError as error:
        raise ValueError("not an instant") from error


class Reader:
    """Reads by one profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._keys = {name: profile.response_keys(name) for name in OperationName}
        self._maps = profile.values.map

    def access_token(self, answer: Any) -> tuple[str, float]:
        """The token and its life in seconds."""
        name = OperationName.TOKEN
        row = self._object(name, answer)
        token = self._value(name, row, "access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable() or " " in token:
            raise Unreadable("access_token is missing")
        return token, self._lifetime(self._value(name, row, "expires_in"))

    def sites(self, answer: Any) -> list[Site]:
        return [self._site(OperationName.LIST_SITES, row, None) for row in self._rows(OperationName.LIST_SITES, answer)]

    def site(self, answer: Any, site_id: str) -> Site:
        return self._site(OperationName.READ_SITE, self._object(OperationName.READ_SITE, answer), site_id)

    def components(self, answer: Any) -> list[Component]:
        name = OperationName.LIST_COMPONENTS
        found = []
        for row in self._rows(name, answer):
            online = self._value(name, row, "online")
            found.append(
                Component(
                    id=_id(self._value(name, row, "id")),
                    display_name=_text(self._value(name, row, "display_name")) or "",
                    online=online if isinstance(online, bool) else None,
                )
            )
        return found

    def created(self, answer: Any) -> CreatedAuthorization:
        name = OperationName.CREATE_REMOTE_ACCESS
        row = self._object(name, answer)
        try:
            component_ids = _ids(self._value(name, row, "component_ids"))
        except Unreadable:
            component_ids = None  # the access exists; what it holds can be read later
        return CreatedAuthorization(id=_id(self._value(name, row, "id")), component_ids=component_ids)

    def rows_of_authorizations(self, answer: Any) -> list[dict[str, Any]]:
        return self._rows(OperationName.LIST_AUTHORIZATIONS, answer)

    def row_id(self, row: dict[str, Any]) -> str:
        return _id(self._value(OperationName.LIST_AUTHORIZATIONS, row, "id"))

    def row_display_name(self, row: dict[str, Any]) -> str:
        return _text(self._value(OperationName.LIST_AUTHORIZATIONS, row, "display_name")) or ""

    def listed_authorization(self, row: dict[str, Any]) -> Authorization:
        """A row of a listing. What cannot be read is None, and named in `unreadable`: the row may be foreign."""
        return self._authorization(OperationName.LIST_AUTHORIZATIONS, row, self.row_id(row))

    def authorization(self, answer: Any, authorization_id: str) -> Authorization:
        """The one authorization that was asked for. Raises `Unreadable` if any of it cannot be read."""
        name = OperationName.READ_AUTHORIZATION
        row = self._object(name, answer)
        told = self._value(name, row, "id")
        if told is not None and _id(told) != authorization_id:
            raise Unreadable("the answer is about another authorization")
        found = self._authorization(name, row, authorization_id)
        if found.unreadable:
            raise Unreadable(f"{found.unreadable[0]} cannot be read")
        if all(self._value(name, row, key) is None for key in ("id", "display_name", "component_ids", "valid_to", "status")):
            # Any other object that came in its place: taken at its word it would be an access without doors and without end.
            raise Unreadable("the answer is no authorization")
        return found

    def error_message(self, answer: Any) -> str:
        """Their sentence, also in the way of OAuth; empty if there is none."""
        for path in (self._profile.error.message, "error_description", "error"):
            text = read_path(answer, path) if path else None
            if isinstance(text, str) and text.strip():
                return text
        return ""

    def _value(self, name: OperationName, row: Any, key: str) -> Any:
        path = self._keys[name].get(key)
        if not path:
            return None
        value = read_path(row, path)
        words = self._maps.get(key)
        if words is not None:
            word = _word(value)
            if word is not None and word in words:
                return words[word]
        return value

    def _object(self, name: OperationName, answer: Any) -> dict[str, Any]:
        row = self._profile.operation(name).unwrap(answer)
        if not isinstance(row, dict):
            raise Unreadable("the answer is not an object")
        return row

    def _rows(self, name: OperationName, answer: Any) -> list[dict[str, Any]]:
        rows = self._profile.operation(name).unwrap(answer)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Unreadable("the answer is not an array of objects")
        return rows

    def _lifetime(self, seconds: Any) -> float:
        if isinstance(seconds, str) and seconds.isascii() and seconds.isdecimal() and len(seconds) < 10:
            seconds = int(seconds)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 10**10:
            return float(self._profile.token_lifetime_default_seconds)
        return float(seconds)

    def _site(self, name: OperationName, row: dict[str, Any], asked: str | None) -> Site:
        told = self._value(name, row, "id")
        if asked is not None and told is not None and _id(told) != asked:
            raise Unreadable("the answer is about another site")
        return Site(
            id=_id(asked if told is None else told),
            display_name=_text(self._value(name, row, "display_name")) or "",
            default_locale=_text(self._value(name, row, "default_locale")),
            time_zone=_text(self._value(name, row, "time_zone")),
        )

    def _authorization(self, name: OperationName, row: dict[str, Any], identity: str) -> Authorization:
        unreadable: list[str] = []
        kind = _text(self._value(name, row, "type"))
        status = _text(self._value(name, row, "status"))
        credentials = self._credentials(name, row, unreadable)
        return Authorization(
            id=identity,
            type=kind,
            is_remote_access=None if kind is None else kind == self._profile.values.type_remote_access,
            display_name=_text(self._value(name, row, "display_name")) or "",
            component_ids=self._component_ids(name, row, unreadable),
            valid_from=self._instant(name, row, "valid_from", unreadable),
            valid_to=self._instant(name, row, "valid_to", unreadable),
            status=status,
            credentials=credentials,
            liveness=self._liveness(status, credentials, unreadable),
            unreadable=tuple(unreadable),
        )

    def _component_ids(self, name: OperationName, row: dict[str, Any], unreadable: list[str]) -> tuple[str, ...] | None:
        try:
            return _ids(self._value(name, row, "component_ids"))
        except Unreadable:
            unreadable.append("component_ids")
            return None

    def _instant(self, name: OperationName, row: dict[str, Any], key: str, unreadable: list[str]) -> datetime | None:
        value = self._value(name, row, key)
        if value is None:
            return None
        try:
            return parse_instant(value)
        except (ValueError, TypeError):
            unreadable.append(key)
            return None

    def _credentials(
        self, name: OperationName, row: dict[str, Any], unreadable: list[str]
    ) -> tuple[AuthorizationCredential, ...]:
        entries = self._value(name, row, "credentials")
        if entries is None:
            return ()
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            unreadable.append("credentials")
            return ()
        told = bool(self._keys[name].get("credential_status"))
        return tuple(
            AuthorizationCredential(
                status=_text(self._value(name, entry, "credential_status")) if told else self._profile.values.status_active,
                is_expired=self._value(name, entry, "credential_is_expired") is True,
            )
            for entry in entries
        )

    def _liveness(self, status: str | None, credentials: tuple[AuthorizationCredential, ...], unreadable: list[str]) -> Liveness:
        values = self._profile.values
        if status == values.status_revoked:
            return Liveness.NOT_LIVE
        if status != values.status_active or "credentials" in unreadable:
            return Liveness.UNKNOWN_WORD
        running = [credential.status for credential in credentials if not credential.is_expired]
        if not credentials or values.status_active in running:
            return Liveness.LIVE
        if any(word != values.status_revoked for word in running):
            # Taking a word that nobody knows for "ended" would leave a door open.
            return Liveness.UNKNOWN_WORD
        return Liveness.NOT_LIVE


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _word(value: Any) -> str | None:
    """How a plain value is written as the key of a value map."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def _text(value: Any) -> str | None:
    word = _word(value)
    return None if word is None else UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", word)[:TEXT_CHARS_MAX]


def _id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or len(value) > ID_CHARS_MAX or UNSTORABLE.search(value) or not value.strip("."):
        raise Unreadable("id is missing")
    return value


def _ids(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise Unreadable("component_ids is not an array")
    return tuple([_id(entry) for entry in value])
