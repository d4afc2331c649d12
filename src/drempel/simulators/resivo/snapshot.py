"""The whole state as JSON, to be read and put back through the control API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from drempel.simulators.resivo.identities import Identities
from drempel.simulators.resivo.records import Authorization, Component, Credential, Message, Opening, Site, SiteOwner
from drempel.simulators.resivo.state import ResivoState

__all__ = ["read_snapshot", "state_as_json"]


@dataclass(config=ConfigDict(extra="forbid"), kw_only=True)
class Snapshot:
    """Everything but the tokens: those end when a state is put."""

    site_owners: list[SiteOwner] = field(default_factory=list)
    credentials: list[Credential] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    authorizations: list[Authorization] = field(default_factory=list)
    outbox: list[Message] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)


_adapter = TypeAdapter(Snapshot)


def state_as_json(state: ResivoState) -> dict[str, Any]:
    snapshot = Snapshot(
        site_owners=list(state.site_owners.values()),
        credentials=list(state.credentials.values()),
        sites=list(state.sites.values()),
        components=list(state.components.values()),
        authorizations=list(state.authorizations.values()),
        outbox=state.outbox,
        openings=state.openings,
    )
    found: dict[str, Any] = _adapter.dump_python(snapshot, mode="json")
    return found


def read_snapshot(value: dict[str, Any], identities: Identities) -> ResivoState:
    """A new state. Raises `ValueError` for a value that is none, `KeyError` for a reference that leads nowhere."""
    snapshot = _adapter.validate_python(value)
    if any(at is not None and at.tzinfo is None for at in _times(snapshot)):
        raise ValueError("a time needs its offset")
    state = ResivoState(identities)
    for site_owner in snapshot.site_owners:
        state.put_site_owner(site_owner)
    for credential in snapshot.credentials:
        state.put_credential(credential)
    for site in snapshot.sites:
        state.put_site(site)
    for component in snapshot.components:
        state.put_component(component)
    for authorization in snapshot.authorizations:
        state.put_authorization(authorization)
    state.outbox.extend(snapshot.outbox)
    state.openings.extend(snapshot.openings)
    return state


def _times(snapshot: Snapshot) -> Iterator[datetime | None]:
    for authorization in snapshot.authorizations:
        yield from (authorization.created_at, authorization.valid_from, authorization.valid_to)
    yield from (message.at for message in snapshot.outbox)
    yield from (opening.at for opening in snapshot.openings)
