"""Which components an object opens, by name, per site."""

from __future__ import annotations

from collections.abc import Sequence

from drempel.domain.values import value

__all__ = ["ObjectMapping", "mappings_of"]


@value(frozen=True, slots=True, kw_only=True)
class ObjectMapping:
    """One object's doors at one site. Names, because component ids can change (Resivo contract, section 3)."""

    object_id: str
    site_id: str
    component_names: tuple[str, ...]


def mappings_of(mappings: Sequence[ObjectMapping], object_id: str) -> tuple[ObjectMapping, ...]:
    """The object's mappings in mapping order, at most one for each site."""
    return tuple([mapping for mapping in mappings if mapping.object_id == object_id])
