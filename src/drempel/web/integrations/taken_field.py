"""A booking field that another integration of the same source has already: whose it is, and one that nobody has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from drempel.engine.setup import Setup
from drempel.setup_file.values import Unusable, booking_field

__all__ = ["TakenField", "taken_field"]

LOOKED_AT: Final = 99
"""Fields have two digits."""


class TakenField(NamedTuple):
    field: str
    owner: str
    free: str
    """One that no integration of the source has."""


def taken_field(content: Mapping[str, Any], setup: Setup) -> TakenField | None:
    """None: it is nobody else's, or it is no name of a field at all."""
    try:
        wanted = booking_field(str(content.get("authorization_field", "")))
    except Unusable:
        return None
    others = [one for one in setup.of_source(str(content.get("source", ""))) if one.name != content.get("name")]
    owners = {one.policy.authorization_field: one.name for one in others}
    if wanted not in owners:
        return None
    number = int(wanted.removeprefix("custom"))
    # The one before it first: it is there, because fields are numbered from 1.
    near = (booking_field(f"custom{each}") for each in [*range(number - 1, 0, -1), *range(number + 1, LOOKED_AT + 1)])
    return TakenField(wanted, owners[wanted], next((each for each in near if each not in owners), ""))
