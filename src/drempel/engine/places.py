"""The sites to compare: where integrations create access today, and where sets of ours may be live."""

from __future__ import annotations

from collections.abc import Iterable

from drempel.domain.values import value
from drempel.engine.calls import Target, site_target
from drempel.engine.setup import Setup

__all__ = ["Place", "audit_chore", "places_of"]


@value(frozen=True, slots=True, kw_only=True)
class Place:
    """One site as Resivo knows it, whichever integrations and connections lead there."""

    site_id: str
    integrations: tuple[str, ...]
    connection_ids: tuple[int, ...]
    """The first one's credential is used; our record of all of them is compared."""

    @property
    def target(self) -> Target:
        """What the calls to this place are held back by."""
        return site_target(self.connection_ids[0], self.site_id, integration=self.integrations[0])


def audit_chore(connection_id: int, site_id: str) -> str:
    """What the daily audit of one site through one connection is called among the chores."""
    return f"audit:{connection_id}:{site_id}"


def places_of(setup: Setup, live_sites: Iterable[tuple[int, str]]) -> list[Place]:
    """Where integrations create access today, and where sets of ours may be live. One place for all that lead to the same site.

    A place without integrations is one whose integration was removed.
    """
    pairs = [
        (name, integration.connection_id, site_id)
        for name, integration in sorted(setup.integrations.items())
        for site_id in dict.fromkeys((*(m.site_id for m in integration.mappings), *filter(None, [integration.site_id])))
    ]
    known = setup.connections
    pairs += [(known[c].integration if c in known else "", c, site_id) for c, site_id in sorted(live_sites)]
    found: dict[tuple[object, ...], Place] = {}
    for name, connection_id, site_id in pairs:
        connection = known.get(connection_id)
        leads_to = connection.leads_to if connection is not None else (connection_id,)
        there = found.get((*leads_to, site_id), Place(site_id=site_id, integrations=(), connection_ids=()))
        found[*leads_to, site_id] = Place(
            site_id=site_id,
            integrations=tuple(dict.fromkeys((*there.integrations, *([name] if name in setup.integrations else [])))),
            connection_ids=tuple(dict.fromkeys((*there.connection_ids, connection_id))),
        )
    return list(found.values())
