"""What the tab *Mapping* shows: an object's doors by name, as Resivo shows them today. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drempel.domain.components import Component, Missing, resolve_components
from drempel.engine.insight import ObjectSeen
from drempel.engine.lint_findings import LintFinding
from drempel.engine.probing import ResivoProbe
from drempel.engine.setup import IntegrationSetup

__all__ = ["Door", "Row", "is_unheard", "misses_a_door", "offered_doors", "offline_of", "row_of", "unfit", "where_to_look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One name as it is shown."""

    name: str
    online: bool | None = None
    missing: bool = False
    doubled: int = 0
    """So many doors have this name, where it is more than one."""
    near: tuple[str, ...] = ()
    """Names that look like it, where no door has it."""
    renamed_to: str = ""
    """The name that the door of the same id has now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One object with its doors at one site."""

    object_id: str
    site_id: str
    name: str
    unheard: bool
    to_come: int
    """Of the bookings that were taken in."""
    doors: tuple[Door, ...]

    @property
    def needs_an_eye(self) -> bool:
        return any(door.missing or door.doubled or door.online is False for door in self.doors)


def where_to_look(rows: Sequence[Row]) -> Mapping[str, Row]:
    """By object, the row to which its bookings lead: the first with a door that needs an eye, else its first."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: not row.needs_an_eye):
        found.setdefault(row.object_id, row)
    return found


def is_unheard(object_id: str, objects: Mapping[str, ObjectSeen], names: Mapping[str, str]) -> bool:
    """No booking has named it, and the booking system does not tell of it: mistyped, or that one does not answer."""
    return object_id not in objects and object_id not in names


def misses_a_door(one: IntegrationSetup, probe: ResivoProbe) -> bool:
    shown = {
        site_id: {component.display_name.strip() for component in seen.components}
        for site_id, seen in probe.doors.items()
        if seen.failure is None
    }
    return any(
        name.strip() not in shown[mapping.site_id]
        for mapping in one.mappings
        if mapping.site_id in shown
        for name in mapping.component_names
    )


def row_of(
    index: int,
    one: IntegrationSetup,
    probe: ResivoProbe,
    objects: Mapping[str, ObjectSeen],
    names: Mapping[str, str],
    findings: Sequence[LintFinding],
) -> Row:
    mapping = one.mappings[index]
    seen = probe.doors.get(mapping.site_id)
    known = seen is not None and seen.failure is None
    by_name: dict[str, list[Component]] = {}
    for component in seen.components if seen is not None else ():
        by_name.setdefault(component.display_name.strip(), []).append(component)
    renamed = {found.element: found.new_name for found in findings if found.mapping == index and found.code == "name.renamed"}
    doors = []
    for element, name in enumerate(mapping.component_names):
        fitting = by_name.get(name.strip(), [])
        doors.append(
            Door(
                name=name,
                online=fitting[0].online if len(fitting) == 1 else None,
                missing=known and not fitting,
                doubled=_several(len(fitting)),
                near=_near(name, seen.components) if seen is not None and known and not fitting else (),
                renamed_to=renamed.get(element, ""),
            )
        )
    booked = objects.get(mapping.object_id)
    return Row(
        object_id=mapping.object_id,
        site_id=mapping.site_id,
        name=names.get(mapping.object_id, ""),
        unheard=is_unheard(mapping.object_id, objects, names),
        to_come=booked.to_come if booked is not None else 0,
        doors=tuple(doors),
    )


def offered_doors(seen: Sequence[Component], chosen: Sequence[str], wanted: str) -> list[Door]:
    """Every name once: the chosen ones first, then those that the search finds."""
    count = Counter(component.display_name.strip() for component in seen)
    online = {component.display_name.strip(): component.online for component in seen}
    found = [name for name in sorted(count, key=str.casefold) if name not in chosen and wanted.casefold() in name.casefold()]
    return [
        Door(
            name=name,
            online=online.get(name) if count[name] == 1 else None,
            missing=not count[name],
            doubled=_several(count[name]),
            near=() if count[name] else _near(name, seen),
        )
        for name in [*chosen, *found]
    ]


def _several(count: int) -> int:
    return count if count > 1 else 0


def _near(name: str, seen: Sequence[Component]) -> tuple[str, ...]:
    found = resolve_components((name,), seen)
    return found.near if isinstance(found, Missing) else ()


def unfit(one: IntegrationSetup, probe: ResivoProbe, names: Mapping[str, str]) -> list[Row]:
    """Objects with their names that are not, or not alone, those of a door of today; nothing of sites that do not answer."""
    rows = (row_of(index, one, probe, {}, names, ()) for index in range(len(one.mappings)))
    wrong = ((row, tuple(door for door in row.doors if door.missing or door.doubled)) for row in rows)
    return [replace(row, doors=doors) for row, doors in wrong if doors]


def offline_of(chosen: Sequence[str], probe: ResivoProbe, site_id: str) -> tuple[str, ...]:
    """Those of the chosen doors that are offline now."""
    seen = probe.doors[site_id].components if site_id in probe.doors else ()
    online = {component.display_name.strip(): component.online for component in seen}
    return tuple(name.strip() for name in chosen if online.get(name.strip()) is False)
