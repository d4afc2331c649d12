"""When to try again. Pure: chance is handed in."""

from __future__ import annotations

from datetime import timedelta

from drempel.engine.limits import Limits
from drempel.engine.ports import Chance

__all__ = ["retry_delay"]

TRIES_COUNTED_MAX = 30
"""2 ** 30 times the first pause is over any longest pause; beyond that the power is not computed."""


def retry_delay(tries: int, *, limits: Limits, chance: Chance, retry_after: timedelta | None = None) -> timedelta:
    """The pause before try number `tries` + 1 (0 = after the first failure).

    Full jitter: anything from nothing to first * 2^tries, never over the longest. A given `Retry-After` wins: never earlier than that, and
    spread over one first pause so that all who were told the same do not come back together.
    """
    if retry_after is not None:
        return max(retry_after, timedelta()) + limits.retry_first * chance.uniform(0.0, 1.0)
    ceiling = min(limits.retry_first * 2.0 ** min(tries, TRIES_COUNTED_MAX), limits.retry_longest)
    return ceiling * chance.uniform(0.0, 1.0)
