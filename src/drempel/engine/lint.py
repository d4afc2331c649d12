"""What is wrong, or looks wrong, with a mapping as things are today. Pure: `engine/linter` reads what is judged here.

Errors keep a booking from its access; warnings are worth a look.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from drempel.domain.components import Ambiguous, Component, Missing, resolve_components
from drempel.domain.mapping import ObjectMapping
from drempel.engine.lint_findings import Evidence, LintFinding
from drempel.engine.setup import IntegrationSetup

__all__ = ["lint"]


def lint(evidence: Evidence) -> list[LintFinding]:
    """Every finding once, by integration and mapping."""
    found: list[LintFinding] = []
    for name in evidence.integrations:
        integration = evidence.setup.integrations[name]
        found += _of_sites(evidence, integration)
        for index, mapping in enumerate(integration.mappings):
            seen = evidence.sites.get((integration.connection_id, mapping.site_id))
            if seen is not None and seen.components is not None:
                here = [*_of_names(evidence, mapping, seen.components), *_of_doors(mapping, seen.components)]
                found += [replace(one, integration=name, mapping=index) for one in here]
        found += _of_objects(evidence, integration)
        found += _of_statuses(evidence, integration)
    found += _of_bookings(evidence)
    once: dict[object, LintFinding] = {}
    for one in found:
        # Two integrations at one site see the same doors.
        once.setdefault((one.code, one.message) if one.code == "doors.alike" else len(once), one)
    return list(once.values())


# ------------------------------------------------------------------------------------------------------------------------ sites


def _of_sites(evidence: Evidence, integration: IntegrationSetup) -> Iterator[LintFinding]:
    for index, mapping in enumerate(integration.mappings):
        if any(mapping.site_id == other.site_id for other in integration.mappings[:index]):
            continue
        seen = evidence.sites.get((integration.connection_id, mapping.site_id))
        if seen is None:
            continue
        own_site = mapping.site_id == integration.site_id
        at = {"integration": integration.name, "mapping": None if own_site else index, "key": "site_id"}
        if not seen.is_seen:
            only = f"site_id = {_text(seen.other_sites[0])}" if len(seen.other_sites) == 1 else ""
            reached = f" It reaches {', '.join(seen.other_sites)}." if seen.other_sites else ""
            yield LintFinding(
                code="site.unseen",
                message=f"the credential does not reach site {mapping.site_id}.{reached}",
                remedy="Check the site id and the scope of the credential in the Resivo portal.",
                toml=only,
                **at,  # type: ignore[arg-type]
            )
        elif seen.failure is not None:
            yield LintFinding(
                code="site.unreadable",
                message=f"the doors of site {mapping.site_id} cannot be read: {seen.failure.message}",
                remedy=seen.failure.remedy,
                **at,  # type: ignore[arg-type]
            )
        elif seen.components is not None:
            yield from _alike(seen.components, mapping.site_id, integration.name)


def _alike(components: Sequence[Component], site_id: str, integration: str) -> Iterator[LintFinding]:
    """Doors whose names differ only in case or blanks: whoever writes a mapping takes one for the other."""
    by_look: dict[str, dict[str, None]] = {}
    for component in components:
        by_look.setdefault(_look(component.display_name), {})[component.display_name.strip()] = None
    for names in by_look.values():
        if len(names) > 1:
            listed = " and ".join(map(_text, names))
            yield LintFinding(
                code="doors.alike",
                integration=integration,
                message=f"doors at site {site_id} have names that differ only in case or blanks: {listed}.",
                remedy="Give each door a name of its own in the Resivo portal.",
            )


# ------------------------------------------------------------------------------------------------------------------------ names


def _of_names(evidence: Evidence, mapping: ObjectMapping, components: Sequence[Component]) -> Iterator[LintFinding]:
    for element, name in enumerate(mapping.component_names):
        match resolve_components((name,), components):
            case Missing(_, near):
                yield replace(_missing(evidence, mapping, name, components, near), element=element)
            case Ambiguous():
                ids = ", ".join(sorted({c.id for c in components if c.display_name.strip() == name.strip()}))
                yield LintFinding(
                    code="name.ambiguous",
                    integration="",
                    key="components",
                    element=element,
                    message=f"object {mapping.object_id}: more than one door at site {mapping.site_id} is called {_text(name)} ({ids}).",
                    remedy="Give each door a name of its own in the Resivo portal.",
                )
            case _:
                pass


def _missing(
    evidence: Evidence, mapping: ObjectMapping, name: str, components: Sequence[Component], near: Sequence[str]
) -> LintFinding:
    """A name that no door has: was the door renamed, is only the spelling off, or does nothing fit?"""
    former = evidence.former_ids.get((mapping.site_id, name.strip()), frozenset())
    now_called = dict.fromkeys(component.display_name.strip() for component in components if component.id in former)
    spelled = dict.fromkeys(c.display_name.strip() for c in components if _look(c.display_name) == _look(name))
    finding = LintFinding(
        code="name.missing",
        integration="",
        key="components",
        message=f"object {mapping.object_id}: no door at site {mapping.site_id} is called {_text(name)}.",
        remedy=f"Similar names: {', '.join(map(_text, near))}. Choose one, or rename the door in the Resivo portal."
        if near
        else "Choose a name from the Resivo portal, or rename the door there.",
        toml=_components(mapping, name, near[0]) if near else "",
    )
    if len(now_called) == 1:
        (new,) = now_called
        return replace(
            finding,
            code="name.renamed",
            message=f"object {mapping.object_id}: {_text(name)} is now called {_text(new)} (same id at site {mapping.site_id}).",
            remedy="Take the new name into the mapping, or give the door its old name in the Resivo portal.",
            toml=_components(mapping, name, new),
            new_name=new,
        )
    if len(spelled) == 1:
        (exact,) = spelled
        return replace(
            finding,
            code="name.spelling",
            message=f"object {mapping.object_id}: {_text(name)} is spelled {_text(exact)} at site {mapping.site_id}.",
            remedy="Write the name exactly as it is in the Resivo portal: case and blanks count.",
            toml=_components(mapping, name, exact),
        )
    return finding


def _components(mapping: ObjectMapping, old: str, new: str) -> str:
    """The mapping's line with one name put right."""
    return f"components = [{', '.join(_text(new if name == old else name) for name in mapping.component_names)}]"


