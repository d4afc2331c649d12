"""Our names: the operations, and for each the keys that a profile may translate into theirs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["SHAPES", "VALUE_MAP_NAMES", "OperationName", "OperationShape"]


class OperationName(StrEnum):
    TOKEN = "token"  # noqa: S105  # the name of an operation
    LIST_SITES = "list_sites"
    READ_SITE = "read_site"
    LIST_COMPONENTS = "list_components"
    CREATE_REMOTE_ACCESS = "create_remote_access"
    CREATE_PIN_ACCESS = "create_pin_access"
    LIST_AUTHORIZATIONS = "list_authorizations"
    READ_AUTHORIZATION = "read_authorization"
    REVOKE_AUTHORIZATION = "revoke_authorization"


def _names(text: str = "") -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationShape:
    """What a profile may, and must, say about one operation."""

    placeholders: frozenset[str] = frozenset()
    placeholders_needed: frozenset[str] = frozenset()
    request: frozenset[str] = frozenset()
    request_needed: frozenset[str] = frozenset()
    constants_refused: frozenset[str] = frozenset()
    """Names whose value the client fills in itself: a constant may not take their place."""
    response: frozenset[str] = frozenset()
    response_needed: frozenset[str] = frozenset()
    query_names: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset({"none", "json", "form"})
    may_be_missing: bool = False


SITE: Final = _names("id display_name default_locale time_zone")
AUTHORIZATION: Final = _names(
    "id type display_name component_ids valid_from valid_to status credentials credential_status credential_is_expired"
)
CREATE: Final = _names("display_name component_ids valid_from valid_to")
RECIPIENTS: Final = _names(
    "recipients recipient_email recipient_phone_number recipient_emails recipient_phone_numbers",
)
PIN_CODES: Final = _names("pin_codes pin_code pin_display_name")
OF_SITE: Final = _names("site_owner_id site_id")
OF_AUTHORIZATION: Final = _names("site_owner_id site_id authorization_id")

SHAPES: Final[dict[OperationName, OperationShape]] = {
    OperationName.TOKEN: OperationShape(
        placeholders=_names("site_owner_id"),
        request=_names("grant_type client_id client_secret"),
        request_needed=_names("client_id client_secret"),
        constants_refused=_names("client_id client_secret"),
        response=_names("access_token expires_in"),
        response_needed=_names("access_token"),
        bodies=frozenset({"form", "json"}),
    ),
    OperationName.LIST_SITES: OperationShape(
        placeholders=_names("site_owner_id"), response=SITE, response_needed=_names("id"), may_be_missing=True
    ),
    OperationName.READ_SITE: OperationShape(
        placeholders=OF_SITE, placeholders_needed=_names("site_id"), response=SITE, may_be_missing=True
    ),
    OperationName.LIST_COMPONENTS: OperationShape(
        placeholders=OF_SITE,
        placeholders_needed=_names("site_id"),
        response=_names("id display_name online"),
        response_needed=_names("id display_name"),
    ),
    OperationName.CREATE_REMOTE_ACCESS: OperationShape(
        placeholders=OF_SITE,
        placeholders_needed=_names("site_id"),
        request=CREATE | RECIPIENTS | _names("message"),
        request_needed=CREATE,
        constants_refused=CREATE | RECIPIENTS,
        response=_names("id component_ids"),
        response_needed=_names("id"),
        bodies=frozenset({"json"}),
    ),
    OperationName.CREATE_PIN_ACCESS: OperationShape(
        placeholders=OF_SITE,
        placeholders_needed=_names("site_id"),
        request=CREATE | PIN_CODES | _names("message"),
        request_needed=CREATE | _names("pin_codes pin_code"),
        constants_refused=CREATE | PIN_CODES,
        response=_names("id component_ids"),
        response_needed=_names("id"),
        bodies=frozenset({"json"}),
        may_be_missing=True,
    ),
    OperationName.LIST_AUTHORIZATIONS: OperationShape(
        placeholders=OF_SITE,
        placeholders_needed=_names("site_id"),
        response=AUTHORIZATION,
        response_needed=_names("id display_name status"),
        query_names=_names("display_name status page page_size"),
        bodies=frozenset({"none"}),
        may_be_missing=True,
    ),
    OperationName.READ_AUTHORIZATION: OperationShape(
        placeholders=OF_AUTHORIZATION,
        placeholders_needed=_names("authorization_id"),
        response=AUTHORIZATION,
        response_needed=_names("status"),
        may_be_missing=True,
    ),
    OperationName.REVOKE_AUTHORIZATION: OperationShape(
        placeholders=OF_AUTHORIZATION, placeholders_needed=_names("authorization_id")
    ),
}

VALUE_MAP_NAMES: Final = SITE | AUTHORIZATION | _names("online")
