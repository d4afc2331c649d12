"""Browsers from which somebody has signed in before: they wait for their own tries alone, in a line of their own."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

__all__ = ["KnownBrowsers", "may_be_token"]

TOKEN_CHARACTERS_MAX: Final = 128
"""Longer than any token of ours: what is longer is not even hashed."""


class KnownBrowsers:
    """The mark is chance, and a keyed hash of it with the name: nothing to keep, and of no use for another name."""

    def __init__(self, fingerprint: Callable[[str], str]) -> None:
        self._fingerprint = fingerprint

    def mark(self, name_key: str, chance: str) -> str:
        """What a browser brings along the next time. It opens nothing."""
        return f"{chance}.{self._fingerprint(f'known browser:{name_key}:{chance}')}"

    def knows(self, name_key: str, mark: str) -> bool:
        """Whether whoever has this name signed in where this mark comes from."""
        chance, _, _ = mark.partition(".")
        if not may_be_token(chance):
            return False
        return hmac.compare_digest(self.mark(name_key, chance).encode(), mark.encode("utf-8", "replace"))


def may_be_token(token: str) -> bool:
    """Whether it is worth looking at."""
    return 0 < len(token) <= TOKEN_CHARACTERS_MAX and token.isascii()
