"""What an `apply` would change, in sentences, and the one write that does it. Pure: nothing is read, nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import Policy
from drempel.domain.values import value
from drempel.engine.records import Holdings, StoredSecrets
from drempel.engine.sentences import Sentence, template
from drempel.engine.setup import DesiredIntegration, DesiredSource, IntegrationSetup, Setup, SetupWrite, SourceSetup

__all__ = ["DesiredSetup", "SetupPlan", "SetupRefused", "plan_setup"]

_PLAIN: Final = {"source": Sentence("source"), "integration": Sentence("integration")}
_CAPITAL: Final = {"source": Sentence("Source"), "integration": Sentence("Integration")}


@value(frozen=True, slots=True, kw_only=True)
class DesiredSetup:
    """What should be set up. Holds secrets: never logged."""

    sources: tuple[DesiredSource, ...] = ()
    integrations: tuple[DesiredIntegration, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """What would change. `lines` are sentences without secrets; `notes` tell what stays all the same."""

    lines: tuple[Sentence, ...]
    notes: tuple[Sentence, ...]
    write: SetupWrite

    @property
    def changes_nothing(self) -> bool:
        """Whether what is wanted is what is."""
        return not self.lines


@value(frozen=True, slots=True)
class SetupRefused:
    """Access that is live or unknown would lose its owner: nothing is changed. One sentence for each obstacle."""

    sentences: tuple[Sentence, ...]


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
        self._lines: list[Sentence] = []
        self._notes: list[Sentence] = []
        self._refusals: list[Sentence] = []
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
            created = Sentence("created source {name} ({kind} at {url})", name=wanted.name, kind=wanted.kind, url=wanted.base_url)
            self._lines.append(created)
            self._sources.append(wanted)
            return
        changes = _source_changes(there, wanted)
        if self._secrets.source_passwords.get(wanted.name) != wanted.password:
            changes.append(Sentence("password changed"))
        held = self._holdings.by_source.get(wanted.name, 0)
        if held and (there.kind != wanted.kind or there.base_url != wanted.base_url):
            one = template(
                "Source {name} has {count} access that is live or unknown, so it cannot become another booking system "
                "({before} -> {after}). Add the other one under a name of its own, or revoke that access first."
            )
            more = template(
                "Source {name} has {count} accesses that are live or unknown, so it cannot become another booking system "
                "({before} -> {after}). Add the other one under a name of its own, or revoke that access first."
            )
            before, after = f"{there.kind} at {there.base_url}", f"{wanted.kind} at {wanted.base_url}"
            refused = one if held == 1 else more
            self._refusals.append(Sentence(refused, name=wanted.name, count=held, before=before, after=after))
        self._changed(template("changed source {name}: {change}"), wanted.name, changes)
        if changes:
            self._sources.append(wanted)

    def integration(self, wanted: DesiredIntegration) -> None:
        there = self._current.integrations.get(wanted.name)
        if there is None:
            objects = len({mapping.object_id for mapping in wanted.mappings})
            self._lines.append(
                Sentence(
                    "created integration {name} (source {source}, {objects}, {how})",
                    name=wanted.name,
                    source=wanted.source,
                    objects=Sentence("1 object mapped") if objects == 1 else Sentence("{count} objects mapped", count=objects),
                    how=Sentence("active") if wanted.policy.active else Sentence("not active"),
                )
            )
            self._integrations.append(wanted)
            return
        rules = [*_policy_changes(there.policy, wanted.policy), *_mapping_changes(there, wanted)]
        changes = [*self._owner_changes(there, wanted), *rules]
        if there.policy.active != wanted.policy.active:
            changes.append(Sentence("now active") if wanted.policy.active else Sentence("no longer active"))
        self._changed(template("changed integration {name}: {change}"), wanted.name, changes)
        if changes:
            self._integrations.append(wanted)
        held = self._holdings.by_integration.get(wanted.name, 0)
        if rules and held:
            self._notes.append(made_before(wanted.name, held))

    def prune(self, desired: DesiredSetup) -> None:
        """Remove what is not wanted any more; integrations first, because they follow sources."""
        for name in sorted(set(self._current.integrations) - {one.name for one in desired.integrations}):
            self._remove("integration", name, self._holdings.by_integration.get(name, 0), self._removed_integrations)
        for name in sorted(set(self._current.sources) - {one.name for one in desired.sources}):
            self._remove(Sentence("source"), name, self._holdings.by_source.get(name, 0), self._removed_sources)

    def issue_existing(self, desired: DesiredSetup) -> None:
        for wanted in desired.integrations:
            there = self._current.integrations.get(wanted.name)
            if there is None or not there.issue_existing:
                self._lines.append(
                    Sentence(
                        "integration {name}: bookings that stood at a trigger status before it began get access too",
                        name=wanted.name,
                    )
                )
                self._issue_existing.append(wanted.name)

    def _remove(self, what: str, name: str, held: int, removed: list[str]) -> None:
        if held:
            one = template(
                "{what} {name} has {count} access that is live or unknown, so it cannot be removed: nobody would revoke that access. "
                "Set active = false and wait until its bookings are over, or revoke them, then remove it."
            )
            more = template(
                "{what} {name} has {count} accesses that are live or unknown, so it cannot be removed: nobody would revoke that access. "
                "Set active = false and wait until its bookings are over, or revoke them, then remove it."
            )
            self._refusals.append(Sentence(one if held == 1 else more, what=_CAPITAL[what], name=name, count=held))
        self._lines.append(Sentence("removed {what} {name}", what=_PLAIN[what], name=name))
        removed.append(name)

    def _owner_changes(self, there: IntegrationSetup, wanted: DesiredIntegration) -> list[Sentence]:
        """Credential, address and profile; refuses to hand live access to another owner."""
        connection = self._current.connections[there.connection_id]
        owner = _changes(
            (Sentence("source"), there.source, wanted.source),
            (Sentence("site owner id"), connection.site_owner_id, wanted.site_owner_id),
        )
        held = self._holdings.by_integration.get(wanted.name, 0)
        if owner and held:
            one = template(
                "Integration {name} has {count} access that is live or unknown, so it cannot get another owner ({change}). "
                "Add a second integration under a name of its own, or revoke that access first."
            )
            more = template(
                "Integration {name} has {count} accesses that are live or unknown, so it cannot get another owner ({change}). "
                "Add a second integration under a name of its own, or revoke that access first."
            )
            refused = one if held == 1 else more
            self._refusals.append(Sentence(refused, name=wanted.name, count=held, change=_joined(owner)))
        changes = _changes(
            (Sentence("kind"), there.kind, wanted.kind),
            (
                Sentence("base url"),
                connection.base_url or Sentence("that of the profile"),
                wanted.base_url or Sentence("that of the profile"),
            ),
            (Sentence("client id"), connection.client_id, wanted.client_id),
            (Sentence("target mobile app"), there.target_mobile_app_id, wanted.target_mobile_app_id),
            (Sentence("allow insecure"), there.allow_insecure, wanted.allow_insecure),
        )
        if self._secrets.client_secrets.get(there.connection_id) != wanted.client_secret:
            changes.append(Sentence("client secret changed"))
        if connection.profile_json != wanted.profile_json:
            before, after = _profile_name(connection.profile_json), _profile_name(wanted.profile_json)
            other = Sentence("profile {before} -> {after}", before=before, after=after)
            changes.append(other if before != after else Sentence("profile {after}: its content changed", after=after))
        return [*owner, *changes]

    def _changed(self, template: str, name: str, changes: Iterable[Sentence]) -> None:
        self._lines.extend(Sentence(template, name=name, change=change) for change in changes)


def made_before(integration: str, held: int) -> Sentence:
    """So many live accesses stay as they are."""
    one = template("integration {name}: {count} live access was made under the old rules and stays as it is")
    more = template("integration {name}: {count} live accesses were made under the old rules and stay as they are")
    return Sentence(one if held == 1 else more, name=integration, count=held)


def _changes(*rows: tuple[Sentence, object, object]) -> list[Sentence]:
    return [
        Sentence("{what} {before} -> {after}", what=what, before=_shown(before), after=_shown(after))
        for what, before, after in rows
        if before != after
    ]


def _joined(changes: Iterable[Sentence]) -> Sentence:
    """All in one, with semicolons between."""
    first, *rest = changes
    for change in rest:
        first = Sentence("{first}; {second}", first=first, second=change)
    return first


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return Sentence("yes") if value else Sentence("no")
    return value if isinstance(value, Sentence) else str(value) or Sentence("none")


def _source_changes(there: SourceSetup, wanted: DesiredSource) -> list[Sentence]:
    return _changes(
        (Sentence("kind"), there.kind, wanted.kind),
        (Sentence("base url"), there.base_url, wanted.base_url),
        (Sentence("user name"), there.username, wanted.username),
        (Sentence("time zone"), there.time_zone, wanted.time_zone),
        (Sentence("poll seconds"), there.poll_seconds, wanted.poll_seconds),
        (Sentence("allow insecure"), there.allow_insecure, wanted.allow_insecure),
    )


def _policy_changes(there: Policy, wanted: Policy) -> list[Sentence]:
    """All rules but `active`, which changes no window and no door."""
    return _changes(
        (Sentence("trigger statuses"), _listed(there.trigger_statuses), _listed(wanted.trigger_statuses)),
        (Sentence("revoke statuses"), _listed(there.revoke_statuses), _listed(wanted.revoke_statuses)),
        (Sentence("time before"), _minutes(there), _minutes(wanted)),
        (Sentence("booking field"), there.authorization_field, wanted.authorization_field),
        (Sentence("default language"), there.default_language, wanted.default_language),
        (Sentence("default country"), there.default_country, wanted.default_country),
        (Sentence("follow changes"), there.follow_changes.value, wanted.follow_changes.value),
    )


def _mapping_changes(there: IntegrationSetup, wanted: DesiredIntegration) -> list[Sentence]:
    before, after = _by_place(there.mappings), _by_place(wanted.mappings)
    changes = []
    if there.site_id != wanted.site_id:
        # Blanks called `site` and `object` hold ids: a page puts names in their place.
        changes.append(
            Sentence("site {site_before} -> {site}", site_before=_shown(there.site_id or ""), site=_shown(wanted.site_id or ""))
        )
    for place in [*before, *(place for place in after if place not in before)]:
        where = {"object": place[0], "site": place[1]}
        then, now = ", ".join(before.get(place, ())), ", ".join(after.get(place, ()))
        if place not in after:
            changes.append(Sentence("object {object} at site {site} no longer mapped", **where))
        elif place not in before:
            changes.append(Sentence("object {object} at site {site} mapped to {doors}", **where, doors=now))
        elif before[place] != after[place]:
            changes.append(Sentence("object {object} at site {site}: {before} -> {after}", **where, before=then, after=now))
    if not changes and list(before) != list(after):
        changes.append(Sentence("mappings in another order"))
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
