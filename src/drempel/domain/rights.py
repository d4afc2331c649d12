"""Who may do what: roles and their rights, in one closed table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = ["RIGHTS", "Right", "Role", "may", "roles_with"]


class Role(StrEnum):
    """What a person is here. Each has every right of the one before."""

    RECEPTION = "reception"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What a page or an order asks for."""

    SEE = "see"
    """Bookings, their reasons, the set-up without its secrets."""
    RETRY = "retry"
    """Try a booking again now."""
    BOOKINGS = "bookings"
    """Revoke, issue again, resolve, adopt."""
    EMERGENCY = "emergency"
    """Pause and resume an integration, release a brake."""
    MAPPING = "mapping"
    """Which doors a booking of an object opens."""
    SECRETS = "secrets"
    """Connections and sources, with their secrets."""
    PEOPLE = "people"
    """People and API keys, and the trail of what everybody changed."""


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.RECEPTION: frozenset({Right.SEE, Right.RETRY}),
    Role.MANAGER: frozenset({Right.SEE, Right.RETRY, Right.BOOKINGS, Right.EMERGENCY, Right.MAPPING}),
    Role.ADMINISTRATOR: frozenset(Right),
}
"""The whole table. What does not stand here is not allowed."""


def may(role: Role, right: Right) -> bool:
    """Whether a person of this role may do what asks for this right."""
    return right in RIGHTS[role]


def roles_with(right: Right) -> tuple[Role, ...]:
    """The roles that have a right, the one with the fewest rights first."""
    return tuple(role for role in Role if may(role, right))
