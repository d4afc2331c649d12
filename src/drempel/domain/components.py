"""Names to today's component ids. Names are compared exactly after trimming; a name found twice is never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from drempel.domain.values import value

__all__ = ["Ambiguous", "Component", "Missing", "Resolution", "Resolved", "resolve_components"]

NEAR_NAMES_MAX: Final = 3
NEAR_ENOUGH: Final = 0.6


@value(frozen=True, slots=True, kw_only=True)
class Component:
    """A door or access point. `online` None = not known: no warning, no refusal (Resivo contract, section 9.5)."""

    id: str
    display_name: str
    online: bool | None = None


@value(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Every name has exactly one component. The ids stand in mapping order."""

    component_ids: tuple[str, ...]
    names: tuple[str, ...]
    offline_ids: frozenset[str] = frozenset()
    unsure_ids: frozenset[str] = frozenset()
    """Ids of which Resivo does not say whether they are online."""

    @property
    def none_online(self) -> bool:
        """All chosen doors are known to be offline: nobody could open anything."""
        return len(self.offline_ids) == len(set(self.component_ids))


@value(frozen=True, slots=True)
class Missing:
    """Names that no component has, with names that look alike."""

    names: tuple[str, ...]
    near: tuple[str, ...] = ()


@value(frozen=True, slots=True)
class Ambiguous:
    """Names that more than one component has."""

    names: tuple[str, ...]


Resolution = Resolved | Missing | Ambiguous


def resolve_components(names: Sequence[str], components: Sequence[Component]) -> Resolution:
    """Today's ids of these names. A missing name wins over an ambiguous one: it is the one that a person must choose."""
    by_name: dict[str, list[Component]] = {}
    for component in components:
        by_name.setdefault(component.display_name.strip(), []).append(component)
    wanted = tuple(dict.fromkeys(name.strip() for name in names))
    missing = tuple(name for name in wanted if name not in by_name)
    if missing:
        return Missing(missing, _near_names(missing, by_name))
    ambiguous = tuple(name for name in wanted if len({component.id for component in by_name[name]}) > 1)
    if ambiguous:
        return Ambiguous(ambiguous)
    chosen = [by_name[name][0] for name in wanted]
    return Resolved(
        component_ids=tuple(component.id for component in chosen),
        names=wanted,
        offline_ids=frozenset(component.id for component in chosen if component.online is False),
        unsure_ids=frozenset(component.id for component in chosen if component.online is None),
    )


def _near_names(missing: Sequence[str], by_name: dict[str, list[Component]]) -> tuple[str, ...]:
    lowered = {name.casefold(): name for name in by_name}
    near: dict[str, None] = {}
    for name in missing:
        for hit in get_close_matches(name.casefold(), lowered, n=NEAR_NAMES_MAX, cutoff=NEAR_ENOUGH):
            near[lowered[hit]] = None
    return tuple(near)
