"""The blast-radius brake: when too much vanishes at once, a person decides. Pure."""

from __future__ import annotations

from typing import Final

from drempel.engine.ports import GoneCount

__all__ = ["trips"]

GONE_ALWAYS_ALLOWED: Final = 5
GONE_SHARE_ALLOWED: Final = 0.20
SMALL_SOURCE: Final = range(3, 6)


def trips(count: GoneCount) -> bool:
    """Whether so many first 404s within the hour are too many: over max(5, 20 %) of the live accesses, or all of them where there are 3 to 5."""
    if count.live in SMALL_SOURCE and count.gone >= count.live:
        return True
    return count.gone > max(GONE_ALWAYS_ALLOWED, GONE_SHARE_ALLOWED * count.live)
