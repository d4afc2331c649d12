"""What sites and doors were called when Resivo was asked last. For people alone: nothing decides by what was so at another moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Final

from drempel.domain.components import Component
from drempel.domain.values import value

__all__ = ["DoorNames", "LastNames", "names_of_doors"]

DoorNames = Mapping[tuple[str, str], str]
"""Names by site id and component id."""
DOORS_MAX: Final = 5000
"""Of one site."""


@value(frozen=True, slots=True, kw_only=True)
class LastNames:
    """As far as anything is known."""

    sites: Mapping[str, str] = field(default_factory=dict)
    """By site id."""
    by_site: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Site id → component id → name."""

    @property
    def doors(self) -> DoorNames:
        return {(site_id, one): name for site_id, doors in self.by_site.items() for one, name in doors.items()}


def names_of_doors(components: Iterable[Component]) -> Mapping[str, str]:
    """All that a site has now, by component id: what is not among them is not there any more."""
    return {one.id: one.display_name.strip() for one, _ in zip(components, range(DOORS_MAX), strict=False)}
