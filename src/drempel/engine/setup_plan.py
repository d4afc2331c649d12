"""What an `apply` would change, in sentences, and the one write that does it. Pure: nothing is read, nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import Policy
from drempel.engine.records import Holdings, StoredSecrets
from drempel.engine.setup import DesiredIntegration, DesiredSource, IntegrationSetup, Setup, SetupWrite, SourceSetup

__all__ = ["DesiredSetup", "SetupPlan", "SetupRefused", "plan_setup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredSetup:
    """What should be set up. Holds secrets: never logged."""

    sources: tuple[DesiredSource, ...] = ()
    integrations: tuple[DesiredIntegration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """What would change. `lines` are sentences without secrets; `notes` tell what stays all the same."""

    lines: tuple[str, ...]
    notes: tuple[str, ...]
    write: SetupWrite

    @property
    def changes_nothing(self) -> bool:
        """Whether what is wanted is what is."""
        return not self.lines


@dataclass(frozen=True, slots=True)
class SetupRefused:
    """Access that is live or unknown would lose its owner: nothing is changed. One sentence for each obstacle."""

    sentences: tuple[str, ...]


def plan_setup(
    *,
    current: Setup,
    secrets: StoredSecrets,
    holdings: Holdings,
    desired: DesiredSetup,
    prune: bool,
    issue_existing: bool,
) -> SetupPlan | SetupRefused:
    """Compare what is with what is wanted. What stands in `desired` is created or changed; the rest goes only with `prune`."""
    plan = _Planning(current, secrets, holdings)
    for source in desired.sources:
        plan.source(source)
    for integration in desired.integrations:
        plan.integration(integration)
    if prune:
        plan.prune(desired)
    if issue_existing:
        plan.issue_existing(desired)
    return plan.result()


class _Planning:
    """Collects sentences and the write while it walks over the wanted set-up."""

    def __init__(self, current: Setup, secrets: StoredSecrets, holdings: Holdings) -> None:
        self._current = current
        self._secrets = secrets
        self._holdings = holdings
        self._lines: list[str] = []
        self._notes: list[str] = []
        self._refusals: list[str] = []
        self._sources: list[DesiredSource] = []
        self._integrations: list[DesiredIntegration] = []
        self._removed_sources: list[str] = []
        self._removed_integrations: list[str] = []
        self._issue_existing: list[str] = []

    def result(self) -> SetupPlan | SetupRefused:
        if self._refusals:
            return SetupRefused(tuple(self._refusals))
        write = SetupWrite(
            sources=tuple(self._sources),
            integrations=tuple(self._integrations),
            removed_sources=tuple(self._removed_sources),
            removed_integrations=tuple(self._removed_integrations),
            issue_existing=tuple(self._issue_existing),
        )
        return SetupPlan(lines=tuple(self._lines), notes=tuple(self._notes), write=write)

    def source(self, wanted: DesiredSource) -> None:
        there = self._current.sources.get(wanted.name)
        if there is None:
            self._lines.append(f"created source {wanted.name} ({wanted.kind} at {wanted.base_url})")
            self._sources.append(wanted)
            return
        changes = _source_changes(there, wanted)
        if self._secrets.source_passwords.get(wanted.name) != wanted.password:
            changes.append("password changed")
        held = self._holdings.by_source.get(wanted.name, 0)
        if held and (there.kind != wanted.kind or there.base_url != wanted.base_url):
            self._refusals.append(
                f"Source {wanted.name} has {_accesses(held)} that {_are(held)} live or unknown, so it cannot become another booking system "
                f"({there.kind} at {there.base_url} -> {wanted.kind} at {wanted.base_url}). "
                "Add the other one under a name of its own, or revoke that access first."
            )
        self._changed(f"source {wanted.name}", changes)
        if changes:
            self._sources.append(wanted)

    def integration(self, wanted: DesiredIntegration) -> None:
        there = self._current.integrations.get(wanted.name)
        if there is None:
            objects = len({mapping.object_id for mapping in wanted.mappings})
            how = "active" if wanted.policy.active else "not active"
            self._lines.append(
                f"created integration {wanted.name} (source {wanted.source}, {objects} object{'' if objects == 1 else 's'} mapped, {how})"
            )
            self._integrations.append(wanted)
            return
        rules = [*_policy_changes(there.policy, wanted.policy), *_mapping_changes(there, wanted)]
        changes = [*self._owner_changes(there, wanted), *rules]
        if there.policy.active != wanted.policy.active:
            changes.append("now active" if wanted.policy.active else "no longer active")
        self._changed(f"integration {wanted.name}", changes)
        if changes:
            self._integrations.append(wanted)
        held = self._holdings.by_integration.get(wanted.name, 0)
        if rules and held:
            self._notes.append(
                f"integration {wanted.name}: {held} live access{'' if held == 1 else 'es'} "
                f"{'was' if held == 1 else 'were'} made under the old rules and {'stays as it is' if held == 1 else 'stay as they are'}"
            )

    def prune(self, desired: DesiredSetup) -> None:
        """Remove what is not wanted any more; integrations first, because they follow sources."""
        for name in sorted(set(self._current.integrations) - {one.name for one in desired.integrations}):
            self._remove("integration", name, self._holdings.by_integration.get(name, 0), self._removed_integrations)
        for name in sorted(set(self._current.sources) - {one.name for one in desired.sources}):
            self._remove("source", name, self._holdings.by_source.get(name, 0), self._removed_sources)

    def issue_existing(self, desired: DesiredSetup) -> None:
        for wanted in desired.integrations:
            there = self._current.integrations.get(wanted.name)
            if there is None or not there.issue_existing:
                self._lines.append(
                    f"integration {wanted.name}: bookings that stood at a trigger status before it began get access too"
                )
                self._issue_existing.append(wanted.name)

    def _remove(self, what: str, name: str, held: int, removed: list[str]) -> None:
        if held:
            self._refusals.append(
                f"{what.capitalize()} {name} has {_accesses(held)} that {_are(held)} live or unknown, so it cannot be removed: nobody "
                "would revoke that access. Set active = false and wait until its bookings are over, or revoke them, then remove it."
            )
        self._lines.append(f"removed {what} {name}")
        removed.append(name)

    def _owner_changes(self, there: IntegrationSetup, wanted: DesiredIntegration) -> list[str]:
        """Credential, address and profile; refuses to hand live access to another owner."""
        connection = self._current.connections[there.connection_id]
        owner = _changes(
            ("source", there.source, wanted.source), ("site owner id", connection.site_owner_id, wanted.site_owner_id)
        )
        held = self._holdings.by_integration.get(wanted.name, 0)
        if owner and held:
            self._refusals.append(
                f"Integration {wanted.name} has {_accesses(held)} that {_are(held)} live or unknown, so it cannot get another owner "
                f"({'; '.join(owner)}). Add a second integration under a name of its own, or revoke that access first."
            )
        changes = _changes(
            ("kind", there.kind, wanted.kind),
            ("base url", connection.base_url or "that of the profile", wanted.base_url or "that of the profile"),
            ("client id", connection.client_id, wanted.client_id),
            ("target mobile app", there.target_mobile_app_id, wanted.target_mobile_app_id),
            ("allow insecure", there.allow_insecure, wanted.allow_insecure),
        )
        if self._secrets.client_secrets.get(there.connection_id) != wanted.client_secret:
            changes.append("client secret changed")
        if connection.profile_json != wanted.profile_json:
            before, after = _profile_name(connection.profile_json), _profile_name(wanted.profile_json)
            changes.append(f"profile {before} -> {after}" if before != after else f"profile {after}: its content changed")
        return [*owner, *changes]

    def _changed(self, what: str, changes: Iterable[str]) -> None:
        self._lines.extend(f"changed {what}: {change}" for change in changes)


def _changes(*rows: tuple[str, object, object]) -> list[str]:
    return [f"{what} {_shown(before)} -> {_shown(after)}" for what, before, after in rows if before != after]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "none"


def _source_changes(there: SourceSetup, wanted: DesiredSource) -> list[str]:
    return _changes(
        ("kind", there.kind, wanted.kind),
        ("base url", there.base_url, wanted.base_url),
        ("user name", there.username, wanted.username),
        ("time zone", there.time_zone, wanted.time_zone),
        ("poll seconds", there.poll_seconds, wanted.poll_seconds),
        ("allow insecure", there.allow_insecure, wanted.allow_insecure),
    )


def _policy_changes(there: Policy, wanted: Policy) -> list[str]:
    """All rules but `active`, which changes no window and no door."""
    return _changes(
        ("trigger statuses", _listed(there.trigger_statuses), _listed(wanted.trigger_statuses)),
        ("revoke statuses", _listed(there.revoke_statuses), _listed(wanted.revoke_statuses)),
        ("time before", _minutes(there), _minutes(wanted)),
        ("booking field", there.authorization_field, wanted.authorization_field),
        ("default language", there.default_language, wanted.default_language),
        ("default country", there.default_country, wanted.default_country),
        ("follow changes", there.follow_changes.value, wanted.follow_changes.value),
    )


def _mapping_changes(there: IntegrationSetup, wanted: DesiredIntegration) -> list[str]:
    before, after = _by_place(there.mappings), _by_place(wanted.mappings)
    changes = _changes(("site", there.site_id or "", wanted.site_id or ""))
    for place in [*before, *(place for place in after if place not in before)]:
        where = f"object {place[0]} at site {place[1]}"
        if place not in after:
            changes.append(f"{where} no longer mapped")
        elif place not in before:
            changes.append(f"{where} mapped to {', '.join(after[place])}")
        elif before[place] != after[place]:
            changes.append(f"{where}: {', '.join(before[place])} -> {', '.join(after[place])}")
    if not changes and list(before) != list(after):
        changes.append("mappings in another order")
    return changes


def _by_place(mappings: Iterable[ObjectMapping]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(mapping.object_id, mapping.site_id): mapping.component_names for mapping in mappings}


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))


def _minutes(policy: Policy) -> str:
    return f"{int(policy.time_before.total_seconds() // 60)} min"


def _profile_name(profile_json: str) -> str:
    name = json.loads(profile_json).get("name") if profile_json else None
    return name if isinstance(name, str) else "of its own"


def _accesses(count: int) -> str:
    return f"{count} access{'' if count == 1 else 'es'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
