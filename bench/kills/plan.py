"""Which scenes are played, and how the kills are shared out among them."""

from __future__ import annotations

from collections.abc import Sequence

from bench.kills.arms import kill_serve, kill_two_of_three, kill_worker
from bench.kills.outages import OUTAGES
from bench.kills.scene import Planned

__all__ = ["plan"]

SHARES = {"sqlite": 0.4, "alone": 0.25, "two": 0.35}
SECONDS_PER_KILL = 20.0


def plan(kills: int, *, stores: Sequence[str], outages: bool) -> list[Planned]:
    """The kills first, then the outages."""
    shares = {name: share for name, share in SHARES.items() if ("sqlite" if name == "sqlite" else "postgresql") in stores}
    counts = {name: round(kills * share / sum(shares.values())) for name, share in shares.items()}
    counts[max(counts, key=lambda name: counts[name])] += kills - sum(counts.values())
    arms = (
        ("sqlite", "serve, SQLite", "sqlite", kill_serve),
        ("alone", "one worker of one", "postgresql", kill_worker),
        ("two", "two workers of three", "postgresql", kill_two_of_three),
    )
    planned = [
        Planned(
            name=name, store=store, scene=arm(counts[key]), kills=counts[key], limit_seconds=120 + counts[key] * SECONDS_PER_KILL
        )
        for key, name, store, arm in arms
        if counts.get(key)
    ]
    if outages:
        planned += [one for one in OUTAGES if one.store in stores]
    return planned