def _of_doors(mapping: ObjectMapping, components: Sequence[Component]) -> Iterator[LintFinding]:
    wanted = {name.strip() for name in mapping.component_names}
    doors = [component for component in components if component.display_name.strip() in wanted]
    offline = [door for door in doors if door.online is False]
    unsure = [door for door in doors if door.online is None]
    # A Resivo that never says whether a door is online is no finding.
    tells = any(component.online is not None for component in components)
    portal = "See in the Resivo portal why; access for a door that is offline is dropped silently."
    if doors and len(offline) == len(doors):
        yield _doors("doors.none_online", mapping, f"none of its doors is online: {_names(offline)}.", portal)
    elif offline:
        yield _doors("doors.some_offline", mapping, f"these doors are offline: {_names(offline)}.", portal)
    if unsure and tells:
        yield _doors("doors.unsure", mapping, f"Resivo does not say whether these doors are online: {_names(unsure)}.", portal)


def _doors(code: str, mapping: ObjectMapping, what: str, remedy: str) -> LintFinding:
    return LintFinding(code=code, integration="", key="components", message=f"object {mapping.object_id}: {what}", remedy=remedy)


def _names(doors: Iterable[Component]) -> str:
    return ", ".join(dict.fromkeys(_text(door.display_name.strip()) for door in doors))


# --------------------------------------------------------------------------------------------------------- objects and statuses


def _of_objects(evidence: Evidence, integration: IntegrationSetup) -> Iterator[LintFinding]:
    """One object in two spellings: the booking system knows one of them."""
    booked = evidence.booked.get(integration.source, {})
    for index, mapping in enumerate(integration.mappings):
        for earlier in integration.mappings[:index]:
            same = _object(earlier.object_id) == _object(mapping.object_id) and earlier.site_id == mapping.site_id
            if not same or earlier.object_id == mapping.object_id:
                continue
            known = [one for one in (earlier.object_id, mapping.object_id) if one in booked]
            kept = known[0] if len(known) == 1 else earlier.object_id
            doors = dict.fromkeys((*earlier.component_names, *mapping.component_names))
            yield LintFinding(
                code="object.twice",
                integration=integration.name,
                mapping=index,
                key="object",
                message=f"objects {_text(earlier.object_id)} and {_text(mapping.object_id)} look like one object in two spellings.",
                remedy="Keep the one that the booking system shows, with the doors of both.",
                toml=f"object = {_text(kept)}\ncomponents = [{', '.join(map(_text, doors))}]",
            )


def _of_statuses(evidence: Evidence, integration: IntegrationSetup) -> Iterator[LintFinding]:
    unseen = evidence.unseen_statuses.get(integration.name, frozenset())
    triggers = integration.policy.trigger_statuses
    for status in sorted(unseen & triggers):
        rest = sorted(triggers - {status})
        yield LintFinding(
            code="status.unseen",
            integration=integration.name,
            key="trigger_statuses",
            message=f"no booking has trigger status {_text(status)} now.",
            remedy="That may be as it is. If the code is mistyped, correct it; if it is never used, take it away.",
            toml=f"trigger_statuses = [{', '.join(map(_text, rest))}]" if rest else "",
        )


def _of_bookings(evidence: Evidence) -> Iterator[LintFinding]:
    judged = [evidence.setup.integrations[name] for name in evidence.integrations]
    for source in dict.fromkeys(integration.source for integration in judged):
        first = next(integration for integration in judged if integration.source == source)
        if source in evidence.unread_sources:
            failure = evidence.unread_sources[source]
            yield LintFinding(
                code="source.unreadable", integration=first.name, key="source", message=failure.message, remedy=failure.remedy
            )
        mapped = {mapping.object_id for one in evidence.setup.of_source(source) for mapping in one.mappings}
        waiting = Counter(
            {object_id: count for object_id, count in evidence.booked.get(source, {}).items() if object_id not in mapped}
        )
        for object_id, count in sorted(waiting.items()):
            yield LintFinding(
                code="object.unmapped",
                integration=first.name,
                key="mappings",
                message=f"object {object_id} of {source} has {count} booking{'' if count == 1 else 's'} to come and opens no door.",
                remedy="If that is not meant, map it to its doors.",
                toml=f'[[integrations.mappings]]\nobject = {_text(object_id)}\ncomponents = ["..."]',
            )


def _look(name: str) -> str:
    """How a name looks to a person in a hurry."""
    return " ".join(name.split()).casefold()


def _object(object_id: str) -> str:
    return object_id.strip().casefold().lstrip("0")


def _text(value: str) -> str:
    """As TOML writes it."""
    return json.dumps(value, ensure_ascii=False)
