"""Checks of single values that both kinds of table have. Each returns the value as it is kept, or raises `Unusable` with the reason."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlsplit

from drempel.domain.phone import REGIONS
from drempel.setup_file.table import Table
from drempel.transport.machine_room import is_machine_room

__all__ = [
    "Unusable",
    "address",
    "booking_field",
    "checked",
    "country",
    "is_plain_http",
    "language",
    "name",
    "object_id",
    "site_id",
    "time_zone",
]

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
OBJECT_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
SITE_ID: Final = re.compile(r"[A-Za-z0-9_.:~-]{1,128}")
BOOKING_FIELD: Final = re.compile(r"custom(0?[1-9]|[1-9][0-9]{1,2})")
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
NO_ZONES_OF_THEIR_OWN: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Names that mean something else on each machine, or nothing."""

METADATA_NAMES: Final = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")


class Unusable(Exception):
    """The value cannot be used, and why."""


def checked(table: Table, key: str, check: Callable[[str], str], value: str) -> str:
    """The value after `check`; a problem is noted. An empty value has been complained about, or is allowed."""
    if not value:
        return value
    try:
        return check(value)
    except Unusable as unusable:
        table.wrong(key, str(unusable))
        return value


def name(value: str) -> str:
    if NAME.fullmatch(value) is None:
        raise Unusable(
            f"is {value!r}; a name has 1 to 64 letters (A to Z), digits and any of _ . - and begins with a letter or digit."
        )
    return value


def object_id(value: str) -> str:
    if OBJECT_ID.fullmatch(value) is None or value in {".", ".."}:
        raise Unusable(f"is {value!r}; an object id has 1 to 64 letters, digits and any of _ . : -")
    return value


def site_id(value: str) -> str:
    if SITE_ID.fullmatch(value) is None or value in {".", ".."}:
        raise Unusable(f"is {value!r}; an id from the Resivo portal has only letters, digits and any of _ . : ~ -")
    return value


def booking_field(value: str) -> str:
    """The padded form: `custom5` is `custom05`."""
    found = BOOKING_FIELD.fullmatch(value)
    if found is None:
        raise Unusable(f"is {value!r}; a booking field is written as custom05.")
    return f"custom{int(found[1]):02}"


def time_zone(value: str) -> str:
    try:
        if value not in NO_ZONES_OF_THEIR_OWN:
            return zoneinfo.ZoneInfo(value).key
    except (KeyError, ValueError, OSError):  # unknown; not a name at all; the name of a folder
        pass
    near = get_close_matches(value, sorted(zoneinfo.available_timezones()), n=1)
    raise Unusable(
        f"is {value!r}, which is no known time zone. " + (f"Did you mean {near[0]}?" if near else "Write it as Europe/Amsterdam.")
    )


def country(value: str) -> str:
    if value.upper() not in REGIONS:
        raise Unusable(f"is {value!r}, which is no known country code. Write two letters, as in NL.")
    return value.upper()


def language(value: str) -> str:
    if LANGUAGE.fullmatch(value) is None:
        raise Unusable(f"is {value!r}, which is no language code. Write it as nl or nl-BE.")
    return value


def address(value: str) -> str:
    """An http or https address without a trailing slash."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # reading it is the check
    except ValueError as error:
        raise Unusable("is no usable address. Write it as https://club.i-reserve.net.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(character.isspace() for character in value):
        raise Unusable("is no http or https address. Write it as https://club.i-reserve.net.")
    if not value.isascii() or not value.isprintable() or "\\" in value:
        raise Unusable("holds a character that no address has. A name in other letters is written as xn--….")
    if parts.username is not None or parts.query or parts.fragment:
        raise Unusable("may hold no user, query or fragment.")
    if _leads_into_the_machine_room(parts.hostname):
        raise Unusable("is an address at which only a machine's own services answer, never a booking system or Resivo.")
    return value.rstrip("/")


def _leads_into_the_machine_room(host: str) -> bool:
    """What is known of an address by its look, told at once beside its field. Where a name leads is looked at by whoever connects (`HttpTransport`).

    Who may set an address could have such a place read by Drempel; what answers there hands out the credentials of a cloud machine.
    """
    host = host.rstrip(".").casefold()
    if host in METADATA_NAMES:
        return True
    try:
        return is_machine_room(host)
    except ValueError:
        # Numbers that the resolver of the system takes for an address (`2852039166`, `0xa9.0xfe.0xa9.0xfe`, `169.16689662`).
        return all(NUMBER.fullmatch(label) is not None for label in host.split("."))


def is_plain_http(url: str) -> bool:
    """Whether what is sent there could be read on the way: http, and not to this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return False
    if parts.hostname == "localhost":
        return False
    try:
        return not ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return True
