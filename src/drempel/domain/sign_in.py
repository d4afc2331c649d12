"""The rules of signing in: names, passwords, how long a session and a one-time link live, and how long to wait after wrong tries."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from drempel.domain.values import value

__all__ = [
    "LINK_LIVES",
    "NAME_CHARACTERS_MAX",
    "PASSWORD_CHARACTERS_MAX",
    "PASSWORD_CHARACTERS_MIN",
    "SEEN_EVERY",
    "SESSION_IDLE_MAX",
    "SESSION_LIVES",
    "TRIES_FORGOTTEN_AFTER",
    "Pace",
    "by_address",
    "by_name",
    "by_network",
    "name_key",
    "password_problem",
    "person_name",
    "session_over",
]

SESSION_IDLE_MAX: Final = timedelta(hours=12)
SESSION_LIVES: Final = timedelta(days=7)
SEEN_EVERY: Final = timedelta(minutes=5)
"""So exactly is known when a session was last used: not every page writes."""
LINK_LIVES: Final = timedelta(hours=24)
TRIES_FORGOTTEN_AFTER: Final = timedelta(hours=24)

NAME_CHARACTERS_MAX: Final = 64
PASSWORD_CHARACTERS_MIN: Final = 12
PASSWORD_CHARACTERS_MAX: Final = 256
_NOT_STORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_NAME_SIGNS: Final = frozenset(" .-_@'")


# --- how long


def session_over(*, started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has ended by itself: unused for 12 hours, or 7 days old."""
    return now - seen_at >= SESSION_IDLE_MAX or now - started_at >= SESSION_LIVES


# --- how often


@value(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long to wait after wrong tries: nothing for the first `free`, then 2 s, doubled with each, never over `longest`.

    The longest pause is short on purpose: whoever tries a name on and on must not lock its owner out.
    """

    free: int
    longest: timedelta

    def pause_after(self, tries: int) -> timedelta:
        """How long nobody may try after so many tries that did not succeed."""
        if tries < self.free:
            return timedelta()
        return min(timedelta(seconds=2 << min(tries - self.free, 32)), self.longest)

    def waits(self, *, until: datetime, now: datetime) -> bool:
        """Whether a pause runs. One that is longer than any can be was begun by a clock that has been set back since."""
        return now < until <= now + self.longest


by_name: Final = Pace(free=5, longest=timedelta(minutes=15))
by_address: Final = Pace(free=20, longest=timedelta(minutes=1))
"""Generous, because a whole house, or a reverse proxy, may be one address."""
by_network: Final = Pace(free=200, longest=timedelta(minutes=1))
"""For a network of IPv6 that one caller may have whole: 65,536 addresses as we count them. More generous, because it may be a whole town."""


# --- names and passwords


def person_name(typed: str) -> str | None:
    """The name as it is kept; None if it cannot be one.

    1 to 64 letters (of any script), digits, single spaces and any of . - _ @ ' that begin with a letter or digit. Nothing invisible, so that two
    people cannot look alike by characters that nobody sees.
    """
    name = unicodedata.normalize("NFKC", typed).strip()
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX or "  " in name or not name[0].isalnum():
        return None
    if all(sign.isalnum() or sign in _NAME_SIGNS or unicodedata.combining(sign) for sign in name):
        return name
    return None


def name_key(name: str) -> str:
    """What two names have in common that are one: capitals do not count. A character that no database takes is in no name."""
    name = _NOT_STORABLE.sub("\ufffd", name)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def password_problem(password: str, *, name: str) -> str | None:
    """Why this cannot be the password, as a code; None if it can. Length is what makes it hard to guess, so nothing else is asked."""
    if len(password) < PASSWORD_CHARACTERS_MIN:
        return "password.short"
    if len(password) > PASSWORD_CHARACTERS_MAX:
        return "password.long"
    if name_key(password) == name_key(name):
        return "password.is_name"
    return None
